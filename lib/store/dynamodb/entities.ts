import { randomUUID } from 'node:crypto';
import type { Entity, EntityChange } from '../../domain/kernel/entity.ts';
import { getItem } from './get-item.ts';
import type { Key } from '../keys.ts';
import type { Tables } from './tables.ts';
import { putIfAbsent, outcomeUnknown, transact, type Write } from './transaction.ts';

/** Where an entity is kept, and where the record of a version of it. */
export interface EntityKeys {
  readonly key: Key;
  readonly changeKey: (version: number) => Key;
}

/** The item at a key as an entity, or undefined. Strongly consistent. */
export async function readEntity<Kept extends Entity>(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  key: Key,
): Promise<Kept | undefined> {
  const item = await getItem(client, directory, key);
  return item && (fromItem(item) as Kept);
}

/** An entity out of its item. */
export function fromItem(item: Record<string, unknown>): Entity {
  const { pk: _pk, sk: _sk, schemaVersion: _version, ...entity } = item;
  return entity as unknown as Entity;
}

/**
 * Writes an entity, the record of it and what goes `alongside`, all of it or none, provided that nobody has written since
 * `before` was read: else `stale`. Answers `{ refused }` with the index in `alongside` of the write whose condition failed.
 * Fails with `unavailable` when the outcome could not be known in time.
 */
export async function writeEntity<Kept extends Entity>(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  { key, changeKey }: EntityKeys,
  { before, after, record, deadline }: EntityChange<Kept>,
  now: () => number,
  alongside: readonly Write[] = [],
): Promise<'written' | 'stale' | { readonly refused: number }> {
  const token = randomUUID();
  const recordKey = changeKey(after.version);
  const writes: Write[] = [
    // First: whoever comes second is to look again before anything else is held against them.
    putIfAbsent(
      directory,
      { ...recordKey, ...record, before: JSON.stringify(record.before), token },
      { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' },
    ),
    ...alongside,
    putIfAbsent(directory, { ...key, ...after }, before && inPlaceOf(before)),
  ];
  const outcome = await transact(client, writes, token, deadline, now);
  if (outcome === 'written') return 'written';
  if (outcome === 'unknown') {
    const recorded = (await getItem(client, directory, recordKey))?.['token'];
    if (recorded === undefined) throw outcomeUnknown();
    return recorded === token ? 'written' : 'stale';
  }
  if (outcome.refusedBy === 0) return outcome.met?.['token']?.S === token ? 'written' : 'stale';
  const refused = outcome.refusedBy - 1;
  return refused < alongside.length ? { refused } : 'stale';
}

/** Over this very version, and no other. */
const inPlaceOf = ({ version }: Entity) => ({
  ConditionExpression: '#version = :before',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':before': version },
});
