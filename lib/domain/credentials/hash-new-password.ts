import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { User } from '../users/user.ts';
import { invalidInput } from '../kernel/failure.ts';
import { hashPassword, type HashingCost } from './hash-password.ts';
import { assertPasswordAllowed, getMinimumLength } from './password-policy.ts';
import { collectPersonalWords } from './personal-words.ts';

interface NewPassword {
  readonly password: string;
  readonly user: Pick<User, 'email' | 'userName' | 'authProvider'>;
  readonly tenant: TenantWithRoles;
  /** Field name in error messages. */
  readonly field?: string;
}

/**
 * Hashes a user's new password. Throws `invalid_input` for oidc and saml users, and
 * `password_rejected`.
 */
export async function hashNewPassword(
  { password, user, tenant, field = 'password' }: NewPassword,
  {
    minimumPasswordLength,
    hashingCost,
  }: { readonly minimumPasswordLength: number; readonly hashingCost: HashingCost },
): Promise<string> {
  if (user.authProvider !== 'local')
    throw invalidInput({ path: field, message: 'cannot be set for oidc and saml users' });
  const personalWords = collectPersonalWords(user, tenant);
  await assertPasswordAllowed(password, {
    minimumLength: getMinimumLength(tenant, minimumPasswordLength),
    personalWords,
    field,
  });
  return hashPassword(password, hashingCost);
}
