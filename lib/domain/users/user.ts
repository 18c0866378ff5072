import type { Tenant } from '../tenants.ts';

export type AuthProvider = 'local' | 'oidc' | 'saml';
export type Status = 'invite_pending' | 'active' | 'inactive';
export type JsonObject = Readonly<Record<string, unknown>>;

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
  readonly authProvider: AuthProvider;
  readonly metadata?: JsonObject | undefined;
  readonly tutorialStatus?: JsonObject | undefined;
  /** The name within `cradl:app-client:<name>`. */
  readonly appClientId?: string | undefined;
  /** A data URI. Kept in an item of its own, and read only where it is shown. */
  readonly avatar?: string | undefined;
  /** Slugs; in a user each once. */
  readonly roles: readonly string[];
}

/** A user to be created: every dialect's request body ends up as one of these. */
export interface Draft extends Profile {
  readonly password?: string | undefined;
}

/** One account in one tenant. */
export interface User extends Profile {
  readonly tenantId: string;
  /** Lower-case UUID. */
  readonly userId: string;
  /** The person behind the account, a lower-case UUID. */
  readonly profileId: string;
  readonly status: Status;
  readonly emailVerified: boolean;
  /** Whether an avatar is stored; `avatar` itself is only there when it was asked for. */
  readonly hasAvatar: boolean;
  /** Counts the changes, from 1. */
  readonly version: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly createdTime: string;
  /** The `sub` of the token. */
  readonly createdBy: string;
  readonly updatedTime?: string | undefined;
  readonly updatedBy?: string | undefined;
}

/** How the first record of a user came about; kept with the user and never changed. */
export interface Creation {
  readonly requestId: string;
  readonly issuer: string;
  /** The policies that allowed it. */
  readonly policies: readonly string[];
}

/** The ways to name one user. */
export type UserReference = { readonly userId: string } | { readonly email: string } | { readonly userName: string };

export interface UserStore {
  /**
   * Writes the user and claims its e-mail and user name, all of it or none. Fails with `user_exists` (`details.field` is
   * `email` or `userName`, e-mail first) when either is held by another, with `unavailable` when the outcome could not be
   * known before `deadline` (epoch milliseconds).
   */
  create(
    user: User,
    more: { creation: Creation; uniqueness: Tenant['uniqueness']; passwordHash?: string | undefined; deadline: number },
  ): Promise<void>;
  /** The user as last written, with the avatar where `withAvatar` asks for it; undefined when there is none. */
  get(tenantId: string, reference: UserReference, withAvatar: boolean): Promise<User | undefined>;
}
