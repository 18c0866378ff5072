import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import type { CreationRecord, IdempotencyRecord } from '../../domain/users/user-store.ts';
import { toPosition } from '../../domain/users/lists/list-position.ts';
import { getDeletionTime, type User } from '../../domain/users/user.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import { toRecordItem } from '../dynamodb/change-records.ts';
import { updateReferences } from '../dynamodb/reference-writes.ts';
import type { Tables } from '../dynamodb/tables.ts';
import {
  type ConditionalWrite,
  putAlways,
  putIfAbsent,
  returnExisting,
  withConflict,
  type Write,
} from '../dynamodb/transaction.ts';
import { keys } from '../keys.ts';
import { type Claim, toClaims, toFormerIdentityKey } from './claims.ts';
import { diffClaims, putClaims, releaseClaim, replaceClaim } from './claim-writes.ts';
import { toEntry } from './user-entry.ts';
import { toReferenceKeys } from './reference-items.ts';
import { buildUpdate, diffOutbox, toItem, toOutboxAttributes } from './user-items.ts';

/** An invitation is valid for 30 days at most. An extra day allows for clock differences. */
const maxInvitationMs = 31 * 24 * 3600 * 1000;

interface NewUser {
  readonly user: User;
  readonly creation: CreationRecord;
  readonly uniqueness: Tenant['uniqueness'];
}

/** Builds the writes of the claims, which include the list entry, and of the user item. */
export const buildUserWrites = (
  directory: string,
  { user, creation, uniqueness }: NewUser,
): ConditionalWrite<Claim['field'] | 'id'>[] => [
  ...putClaims(directory, user, toClaims(user, uniqueness)),
  {
    write: putIfAbsent(directory, {
      ...keys.user(user.tenantId, user.userId),
      ...toItem(user),
      ...toOutboxAttributes(user),
      creation,
    }),
    conflict: 'id',
  },
  ...withConflict('id' as const, updateUserReferences(directory, undefined, user)),
];

interface UserStates {
  readonly before: User;
  readonly after: User;
}

/**
 * Builds the writes of the user item, the list entry and the changed claims. Their conditions are
 * the version of the user and the holder of each claim. New claims are first and earlier ones last,
 * because the first conflict is reported.
 */
export function buildUserUpdate(
  directory: string,
  { before, after, uniqueness }: UserStates & Pick<Tenant, 'uniqueness'>,
): ConditionalWrite<Claim['field'] | 'stale' | 'claim'>[] {
  const { added, replaced, released } = diffClaims(
    toClaims(before, uniqueness),
    toClaims(after, uniqueness),
  );
  return [
    ...putClaims(directory, after, added),
    ...withConflict('stale' as const, [
      updateUserItem(directory, before, after),
      ...updateAccessRequest(directory, before, after),
      ...updateDeletedEntry(directory, before, after),
      ...updateUserReferences(directory, before, after),
    ]),
    ...withConflict('claim' as const, [
      ...replaced.map((claim) => replaceClaim(directory, after, claim)),
      ...released.map((claim) => releaseClaim(directory, before, claim)),
    ]),
  ];
}

function updateUserItem(directory: string, before: User, after: User): Write {
  const [outboxBefore, outboxAfter] = diffOutbox(before, after);
  return {
    Update: {
      TableName: directory,
      Key: { ...keys.user(after.tenantId, after.userId) },
      ...buildUpdate({ ...toItem(before), ...outboxBefore }, { ...toItem(after), ...outboxAfter }),
    },
  };
}

/** Updates the list entry of a user's request for a level. It repeats the email of the user. */
function updateAccessRequest(directory: string, before: User, after: User): Write[] {
  const { tenantId, userId, email, accessRequest } = after;
  const key = keys.accessRequest(tenantId, userId);
  if (!accessRequest)
    return before.accessRequest ? [{ Delete: { TableName: directory, Key: { ...key } } }] : [];
  const isUnchanged =
    accessRequest.version === before.accessRequest?.version && email === before.email;
  return isUnchanged
    ? []
    : [putAlways(directory, { ...key, tenantId, userId, email, ...accessRequest })];
}

