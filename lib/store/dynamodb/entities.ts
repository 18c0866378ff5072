import type { Entity, EntityChange } from '../../domain/kernel/entity.ts';
import type { Key } from '../keys.ts';
import { toRecordItem, writeChange } from './change-records.ts';
import { getItem } from './get-item.ts';
import { toAttributes } from './items.ts';
import type { Directory } from './tables.ts';
import { type ConditionalWrite, putIfAbsent } from './transaction.ts';

/** Keys of an entity and of its change records. */
export interface EntityKeys {
  readonly key: Key;
  readonly changeKey: (version: number) => Key;
}

/** Reads an entity. Strongly consistent. */
export async function readEntity<T extends Entity>(
  { client, directory }: Directory,
  key: Key,
): Promise<T | undefined> {
  const item = await getItem(client, directory, key);
  return item && (fromItem(item) as T);
}

export const fromItem = (item: Record<string, unknown>): Entity =>
  toAttributes(item) as unknown as Entity;

/**
 * Writes an entity, its change record and further writes in one transaction. Returns `stale` if the
 * entity has changed since it was read, else the conflict of a failed write. Throws `unavailable`.
 */
export async function writeEntity<T extends Entity, Conflict = never>(
  tables: Directory,
  { key, changeKey }: EntityKeys,
  { before, after, record, deadline }: EntityChange<T>,
  now: () => number,
  furtherWrites: readonly ConditionalWrite<Conflict>[] = [],
): Promise<'written' | 'stale' | { readonly conflict: Conflict }> {
  const put = putIfAbsent(tables.directory, { ...key, ...after }, before && ifVersion(before));
  const change = {
    record: toRecordItem(changeKey(after.version), record),
    writes: [...furtherWrites, { write: put, conflict: 'stale' as const }],
    deadline,
  };
  const outcome = await writeChange<Conflict | 'stale'>(tables, change, now);
  if (typeof outcome === 'string') return outcome;
  return outcome.conflict === 'stale' ? 'stale' : { conflict: outcome.conflict };
}

/** Condition for replacing exactly this version. */
const ifVersion = ({ version }: Entity) => ({
  ConditionExpression: '#version = :before',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':before': version },
});
