import type { ManagedBy } from '../connections/managed-by.ts';
import type {
  CredentialConfirmation,
  CredentialLimit,
  CredentialLimits,
} from '../credential-limits/credential-limit.ts';
import type { ExportedHash } from '../credentials/hash-import/exported-hash.ts';
import type { EmailVerification } from '../email-verification/email-verification.ts';
import type { Invitation } from '../invitations/invitation.ts';
import type { Entity } from '../kernel/entity.ts';
import { invalidInput } from '../kernel/failure.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json-merge-patch.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { AccessRequest } from '../levels/access-request.ts';

export type AuthProvider = 'local' | 'oidc' | 'saml';
/** `deleted` is a tombstone, which only restore, erase and export can find. */
export type UserStatus = 'invite_pending' | 'active' | 'inactive' | 'deleted';

/** Account at a token issuer: the `iss` and `sub` claims of its tokens. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** Fields of a user that callers set. */
export interface Profile {
  /** Original spelling. Compare the canonical form. A user without an email has a username. */
  readonly email?: string | undefined;
  readonly userName?: string | undefined;
  /** ID in another system. Unique in a tenant, and compared exactly. */
  readonly externalId?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly businessRole?: string | undefined;
  /** E.164, such as `+14155550123`. */
  readonly phoneNumber?: string | undefined;
  /** Language of mails (BCP 47), such as `de-CH`. */
  readonly locale?: string | undefined;
  /** Name in the IANA time zone database, such as `Europe/Oslo`. */
  readonly timeZone?: string | undefined;
  readonly authProvider: AuthProvider;
  readonly metadata?: JsonObject | undefined;
  /** Metadata of the profile in Cradl's API, which its user manages. */
  readonly profileMetadata?: JsonObject | undefined;
  readonly tutorialStatus?: JsonObject | undefined;
  /** Name part of `<prefix>:app-client:<name>`. */
  readonly appClientId?: string | undefined;
  /** Account at a token issuer that signs in as this user. Unique in a tenant. */
  readonly identity?: Identity | undefined;
  /** Data URI, stored in its own item. */
  readonly avatar?: string | undefined;
  /** URL or data URI in Cradl's profiles. Never fetched. */
  readonly picture?: string | undefined;
  /** Slugs without duplicates. */
  readonly roles: readonly Slug[];
}

/** Input of user creation in every dialect. */
export interface CreateUserInput extends Omit<Profile, 'roles'> {
  /** Default: the default role of the tenant. */
  readonly roles?: readonly Slug[] | undefined;
  readonly password?: string | undefined;
  /** True if the creator has verified the email. */
  readonly emailVerified?: boolean | undefined;
  /** Hash from another system, instead of a password. */
  readonly passwordHash?: string | ExportedHash | undefined;
  /** True to accept a hash below the minimum strength. */
  readonly acceptWeakPasswordHash?: boolean | undefined;
  /** False to create a local user without a password and invite them later. */
  readonly sendInvitation?: boolean | undefined;
  /** Status of a user who is not invited. */
  readonly status?: 'active' | 'inactive' | undefined;
  /** Creation time in another system. */
  readonly createdAt?: Timestamp | undefined;
  /** True if the user has no roles until they change the given password. */
  readonly mustChangePassword?: boolean | undefined;
}

/** Fields that are null in a patch to clear the value. */
type Clearable<T, Required extends keyof T> = {
  readonly [Name in keyof T]?: T[Name] | (Name extends Required ? undefined : null | undefined);
};

/** A value that responses can show and updates cannot set. */
export interface CurrentValue {
  readonly path: 'email' | 'userName';
  readonly value: string | null;
  /** Fault of the value, for a user with another one. */
  readonly message: string;
}

/** Changes of a user as a merge patch (RFC 7396). Null clears a field. */
export interface UpdateUserInput
  extends Clearable<
    Omit<Profile, 'authProvider'> & Pick<CreateUserInput, 'password' | 'emailVerified'>,
    'email' | 'roles' | 'password' | 'emailVerified'
  > {
  /** Values that the user must have already. */
  readonly currentValues?: readonly CurrentValue[] | undefined;
}

/** Maximum roles of a user. */
export const maxUserRoles = 100;

/** An account in one tenant. */
export interface User extends Profile, Entity {
  readonly tenantId: Uuid;
  readonly userId: Uuid;
  /** ID of the person in Cradl's API. */
  readonly profileId: Uuid;
  readonly status: UserStatus;
  readonly emailVerified: boolean;
  /** Principal that verified the email. Absent while it is unverified. */
  readonly emailVerifiedBy?: 'holder' | 'administrator' | undefined;
  /** True if an avatar is stored. `avatar` itself is read only on request. */
  readonly hasAvatar: boolean;
  /** Latest invitation of a local user created without a password. */
  readonly invitation?: Invitation | undefined;
  /**
   * True while an administrator's password is in place. The user has no roles until changing it.
   */
  readonly mustChangePassword?: boolean | undefined;
  /**
   * True for a local user who was created `active` or `inactive` without a password and has not set
   * one yet.
   */
  readonly hasNoPassword?: boolean | undefined;
  /** True while the password is one that another principal set. */
  readonly isPasswordSetByOther?: boolean | undefined;
  /** Latest confirmation of a credential that the account holder requested. */
  readonly confirmation?: CredentialConfirmation | undefined;
  /** Latest link that verifies the email or a new one. Absent once the email or status changes. */
  readonly emailVerification?: EmailVerification | undefined;
  /** Limits of credentials that another principal set. */
  readonly credentialLimits?: CredentialLimits | undefined;
  /**
   * Number of password and status changes and of sign-outs. Each invalidates earlier access tokens.
   * Absent for 0.
   */
  readonly tokenGeneration?: number | undefined;
  /**
   * Number of email, password, status and identity changes. Each invalidates earlier reset links.
   * Absent for 0.
   */
  readonly resetGeneration?: number | undefined;
  /** Pending request for a level. Absent once the level changes. */
  readonly accessRequest?: AccessRequest | undefined;
  /** Start of the latest ownership. The tenant decides whether the user still is the owner. */
  readonly ownerSince?: Timestamp | undefined;
  /** Changes to the own account and password, and requests, on the latest day (`2026-01-31`). */
  readonly selfChanges?: SelfChanges | undefined;
  /** SCIM connection that manages the user. */
  readonly managedBy?: ManagedBy | undefined;
  /** SCIM attributes that the user has no field for, as JSON text. */
  readonly scimAttributes?: string | undefined;
  /** Status before the suspension. Absent for `active`. */
  readonly suspendedFrom?: 'invite_pending' | undefined;
  /** Status before the deletion, and its time. */
  readonly deletion?: { readonly status: UserStatus; readonly at: Timestamp } | undefined;
}

