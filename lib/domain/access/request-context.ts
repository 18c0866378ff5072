import type { CredentialLimit } from '../credential-limits/credential-limit.ts';
import type { Decision } from './policy.ts';
import type { Permission } from '../roles/role.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';

/** Who a verified token, or an API key, speaks for. */
export interface Principal {
  readonly issuer: string;
  /** The `sub` claim. */
  readonly subject: string;
  /** Whether the subject is the id of a user of Roster's own. */
  readonly subjectIsUser: boolean;
  /** The tenant that the token names, a lower-case UUID; only a system administrator's may name none. */
  readonly tenantId?: string | undefined;
  readonly systemAdministrator: boolean;
  /** What the token calls their roles, or the directory where the token is Roster's own: names of roles of the agreed tenant, or of none. */
  readonly roles: readonly string[];
  /** Time of the sign-in that the token comes from (`auth_time`), in seconds. */
  readonly authTime?: number | undefined;
  /** The app client that calls, where one does; `tenantId` is its own. */
  readonly appClient?:
    | { readonly tenantId: string; readonly appClientId: string; readonly secretId: string }
    | undefined;
  /** Limit of the credential in use. Undefined for the account holder's own credential and for tokens of other issuers. */
  readonly limit?: CredentialLimit | undefined;
  /** True if the token was issued for a password that another principal set. */
  readonly isPasswordSetByOther?: boolean | undefined;
  /** Permissions of those roles in the agreed tenant, within the limit. */
  readonly permissions: readonly Permission[];
}

/** One authenticated call: who, in which tenant, in which dialect, and until when. */
export interface RequestContext {
  readonly principal: Principal;
  /** The agreed tenant: the only source of every key that the call may touch. */
  readonly tenant: TenantWithRoles;
  readonly dialect: string;
  readonly requestId: string;
  /** Epoch milliseconds; what is not done by then is given up. */
  readonly deadline: number;
  /** What the policies decided, in order. Nothing is answered unless there is exactly one. */
  readonly decisions: Decision[];
}
