import type { CredentialConfirmation } from '../credential-limits/confirm-credential.ts';
import type { CredentialLimits } from '../credential-limits/credential-limit.ts';
import type { Delivery } from '../invitations/delivery.ts';
import type { Invitation } from '../invitations/invitation.ts';
import type { AccountDetail } from '../account-notices/account-notice.ts';
import type { PreviousValues } from '../kernel/previous-values.ts';
import type { Tenant } from '../tenants/tenant.ts';

export type AuthProvider = 'local' | 'oidc' | 'saml';
/** `deleted` is a tombstone: it can be restored, and every other call takes it for nobody. */
export type UserStatus = 'invite_pending' | 'active' | 'inactive' | 'deleted';
export type JsonObject = Readonly<Record<string, unknown>>;

/** Somebody at a token issuer: the `iss` and `sub` of their tokens. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/** What a caller says about a user; what is left out is undefined, in every dialect alike. */
export interface Profile {
  /** As it was typed. Compared in canonical form only. */
  readonly email: string;
  readonly userName?: string | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly firstName?: string | undefined;
  readonly lastName?: string | undefined;
  readonly businessRole?: string | undefined;
  /** The language that the person reads (BCP 47), as in `de-CH`. */
  readonly locale?: string | undefined;
  readonly authProvider: AuthProvider;
  readonly metadata?: JsonObject | undefined;
  readonly tutorialStatus?: JsonObject | undefined;
  /** The name within `cradl:app-client:<name>`. */
  readonly appClientId?: string | undefined;
  /** Who signs in as this user at a token issuer. One user each, in a tenant. */
  readonly identity?: Identity | undefined;
  /** A data URI. Kept in an item of its own, and read only where it is shown. */
  readonly avatar?: string | undefined;
  /** Slugs; in a user each once. */
  readonly roles: readonly string[];
}

/** A user to be created: every dialect's request body ends up as one of these. */
export interface CreateUserInput extends Profile {
  readonly password?: string | undefined;
  /** The hash of the password, from another system, in place of it: a PHC string of a kind that is known here. */
  readonly passwordHash?: string | undefined;
  /** Whether that may be weaker than hashes ought to be. */
  readonly acceptWeakPasswordHash?: boolean | undefined;
  /** False to create a local user without a password and invite them later. */
  readonly sendInvitation?: boolean | undefined;
}

/** What is to be different about a user: what is absent stays, null goes (RFC 7396, which metadata follows all the way down). */
export interface UpdateUserInput {
  readonly email?: string | undefined;
  readonly userName?: string | null | undefined;
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly firstName?: string | null | undefined;
  readonly lastName?: string | null | undefined;
  readonly businessRole?: string | null | undefined;
  readonly locale?: string | null | undefined;
  readonly roles?: readonly string[] | undefined;
  readonly metadata?: JsonObject | null | undefined;
  readonly tutorialStatus?: JsonObject | null | undefined;
  readonly appClientId?: string | null | undefined;
  readonly identity?: Identity | null | undefined;
  readonly avatar?: string | null | undefined;
  readonly password?: string | undefined;
}

