import { isDeepStrictEqual } from 'node:util';
import type { User } from '../../domain/users/user.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import { type Key, keys } from '../keys.ts';
import { toClaimItem } from './claim-writes.ts';
import { toClaims } from './claims.ts';
import { fromItem } from './user-items.ts';
import { toDeletedEntry } from './user-writes.ts';

type Item = Readonly<Record<string, unknown>>;

/** Entry of the user list that differs from its user. */
export interface EntryDifference {
  readonly tenantId: string;
  readonly userId: string;
  /** `released` is an entry of an address that the user no longer has. */
  readonly problem: 'outdated' | 'missing' | 'of another user' | 'released';
  /** Entry that the user should have. */
  readonly entry?: Item;
}

/** User to compare, and entries with its ID. */
export interface UserEntries {
  readonly tenantId: string;
  readonly userId: string;
  readonly user: User | undefined;
  /** Entries that must belong to the user. */
  readonly entryKeys: readonly Key[];
  /** True to compare the entries that the user should have as well. */
  readonly isUserChecked: boolean;
}

/** Compares entries with users, in one batch. */
export async function findDifferences(
  tables: Directory,
  groups: readonly UserEntries[],
): Promise<readonly EntryDifference[]> {
  const checks = groups.map(({ tenantId, userId, user, entryKeys, isUserChecked }) => {
    const entries = user === undefined ? [] : buildEntries(user);
    const released = entryKeys.filter((key) => !entries.some(({ sk }) => sk === key.sk));
    return { tenantId, userId, entries: isUserChecked ? entries : [], released };
  });
  const stored = await readEntries(
    tables,
    checks.flatMap(({ entries, released }) => [...entries, ...released]),
  );
  return checks.flatMap(({ tenantId, userId, entries, released }) => [
    ...entries.flatMap((entry) => {
      const problem = compareEntries(entry, stored.get(formatKey(entry)));
      return problem === undefined ? [] : [{ tenantId, userId, problem, entry }];
    }),
    ...released
      .filter((key) => stored.get(formatKey(key))?.['userId'] === userId)
      .map(() => ({ tenantId, userId, problem: 'released' as const })),
  ]);
}

const formatKey = ({ pk, sk }: Key): string => `${pk} ${sk}`;

async function readEntries(
  tables: Directory,
  entryKeys: readonly Key[],
): Promise<ReadonlyMap<string, Item>> {
  // Users of a faulty table can share an entry, and a batch must not repeat a key.
  const unique = new Map(entryKeys.map((key) => [formatKey(key), { pk: key.pk, sk: key.sk }]));
  const items = await batchGet(tables, [...unique.values()]);
  return new Map(items.map((item) => [formatKey(item as unknown as Key), item]));
}

/**
 * Builds the entries of a user: one, and an alias for a username that is another address. A deleted
 * user has one in the list of deleted users.
 */
function buildEntries(user: User): (Item & Key)[] {
  const deletedEntry = toDeletedEntry(user);
  const entries = toClaims(user, 'tenant')
    .filter(({ inList }) => inList !== undefined)
    .map((claim) => ({ ...toClaimItem(user, claim), ...claim.key }));
  return [...entries, ...(deletedEntry ? [deletedEntry] : [])].map((entry) => ({
    ...entry,
    schemaVersion,
  }));
}

function compareEntries(
  entry: Item,
  stored: Item | undefined,
): EntryDifference['problem'] | undefined {
  if (stored === undefined) return 'missing';
  if (stored['userId'] !== entry['userId']) return 'of another user';
  return isDeepStrictEqual(parseView(stored), parseView(entry)) ? undefined : 'outdated';
}

/** Parses the view, because the order of its attributes has no meaning. */
function parseView({ view, ...entry }: Item): Item {
  try {
    return typeof view === 'string' ? { ...entry, view: JSON.parse(view) } : { ...entry };
  } catch {
    return { ...entry, view };
  }
}

/** Reads the users of entries. */
export async function readUsers(
  tables: Directory,
  groups: readonly Omit<UserEntries, 'user'>[],
): Promise<readonly UserEntries[]> {
  const items = await batchGet(
    tables,
    groups.map(({ tenantId, userId }) => keys.user(tenantId, userId)),
  );
  const users = new Map(items.map(fromItem).map((user) => [user.userId, user]));
  return groups.map((group) => ({ ...group, user: users.get(group.userId) }));
}
