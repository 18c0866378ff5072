import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '../users/user.ts';

/** A value that is too long for a change record: its size and hash (hex) as JSON with sorted names. */
export interface OmittedValue {
  readonly bytes: number;
  readonly sha256: string;
}

/** The changed fields of a change record, with their values from before it. */
export interface PreviousValues {
  /** Null for an empty field. A free-form object has only its changed members, as the merge patch back (RFC 7396). */
  readonly before: JsonObject;
  readonly omitted?: Readonly<Record<string, OmittedValue>> | undefined;
}

/** Bytes of JSON of both. With the rest of the record this stays below 4 KiB. */
const maxBytes = 3072;

/** Fields whose content belongs to the caller. */
const freeFormFields: readonly string[] = ['metadata', 'tutorialStatus'];
/** Fields that are omitted first. */
const longFields: readonly string[] = [...freeFormFields, 'description', 'name'];

/**
 * Collects the previous values of these fields. The longest are omitted until the rest fits into a change record, in which
 * something else takes up `reservedBytes`.
 */
export function collectPreviousValues(
  before: object,
  after: object,
  fields: readonly string[],
  reservedBytes = 0,
): PreviousValues {
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
    if (size() + reservedBytes <= maxBytes) break;
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
  return (freeFormFields.includes(field) ? buildReversePatch(previous, next) : previous) ?? null;
}

function summarize(value: unknown): OmittedValue {
  const sortNames = (_: string, member: unknown): unknown =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member;
  const text = JSON.stringify(value ?? null, sortNames);
  return {
    bytes: Buffer.byteLength(text),
    sha256: createHash('sha256').update(text).digest('hex'),
  };
}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The merge patch that leads from `after` back to `before` (RFC 7396). Null stands for a member that was absent. */
function buildReversePatch(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return before;
  const [earlier, later] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  const names = [...new Set([...earlier.keys(), ...later.keys()])];
  const changed = names.filter(
    (name) =>
      earlier.has(name) !== later.has(name) ||
      !isDeepStrictEqual(earlier.get(name), later.get(name)),
  );
  return Object.fromEntries(
    changed.map((name) => [
      name,
      earlier.has(name) ? buildReversePatch(earlier.get(name), later.get(name)) : null,
    ]),
  );
}
