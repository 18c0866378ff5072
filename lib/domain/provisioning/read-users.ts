import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { Connection } from '../connections/connection.ts';
import type { MembershipStore } from '../groups/group-store.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { userNotFound } from '../users/change-user.ts';
import type { UserLists, UserReferences, UserStore } from '../users/user-store.ts';
import type { User, UserWithGroups } from '../users/user.ts';
import { isManagedBy } from './assert-managed.ts';

export interface ReadDependencies {
  readonly policy: Policy;
  readonly users: UserStore;
  readonly userReferences: UserReferences;
  readonly userLists: UserLists;
  readonly memberships: Pick<MembershipStore, 'listMembers'>;
  readonly now: () => Date;
  /** Maximum users that a scan reads for one response. */
  readonly maxScannedUsers: number;
}

/** Part of a request that decides which users it can read, and with which data. */
export interface UserView {
  /** Undefined for a caller without a connection. */
  readonly connection: Connection | undefined;
  /** True to read the groups of each user, which costs a request per user. */
  readonly withGroups: boolean;
}

/** A user, with groups if the view includes them. */
export type ViewedUser = User & Partial<Pick<UserWithGroups, 'groups'>>;

/** Key of users that a filter selects. */
export interface UserLookup {
  readonly by: 'id' | 'userName' | 'externalId' | 'email' | 'group';
  readonly value: string;
}

/** Number of users read at the same time. */
const concurrency = 20;

/** Throws `forbidden` unless the caller can read users. Call it once per request, before any read. */
export const authorizeRead = (
  context: RequestContext,
  { policy }: Pick<ReadDependencies, 'policy'>,
): void => policy.authorize(context, 'getUser', { self: false });

/** True for a user whom the caller can read. */
export const isVisible = (user: User, { connection }: Pick<UserView, 'connection'>): boolean =>
  user.status !== 'deleted' && (connection?.visible !== 'managed' || isManagedBy(user, connection));

/** Gets a user. Throws `forbidden` or `not_found`. */
export async function getProvisionedUser(
  userId: Uuid | undefined,
  view: UserView,
  context: RequestContext,
  deps: ReadDependencies,
): Promise<ViewedUser> {
  authorizeRead(context, deps);
  const [user] = userId === undefined ? [] : await loadUsers([userId], view, context, deps);
  if (!user) throw userNotFound();
  return user;
}

/** Loads the visible users of IDs, in the order of the IDs. */
export async function loadUsers(
  userIds: readonly Uuid[],
  view: UserView,
  { tenant: { tenantId } }: RequestContext,
  { users }: Pick<ReadDependencies, 'users'>,
): Promise<readonly ViewedUser[]> {
  const found: ViewedUser[] = [];
  if (view.withGroups) {
    for (let start = 0; start < userIds.length; start += concurrency) {
      const batch = userIds.slice(start, start + concurrency);
      const loaded = await Promise.all(
        batch.map((userId) => users.getWithGroups(tenantId, { userId }, false)),
      );
      found.push(...loaded.filter((user) => user !== undefined));
    }
  } else {
    const byId = await users.getAll(tenantId, userIds);
    found.push(...userIds.flatMap((userId) => byId.get(userId) ?? []));
  }
  return found.filter((user) => isVisible(user, view));
}

/**
 * Finds all visible users with a key, in the order of their IDs. They may not match the rest of the
 * filter. Throws `too_many_results` for a group of too many members.
 */
export async function lookUpUsers(
  lookup: UserLookup,
  view: UserView,
  context: RequestContext,
  deps: ReadDependencies,
): Promise<readonly ViewedUser[]> {
  const userIds = await findUserIds(lookup, view, context, deps);
  return loadUsers([...new Set(userIds)].toSorted(), view, context, deps);
}

async function findUserIds(
  { by, value }: UserLookup,
  { connection }: UserView,
  { tenant: { tenantId } }: RequestContext,
  { users, userReferences, memberships, maxScannedUsers }: ReadDependencies,
): Promise<readonly Uuid[]> {
  const toIds = (found: readonly (User | undefined)[]) =>
    found.flatMap((user) => (user ? [user.userId] : []));
  switch (by) {
    case 'id':
      return [value];
    case 'userName':
      // A username with `@` is an address, too. A user without a username has the email.
      return toIds([
        await users.get(
          tenantId,
          value.includes('@') ? { address: value } : { userName: value },
          false,
        ),
      ]);
    case 'externalId':
      return connection
        ? toIds(await userReferences.findByScimId(tenantId, connection.connectionId, value))
        : [];
    case 'email':
      return toIds(await userReferences.findByMailValue(tenantId, value));
    default: {
      const page = { kind: 'user' as const, after: undefined, limit: maxScannedUsers + 1 };
      const { memberships: found, next } = await memberships.listMembers(tenantId, value, page);
      if (next !== undefined || found.length > maxScannedUsers) throw tooManyUsers(maxScannedUsers);
      return found.map(({ member }) => member.id);
    }
  }
}

export const tooManyUsers = (maxScannedUsers: number): Failure =>
  new Failure(
    'too_many_results',
    `The filter has to read more than ${maxScannedUsers.toLocaleString('en')} users or 4 MiB. Send the parameter cursor to read the result in pages.`,
  );
