import type { ListedInvitation, ListedUser, UnlistedField, User } from '../../domain/users/user.ts';
import { countItemBytes, countReadUnits } from '../dynamodb/item-size.ts';
import { schemaVersion } from '../dynamodb/tables.ts';
import type { Key } from '../keys.ts';
import { type ReadUser, toItem } from './user-items.ts';

/** A write of up to 1 KiB is one unit. */
const maxEntryBytes = 1024;
/** Allowance for attributes that only the store has, such as the creation record. */
const otherBytes = 1024;

/**
 * Builds the list entry of a user: its email claim with the fields that lists show. An entry above
 * `maxEntryBytes` has the read units of the user instead, because lists must read the user.
 */
export function toEntry(key: Key, user: User) {
  const { tenantId, userId, version, managedBy } = user;
  const base = {
    ...key,
    tenantId,
    userId,
    version,
    // Lists and counts of a connection filter by it.
    ...(managedBy && { connectionId: managedBy.connectionId }),
  };
  const entry = { ...base, view: JSON.stringify(toView(user)) };
  if (countItemBytes({ ...entry, schemaVersion }) <= maxEntryBytes) return entry;
  const readUnits = countReadUnits({ ...toItem(user), other: 'x'.repeat(otherBytes) });
  return { ...base, partial: true, readUnits };
}

/** Fields that lists show. Stored as JSON text, which takes half as long to read as attributes. */
function toView({
  tenantId: _tenantId,
  userId: _userId,
  version: _version,
  avatar: _avatar,
  groups: _groups,
  lastSignInAt: _signIn,
  picture: _picture,
  profileMetadata: _profileMetadata,
  hasAvatar: _hasAvatar,
  emailVerifiedBy: _verifiedBy,
  hasNoPassword: _hasNoPassword,
  confirmation: _confirmation,
  tokenGeneration: _tokens,
  resetGeneration: _resets,
  accessRequest: _accessRequest,
  ownerSince: _ownerSince,
  selfChanges: _selfChanges,
  scimAttributes: _scimAttributes,
  suspendedFrom: _suspendedFrom,
  managedBy: _managedBy,
  credentialLimits: { password } = {},
  emailVerification,
  invitation,
  ...user
}: ReadUser): Omit<ListedUser, 'tenantId' | 'userId' | 'version'> & {
  readonly [Field in UnlistedField | 'avatar' | 'picture' | 'profileMetadata']?: never;
} {
  return {
    ...user,
    ...(password && { credentialLimits: { password: { permissions: password.permissions } } }),
    ...(emailVerification?.newEmail !== undefined && {
      emailVerification: toListedVerification(emailVerification),
    }),
    ...(invitation && { invitation: toListedInvitation(invitation) }),
  };
}

const toListedVerification = ({
  newEmail,
  requestedAt,
}: NonNullable<User['emailVerification']>) => ({
  newEmail,
  requestedAt,
});

const toListedInvitation = ({
  version,
  expiresAt,
  acceptedAt,
  revocation,
}: NonNullable<User['invitation']>): ListedInvitation => ({
  version,
  expiresAt,
  acceptedAt,
  revocation: revocation && { at: revocation.at },
});

/** Attributes of an entry that a list reads. */
export const entryAttributes = [
  'sk',
  'userId',
  'version',
  'view',
  'connectionId',
  'alias',
  'readUnits',
  'schemaVersion',
] as const;

/** Reads an entry. Undefined without a view of the current format. */
export const fromEntry = (
  tenantId: string,
  { userId, version, connectionId, view, schemaVersion: format }: Record<string, unknown>,
): ListedUser | undefined =>
  typeof view === 'string' && format === schemaVersion
    ? {
        ...JSON.parse(view),
        tenantId,
        userId,
        version,
        ...(connectionId !== undefined && { managedBy: { connectionId } }),
      }
    : undefined;
