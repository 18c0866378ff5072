import { isDeepStrictEqual } from 'node:util';
import { isSameValue } from '../filter/matches.ts';
import type { Attribute, ScimResource } from '../schema/attribute.ts';
import { findByName } from '../schema/find-attribute.ts';

/** Adds values. One with the value and type of an existing one is merged into it. */
export function addValues(
  attribute: Attribute,
  list: readonly ScimResource[],
  added: readonly unknown[],
): readonly ScimResource[] {
  return added.reduce<readonly ScimResource[]>((values, each) => {
    const value = each as ScimResource;
    const index = values.findIndex((existing) => isSameEntry(attribute, existing, value));
    const entry = { ...values[index], ...value };
    const others = values.filter((_existing, at) => at !== index);
    const cleared = clearPrimary(others, entry);
    return index < 0
      ? [...cleared, entry]
      : [...cleared.slice(0, index), entry, ...cleared.slice(index)];
  }, list);
}

/** True for equal values, or the same value and type. */
function isSameEntry(
  { subAttributes = [] }: Attribute,
  existing: ScimResource,
  added: ScimResource,
): boolean {
  if (isDeepStrictEqual(existing, added)) return true;
  return (
    added['value'] !== undefined &&
    ['value', 'type'].every((name) => {
      const attribute = findByName(subAttributes, name);
      return !attribute || isSameValue(attribute, existing[name], added[name]);
    })
  );
}

/** Clears the primary value if another one is added. */
const clearPrimary = (
  list: readonly ScimResource[],
  added: ScimResource,
): readonly ScimResource[] =>
  added['primary'] === true
    ? list.map((each) => (each['primary'] === true ? { ...each, primary: false } : each))
    : list;

/** Removes the values that have all sub-attributes of a listed one. */
export const removeValues = (
  { subAttributes = [] }: Attribute,
  list: readonly ScimResource[],
  listed: readonly unknown[],
): readonly ScimResource[] =>
  list.filter(
    (value) =>
      !listed.some((each) =>
        Object.entries(each as ScimResource).every(([name, expected]) => {
          const attribute = findByName(subAttributes, name);
          return attribute !== undefined && isSameValue(attribute, value[name], expected);
        }),
      ),
  );