/** Builds the entry of the list of deleted users. Undefined for a user that the list omits. */
export const toDeletedEntry = (user: User) =>
  getDeletionTime(user) === undefined
    ? undefined
    : toEntry(keys.deletedUser(user.tenantId, toPosition(user)), user);

/** Users that were deleted before the list existed have no entry, so none is expected. */
function updateDeletedEntry(directory: string, before: User, after: User): Write[] {
  const entry = toDeletedEntry(after);
  if (entry) return [putAlways(directory, entry)];
  const { pk, sk } = keys.deletedUser(before.tenantId, toPosition(before));
  return getDeletionTime(before) === undefined
    ? []
    : [{ Delete: { TableName: directory, Key: { pk, sk } } }];
}

const updateUserReferences = (directory: string, before: User | undefined, after: User): Write[] =>
  updateReferences(
    directory,
    { tenantId: after.tenantId, userId: after.userId },
    { before: before ? toReferenceKeys(before) : [], after: toReferenceKeys(after) },
  );

/** Builds the item of a user's change record. */
export const toUserRecordItem = ({ tenantId, userId, version }: User, record: ChangeRecord) =>
  toRecordItem(keys.userChange(tenantId, userId, version), record, { tenantId, userId });

/** Replaces an expired record. TTL deletion is late, so the condition compares times. */
export const putIdempotencyRecord = (
  directory: string,
  { tenantId, userId }: User,
  { record, nowMs }: { readonly record: IdempotencyRecord; readonly nowMs: EpochMs },
): Write =>
  putIfAbsent(
    directory,
    {
      ...keys.idempotencyRecord(tenantId, record.id),
      tenantId,
      userId,
      fingerprint: record.fingerprint,
      response: record.response,
      ttl: Math.ceil(record.expiresAtMs / 1000),
    },
    {
      ConditionExpression: 'attribute_not_exists(pk) OR #ttl <= :now',
      ExpressionAttributeNames: { '#ttl': 'ttl' },
      ExpressionAttributeValues: { ':now': Math.floor(nowMs / 1000) },
      ...returnExisting,
    },
  );

const toSecretItem = ({ tenantId, userId }: User, passwordHash: string) => ({
  ...keys.userSecret(tenantId, userId),
  tenantId,
  userId,
  passwordHash,
});

export const putNewPasswordHash = (
  { secrets }: Pick<Tables, 'secrets'>,
  user: User,
  hash: string,
) => putIfAbsent(secrets, toSecretItem(user, hash));

export const putPasswordHash = ({ secrets }: Pick<Tables, 'secrets'>, user: User, hash: string) =>
  putAlways(secrets, toSecretItem(user, hash));

export const toAvatarItem = ({ tenantId, userId }: User, avatar: string) => ({
  ...keys.avatar(tenantId, userId),
  tenantId,
  userId,
  avatar,
});

/** Replaces the avatar, or deletes it for null. */
export const replaceAvatar = (directory: string, user: User, avatar: string | null): Write =>
  avatar === null
    ? { Delete: { TableName: directory, Key: { ...keys.avatar(user.tenantId, user.userId) } } }
    : putAlways(directory, toAvatarItem(user, avatar));

/** Records a released identity for as long as an invitation by its user can be open. */
export function recordFormerIdentity(
  directory: string,
  { before, after, nowMs }: UserStates & { readonly nowMs: EpochMs },
): Write[] {
  const { tenantId, userId, identity, status } = before;
  const isUnchanged = after.status !== 'deleted' && isDeepStrictEqual(after.identity, identity);
  if (identity === undefined || status === 'deleted' || isUnchanged) return [];
  return [
    putAlways(directory, {
      ...toFormerIdentityKey(tenantId, identity),
      tenantId,
      // Hashed, because the record outlives an erasure.
      userIdHash: hashUserId(userId),
      endedAt: after.updatedAt,
      ttl: Math.ceil((nowMs + maxInvitationMs) / 1000),
    }),
  ];
}

export const hashUserId = (userId: string): string =>
  createHash('sha256').update(userId).digest('hex');
