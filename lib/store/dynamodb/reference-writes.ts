import type { Key } from '../keys.ts';
import { putAlways, type Write } from './transaction.ts';

/**
 * Builds the writes of the items that lead to an entity by values that other entities can have.
 * They have no condition, because each key ends with the ID of its entity.
 */
export function updateReferences(
  TableName: string,
  ids: object,
  { before, after }: { readonly before: readonly Key[]; readonly after: readonly Key[] },
): Write[] {
  const isIn = (list: readonly Key[], { sk }: Key) => list.some((key) => key.sk === sk);
  const added = after.filter((key) => !isIn(before, key));
  const removed = before.filter((key) => !isIn(after, key));
  return [
    ...added.map((key) => putAlways(TableName, { ...key, ...ids })),
    ...removed.map((key) => ({ Delete: { TableName, Key: { ...key } } })),
  ];
}
