import { Failure } from '../../domain/kernel/failure.ts';
import type { UserRef, UserStore } from '../../domain/users/user-store.ts';
import type { User, UserWithGroups } from '../../domain/users/user.ts';
import { collectCreationDetails } from '../../domain/account-notices/account-notice.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { writeChange } from '../dynamodb/change-records.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { queryAll } from '../dynamodb/query.ts';
import type { Tables } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  putAlways,
  putIfAbsent,
  transact,
  withConflict,
} from '../dynamodb/transaction.ts';
import { type Key, keys, userRange } from '../keys.ts';
import { toNewNoticeItem } from '../mail/account-notice-store.ts';
import { type Claim, toClaims, toFormerIdentityKey, toIdentifierKey } from './claims.ts';
import { claimNotHeld } from './claim-writes.ts';
import { createUserErasure, toErasureItem } from './user-erasure.ts';
import { createUserHistory } from './user-history.ts';
import { fromItem } from './user-items.ts';
import { createUserList } from './user-list.ts';
import {
  buildUserUpdate,
  buildUserWrites,
  hashUserId,
  putIdempotencyRecord,
  putNewPasswordHash,
  putPasswordHash,
  recordFormerIdentity,
  replaceAvatar,
  toAvatarItem,
  toUserRecordItem,
} from './user-writes.ts';

/** Limit of DynamoDB. Canonical identifiers can be longer than the input. */
const maxSortKeyBytes = 1024;

export function createUserStore(tables: Tables, now: () => number): UserStore {
  const { client, directory } = tables;
  const get = (key: Key) => getItem(client, directory, key);

  /** Decides an unknown outcome. Throws `user_exists` if another user has an identifier. */
  const hasClaims = async (claims: readonly Claim[], userId: string): Promise<boolean> => {
    for (const { field, key } of claims) {
      const holderId = (await get(key))?.['userId'];
      if (holderId === userId) return true;
      if (holderId !== undefined) throw userExists(field);
    }
    return false;
  };

  const getUser = async (tenantId: string, userId: string): Promise<User | undefined> => {
    const item = await get(keys.user(tenantId, userId));
    return item && fromItem(item);
  };

  /** Reads the user and the memberships with one query. */
  const getUserWithGroups = async (
    tenantId: string,
    userId: string,
  ): Promise<UserWithGroups | undefined> => {
    const { pk, from, to } = userRange(tenantId, userId);
    const items = await queryAll(client, {
      TableName: directory,
      KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
      ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
      ConsistentRead: true,
    });
    const item = items.find(({ sk }) => sk === to);
    if (!item) return undefined;
    const groups = items.filter(({ sk }) => String(sk).startsWith(from));
    return { ...fromItem(item), groups: groups.map(({ groupId }) => String(groupId)) };
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
    list: createUserList(tables),
    getHistory: createUserHistory(tables),
    ...createUserErasure(tables, now),

    async create(user, { creation, uniqueness, passwordHash, idempotencyRecord, deadline }) {
      const { tenantId, userId } = user;
      const writes = [
        // Before the claims, because a repeated request conflicts with its own claims.
        ...(idempotencyRecord
          ? withConflict('idempotency' as const, [
              putIdempotencyRecord(directory, user, { record: idempotencyRecord, nowMs: now() }),
            ])
          : []),
        ...buildUserWrites(directory, { user, creation, uniqueness }),
        ...withConflict('id' as const, [
          ...(user.avatar === undefined
            ? []
            : [putIfAbsent(directory, toAvatarItem(user, user.avatar))]),
          ...(passwordHash === undefined
            ? []
            : [
                putNewPasswordHash(tables, user, passwordHash),
                putIfAbsent(directory, toNewNoticeItem(user, user, collectCreationDetails(user))),
              ]),
        ]),
      ];
      const outcome = await transact(client, { writes, token: userId, deadline }, now);
      if (outcome === 'written') return undefined;
      if (outcome === 'unknown') {
        const storedRecord =
          idempotencyRecord && (await get(keys.idempotencyRecord(tenantId, idempotencyRecord.id)));
        if (
          storedRecord &&
          storedRecord['userId'] !== userId &&
          Number(storedRecord['ttl']) * 1000 > now()
        )
          return {
            fingerprint: String(storedRecord['fingerprint']),
            response: String(storedRecord['response']),
          };
        if (await hasClaims(toClaims(user, uniqueness), userId)) return undefined;
        throw outcomeUnknown();
      }
      const { conflict, existing } = outcome;
      // An earlier attempt was written and its response lost.
      if (existing['userId'] === userId) return undefined;
      if (conflict === 'idempotency') {
        const { fingerprint = '', response = '' } = existing;
        return { fingerprint, response };
      }
      throw conflict === 'id' ? new Error('ID of a new user is in use') : userExists(conflict);
    },

    async update({
      before,
      after,
      record,
      uniqueness,
      avatar,
      passwordHash,
      notifyAbout,
      erases = false,
      deadline,
    }) {
      const writes = [
        ...buildUserUpdate(directory, { before, after, uniqueness }),
        ...withConflict('stale' as const, [
          ...recordFormerIdentity(directory, { before, after, nowMs: now() }),
          ...(avatar === undefined ? [] : [replaceAvatar(directory, after, avatar)]),
          ...(passwordHash === undefined ? [] : [putPasswordHash(tables, after, passwordHash)]),
          ...(erases ? [putAlways(directory, toErasureItem(after, record))] : []),
          ...(notifyAbout.length > 0
            ? [putAlways(directory, toNewNoticeItem(before, after, notifyAbout))]
            : []),
        ]),
      ];
      const change = { record: toUserRecordItem(after, record), writes, deadline };
      const outcome = await writeChange(tables, change, now);
      if (typeof outcome === 'string') return outcome;
      if (outcome.conflict === 'stale') return 'stale';
      if (outcome.conflict === 'claim') throw claimNotHeld();
      throw userExists(outcome.conflict);
    },

    async findFormerIdentity(tenantId, identity) {
      const item = await get(toFormerIdentityKey(tenantId, identity));
      return (
        item && {
          belongsTo: ({ userId }) => item['userIdHash'] === hashUserId(userId),
          endedAt: String(item['endedAt']),
        }
      );
    },

    async getAll(tenantId, userIds) {
      const items = await batchGet(
        tables,
        userIds.map((userId) => keys.user(tenantId, userId)),
      );
      return new Map(items.map(fromItem).map((user) => [user.userId, user]));
    },

    get: (tenantId, reference, withAvatar) => find({ tenantId, reference, withAvatar }, getUser),

    getWithGroups: (tenantId, reference, withAvatar) =>
      find({ tenantId, reference, withAvatar }, getUserWithGroups),
  };
}

interface UserSearch {
  readonly tenantId: string;
  readonly reference: UserRef;
  readonly withAvatar: boolean;
}

const fieldNames = {
  email: 'email',
  userName: 'username',
  identity: 'identity',
  externalId: 'external ID',
};

const userExists = (field: Claim['field']): Failure =>
  new Failure('user_exists', `A user with this ${fieldNames[field]} already exists`, {
    details: { field },
  });