export interface SelfChanges {
  readonly day: string;
  readonly count: number;
  readonly passwords?: number;
  readonly signOuts?: number;
  readonly verifications?: number;
  readonly accessRequests?: number;
}

/** A user with the latest sign-in, which is not part of the user item. */
export interface UserWithSignIn extends User {
  /** Latest sign-in with a password, accurate to a minute. */
  readonly lastSignInAt?: Timestamp | undefined;
}

/** A user with the IDs of their groups, which are not part of the user item. */
export interface UserWithGroups extends UserWithSignIn {
  readonly groups: readonly Uuid[];
}

/** Fields that lists neither show nor filter by. */
export type UnlistedField =
  | 'hasAvatar'
  | 'emailVerifiedBy'
  | 'hasNoPassword'
  | 'confirmation'
  | 'tokenGeneration'
  | 'resetGeneration'
  | 'accessRequest'
  | 'ownerSince'
  | 'selfChanges'
  | 'scimAttributes'
  | 'suspendedFrom';

/** Part of a user that lists show and filter by. */
export interface ListedUser
  extends Omit<
    User,
    UnlistedField | 'credentialLimits' | 'invitation' | 'emailVerification' | 'managedBy'
  > {
  readonly credentialLimits?: ListedLimits | undefined;
  readonly invitation?: ListedInvitation | undefined;
  readonly managedBy?: Pick<ManagedBy, 'connectionId'> | undefined;
  /** Only of a new email. */
  readonly emailVerification?: Pick<EmailVerification, 'newEmail' | 'requestedAt'> | undefined;
}

/** The password's permissions, from which lists derive the inactive ones. */
interface ListedLimits {
  readonly password?: Pick<CredentialLimit, 'permissions'> | undefined;
}

export interface ListedInvitation extends Pick<Invitation, 'version' | 'expiresAt' | 'acceptedAt'> {
  readonly revocation?: Pick<NonNullable<Invitation['revocation']>, 'at'> | undefined;
}

/** Time of a deletion that cannot be reversed, because the user is being erased. */
export const erasureTime: Timestamp = new Date(0).toISOString();

export const isBeingErased = ({ deletion }: Pick<User, 'deletion'>): boolean =>
  deletion?.at === erasureTime;

/** Returns the time at which a user was deleted, unless the user is being erased. */
export const getDeletionTime = (user: Pick<User, 'deletion'>): Timestamp | undefined =>
  isBeingErased(user) ? undefined : user.deletion?.at;

/** A user who can receive mail. */
export type UserWithEmail = User & { readonly email: string };

/** Email, or the username of a user without an email. */
export const getAccountName = ({
  email,
  userName = '',
}: Pick<User, 'email' | 'userName'>): string => email ?? userName;

export const hasEmail = (user: User): user is UserWithEmail => user.email !== undefined;

/** True for a user who has yet to accept an invitation, suspended or not. */
export const isAwaitingAcceptance = ({
  status,
  suspendedFrom,
}: Pick<User, 'status' | 'suspendedFrom'>): boolean =>
  status === 'invite_pending' || suspendedFrom !== undefined;

/** A user with an invitation. */
export type InvitedUser = UserWithEmail & { readonly invitation: Invitation };

/** Removes the fields that lists omit. Users read without their list entries have these fields. */
export const toListedUser = ({
  picture: _picture,
  profileMetadata: _metadata,
  ...user
}: ListedUser): ListedUser => user;

/** True for an active user who can sign in with a password stored here, or set one by a reset. */
export const isActiveLocalUser = (user: User | undefined): user is User =>
  user?.status === 'active' && user.authProvider === 'local';

/** Formats first and last name, for a user without a `name`. */
export const formatDisplayName = ({
  firstName,
  lastName,
}: Pick<User, 'firstName' | 'lastName'>): string | null =>
  [firstName, lastName].filter(Boolean).join(' ') || null;

/**
 * Throws `invalid_input` for an identity of the own issuer. Its subjects are user and app client
 * IDs, so an app client could act as a user.
 */
export function assertForeignIdentity(
  identity: Identity | null | undefined,
  ownIssuer: { readonly issuer: string },
): void {
  if (identity?.issuer !== ownIssuer.issuer) return;
  throw invalidInput({ path: 'identity.issuer', message: 'cannot be the issuer of this service' });
}
