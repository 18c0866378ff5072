import { toPosition } from '../../domain/users/lists/list-position.ts';
import type { ListEntry, UserListRange, UserLists } from '../../domain/users/user-store.ts';
import type { ListedUser } from '../../domain/users/user.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { countReadUnits } from '../dynamodb/item-size.ts';
import { countItems, queryPage } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { type Key, keys } from '../keys.ts';
import { entryAttributes, fromEntry } from './user-entry.ts';
import { fromItem } from './user-items.ts';

/** Number of users to read at once. Without a size in their entry, they can have 6 MB. */
const batchSize = 25;

interface StoredEntry {
  readonly position: string;
  readonly userId: string;
  /** Undefined if the entry has no view. */
  readonly user: ListedUser | undefined;
  /** Read units of a user without a view, 0 for a claim that lists omit. */
  readonly readUnits: number;
}

/** Returns the key at a position, or with the prefix of a position. */
const toKey = (
  tenantId: string,
  { isDeleted }: Pick<UserListRange, 'isDeleted'>,
  position: string,
): Key => (isDeleted ? keys.deletedUser(tenantId, position) : keys.emailClaim(tenantId, position));

export const createUserLists = (tables: Directory): UserLists => ({
  list: createUserList(tables),
  async listIds(tenantId, { after, limit, isDescending, ...list }) {
    const { pk, sk } = toKey(tenantId, list, '');
    const { items, next } = await queryPage(tables.client, tables.directory, {
      pk,
      prefix: sk,
      after: after === undefined ? undefined : toKey(tenantId, list, after),
      limit,
      attributes: ['sk', 'userId', 'alias', 'connectionId'],
      isDescending,
    });
    const entries = items.filter(({ alias }) => !alias);
    return {
      entries: entries.map(({ sk: sortKey, userId, connectionId }) => ({
        position: String(sortKey).slice(sk.length),
        userId: String(userId),
        connectionId: connectionId as string | undefined,
      })),
      next: next?.sk.slice(sk.length),
    };
  },
  count(tenantId, { prefix, max, connectionId, ...list }) {
    const { pk, sk } = toKey(tenantId, list, prefix);
    const equals = connectionId === undefined ? undefined : { connectionId };
    return countItems(tables, { pk, prefix: sk, max, without: 'alias', equals });
  },
});

/** Lists users by their entries: one query, and reads of the users without a view. */
const createUserList =
  (tables: Directory): UserLists['list'] =>
  async (tenantId, { prefix, after, limit, maxReadUnits, isDescending, ...list }) => {
    const { pk, sk } = toKey(tenantId, list, prefix);
    const query = await queryPage(tables.client, tables.directory, {
      pk,
      prefix: sk,
      after: after === undefined ? undefined : toKey(tenantId, list, after),
      limit: limit + 1,
      attributes: entryAttributes,
      isDescending,
    });
    const stored = query.items.slice(0, limit).map((item): StoredEntry => {
      const user = item['alias'] ? undefined : fromEntry(tenantId, item);
      return {
        position: String(item['sk']).slice(sk.length - prefix.length),
        userId: String(item['userId']),
        user,
        readUnits: user || item['alias'] ? 0 : Number(item['readUnits'] ?? 1),
      };
    });

    const entries: ListEntry[] = [];
    let { readUnits } = query;
    while (entries.length < stored.length) {
      const batch = takeBatch(stored.slice(entries.length), maxReadUnits - readUnits);
      if (batch.length === 0) break;
      const users = await readUsers(tables, tenantId, batch);
      readUnits += users.readUnits;
      for (const { position, userId, user } of batch)
        entries.push({ position, user: user ?? users.find(userId, position) });
    }
    const hasMore = entries.length < query.items.length || query.next !== undefined;
    return { entries, hasMore, isCut: entries.length < stored.length, readUnits };
  };

/** Takes entries whose users fit into the read units, with up to `batchSize` users to read. */
function takeBatch(entries: readonly StoredEntry[], maxReadUnits: number): readonly StoredEntry[] {
  let readUnits = 0;
  let users = 0;
  const count = entries.findIndex((entry) => {
    readUnits += entry.readUnits;
    users += entry.readUnits > 0 ? 1 : 0;
    return readUnits > maxReadUnits || users > batchSize;
  });
  return count < 0 ? entries : entries.slice(0, count);
}

/** Reads the users of entries without a view. */
async function readUsers(tables: Directory, tenantId: string, entries: readonly StoredEntry[]) {
  const userIds = new Set(
    entries.flatMap(({ userId, readUnits }) => (readUnits > 0 ? [userId] : [])),
  );
  const items =
    userIds.size === 0
      ? []
      : await batchGet(
          tables,
          [...userIds].map((userId) => keys.user(tenantId, userId)),
        );
  const users = new Map(items.map(fromItem).map((user) => [user.userId, user]));
  return {
    readUnits: items.reduce((total, item) => total + countReadUnits(item), 0),
    /** Finds the user of an entry, unless the user has left the position after the query. */
    find: (userId: string, position: string): ListedUser | undefined => {
      const user = users.get(userId);
      return user && toPosition(user) === position ? user : undefined;
    },
  };
}
