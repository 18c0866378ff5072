import { randomUUID } from 'node:crypto';
import { PutCommand, type PutCommandInput, ScanCommand } from '@aws-sdk/lib-dynamodb';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { type Directory, sendRequest } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  sendConditionalWithRetry,
  transact,
  withConflict,
} from '../dynamodb/transaction.ts';
import { type Key, keys } from '../keys.ts';
import {
  type EntryDifference,
  findDifferences,
  readUsers,
  type UserEntries,
} from './entry-differences.ts';
import { fromItem } from './user-items.ts';

type Item = Record<string, unknown>;

export interface MigrationPage {
  readonly scannedItems: number;
  readonly users: number;
  /** Entries that were rewritten. */
  readonly rewritten: number;
  /** Differences that remain. */
  readonly differences: readonly EntryDifference[];
  /** Key of the last item. Undefined on the last page. */
  readonly next: Key | undefined;
}

/**
 * `verify` also reads the user of each entry, to find released addresses. `count` compares only
 * once, so it can count users that change at the same time.
 */
export type MigrationMode = 'rewrite' | 'count' | 'verify';

export interface PageOptions {
  readonly after: Key | undefined;
  /** Number of items to scan. */
  readonly limit: number;
  readonly mode: MigrationMode;
  readonly deadline: EpochMs;
}

const userSortKey = keys.user('', '').sk;
const entryPrefix = keys.emailClaim('', '').sk;
const deletedEntryPrefix = keys.deletedUser('', '').sk;

const isDeletedEntry = ({ sk }: Readonly<Item>): boolean =>
  String(sk).startsWith(deletedEntryPrefix);

/** Attempts to compare a user that other requests change. */
const maxAttempts = 5;
const concurrency = 8;

/**
 * Creates a function that migrates a page of the table: it compares entries of the user list with
 * their users, which can change at the same time. Throws `unavailable`.
 */
export function createEntryMigration(tables: Directory, now: () => number) {
  /** Writes an entry of the list of deleted users, unless the user has changed since it was read. */
  const writeDeleted = async (entry: Readonly<Item>, deadline: EpochMs): Promise<boolean> => {
    const { tenantId, userId, version } = entry;
    const check = {
      TableName: tables.directory,
      Key: { ...keys.user(String(tenantId), String(userId)) },
      ConditionExpression: '#version = :version',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': version },
    };
    const writes = withConflict('changed' as const, [
      { ConditionCheck: check },
      { Put: { TableName: tables.directory, Item: { ...entry } } },
    ]);
    const outcome = await transact(tables.client, { writes, token: randomUUID(), deadline }, now);
    if (outcome === 'unknown') throw outcomeUnknown();
    return outcome === 'written';
  };

  /** Replaces an entry. False if the user has changed it since it was read. */
  const rewrite = (entry: Readonly<Item>, deadline: EpochMs): Promise<boolean> => {
    if (isDeletedEntry(entry)) return writeDeleted(entry, deadline);
    const put = { TableName: tables.directory, Item: { ...entry }, ...ifNotNewer(entry) };
    return sendConditionalWithRetry(
      (options) => tables.client.send(new PutCommand(put), options),
      deadline,
      now,
    );
  };

  /** Rewrites outdated entries. Returns their number. */
  const rewriteAll = async (
    differences: readonly EntryDifference[],
    deadline: EpochMs,
  ): Promise<number> => {
    const entries = differences.flatMap(({ problem, entry }) =>
      entry && (problem === 'outdated' || isDeletedEntry(entry)) ? [entry] : [],
    );
    const results = await Promise.all(entries.map((entry) => rewrite(entry, deadline)));
    return results.filter(Boolean).length;
  };

  /** Rewrites and compares again, until no entry differs or the user did not change in between. */
  const repair = async (
    target: UserEntries,
    found: readonly EntryDifference[],
    { mode, deadline }: PageOptions,
  ): Promise<Repair> => {
    if (mode === 'count') return { rewritten: 0, differences: found };
    let differences = found;
    let rewritten = 0;
    let lastVersion: unknown = null;
    for (let attempt = 1; ; attempt++) {
      const count = mode === 'rewrite' ? await rewriteAll(differences, deadline) : 0;
      rewritten += count;
      if (count === differences.length) return { rewritten, differences: [] };
      const current = await readUsers(tables, [target]);
      differences = await findDifferences(tables, current);
      const version = current[0]?.user?.version;
      const isLast = attempt === maxAttempts || version === lastVersion;
      if (differences.length === 0 || isLast) return { rewritten, differences };
      lastVersion = version;
    }
  };

  return async (options: PageOptions): Promise<MigrationPage> => {
    const { items, ...page } = await scan(tables, options);
    const found = groupByUser(items);
    const users = found.filter(({ user }) => user !== undefined);
    const unread = found.filter(({ user }) => user === undefined);
    const groups = [...users, ...(await readUsers(tables, unread))];
    const differences = Map.groupBy(await findDifferences(tables, groups), ({ userId }) => userId);
    const differing = groups.filter(({ userId }) => differences.has(userId));
    const repairs: Repair[] = [];
    for (let first = 0; first < differing.length; first += concurrency) {
      const batch = differing.slice(first, first + concurrency);
      repairs.push(
        ...(await Promise.all(
          batch.map((target) => repair(target, differences.get(target.userId) ?? [], options)),
        )),
      );
    }
    return {
      ...page,
      users: users.length,
      rewritten: repairs.reduce((sum, { rewritten }) => sum + rewritten, 0),
      differences: repairs.flatMap((each) => each.differences),
    };
  };
}

