import type { RequestContext } from '../access/request-context.ts';
import { fitsLimit } from '../credential-limits/credential-limit.ts';
import { assertRecentSignIn } from '../credential-limits/recent-sign-in.ts';
import { collectAssignedPermissions } from '../groups/group-roles.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import { assertOwnsCredentials } from '../users/caller-account.ts';
import { getCallerAccount, getOwnAccount } from '../users/self.ts';
import {
  toDeletion,
  type TransitionDependencies,
  transitionUser,
} from '../users/transition-user.ts';
import type { UserWithGroups } from '../users/user.ts';

/**
 * Deletes the caller's account like an administrator. Throws `insufficient_user_authentication`
 * without a recent sign-in, `owner_protected`, `precondition_failed`, and like `getCallerAccount`.
 */
export async function deleteSelf(
  ifMatch: IfMatch,
  context: RequestContext,
  deps: TransitionDependencies,
): Promise<void> {
  const { user } = await getCallerAccount(context, deps, false);
  assertRecentSignIn(context, deps.now());
  const toFields = (current: UserWithGroups) => {
    assertMayDelete(current, context);
    return toDeletion(current, deps.now());
  };
  const target = { ref: { userId: user.userId }, ifMatch, self: true } as const;
  await transitionUser({ ...target, transition: 'delete', toFields }, context, deps);
}

/** Throws `forbidden` if another user set the credential and could not delete the account. */
function assertMayDelete(user: UserWithGroups, context: RequestContext): void {
  const account = getOwnAccount(user, context);
  assertOwnsCredentials(account);
  const required = [...collectAssignedPermissions(user, context.tenant), 'users:delete'] as const;
  if (fitsLimit(required, account.limit)) return;
  throw new Failure('forbidden', 'Another user set the password of this account', {
    notices: ['To delete your account, reset your password by email and sign in again.'],
  });
}
