import type { CredentialLimit } from '../credential-limits/credential-limit.ts';
import type { RoleHolder } from '../groups/group-roles.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs, EpochSeconds } from '../kernel/time.ts';
import type { Permission } from './permissions.ts';

/** Subject of a verified access token or API key. */
export interface Principal {
  readonly issuer: string;
  /** `sub` claim. */
  readonly subject: string;
  /** True if the subject is the ID of a user of this service. */
  readonly subjectIsUser: boolean;
  /** Component of the service that acts without a caller. */
  readonly component?: string | undefined;
  /** Home tenant. Undefined only for system administrators. */
  readonly tenantId?: Uuid | undefined;
  readonly systemAdministrator: boolean;
  /** Role slugs from the directory, or from the claims of a token of another issuer. */
  readonly roles: readonly string[];
  /**
   * IDs of the groups that the caller is a direct member of. Empty for a token of another issuer
   * whose subject is no user ID.
   */
  readonly groups: readonly Uuid[];
  /** Direct roles, and groups, before any rule makes them inactive. */
  readonly assigned: RoleHolder;
  /** Time of the sign-in (`auth_time` claim). */
  readonly authTime?: EpochSeconds | undefined;
  /** Expiration of the access token, or of the API key. */
  readonly expiresAtMs?: EpochMs | undefined;
  /** App client that makes the request. */
  readonly appClient?:
    | {
        readonly tenantId: Uuid;
        readonly appClientId: string;
        readonly secretId: string;
        /** SCIM connection of the app client. */
        readonly connectionId?: Uuid | undefined;
      }
    | undefined;
  /**
   * Limit of the credential in use. Undefined for credentials without a limit and for tokens of
   * other issuers.
   */
  readonly limit?: CredentialLimit | undefined;
  /** True if the token was issued for a password that another principal set. */
  readonly isPasswordSetByOther?: boolean | undefined;
  /** True if the roles are inactive until the user chooses a password of their own. */
  readonly mustChangePassword?: boolean | undefined;
  /** Permissions of the roles in the tenant of the request, within the limit. */
  readonly permissions: readonly Permission[];
}
