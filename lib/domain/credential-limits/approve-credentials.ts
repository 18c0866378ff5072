import type { RequestContext } from '../access/request-context.ts';
import { buildCredentialLimit, type CredentialKind, replaceLimits } from './credential-limit.ts';
import { assertRecentSignIn } from './recent-sign-in.ts';
import type { IfMatch } from '../access/change-entity.ts';
import type { Policy } from '../access/policy.ts';
import { assertMayChangeCredentials } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant.ts';
import { type ChangeDependencies, changeUser, noFieldChanges } from '../users/change-user.ts';
import { toCallerAccount } from '../users/find-caller-user.ts';
import type { User, UserRef } from '../users/user.ts';

/** Credentials that an administrator can vouch for. The setter of a password may still know it. */
export type ApprovableCredential = Exclude<CredentialKind, 'password'>;

/**
 * Replaces the limits of these credentials with the caller's permissions, who must hold all assigned permissions of the user. A
 * credential without a limit keeps having none.
 */
export async function approveCredentials(
  reference: UserRef | undefined,
  kinds: readonly ApprovableCredential[],
  ifMatch: IfMatch,
  context: RequestContext,
  deps: ChangeDependencies & { readonly policy: Policy; readonly tenants: TenantStore },
): Promise<User> {
  deps.policy.authorize(context, 'updateUser', noFieldChanges);
  const change = async (user: User) => {
    const limited = kinds.filter((kind) => user.credentialLimits?.[kind] !== undefined);
    if (limited.length === 0) return { fields: {} };
    await assertMayChangeCredentials(user, context, deps);
    if (toCallerAccount(user, context)) assertRecentSignIn(context, deps.now());
    const limit = buildCredentialLimit(context, deps.now());
    return {
      fields: {
        credentialLimits: replaceLimits(
          user.credentialLimits,
          Object.fromEntries(limited.map((kind) => [kind, limit])),
        ),
      },
    };
  };
  return changeUser(
    { action: 'approveCredentials', ref: reference, ifMatch, change },
    context,
    deps,
  );
}
