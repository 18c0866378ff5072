import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import { readAttribute, readMember } from '../resource-attributes.ts';
import type { ScimResource } from '../schema/attribute.ts';
import type { AttributePath } from '../schema/find-attribute.ts';
import type { SortOrder } from './list-parameters.ts';

/** Maximum resources that are sorted in memory. */
export const maxSorted = 1000;

/** Reads the value by which a resource is sorted: of a multi-valued attribute the primary one. */
function readSortKey(resource: ScimResource, path: AttributePath): string {
  const value = readAttribute(resource, path);
  const single: unknown = Array.isArray(value)
    ? (value.find((each: unknown) => readMember(each, 'primary') === true) ?? value[0])
    : value;
  const scalar = isJsonObject(single)
    ? readMember(single, path.subAttribute?.name ?? 'value')
    : single;
  if (typeof scalar === 'string') return scalar.normalize('NFKC').toLowerCase();
  return typeof scalar === 'boolean' || typeof scalar === 'number' ? String(scalar) : '';
}

/** Sorts resources. Those without a value are last in ascending order (RFC 7644 §3.4.2.3). */
export function sortResources<T extends { readonly resource: ScimResource }>(
  items: readonly T[],
  { path, isDescending }: SortOrder,
): readonly T[] {
  const keyed = items.map((item) => ({ item, key: readSortKey(item.resource, path) }));
  const compare = (a: string, b: string): number => {
    if (a === b) return 0;
    if (a === '' || b === '') return a === '' ? 1 : -1;
    return a < b ? -1 : 1;
  };
  const direction = isDescending ? -1 : 1;
  return keyed.toSorted((a, b) => direction * compare(a.key, b.key)).map(({ item }) => item);
}
