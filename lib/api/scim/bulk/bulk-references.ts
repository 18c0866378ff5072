import { isJsonObject, type JsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import type { BulkOperation } from './parse-bulk.ts';

/** Reference to the resource of another operation: a whole text, or a part of a path or filter. */
const reference = /(?<=^|["/])bulkId:([^"/]+)/g;

/** Lists the bulk IDs to which an operation refers. */
export const listReferences = ({ path, data }: BulkOperation): ReadonlySet<string> =>
  new Set([path, ...listTexts(data)].flatMap(findBulkIds));

const findBulkIds = (text: string): string[] =>
  [...text.matchAll(reference)].map(([, bulkId = '']) => bulkId);

function listTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listTexts) : [];
}

/** Replaces the references in a value by IDs. */
export function resolveReferences(value: unknown, ids: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string')
    return value.replace(reference, (text, bulkId: string) => ids.get(bulkId) ?? text);
  if (Array.isArray(value)) return value.map((item) => resolveReferences(item, ids));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, resolveReferences(member, ids)]),
  );
}

/** Operation of a PATCH that adds attributes later. */
interface Addition {
  readonly op: 'add';
  readonly path: string;
  readonly value: unknown;
}

interface DeferredData {
  readonly data: JsonObject;
  readonly additions: readonly Addition[];
}

/** Separates the values that refer to some bulk IDs from the data of a POST. */
export function deferReferences(
  data: JsonObject,
  bulkIds: ReadonlySet<string>,
  pathPrefix = '',
): DeferredData {
  const refers = (value: unknown): boolean =>
    listTexts(value)
      .flatMap(findBulkIds)
      .some((bulkId) => bulkIds.has(bulkId));
  const remaining: [string, unknown][] = [];
  const additions: Addition[] = [];
  for (const [name, value] of Object.entries(data)) {
    const path = `${pathPrefix}${name}`;
    if (!refers(value)) remaining.push([name, value]);
    else if (Array.isArray(value)) {
      remaining.push([name, value.filter((item) => !refers(item))]);
      additions.push({ op: 'add', path, value: value.filter(refers) });
    } else if (isJsonObject(value) && /^urn:/i.test(name)) {
      const extension = deferReferences(value, bulkIds, `${name}:`);
      remaining.push([name, extension.data]);
      additions.push(...extension.additions);
    } else additions.push({ op: 'add', path, value });
  }
  return { data: Object.fromEntries(remaining), additions };
}
