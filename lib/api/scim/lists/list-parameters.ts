import type { RequestLog } from '../../../domain/connections/request-log.ts';
import { Failure, invalidInput } from '../../../domain/kernel/failure.ts';
import { maxFilterBytes } from '../filter/comparison.ts';
import type { Filter } from '../filter/filter.ts';
import { parseFilter } from '../filter/parse-filter.ts';
import type { Projection } from '../project.ts';
import type { ResourceSchema } from '../schema/attribute.ts';
import { type AttributePath, findPath, formatAttributePath } from '../schema/find-attribute.ts';

/** Page of a list by index (RFC 7644 §3.4.2.4) or by cursor (RFC 9865). */
export type Paging =
  | { readonly kind: 'index'; readonly startIndex: number; readonly count: number }
  | { readonly kind: 'cursor'; readonly cursor: string; readonly count: number };

export interface SortOrder {
  readonly path: AttributePath;
  readonly isDescending: boolean;
}

/** Formats an order for cursors and marks. */
export const formatSort = (sort: SortOrder | undefined): string | undefined =>
  sort && `${sort.isDescending ? '-' : ''}${formatAttributePath(sort.path)}`;

/** Parameters of a list, from the query or from a SearchRequest. */
export interface ListParameters {
  readonly filter: Filter | undefined;
  /** Filter as sent, to which cursors are bound. */
  readonly filterText: string | undefined;
  readonly sort: SortOrder | undefined;
  readonly paging: Paging;
  readonly projection: Projection;
}

/** Texts of a query, or members of a SearchRequest. */
export type RawParameters = Readonly<Record<string, unknown>>;

const defaultCount = 100;
const maxCount = 200;

/** Parses the parameters of a list. Throws `invalid_input`, `invalid_filter` or `invalid_count`. */
export function parseListParameters(
  raw: RawParameters,
  schema: ResourceSchema,
  log: RequestLog,
): ListParameters {
  const filterText = readText(raw, 'filter');
  return {
    filter: filterText === undefined ? undefined : parseFilter(filterText, schema, log),
    filterText,
    sort: parseSort(raw, schema),
    paging: parsePaging(raw),
    projection: parseProjection(raw),
  };
}

/** Parses `attributes` and `excludedAttributes`. Throws `invalid_input` for both. */
export function parseProjection(raw: RawParameters): Projection {
  const attributes = readNames(raw, 'attributes');
  const excludedAttributes = readNames(raw, 'excludedAttributes');
  if (attributes && excludedAttributes) {
    throw invalidInput({
      path: 'excludedAttributes',
      message: 'cannot be combined with attributes',
    });
  }
  return { attributes, excludedAttributes };
}

function readText(raw: RawParameters, name: string): string | undefined {
  const value = raw[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalidInput({ path: name, message: 'must be a text' });
  return value === '' ? undefined : value;
}

/** Reads names, separated by commas outside of brackets in a query, or in an array of a body. */
function readNames(raw: RawParameters, name: string): readonly string[] | undefined {
  const value = raw[name];
  if (value === undefined || value === null || value === '') return undefined;
  const texts = typeof value === 'string' ? splitNames(value) : value;
  if (!Array.isArray(texts) || !texts.every((text) => typeof text === 'string'))
    throw invalidInput({ path: name, message: 'must be a list of attribute names' });
  // The limit of a query, also for a body.
  if (Buffer.byteLength(texts.join()) > maxFilterBytes)
    throw invalidInput({ path: name, message: `must have at most ${maxFilterBytes} bytes` });
  const names = new Set(texts.map((text) => text.trim()).filter((text) => text !== ''));
  return names.size === 0 ? undefined : [...names];
}

/** Splits at commas, except inside of a quoted text of a value path. */
function splitNames(text: string): string[] {
  const names: string[] = [];
  let [start, isQuoted] = [0, false];
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\' && isQuoted) index += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === ',' && !isQuoted) {
      names.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...names, text.slice(start)];
}

function parseSort(raw: RawParameters, schema: ResourceSchema): SortOrder | undefined {
  const sortBy = readText(raw, 'sortBy');
  const order = readText(raw, 'sortOrder')?.toLowerCase() ?? 'ascending';
  if (order !== 'ascending' && order !== 'descending')
    throw invalidInput({ path: 'sortOrder', message: 'must be ascending or descending' });
  if (sortBy === undefined) return undefined;
  const path = findPath(sortBy, schema);
  if (!path || 'schema' in path)
    throw invalidInput({ path: 'sortBy', message: 'must be the name of an attribute' });
  return { path, isDescending: order === 'descending' };
}

function parsePaging(raw: RawParameters): Paging {
  const { cursor, startIndex } = raw;
  if (cursor === undefined || cursor === null) {
    return {
      kind: 'index',
      startIndex: Math.max(1, readInteger(raw, 'startIndex') ?? 1),
      count: Math.min(maxCount, Math.max(0, readInteger(raw, 'count') ?? defaultCount)),
    };
  }
  if (typeof cursor !== 'string') throw invalidInput({ path: 'cursor', message: 'must be a text' });
  if (startIndex !== undefined)
    throw invalidInput({ path: 'startIndex', message: 'cannot be combined with cursor' });
  const count = parseInteger(raw['count']) ?? defaultCount;
  if (Number.isNaN(count) || count < 1)
    throw new Failure('invalid_count', 'count must be a positive integer');
  return { kind: 'cursor', cursor, count: Math.min(maxCount, count) };
}

function readInteger(raw: RawParameters, name: string): number | undefined {
  const value = parseInteger(raw[name]);
  if (value === undefined || !Number.isNaN(value)) return value;
  throw invalidInput({ path: name, message: 'must be an integer' });
}

/** Parses an integer. Returns NaN for another value, and undefined for none. */
function parseInteger(value: unknown): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : Number.NaN;
  return typeof value === 'string' && /^[+-]?\d{1,15}$/.test(value.trim())
    ? Number(value)
    : Number.NaN;
}
