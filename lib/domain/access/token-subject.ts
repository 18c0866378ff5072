import type { CredentialLimit } from '../credential-limits/credential-limit.ts';

/** What somebody holds by now, whatever a token of theirs says: it was true when that was made, an hour ago at most. */
export interface SubjectAccess {
  /** Slugs of roles in their tenant. */
  readonly roles: readonly string[];
  /** Whether they stand above tenants. No user does. */
  readonly systemAdministrator: boolean;
  /** Limit of the credential that the token was issued for. */
  readonly limit?: CredentialLimit | undefined;
  /** True if another principal set the user's password. */
  readonly isPasswordSetByOther?: boolean | undefined;
  /** Where it is an app client. */
  readonly appClientId?: string | undefined;
  /** Secret with which the app client obtained the token. */
  readonly secretId?: string | undefined;
}

/** What a token of Roster's own says of whom it speaks for. */
export interface TokenSubject {
  readonly tenantId: string;
  /** Its `sub`. */
  readonly subject: string;
  /** Of a user's: the `tokenGeneration` that was theirs when it was made. */
  readonly generation: number;
  /** Secret with which an app client obtained the token. */
  readonly secretId?: string | undefined;
}

/**
 * Looks up whom a token of Roster's own speaks for. Undefined for who is nobody (any more): a user who is not active, or whose
 * tokens of that generation have ended; an app client that is revoked or has expired, or no longer has the secret. Up to 30 s old, unless
 * `isCurrent`.
 */
export type FindSubjectAccess = (
  bearer: TokenSubject,
  isCurrent: boolean,
) => Promise<SubjectAccess | undefined>;
