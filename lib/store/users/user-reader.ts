import type { Membership } from '../../domain/groups/group.ts';
import type { UserRef, UserStore } from '../../domain/users/user-store.ts';
import type { User, UserWithGroups, UserWithSignIn } from '../../domain/users/user.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { queryAll, queryPage } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { type Key, keys, userPrefix, userRange } from '../keys.ts';
import {
  type MemberJobFinder,
  overlayMemberships,
  readPendingMemberships,
} from '../groups/pending-memberships.ts';
import { type Claim, toClaims, toIdentifierKey } from './claims.ts';
import { fromItem } from './user-items.ts';

/** Limit of DynamoDB. Canonical identifiers can be longer than the input. */
const maxSortKeyBytes = 1024;

interface UserSearch {
  readonly tenantId: string;
  readonly reference: UserRef;
  readonly withAvatar: boolean;
}

const userSortKey = keys.user('', '').sk;
const signInSortKey = keys.lastSignIn('', '').sk;

function toUserWithSignIn(items: readonly Record<string, unknown>[]): UserWithSignIn | undefined {
  const item = items.find(({ sk }) => sk === userSortKey);
  if (!item) return undefined;
  const signIn = items.find(({ sk }) => sk === signInSortKey);
  return { ...fromItem(item), ...(signIn && { lastSignInAt: String(signIn['lastSignInAt']) }) };
}

/** Reads users, for functions that change none. */
export function createUserReader(
  tables: Directory,
  finder: MemberJobFinder,
): Pick<UserStore, 'get' | 'getWithSignIn' | 'getWithGroups'> {
  const { client, directory } = tables;
  const get = (key: Key) => getItem(client, directory, key);

  const getUser = async (tenantId: string, userId: string): Promise<User | undefined> => {
    const item = await get(keys.user(tenantId, userId));
    return item && fromItem(item);
  };

  const getUserWithSignIn = async (
    tenantId: string,
    userId: string,
  ): Promise<UserWithSignIn | undefined> => {
    const { items } = await queryPage(client, directory, userPrefix(tenantId, userId));
    return toUserWithSignIn(items);
  };

  /** Reads the user, the latest sign-in and the memberships with one query. */
  const getUserWithGroups = async (
    tenantId: string,
    userId: string,
    hasGroups: (user: User) => boolean,
  ): Promise<UserWithGroups | undefined> => {
    const { pk, from, to } = userRange(tenantId, userId);
    const readItems = () =>
      queryAll(client, {
        TableName: directory,
        KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
        ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
        ConsistentRead: true,
      });
    let items = await readItems();
    const isRelevant = items.some(
      (item) => item['sk'] === userSortKey && hasGroups(fromItem(item)),
    );
    const jobs = isRelevant ? await finder.findMemberJobs(tenantId) : [];
    const pending = await readPendingMemberships(tables, userId, jobs);
    // A job can have been finished after the first query.
    if (jobs.length > 0) items = await readItems();
    const user = toUserWithSignIn(items);
    if (!user) return undefined;
    if (!isRelevant) return { ...user, groups: [] };
    const stored = items.filter(({ sk }) => String(sk).startsWith(from));
    const groups = overlayMemberships(stored as unknown as readonly Membership[], pending);
    return { ...user, groups: groups.map(({ groupId }) => groupId) };
  };

  async function find<Found extends User>(
    { tenantId, reference, withAvatar }: UserSearch,
    read: (tenantId: string, userId: string) => Promise<Found | undefined>,
  ): Promise<Found | undefined> {
    const claimKey = 'userId' in reference ? undefined : toIdentifierKey(tenantId, reference);
    if (claimKey && Buffer.byteLength(claimKey.sk) > maxSortKeyBytes) return undefined;
    const userId =
      'userId' in reference ? reference.userId : claimKey && (await get(claimKey))?.['userId'];
    if (typeof userId !== 'string') return undefined;
    const user = await read(tenantId, userId);
    if (!user) return undefined;
    // The user may have released the identifier between the two reads.
    const isReferenced = ({ field, key }: Claim) =>
      key.sk === claimKey?.sk && !('email' in reference && field !== 'email');
    if (claimKey && !toClaims(user, 'tenant').some(isReferenced)) return undefined;
    if (!withAvatar || !user.hasAvatar) return user;
    const avatar = (await get(keys.avatar(tenantId, userId)))?.['avatar'] as string | undefined;
    return { ...user, avatar };
  }

  return {
    get: (tenantId, reference, withAvatar) => find({ tenantId, reference, withAvatar }, getUser),

    getWithSignIn: (tenantId, reference, withAvatar) =>
      find({ tenantId, reference, withAvatar }, getUserWithSignIn),

    getWithGroups: (tenantId, reference, withAvatar, hasGroups = () => true) =>
      find({ tenantId, reference, withAvatar }, (id, userId) =>
        getUserWithGroups(id, userId, hasGroups),
      ),
  };
}
