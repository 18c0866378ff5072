import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import type { CreationRecord, IdempotencyRecord } from '../../domain/users/user-store.ts';
import type { User } from '../../domain/users/user.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import { toRecordItem } from '../dynamodb/change-records.ts';
import type { Tables } from '../dynamodb/tables.ts';
import {
  type ConditionalWrite,
  putAlways,
  putIfAbsent,
  returnExisting,
  type Write,
} from '../dynamodb/transaction.ts';
import { keys } from '../keys.ts';
import { countReadUnits, toSizeAttribute } from './user-size.ts';
import {
  buildUpdate,
  type Claim,
  diffOutbox,
  toClaims,
  toFormerIdentityKey,
  toItem,
  toOutboxAttributes,
} from './user-items.ts';

/** An invitation is valid for 30 days at most. An extra day allows for clock differences. */
const maxInvitationMs = 31 * 24 * 3600 * 1000;

/**
 * Reserves an identifier. Claims contain no secrets, so a conflict can return the existing item.
 */
const putClaim = (directory: string, user: User, { key, field }: Claim): Write =>
  putIfAbsent(
    directory,
    {
      ...key,
      tenantId: user.tenantId,
      userId: user.userId,
      ...(field === 'email' && toSizeAttribute(user)),
    },
    returnExisting,
  );

const releaseClaim = (directory: string, { userId }: User, { key }: Claim): Write => ({
  Delete: {
    TableName: directory,
    Key: { ...key },
    ConditionExpression: 'userId = :userId',
    ExpressionAttributeValues: { ':userId': userId },
  },
});

interface NewUser {
  readonly user: User;
  readonly creation: CreationRecord;
  readonly uniqueness: Tenant['uniqueness'];
}

/** Builds the writes of the claims and of the user item. */
export const buildUserWrites = (
  directory: string,
  { user, creation, uniqueness }: NewUser,
): ConditionalWrite<Claim['field'] | 'id'>[] => [
  ...toClaims(user, uniqueness).map((claim) => ({
    write: putClaim(directory, user, claim),
    conflict: claim.field,
  })),
  {
    write: putIfAbsent(directory, {
      ...keys.user(user.tenantId, user.userId),
      ...toItem(user),
      ...toOutboxAttributes(user),
      creation,
    }),
    conflict: 'id',
  },
];

/** Builds the item of a user's change record. */
export const toUserRecordItem = ({ tenantId, userId, version }: User, record: ChangeRecord) =>
  toRecordItem(keys.userChange(tenantId, userId, version), record, { tenantId, userId });

/** Updates the user item, on condition that the version is unchanged. */
export const updateUserItem = (directory: string, before: User, after: User): Write => {
  const [outboxBefore, outboxAfter] = diffOutbox(before, after);
  return {
    Update: {
      TableName: directory,
      Key: { ...keys.user(after.tenantId, after.userId) },
      ...buildUpdate({ ...toItem(before), ...outboxBefore }, { ...toItem(after), ...outboxAfter }),
    },
  };
};

interface UserStates {
  readonly before: User;
  readonly after: User;
}

/** Compares the claims before and after a change. */
export function diffClaims(
  directory: string,
  { before, after, uniqueness }: UserStates & Pick<Tenant, 'uniqueness'>,
): {
  readonly added: readonly ConditionalWrite<Claim['field']>[];
  readonly updated: readonly Write[];
  readonly released: readonly Write[];
} {
  const [current, next] = [toClaims(before, uniqueness), toClaims(after, uniqueness)];
  const isIn = (claims: readonly Claim[]) => (claim: Claim) =>
    claims.some(({ key }) => key.pk === claim.key.pk && key.sk === claim.key.sk);
  const keepsEmail = current.some((claim) => claim.field === 'email' && isIn(next)(claim));
  return {
    added: next
      .filter((claim) => !isIn(current)(claim))
      .map((claim) => ({ write: putClaim(directory, after, claim), conflict: claim.field })),
    updated: keepsEmail ? updateClaimSize(directory, before, after) : [],
    released: current
      .filter((claim) => !isIn(next)(claim))
      .map((claim) => releaseClaim(directory, before, claim)),
  };
}

function updateClaimSize(directory: string, before: User, after: User): Write[] {
  const readUnits = countReadUnits(after);
  if (countReadUnits(before) === readUnits) return [];
  const { tenantId, userId } = after;
  return [
    {
      Update: {
        TableName: directory,
        Key: { ...keys.emailClaim(tenantId, canonicalizeEmail(after.email)) },
        UpdateExpression: 'SET readUnits = :readUnits',
        ConditionExpression: 'userId = :userId',
        ExpressionAttributeValues: { ':readUnits': readUnits, ':userId': userId },
      },
    },
  ];
}

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
