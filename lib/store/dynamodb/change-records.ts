import { randomBytes, randomUUID } from 'node:crypto';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { Key } from '../keys.ts';
import { getItem } from './get-item.ts';
import { toAttributes } from './items.ts';
import type { Directory } from './tables.ts';
import {
  type ConditionalWrite,
  type FailedCondition,
  outcomeUnknown,
  putIfAbsent,
  returnExisting,
  transact,
} from './transaction.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';

/**
 * Builds the item of a change record. `ids` names the user in records that an export reads. The
 * salt keeps the values secret in the digest that the event feed has.
 */
export const toRecordItem = (key: Key, record: ChangeRecord, ids: object = {}) => ({
  ...key,
  ...record,
  ...ids,
  salt: randomBytes(16).toString('base64url'),
  before: JSON.stringify(record.before),
});

export function fromRecordItem(item: Record<string, unknown>): ChangeRecord {
  const {
    tenantId: _tenant,
    userId: _user,
    token: _token,
    salt: _salt,
    before,
    ...record
  } = toAttributes(item);
  return { ...record, before: JSON.parse(String(before)) } as ChangeRecord;
}

export interface Change<Conflict> {
  /** Item of the record. Its key must be unique to the change or to the version. */
  readonly record: Key;
  readonly writes: readonly ConditionalWrite<Conflict>[];
  readonly deadline: EpochMs;
}

/**
 * Writes a change and its record in one transaction. Returns `stale` if another change has the
 * version, before any other conflict. A record with our token resolves an unknown outcome. Throws
 * `unavailable` without one.
 */
export async function writeChange<Conflict>(
  { client, directory }: Directory,
  { record, writes, deadline }: Change<Conflict>,
  now: () => number,
): Promise<'written' | 'stale' | FailedCondition<Conflict>> {
  const token = randomUUID();
  const recordWrite = {
    write: putIfAbsent(directory, { ...record, token }, returnExisting),
    conflict: 'record' as const,
  };
  const transaction = {
    writes: [
      recordWrite,
      ...writes.map(({ write, conflict }) => ({ write, conflict: { conflict } })),
    ],
    token,
    deadline,
  };
  const outcome = await transact<'record' | { readonly conflict: Conflict }>(
    client,
    transaction,
    now,
  );
  if (outcome === 'written') return 'written';
  if (outcome === 'unknown') {
    const storedToken = (await getItem(client, directory, record))?.['token'];
    if (storedToken === undefined) throw outcomeUnknown();
    return storedToken === token ? 'written' : 'stale';
  }
  const { conflict, existing } = outcome;
  if (conflict === 'record') return existing['token'] === token ? 'written' : 'stale';
  return { ...conflict, existing };
}
