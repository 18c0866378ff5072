import type { KeyName } from '../schema/attribute.ts';
import type { Filter } from './filter.ts';

/** Key that every resource of a filter has. */
export interface KeyLookup {
  readonly by: KeyName;
  readonly value: string;
}

/** Keys, most selective first. */
const preference: readonly KeyName[] = [
  'id',
  'userName',
  'externalId',
  'email',
  'displayName',
  'member',
  'group',
];

/** Finds the most selective key of a filter. The results must be checked against the filter. */
export function findKeyLookup(filter: Filter): KeyLookup | undefined {
  const lookups = collectLookups(filter);
  const rank = ({ by }: KeyLookup): number => preference.indexOf(by);
  return lookups.toSorted((a, b) => rank(a) - rank(b))[0];
}

function collectLookups(filter: Filter): readonly KeyLookup[] {
  switch (filter.kind) {
    case 'and':
      return filter.terms.flatMap(collectLookups);
    case 'value':
      return collectLookups(filter.filter);
    case 'compare': {
      const { path, operator, value } = filter;
      const { key } = path.subAttribute ?? path.attribute;
      return key && operator === 'eq' && typeof value === 'string' ? [{ by: key, value }] : [];
    }
    default:
      return [];
  }
}
