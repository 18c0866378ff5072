import type { RequestContext } from '../access/request-context.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { HashingCost } from '../credentials/hash-password.ts';
import type { PasswordHashStore } from '../credentials/password-hash-store.ts';
import type { Policy } from '../access/policy.ts';
import {
  type AttemptStore,
  countAttempt,
  buildOwnPasswordCounter,
} from '../credentials/attempts.ts';
import { verifyPassword } from '../credentials/verify-password.ts';
import { type ChangeDependencies, changeUser } from '../users/change-user.ts';
import { getCallerAccount } from '../users/self.ts';
import { assertOwnsCredentials } from '../users/caller-account.ts';
import { hashNewPassword } from '../credentials/hash-new-password.ts';
import type { User } from '../users/user.ts';

export interface ChangePasswordDependencies extends ChangeDependencies {
  readonly policy: Policy;
  readonly passwordHashes: PasswordHashStore;
  readonly attempts: AttemptStore;
  readonly keyring: Keyring;
  readonly minimumPasswordLength: number;
  readonly hashingCost: HashingCost;
}

/**
 * Changes the caller's own password. Throws `forbidden` for users that sign in elsewhere, `invalid_input` for a wrong
 * current password, `password_rejected` for a new one that is not acceptable, `too_many_requests` for who has guessed too often
 * from this `address`: what is right is not told then.
 */
export async function changeOwnPassword(
  {
    current,
    next,
    address,
  }: { readonly current: string; readonly next: string; readonly address: string },
  call: RequestContext,
  deps: ChangePasswordDependencies,
): Promise<void> {
  const account = await getCallerAccount(call, deps);
  assertOwnsCredentials(account);
  const { tenantId, userId } = account.user;
  const counter = await buildOwnPasswordCounter({ tenantId, userId }, address, deps.keyring);
  await countAttempt([counter], deps.attempts, deps.now());
  // Looked at again whenever somebody else was quicker: what was the password may be so no longer.
  const change = async (user: User) => {
    if (user.authProvider !== 'local')
      throw new Failure('forbidden', 'The identity provider manages the password of this account');
    const hash = await deps.passwordHashes.get(user.tenantId, user.userId);
    if (hash === undefined || !(await verifyPassword(current, hash)))
      throw invalidInput({ path: 'currentPassword', message: 'must be the current password' });
    await deps.attempts.reset(counter, deps.now());
    // Knowing the password proves no more than its limit: a setter who knows it could change it, too.
    return {
      fields: {},
      passwordHash: await hashNewPassword(
        { password: next, user, tenant: call.tenant, field: 'newPassword' },
        deps,
      ),
    };
  };
  await changeUser({ action: 'changePassword', ref: { userId }, self: true, change }, call, deps);
}
