import type { CredentialLimit } from '../credential-limits/credential-limit.ts';
import type { Uuid } from '../kernel/ids.ts';

/** Subject of an access token that this service issued. */
export interface TokenSubject {
  readonly tenantId: Uuid;
  /** `sub` claim. */
  readonly subject: string;
  /** The user's `tokenGeneration` when the token was issued. */
  readonly generation: number;
  /** Secret with which an app client obtained the token. */
  readonly secretId?: string | undefined;
}

/** Current access of a token's subject, read from the directory instead of the token. */
export interface SubjectAccess {
  /** Slugs of roles in the subject's tenant. Inactive while `mustChangePassword` is true. */
  readonly roles: readonly string[];
  /** IDs of groups in the subject's tenant. */
  readonly groups: readonly Uuid[];
  /** Always false for users. */
  readonly systemAdministrator: boolean;
  /** Limit of the credential that the token was issued for. */
  readonly limit?: CredentialLimit | undefined;
  /** True until the user changes a password that an administrator set. */
  readonly mustChangePassword?: boolean | undefined;
  /** True if another principal set the user's password. */
  readonly isPasswordSetByOther?: boolean | undefined;
  /** Set for app clients. */
  readonly appClientId?: string | undefined;
  /** Secret with which the app client obtained the token. */
  readonly secretId?: string | undefined;
  /** SCIM connection of the app client. */
  readonly connectionId?: Uuid | undefined;
}

/**
 * Finds the access of a token's subject, up to 30 s old unless `needsCurrent`. Undefined for an
 * inactive user, an ended token generation, an inactive app client and a removed secret.
 */
export type FindSubjectAccess = (
  subject: TokenSubject,
  needsCurrent: boolean,
) => Promise<SubjectAccess | undefined>;

/**
 * Finds the groups of a user to whom another issuer gave a token, up to 30 s old unless
 * `needsCurrent`. Empty for an inactive or unknown user.
 */
export type FindUserGroups = (
  user: { readonly tenantId: Uuid; readonly userId: Uuid },
  needsCurrent: boolean,
) => Promise<readonly Uuid[]>;
