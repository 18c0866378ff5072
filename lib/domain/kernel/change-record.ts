import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { isJsonObject, type JsonObject } from './json-merge-patch.ts';
import type { Uuid } from './ids.ts';
import type { Timestamp } from './time.ts';

/** Principal of an action, without personal data. */
export type Actor =
  | { readonly type: 'user'; readonly id: Uuid }
  | { readonly type: 'appClient'; readonly id: string }
  /** Subject of another issuer. `id` is a keyed hash, and only the event feed has it. */
  | { readonly type: 'external'; readonly id?: string | undefined }
  /** Component of the service. */
  | { readonly type: 'system'; readonly id: string };

/** Principal, time, request and deciding policies of an action. */
export interface AuditEntry {
  readonly at: Timestamp;
  readonly actor: Actor;
  /** Subject (`sub`) of the caller. */
  readonly by: string;
  readonly issuer: string;
  readonly requestId: string;
  readonly policies: readonly string[];
}

/** Size and hash of a value that is too long for a change record, as JSON with sorted names. */
export interface OmittedValue {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Changed fields of an entity with their previous values. */
export interface PreviousValues {
  /**
   * Null for an empty field. A free-form object has only the changed members, as a reverse merge
   * patch (RFC 7396).
   */
  readonly before: JsonObject;
  readonly omitted?: Readonly<Record<string, OmittedValue>> | undefined;
}

/** Record of one change. Avatars and passwords appear by name only, and webhooks by their host. */
export interface ChangeRecord extends AuditEntry, PreviousValues {
  /** Version after the change. */
  readonly version: number;
  readonly action: string;
  /**
   * New values of changed security-relevant fields: the limits of credentials, and the principal
   * that verified the email.
   */
  readonly after?: JsonObject | undefined;
}

/** Lists the names of the fields that a record mentions, sorted. */
export const listChangedFields = ({ before, omitted = {} }: PreviousValues): readonly string[] =>
  [...Object.keys(before), ...Object.keys(omitted)].toSorted();

/** Keeps the whole record below 4 KiB. */
const maxValueBytes = 3072;

/** Fields whose content the caller defines. */
const freeFormFields: readonly string[] = ['metadata', 'profileMetadata', 'tutorialStatus'];
/** URLs whose path and query can be a credential. Records have only scheme and host. */
const secretUrlFields: readonly string[] = ['url'];
/** Fields to omit first. */
const longFields: readonly string[] = [
  ...freeFormFields,
  'scimAttributes',
  'picture',
  'description',
  'name',
];

/**
 * Collects the previous values of fields. Omits the longest until they fit into a change record in
 * which other data takes `reservedBytes`.
 */
export function collectPreviousValues({
  before,
  after,
  fields,
  reservedBytes = 0,
}: {
  readonly before: object;
  readonly after: object;
  readonly fields: readonly string[];
  readonly reservedBytes?: number;
}): PreviousValues {
  const values = new Map(fields.map((field) => [field, getPreviousValue(field, before, after)]));
  const omitted: Record<string, OmittedValue> = {};
  const size = () => Buffer.byteLength(JSON.stringify([Object.fromEntries(values), omitted]));
  const byLength = [...values].map(([field, value]) => ({
    field,
    text: JSON.stringify(value),
    isLong: longFields.includes(field),
  }));
  byLength.sort((a, b) => Number(b.isLong) - Number(a.isLong) || b.text.length - a.text.length);
  for (const { field } of byLength) {
    if (size() + reservedBytes <= maxValueBytes) break;
    values.delete(field);
    omitted[field] = summarize((before as JsonObject)[field]);
  }
  return {
    before: Object.fromEntries(values),
    ...(Object.keys(omitted).length > 0 && { omitted }),
  };
}

function getPreviousValue(field: string, before: object, after: object): unknown {
  const [previous, next] = [before, after].map((entity) => (entity as JsonObject)[field]);
  if (secretUrlFields.includes(field)) return redactUrl(String(previous));
  return (freeFormFields.includes(field) ? buildReversePatch(previous, next) : previous) ?? null;
}

function redactUrl(text: string): string {
  const { protocol, host } = new URL(text);
  return `${protocol}//${host}/…`;
}

/** Formats a value as canonical JSON (RFC 8785), so equal values have equal texts. */
export function toCanonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toCanonicalJson).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value ?? null);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  members.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${toCanonicalJson(member)}`).join()}}`;
}

function summarize(value: unknown): OmittedValue {
  const text = toCanonicalJson(value);
  return {
    bytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

/**
 * Builds the merge patch from `after` back to `before` (RFC 7396). Null stands for an absent
 * member.
 */
function buildReversePatch(before: unknown, after: unknown): unknown {
  if (!isJsonObject(before) || !isJsonObject(after)) return before;
  const [earlier, later] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const names = [...new Set([...earlier.keys(), ...later.keys()])];
  const changedNames = names.filter(
    (name) =>
      earlier.has(name) !== later.has(name) ||
      !isDeepStrictEqual(earlier.get(name), later.get(name)),
  );
  return Object.fromEntries(
    changedNames.map((name) => [
      name,
      earlier.has(name) ? buildReversePatch(earlier.get(name), later.get(name)) : null,
    ]),
  );
}
