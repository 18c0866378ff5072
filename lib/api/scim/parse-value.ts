import type { RequestLog } from '../../domain/connections/request-log.ts';
import { isJsonObject } from '../../domain/kernel/json-merge-patch.ts';
import { hasAtMost } from '../text.ts';
import { invalidWireInput } from '../unknown-names.ts';
import { reportQuirk } from './quirks.ts';
import type { Attribute, ScimResource } from './schema/attribute.ts';
import { findByName } from './schema/find-attribute.ts';

/** Path of a value in a request, for messages. */
interface ValueContext {
  readonly path: string;
  readonly log: RequestLog;
}

const invalidValue = (path: string, message: string) => invalidWireInput([{ path, message }]);

/** True for a value that means unassigned (RFC 7643 §2.5). */
export const isUnassigned = (value: unknown): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/**
 * Parses a value as sent: checks types, selects boolean and canonical values, and drops unassigned
 * and read-only parts. Undefined for an unassigned value. Throws `invalid_input`.
 */
export function parseValue(attribute: Attribute, value: unknown, context: ValueContext): unknown {
  if (isUnassigned(value)) return undefined;
  if (attribute.multiValued) return parseList(attribute, value, context);
  return parseSingle(attribute, unwrapList(attribute, value, context.log), context);
}

/** Parses the values of a multi-valued attribute. Undefined without any. */
export function parseList(
  attribute: Attribute,
  value: unknown,
  { path, log }: ValueContext,
): readonly unknown[] | undefined {
  if (isUnassigned(value)) return undefined;
  if (!Array.isArray(value)) reportQuirk(log, 'value-without-list');
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const parsed = list
    .map((each, index) => parseSingle(attribute, each, { path: `${path}.${index}`, log }))
    .filter((each) => each !== undefined);
  assertList(attribute, parsed, path);
  return parsed.length > 0 ? parsed : undefined;
}

/** Throws `invalid_input` for too many values, or more than one primary value. */
export function assertList({ maxValues }: Attribute, list: readonly unknown[], path: string): void {
  if (maxValues !== undefined && list.length > maxValues)
    throw invalidValue(path, `must have at most ${maxValues} values`);
  if (list.filter(isPrimary).length > 1)
    throw invalidValue(path, 'must have only one primary value');
}

const isPrimary = (value: unknown): boolean => isJsonObject(value) && value['primary'] === true;

/** Parses one value of an attribute. Undefined for an unassigned one. */
export function parseSingle(attribute: Attribute, value: unknown, context: ValueContext): unknown {
  if (value === null || value === undefined) return undefined;
  return attribute.type === 'complex'
    ? parseComplex(attribute, value, context)
    : parseSimple(attribute, value, context);
}

/** Entra ID sends a list with one object for some single-valued attributes. */
function unwrapList(attribute: Attribute, value: unknown, log: RequestLog): unknown {
  if (!Array.isArray(value) || value.length !== 1) return value;
  const [single] = value as readonly unknown[];
  reportQuirk(log, 'single-value-list');
  if (attribute.type === 'complex' || !isJsonObject(single)) return single;
  return Object.entries(single).find(([name]) => name.toLowerCase() === 'value')?.[1];
}

function parseComplex(
  { subAttributes = [] }: Attribute,
  value: unknown,
  { path, log }: ValueContext,
): ScimResource | undefined {
  const main = findByName(subAttributes, 'value');
  if (main && typeof value === 'string') {
    reportQuirk(log, 'bare-value');
    return { value: parseSimple(main, value, { path, log }) };
  }
  if (!isJsonObject(value)) throw invalidValue(path, 'must be an object');
  const parsed = new Map<string, unknown>();
  for (const [name, each] of Object.entries(value)) {
    const subAttribute = findByName(subAttributes, name);
    if (!subAttribute) {
      log.skip('unknown attribute', { name: `${path}.${name}` });
      continue;
    }
    if (parsed.has(subAttribute.name))
      throw invalidValue(`${path}.${name}`, 'must not be repeated with other letter case');
    if (subAttribute.mutability === 'readOnly') continue;
    const subPath = { path: `${path}.${subAttribute.name}`, log };
    parsed.set(subAttribute.name, parseValue(subAttribute, each, subPath));
  }
  const assigned = [...parsed].filter(([, each]) => each !== undefined);
  return assigned.length > 0 ? Object.fromEntries(assigned) : undefined;
}

function parseSimple(attribute: Attribute, value: unknown, { path, log }: ValueContext): unknown {
  switch (attribute.type) {
    case 'boolean': {
      if (typeof value === 'boolean') return value;
      const text = typeof value === 'string' ? value.toLowerCase() : '';
      if (text !== 'true' && text !== 'false') throw invalidValue(path, 'must be a boolean');
      reportQuirk(log, 'text-boolean');
      return text === 'true';
    }
    case 'integer':
      if (!Number.isSafeInteger(value)) throw invalidValue(path, 'must be an integer');
      return value;
    case 'decimal':
      if (typeof value !== 'number') throw invalidValue(path, 'must be a number');
      return value;
    default:
      return parseText(attribute, value, path);
  }
}

function parseText(attribute: Attribute, value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalidValue(path, 'must be a string');
  const { type, maxLength, canonicalValues, required } = attribute;
  if (required && value === '') throw invalidValue(path, 'is required');
  if (maxLength !== undefined && !hasAtMost(value, maxLength))
    throw invalidValue(path, `must have at most ${maxLength} characters`);
  if (type === 'binary' && !isBase64(value)) throw invalidValue(path, 'must be base64');
  if (!canonicalValues) return value;
  const canonical = canonicalValues.find((each) => each.toLowerCase() === value.toLowerCase());
  if (canonical === undefined)
    throw invalidValue(path, `must be one of ${canonicalValues.join(', ')}`);
  return canonical;
}

/** True for base64 or base64url (RFC 4648), also in lines. Takes linear time. */
const isBase64 = (text: string): boolean => /^[A-Za-z0-9+/_\s-]*(?:=\s*){0,2}$/.test(text);
