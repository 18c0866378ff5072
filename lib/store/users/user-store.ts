import { Failure } from '../../domain/kernel/failure.ts';
import type {
  IdempotencyRecord,
  StoredResponse,
  UserStore,
} from '../../domain/users/user-store.ts';
import type { User } from '../../domain/users/user.ts';
import { collectCreationDetails } from '../../domain/account-notices/account-notice.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { writeChange } from '../dynamodb/change-records.ts';
import { getItem } from '../dynamodb/get-item.ts';
import type { Tables } from '../dynamodb/tables.ts';
import {
  outcomeUnknown,
  putAlways,
  putIfAbsent,
  transact,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import { type Key, keys } from '../keys.ts';
import type { MemberJobFinder } from '../groups/pending-memberships.ts';
import { toNewNoticeItem } from '../mail/account-notice-store.ts';
import { type Claim, toClaims, toFormerIdentityKey } from './claims.ts';
import { claimNotHeld } from './claim-writes.ts';
import { createUserErasure, toErasureItem } from './user-erasure.ts';
import { fromItem } from './user-items.ts';
import { createUserReader } from './user-reader.ts';
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

export function createUserStore(
  tables: Tables,
  now: () => number,
  finder: MemberJobFinder,
): UserStore {
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

  const recordResponse = (user: User, record: IdempotencyRecord | undefined): Write[] =>
    record ? [putIdempotencyRecord(directory, user, { record, nowMs: now() })] : [];

  return {
    ...createUserReader(tables, finder),
    ...createUserErasure(tables, now),

    async create(user, { creation, uniqueness, passwordHash, idempotencyRecord, deadline }) {
      const { tenantId, userId } = user;
      const writes = [
        // Before the claims, because a repeated request conflicts with its own claims.
        ...withConflict('idempotency' as const, recordResponse(user, idempotencyRecord)),
        ...buildUserWrites(directory, { user, creation, uniqueness }),
        ...withConflict('id' as const, [
          ...(user.avatar === undefined
            ? []
            : [putIfAbsent(directory, toAvatarItem(user, user.avatar))]),
          ...(passwordHash === undefined
            ? []
            : [
                putNewPasswordHash(tables, user, passwordHash),
                ...(user.email === undefined
                  ? []
                  : [
                      putIfAbsent(
                        directory,
                        toNewNoticeItem(
                          user,
                          { ...user, createdAt: creation.requestedAt ?? user.createdAt },
                          collectCreationDetails(user),
                        ),
                      ),
                    ]),
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
          return storedRecord as Record<keyof StoredResponse, string>;
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
      idempotencyRecord,
      deadline,
    }) {
      const writes = [
        ...withConflict('repeated' as const, recordResponse(after, idempotencyRecord)),
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
      if (outcome.conflict === 'stale' || outcome.conflict === 'repeated') return outcome.conflict;
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
  };
}

const fieldNames = {
  email: 'email',
  userName: 'username',
  identity: 'identity',
  externalId: 'external ID',
};

/** `user_exists` for an identifier of another user. */
export const userExists = (field: Claim['field']): Failure =>
  new Failure('user_exists', `A user with this ${fieldNames[field]} already exists`, {
    details: { field },
  });
