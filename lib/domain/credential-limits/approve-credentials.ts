import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { assertMayChangeCredentials } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { toCallerAccount } from '../users/caller-account.ts';
import {
  type ChangeDependencies,
  changeUser,
  noFieldChanges,
  type UserTarget,
} from '../users/change-user.ts';
import type { User } from '../users/user.ts';
import { buildCredentialLimit, type CredentialKind, replaceLimits } from './credential-limit.ts';
import { assertRecentSignIn } from './recent-sign-in.ts';

/** Credentials that an administrator can vouch for. The setter of a password may still know it. */
export type ApprovableCredential = Exclude<CredentialKind, 'password'>;

interface CredentialApproval extends UserTarget {
  readonly credentials: readonly ApprovableCredential[];
}

interface Dependencies extends ChangeDependencies {
  readonly policy: Policy;
  readonly tenants: TenantStore;
}

/**
 * Replaces the limits of credentials with the caller's permissions. A credential without a limit
 * stays unlimited. Throws `forbidden` unless the caller holds all assigned permissions of the user,
 * `not_found`, `precondition_failed` or `insufficient_user_authentication`.
 */
export async function approveCredentials(
  { credentials, ...target }: CredentialApproval,
  context: RequestContext,
  deps: Dependencies,
): Promise<User> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const change = async (user: User) => {
    const limitedKinds = credentials.filter((kind) => user.credentialLimits?.[kind] !== undefined);
    if (limitedKinds.length === 0) return { fields: {} };
    await assertMayChangeCredentials(user, context, deps);
    if (toCallerAccount(user, context)) assertRecentSignIn(context, deps.now());
    const limit = buildCredentialLimit(context, deps.now());
    const limits = Object.fromEntries(limitedKinds.map((kind) => [kind, limit]));
    return { fields: { credentialLimits: replaceLimits(user.credentialLimits, limits) } };
  };
  return changeUser({ ...target, action: 'approveCredentials', change }, context, deps);
}
