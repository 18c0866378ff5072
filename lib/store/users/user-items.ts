import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { canonicalizeEmail, canonicalizeUserName } from '../../domain/kernel/canonical.ts';
import { needsInvitationMail } from '../../domain/invitations/invite.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import type { Identity, User } from '../../domain/users/user.ts';
import type { ChangeRecord } from '../../domain/kernel/change-record.ts';
import type { IdentifierRef } from '../../domain/users/user-store.ts';
import { type Key, keys } from '../keys.ts';

/** An item that holds a name for one user: whoever writes it first has the name. */
export interface Claim {
  readonly field: 'email' | 'userName' | 'identity';
  readonly key: Key;
}

/** The claims of an address, which an email and a user name share: an address belongs to one user. */
const addressClaims = (
  field: Claim['field'],
  tenantId: string,
  address: string,
  uniqueness: Tenant['uniqueness'],
): Claim[] => [
  { field, key: keys.emailClaim(tenantId, address) },
  ...(uniqueness === 'system' ? [{ field, key: keys.systemEmailClaim(address) }] : []),
];

/** What a user holds of the names that are unique. E-mail first: of several reasons for a refusal the first is told. */
export function toClaims(
  { tenantId, email, userName, identity, status }: User,
  uniqueness: Tenant['uniqueness'],
): Claim[] {
  if (status === 'deleted') return [];
  const canonical = canonicalizeEmail(email);
  const claims = addressClaims('email', tenantId, canonical, uniqueness);
  if (userName !== undefined) {
    const name = canonicalizeUserName(userName);
    claims.push({ field: 'userName', key: keys.userNameClaim(tenantId, name) });
    if (uniqueness === 'system')
      claims.push({ field: 'userName', key: keys.systemUserNameClaim(name) });
    if (name.includes('@') && name !== canonical)
      claims.push(...addressClaims('userName', tenantId, name, uniqueness));
  }
  if (identity !== undefined)
    claims.push({ field: 'identity', key: identityKey(tenantId, identity) });
  return claims;
}

/** Length-prefixed by JSON, so that no two identities make the same text. */
const hashIdentity = ({ issuer, subject }: Identity): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');

const identityKey = (tenantId: string, identity: Identity): Key =>
  keys.identityClaim(tenantId, hashIdentity(identity));

export const toFormerIdentityKey = (tenantId: string, identity: Identity): Key =>
  keys.formerIdentity(tenantId, hashIdentity(identity));

/** Where to look a user up by one of its names. */
export function toIdentifierKey(tenantId: string, reference: IdentifierRef): Key {
  if ('email' in reference) return keys.emailClaim(tenantId, canonicalizeEmail(reference.email));
  if ('address' in reference)
    return keys.emailClaim(tenantId, canonicalizeEmail(reference.address));
  if ('userName' in reference)
    return keys.userNameClaim(tenantId, canonicalizeUserName(reference.userName));
  return identityKey(tenantId, reference.identity);
}

/** Free-form objects are kept as JSON text, so that DynamoDB's own idea of numbers and empty values never touches them. */
export function toItem({
  avatar: _elsewhere,
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
    pk: _pk,
    sk: _sk,
    schemaVersion: _version,
    creation: _creation,
    dueAt: _dueAt,
    outboxShard: _shard,
    ...rest
  } = item;
  const { metadata, tutorialStatus, ...user } = rest;
  const parsed = (text: unknown) =>
    (typeof text === 'string' ? JSON.parse(text) : undefined) as User['metadata'];
  return { ...user, metadata: parsed(metadata), tutorialStatus: parsed(tutorialStatus) } as User;
}

export function fromChangeItem(item: Record<string, unknown>): ChangeRecord {
  const {
    pk: _pk,
    sk: _sk,
    schemaVersion: _version,
    tenantId: _tenant,
    userId: _user,
    token: _token,
    before,
    ...record
  } = item;
  return { ...record, before: JSON.parse(String(before)) } as ChangeRecord;
}

/** What enters a user into the index of those who are owed a mail: from when, and in which part of it. */
export const toOutboxAttributes = (user: User): Record<string, string> =>
  needsInvitationMail(user)
    ? { dueAt: user.invitation.invitedAt, outboxShard: user.userId.slice(0, 1) }
    : {};

/** What a change makes of that: a new link is owed anew, as it is to who is invited once more, and nothing to who no longer is. Else it stays. */
export function diffOutbox(
  before: User,
  after: User,
): [before: Record<string, string>, after: Record<string, string>] {
  const next = toOutboxAttributes(after);
  const isAnew = before.invitation?.version !== after.invitation?.version;
  const isTurned = needsInvitationMail(before) !== needsInvitationMail(after);
  // What is stored may be another time by now, or gone: so it is taken for something that differs from both.
  return isAnew || isTurned ? [{ dueAt: '', outboxShard: '' }, next] : [{}, {}];
}

/** The update that turns one user item into another, as long as nobody else has: attributes that neither names stay as they are. */
export function buildUpdate(before: Record<string, unknown>, after: Record<string, unknown>) {
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (name) => !isDeepStrictEqual(before[name], after[name]),
  );
  const [set, removed] = [
    changed.filter((name) => after[name] !== undefined),
    changed.filter((name) => after[name] === undefined),
  ];
  return {
    UpdateExpression: [
      `SET ${set.map((name) => `#${name} = :${name}`).join(', ')}`,
      ...(removed.length > 0 ? [`REMOVE ${removed.map((name) => `#${name}`).join(', ')}`] : []),
    ].join(' '),
    ConditionExpression: '#version = :before',
    ExpressionAttributeNames: Object.fromEntries(changed.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(set.map((name) => [`:${name}`, after[name]])),
      ':before': before['version'],
    },
  };
}
