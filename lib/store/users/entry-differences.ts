import { isDeepStrictEqual } from 'node:util';
import type { User } from '../../domain/users/user.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { type Directory, schemaVersion } from '../dynamodb/tables.ts';
import { type Key, keys } from '../keys.ts';
import { toClaimItem } from './claim-writes.ts';
import { toClaims } from './claims.ts';
import { fromItem } from './user-items.ts';

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

/** A user as it was read, and entries with its ID. */
export interface Subject {
  readonly tenantId: string;
  readonly userId: string;
  readonly user: User | undefined;
  /** Entries that must belong to the user. */
  readonly entryKeys: readonly Key[];
  /** Also compares the entries that the user should have. */
  readonly isUserChecked: boolean;
}

/** Compares entries with users, in one batch. */
export async function findDifferences(
  tables: Directory,
  subjects: readonly Subject[],
): Promise<readonly EntryDifference[]> {
  const checks = subjects.map((subject) => {
    const entries = subject.user === undefined ? [] : buildEntries(subject.user);
    const released = subject.entryKeys.filter(({ sk }) => !entries.some((each) => each.sk === sk));
    return { ...subject, entries: subject.isUserChecked ? entries : [], released };
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
  // A faulty table can have an entry of two users.
  const unique = new Map(entryKeys.map((key) => [formatKey(key), { pk: key.pk, sk: key.sk }]));
  const items = await batchGet(tables, [...unique.values()]);
  return new Map(items.map((item) => [formatKey(item as unknown as Key), item]));
}

/** Entries of a user in the list: one, and one more for a username that is another address. */
const buildEntries = (user: User) =>
  toClaims(user, 'tenant')
    .filter(({ inList }) => inList !== undefined)
    .map((claim) => ({ ...toClaimItem(user, claim), ...claim.key, schemaVersion }));

function compareEntries(
  entry: Item,
  stored: Item | undefined,
): EntryDifference['problem'] | undefined {
  if (stored === undefined) return 'missing';
  if (stored['userId'] !== entry['userId']) return 'of another user';
  return isDeepStrictEqual(parseView(stored), parseView(entry)) ? undefined : 'outdated';
}

/** The order of attributes depends on where a user comes from. */
function parseView({ view, ...entry }: Item): Item {
  try {
    return typeof view === 'string' ? { ...entry, view: JSON.parse(view) } : { ...entry };
  } catch {
    return { ...entry, view };
  }
}

/** Reads users with their entries. */
export async function readSubjects(
  tables: Directory,
  subjects: readonly Omit<Subject, 'user'>[],
): Promise<readonly Subject[]> {
  const items = await batchGet(
    tables,
    subjects.map(({ tenantId, userId }) => keys.user(tenantId, userId)),
  );
  const users = new Map(items.map(fromItem).map((user) => [user.userId, user]));
  return subjects.map((subject) => ({ ...subject, user: users.get(subject.userId) }));
}
