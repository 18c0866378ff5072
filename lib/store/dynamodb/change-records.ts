import { randomBytes, randomUUID } from 'node:crypto';
import { type ChangeRecord, listChangedFields } from '../../domain/kernel/change-record.ts';
import type { JsonObject } from '../../domain/kernel/json-merge-patch.ts';
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
import type { DurationMs, EpochMs, EpochSeconds } from '../../domain/kernel/time.ts';

/** Creates the salt that keeps the values of a record secret in the digest of the event feed. */
export const createSalt = (): string => randomBytes(16).toString('base64url');

/** Builds the item of a change record. `ids` names the user in records that an export reads. */
export const toRecordItem = (key: Key, record: ChangeRecord, ids: object = {}) => ({
  ...key,
  ...record,
  ...ids,
  salt: createSalt(),
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

/** Attributes of a record without values. */
const strippedAttributes = [
  'pk',
  'sk',
  'schemaVersion',
  'tenantId',
  'userId',
  'memberId',
  'groupId',
  'version',
  'action',
  'at',
  'actor',
  'requestId',
  'policies',
];
/** Attributes that `stripRecord` reads. */
export const recordAttributes = [...strippedAttributes, 'before', 'omitted', 'changedFields'];

/** Time in which the sequencer can still number the records of what was erased. */
const erasedRecordMs: DurationMs = 7 * 24 * 3600 * 1000;
export const getRecordTtl = (erasedAtMs: EpochMs): EpochSeconds =>
  Math.ceil((erasedAtMs + erasedRecordMs) / 1000);

/**
 * Removes all values from the item of a record, and the subject of a principal of another issuer.
 * Actor, time and names of the fields remain until the record expires.
 */
export const stripRecord = (
  { before = '{}', omitted, ...item }: Readonly<Record<string, unknown>>,
  nowMs: EpochMs,
) => ({
  ...Object.fromEntries(strippedAttributes.map((name) => [name, item[name]])),
  changedFields: listChangedFields({
    before: JSON.parse(before as string) as JsonObject,
    omitted: omitted as ChangeRecord['omitted'],
  }),
  ttl: getRecordTtl(nowMs),
});

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
