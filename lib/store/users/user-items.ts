import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalizeEmail, canonicalizeUserName } from '../../domain/kernel/canonical.ts';
import { needsInvitationMail } from '../../domain/invitations/invite.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import type { Identity, User } from '../../domain/users/user.ts';
import type { IdentifierRef } from '../../domain/users/user-store.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { type Key, keys } from '../keys.ts';

/** An item that reserves an identifier for one user. */
export interface Claim {
  readonly field: 'email' | 'userName' | 'identity';
  readonly key: Key;
}

/** Emails and usernames that are addresses share these claims: an address belongs to one user. */
const toAddressClaims = (
  field: Claim['field'],
  address: string,
  { tenantId, uniqueness }: Pick<Tenant, 'tenantId' | 'uniqueness'>,
): Claim[] => [
  { field, key: keys.emailClaim(tenantId, address) },
  ...(uniqueness === 'system' ? [{ field, key: keys.systemEmailClaim(address) }] : []),
];

/** Lists the claims of a user. The email is first, because the first conflict is reported. */
export function toClaims(
  { tenantId, email, userName, identity, status }: User,
  uniqueness: Tenant['uniqueness'],
): Claim[] {
  if (status === 'deleted') return [];
  const address = canonicalizeEmail(email);
  const claims = toAddressClaims('email', address, { tenantId, uniqueness });
  if (userName !== undefined) {
    const name = canonicalizeUserName(userName);
    claims.push({ field: 'userName', key: keys.userNameClaim(tenantId, name) });
    if (uniqueness === 'system')
      claims.push({ field: 'userName', key: keys.systemUserNameClaim(name) });
    if (name.includes('@') && name !== address)
      claims.push(...toAddressClaims('userName', name, { tenantId, uniqueness }));
  }
  if (identity !== undefined)
    claims.push({ field: 'identity', key: toIdentityKey(tenantId, identity) });
  return claims;
}

/** JSON keeps issuer and subject apart. */
const hashIdentity = ({ issuer, subject }: Identity): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');

const toIdentityKey = (tenantId: string, identity: Identity): Key =>
  keys.identityClaim(tenantId, hashIdentity(identity));

export const toFormerIdentityKey = (tenantId: string, identity: Identity): Key =>
  keys.formerIdentity(tenantId, hashIdentity(identity));

/** Returns the key of the claim on an identifier. */
export function toIdentifierKey(tenantId: string, reference: IdentifierRef): Key {
  if ('email' in reference) return keys.emailClaim(tenantId, canonicalizeEmail(reference.email));
  if ('address' in reference)
    return keys.emailClaim(tenantId, canonicalizeEmail(reference.address));
  if ('userName' in reference)
    return keys.userNameClaim(tenantId, canonicalizeUserName(reference.userName));
  return toIdentityKey(tenantId, reference.identity);
}

/** Stores free-form objects as JSON, because DynamoDB changes numbers and empty values. */
export function toItem({
  avatar: _avatar,
  metadata,
  tutorialStatus,
  ...user
}: User): Record<string, unknown> {
  return {
    ...user,
    metadata: metadata && JSON.stringify(metadata),
    tutorialStatus: tutorialStatus && JSON.stringify(tutorialStatus),
  };
}

export function fromItem(item: Record<string, unknown>): User {
  const {
    creation: _creation,
    dueAt: _dueAt,
    outboxShard: _shard,
    mailAttempt: _attempt,
    metadata,
    tutorialStatus,
    ...user
  } = toAttributes(item);
  const parse = (text: unknown) =>
    (typeof text === 'string' ? JSON.parse(text) : undefined) as User['metadata'];
  return { ...user, metadata: parse(metadata), tutorialStatus: parse(tutorialStatus) } as User;
}

/** Attributes that put a user with a due invitation into the outbox index. */
export const toOutboxAttributes = (user: User): Record<string, string> =>
  needsInvitationMail(user)
    ? { dueAt: user.invitation.invitedAt, outboxShard: user.userId.slice(0, 1) }
    : {};

/** Stands for stored outbox attributes, which the mailer may have changed or removed. */
const unknownAttributes = { dueAt: '', outboxShard: '' };
const unknownAttempt = { mailAttempt: '' };

/**
 * Outbox attributes before and after a change. A new invitation or state makes a mail due. Only a
 * new invitation resets the attempts.
 */
export function diffOutbox(
  before: User,
  after: User,
): [before: Record<string, string>, after: Record<string, string>] {
  const hasNewVersion = before.invitation?.version !== after.invitation?.version;
  const hasNewState = needsInvitationMail(before) !== needsInvitationMail(after);
  if (!hasNewVersion && !hasNewState) return [{}, {}];
  const attributes = { ...unknownAttributes, ...(hasNewVersion && unknownAttempt) };
  return [attributes, toOutboxAttributes(after)];
}

/**
 * Builds the update from one item to another, on condition that the version is unchanged.
 * Attributes that both omit stay unchanged.
 */
export function buildUpdate(before: Record<string, unknown>, after: Record<string, unknown>) {
  const changedNames = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  const assignedNames = changedNames.filter((name) => after[name] !== undefined);
  const removedNames = changedNames.filter((name) => after[name] === undefined);
  return {
    UpdateExpression: [
      `SET ${assignedNames.map((name) => `#${name} = :${name}`).join(', ')}`,
      ...(removedNames.length > 0
        ? [`REMOVE ${removedNames.map((name) => `#${name}`).join(', ')}`]
        : []),
    ].join(' '),
    ConditionExpression: '#version = :before',
    ExpressionAttributeNames: Object.fromEntries(changedNames.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(assignedNames.map((name) => [`:${name}`, after[name]])),
      ':before': before['version'],
    },
  };
}