/** One account in one tenant. */
export interface User extends Profile {
  readonly tenantId: string;
  /** Lower-case UUID. */
  readonly userId: string;
  /** The person behind the account, a lower-case UUID. */
  readonly profileId: string;
  readonly status: UserStatus;
  readonly emailVerified: boolean;
  /** Principal that verified the email. Absent while it is unverified. */
  readonly emailVerifiedBy?: 'holder' | 'administrator' | undefined;
  /** Whether an avatar is stored; `avatar` itself is only there when it was asked for. */
  readonly hasAvatar: boolean;
  /** Counts the changes, from 1. */
  readonly version: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
  /** The `sub` of the token. */
  readonly createdBy: string;
  readonly updatedAt?: string | undefined;
  readonly updatedBy?: string | undefined;
  /** Of a local user who came without a password, once they are invited. */
  readonly invitation?: Invitation | undefined;
  /** Whether somebody else has chosen the password that they have by now: until they change it they have an account, and no roles. */
  readonly mustChangePassword?: boolean | undefined;
  /** True while the password is one that another principal set. */
  readonly isPasswordSetByOther?: boolean | undefined;
  /** Confirmation of a credential that the account holder requested last. */
  readonly confirmation?: CredentialConfirmation | undefined;
  /** Limits of credentials that another principal set. */
  readonly credentialLimits?: CredentialLimits | undefined;
  /**
   * Counts what has ended the tokens of Roster's own that they had: each new password, and each change of status. A number and no time, so
   * that no clock has a say; absent for 0.
   */
  readonly tokenGeneration?: number | undefined;
  /** Number of changes of address, password, status and identity. Each change ends earlier reset links. Absent for 0. */
  readonly resetGeneration?: number | undefined;
  /** When they last became the owner of the tenant, ISO 8601. Whether they still are is for the tenant to say. */
  readonly ownerSince?: string | undefined;
  /** Numbers of changes to the own account and password on the last day (`2026-01-31`) with any. */
  readonly selfChanges?:
    | { readonly day: string; readonly count: number; readonly passwords?: number }
    | undefined;
  /** What a tombstone was, and since when it is one. */
  readonly deletion?: { readonly status: UserStatus; readonly at: string } | undefined;
}

/** Who did something to a user, when, by which request, and which policies let them. */
export interface AuditEntry {
  readonly at: string;
  readonly by: string;
  readonly issuer: string;
  readonly requestId: string;
  readonly policies: readonly string[];
}

/** Record of one change. Of avatars and passwords it has only the names. It is stored with the user, so the history does not depend on a log. */
export interface ChangeRecord extends AuditEntry, PreviousValues {
  /** The version that it led to. */
  readonly version: number;
  readonly action: string;
  /** New values of security-relevant fields that changed: the limits of credentials. */
  readonly after?: JsonObject | undefined;
}

/** The record of an erasure: which user, and who erased them by which request. Holds no other data of the user. */
export interface ErasureRecord extends AuditEntry {
  readonly userId: string;
}

/** Progress of an erasure at its deadline. */
export interface ErasureProgress {
  readonly isComplete: boolean;
  /** Items removed by this call. */
  readonly removed: number;
}

/** How a user came about: its own first record, in a field that never changes. The rest of the deed is `createdAt` and `createdBy`. */
export interface CreationRecord extends Pick<AuditEntry, 'requestId' | 'issuer' | 'policies'> {
  /** The id of the answer that is kept for repetitions of the request, if one is. */
  readonly idempotencyId?: string | undefined;
}

/** A user with its avatar, how it came about, how the mail of its invitation fared, and a page of the changes, oldest first. */
export interface UserHistory {
  readonly user: User;
  readonly creation: CreationRecord;
  /** Undefined where nobody has tried to send one. */
  readonly delivery: Delivery | undefined;
  readonly changes: readonly ChangeRecord[];
  /** The version behind which the next page begins; undefined on the last page. */
  readonly next: number | undefined;
}

/** The answer to a create, kept for as long as the same request may be repeated. */
export interface IdempotencyRecord {
  /** Made of tenant, caller, route and idempotency key. */
  readonly id: string;
  /** Made of the request body; another body under the same key is refused. */
  readonly fingerprint: string;
  /** The answer itself, as JSON text. */
  readonly response: string;
  /** Epoch milliseconds; after it, the key is as good as new. */
  readonly expiresAtMs: number;
}

/** References to one user. An address is an email or a username: no two users have the same. */
export type UserRef = { readonly userId: string } | IdentifierRef;
export type IdentifierRef =
  | { readonly email: string }
  | { readonly userName: string }
  | { readonly address: string }
  | { readonly identity: Identity };

