import type { Entity, EntityChange } from '../../domain/kernel/entity.ts';
import type { Key } from '../keys.ts';
import { toRecordItem, writeChange } from './change-records.ts';
import { getItem } from './get-item.ts';
import { toAttributes } from './items.ts';
import type { Directory } from './tables.ts';
import { type ConditionalWrite, putIfAbsent } from './transaction.ts';

interface EntityWrite<T extends Entity, Conflict> {
  readonly key: Key;
  /** Key of the change record of a version. */
  readonly changeKey: (version: number) => Key;
  readonly change: EntityChange<T>;
  readonly furtherWrites: readonly ConditionalWrite<Conflict>[];
  /** Condition on the current item, in addition to its version. */
  readonly condition?: string;
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
export async function writeEntity<T extends Entity, Conflict>(
  tables: Directory,
  { key, changeKey, change, furtherWrites, condition }: EntityWrite<T, Conflict>,
  now: () => number,
): Promise<'written' | 'stale' | { readonly conflict: Conflict }> {
  const { before, after, record, deadline } = change;
  const item = { ...key, ...after };
  const put = putIfAbsent(tables.directory, item, before && ifVersion(before, condition));
  const outcome = await writeChange<Conflict | 'stale'>(
    tables,
    {
      record: toRecordItem(changeKey(after.version), record),
      writes: [...furtherWrites, { write: put, conflict: 'stale' }],
      deadline,
    },
    now,
  );
  if (typeof outcome === 'string') return outcome;
  return outcome.conflict === 'stale' ? 'stale' : { conflict: outcome.conflict };
}

/** Condition for replacing exactly this version. */
export const ifVersion = ({ version }: Pick<Entity, 'version'>, condition?: string) => ({
  ConditionExpression: ['#version = :before', ...(condition ? [condition] : [])].join(' AND '),
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':before': version },
});