type Repair = Pick<MigrationPage, 'rewritten' | 'differences'>;

/** Reads the users and entries among the next items of the table. */
async function scan({ client, directory }: Directory, { after, limit, mode }: PageOptions) {
  const command = new ScanCommand({
    TableName: directory,
    FilterExpression:
      mode === 'verify'
        ? 'sk = :user OR begins_with(sk, :entry) OR begins_with(sk, :deleted)'
        : 'sk = :user',
    ExpressionAttributeValues: {
      ':user': userSortKey,
      ...(mode === 'verify' && { ':entry': entryPrefix, ':deleted': deletedEntryPrefix }),
    },
    ExclusiveStartKey: after && { ...after },
    Limit: limit,
    ConsistentRead: true,
  });
  const output = await sendRequest((options) => client.send(command, options));
  return {
    items: output.Items ?? [],
    scannedItems: output.ScannedCount ?? 0,
    next: output.LastEvaluatedKey as Key | undefined,
  };
}

/** Groups items by user. The user and its entries may be on different pages. */
function groupByUser(items: readonly Item[]): readonly UserEntries[] {
  const groups = Map.groupBy(items, ({ userId }) => String(userId));
  return [...groups].map(([userId, group]) => {
    const item = group.find(({ sk }) => sk === userSortKey);
    return {
      tenantId: String(group[0]?.['tenantId']),
      userId,
      user: item && fromItem(item),
      isUserChecked: item !== undefined,
      entryKeys: group
        .filter(({ sk }) => sk !== userSortKey)
        .map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })),
    };
  });
}

/**
 * Condition for an entry of the same or an older version. A username that is an address has neither
 * version nor view, and becomes an entry only with its user.
 */
function ifNotNewer({ userId, version, alias }: Readonly<Item>): Partial<PutCommandInput> {
  const isSameUser = 'userId = :userId';
  if (alias === true)
    return {
      ConditionExpression: `${isSameUser} AND attribute_not_exists(#version)`,
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':userId': userId },
    };
  return {
    ConditionExpression: `${isSameUser} AND attribute_not_exists(#alias) AND (attribute_not_exists(#version) OR #version <= :version)`,
    ExpressionAttributeNames: { '#version': 'version', '#alias': 'alias' },
    ExpressionAttributeValues: { ':userId': userId, ':version': version },
  };
}
