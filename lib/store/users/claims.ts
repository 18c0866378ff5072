import { createHash } from 'node:crypto';
import { canonicalizeEmail, canonicalizeUserName } from '../../domain/kernel/canonical.ts';
import { toListKey } from '../../domain/users/lists/list-position.ts';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import type { Identity, User } from '../../domain/users/user.ts';
import type { IdentifierRef } from '../../domain/users/user-store.ts';
import { type Key, keys } from '../keys.ts';

/** An item that reserves an identifier for one user. */
export interface Claim {
  readonly field: 'email' | 'userName' | 'identity' | 'externalId';
  readonly key: Key;
  /** Role in the user list: the entry of the user, or an address to omit. */
  readonly inList?: 'entry' | 'alias';
}

/** Longest canonical identifier in a sort key. DynamoDB allows 1,024 bytes for the whole key. */
const maxIdentifierBytes = 1000;

/**
 * Hashes an identifier that is too long for a sort key. No canonical identifier has uppercase ASCII
 * letters, so none equals the prefix and a hash.
 */
export const toKeyText = (canonical: string, maxBytes = maxIdentifierBytes): string =>
  Buffer.byteLength(canonical) <= maxBytes
    ? canonical
    : `SHA256#${createHash('sha256').update(canonical).digest('hex')}`;

/** Emails and usernames that are addresses share these claims: an address belongs to one user. */
const toAddressClaims = (
  field: Claim['field'],
  address: string,
  { tenantId, uniqueness }: Pick<Tenant, 'tenantId' | 'uniqueness'>,
): Claim[] => [
  {
    field,
    key: keys.emailClaim(tenantId, toKeyText(address)),
    inList: field === 'email' ? 'entry' : 'alias',
  },
  ...(uniqueness === 'system' ? [{ field, key: keys.systemEmailClaim(toKeyText(address)) }] : []),
];

/** The list entry of a user without an email claims no address. */
const toListEntry = (tenantId: string, userId: string): Claim => ({
  field: 'email',
  key: keys.emailClaim(tenantId, toListKey({ userId, email: undefined })),
  inList: 'entry',
});

/** Lists the claims of a user. The email is first, because the first conflict is reported. */
export function toClaims(
  { tenantId, userId, email, userName, identity, externalId, status }: User,
  uniqueness: Tenant['uniqueness'],
): Claim[] {
  if (status === 'deleted') return [];
  const address = email === undefined ? undefined : canonicalizeEmail(email);
  const claims =
    address === undefined
      ? [toListEntry(tenantId, userId)]
      : toAddressClaims('email', address, { tenantId, uniqueness });
  if (userName !== undefined) {
    const name = canonicalizeUserName(userName);
    claims.push({ field: 'userName', key: keys.userNameClaim(tenantId, toKeyText(name)) });
    if (uniqueness === 'system')
      claims.push({ field: 'userName', key: keys.systemUserNameClaim(toKeyText(name)) });
    if (name.includes('@') && name !== address)
      claims.push(...toAddressClaims('userName', name, { tenantId, uniqueness }));
  }
  if (identity !== undefined)
    claims.push({ field: 'identity', key: toIdentityKey(tenantId, identity) });
  if (externalId !== undefined)
    claims.push({ field: 'externalId', key: toExternalIdKey(tenantId, externalId) });
  return claims;
}

/** Hashes JSON, which separates issuer and subject. */
const hashIdentity = ({ issuer, subject }: Identity): string =>
  createHash('sha256')
    .update(JSON.stringify([issuer, subject]))
    .digest('hex');

const toIdentityKey = (tenantId: string, identity: Identity): Key =>
  keys.identityClaim(tenantId, hashIdentity(identity));

export const toFormerIdentityKey = (tenantId: string, identity: Identity): Key =>
  keys.formerIdentity(tenantId, hashIdentity(identity));

const toExternalIdKey = (tenantId: string, externalId: string): Key =>
  keys.externalIdClaim(tenantId, createHash('sha256').update(externalId).digest('hex'));

/** Returns the key of the claim on an identifier. */
export function toIdentifierKey(tenantId: string, reference: IdentifierRef): Key {
  if ('email' in reference) return keys.emailClaim(tenantId, canonicalizeEmail(reference.email));
  if ('address' in reference)
    return keys.emailClaim(tenantId, toKeyText(canonicalizeEmail(reference.address)));
  if ('userName' in reference)
    return keys.userNameClaim(tenantId, toKeyText(canonicalizeUserName(reference.userName)));
  if ('externalId' in reference) return toExternalIdKey(tenantId, reference.externalId);
  return toIdentityKey(tenantId, reference.identity);
}
