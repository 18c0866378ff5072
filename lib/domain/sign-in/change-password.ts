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
 * Changes the caller's password. Throws `forbidden` for users of external identity providers,
 * `invalid_input` for a wrong current password, `password_rejected`, and `too_many_requests` after
 * too many guesses from this IP address.
 */
export async function changeOwnPassword(
  {
    currentPassword,
    newPassword,
    ipAddress,
  }: { readonly currentPassword: string; readonly newPassword: string; readonly ipAddress: string },
  context: RequestContext,
  deps: ChangePasswordDependencies,
): Promise<void> {
  const account = await getCallerAccount(context, deps);
  assertOwnsCredentials(account);
  const { tenantId, userId } = account.user;
  const counter = await buildOwnPasswordCounter({ tenantId, userId }, ipAddress, deps.keyring);
  await countAttempt([counter], deps.attempts, deps.now());
  // Verified again after a concurrent change, which may have replaced the password.
  const change = async (user: User) => {
    if (user.authProvider !== 'local')
      throw new Failure('forbidden', 'The identity provider manages the password of this account');
    const hash = await deps.passwordHashes.get(user.tenantId, user.userId);
    if (hash === undefined || !(await verifyPassword(currentPassword, hash)))
      throw invalidInput({ path: 'currentPassword', message: 'must be the current password' });
    await deps.attempts.reset(counter, deps.now());
    // The limit stays, because the user who set the password could change it, too.
    return {
      fields: {},
      passwordHash: await hashNewPassword(
        { password: newPassword, user, tenant: context.tenant, field: 'newPassword' },
        deps,
      ),
    };
  };
  await changeUser(
    { action: 'changePassword', ref: { userId }, self: true, change },
    context,
    deps,
  );
}