/** A place in the list of users: its canonical e-mail, and the user if it is there still. */
export interface ListEntry {
  readonly email: string;
  readonly user: User | undefined;
}

/** End of the link between an identity and a user, by deletion or by a change of the user. */
export interface FormerIdentity {
  readonly isOf: (user: User) => boolean;
  /** ISO 8601, UTC, milliseconds. */
  readonly endedAt: string;
}

export interface UserStore {
  /**
   * Writes the user and claims its e-mail and user name, all of it or none. Fails with `user_exists` (`details.field` is
   * `email` or `userName`, e-mail first) when either is held by another, with `unavailable` when the outcome could not be
   * known before `deadline` (epoch milliseconds). Where an answer is kept under the id of `keptAnswer` already, nothing
   * is written and that one is returned.
   */
  create(
    user: User,
    more: {
      creation: CreationRecord;
      uniqueness: Tenant['uniqueness'];
      passwordHash?: string | undefined;
      idempotencyRecord?: IdempotencyRecord | undefined;
      deadline: number;
    },
  ): Promise<Pick<IdempotencyRecord, 'fingerprint' | 'response'> | undefined>;
  /**
   * Writes what became of a user and the record of it, all of it or none, provided that nobody else has written since
   * `before` was read: else `stale`, and nothing has happened. Moves the claims when e-mail or user name differ, gives
   * them up when the user is deleted, takes them again when it is restored; fails as `create` does.
   */
  update(change: {
    readonly before: User;
    readonly after: User;
    readonly record: ChangeRecord;
    readonly uniqueness: Tenant['uniqueness'];
    /** A new avatar, or null for none; undefined leaves it. */
    readonly avatar?: string | null | undefined;
    readonly passwordHash?: string | undefined;
    /** Of what a mail is owed to them, at the address from before; of nothing none is. */
    readonly notifyAbout: readonly AccountDetail[];
    /** True to write the record of an erasure as well. */
    readonly erases?: boolean | undefined;
    readonly deadline: number;
  }): Promise<'written' | 'stale'>;
  /**
   * Removes every item of a tombstone, and the tombstone last. Stops at `deadline` (epoch milliseconds); the next call
   * removes the rest.
   */
  erase(tenantId: string, userId: string, deadline: number): Promise<ErasureProgress>;
  /** Erasures of the tenant, the last first: up to `limit`, after the one at `after`. Strongly consistent. */
  listErasures(
    tenantId: string,
    page: { readonly after?: string | undefined; readonly limit: number },
  ): Promise<{ readonly erasures: readonly ErasureRecord[]; readonly next: string | undefined }>;
  /**
   * The next entries of the tenant in the order of their canonical e-mails, of those that begin with `prefix`: up to
   * `limit`, after the one at `after`, and as many as `maxReadUnits` read. Strongly consistent.
   */
  list(
    tenantId: string,
    page: {
      readonly prefix: string;
      readonly after?: string | undefined;
      readonly limit: number;
      readonly maxReadUnits: number;
    },
  ): Promise<{
    readonly entries: readonly ListEntry[];
    /** Whether there are more behind them. */
    readonly more: boolean;
    /** Read units that this took, about. */
    readonly readUnits: number;
  }>;
  /**
   * A user, a tombstone included, with the changes that follow the version `after`: up to `limit`, at most 1 MB. The last
   * page has the change that led to the user as shown. Undefined when there is none.
   */
  getHistory(
    tenantId: string,
    userId: string,
    page: { readonly after?: number | undefined; readonly limit: number },
  ): Promise<UserHistory | undefined>;
  /** The last user who had this identity and no longer has it. Strongly consistent. Kept for as long as an invitation can be open. */
  findFormerIdentity(tenantId: string, identity: Identity): Promise<FormerIdentity | undefined>;
  /** The user as last written, a tombstone included, with the avatar where `withAvatar` asks for it; undefined when there is none. */
  get(tenantId: string, reference: UserRef, withAvatar: boolean): Promise<User | undefined>;
}
