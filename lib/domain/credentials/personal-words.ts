import { canonicalizeEmail } from '../kernel/canonical.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { User } from '../users/user.ts';

/** Collects public facts about a user, which the user's password must not contain. */
export function collectPersonalWords(
  { email, userName }: Pick<User, 'email' | 'userName'>,
  tenant: TenantWithRoles,
): (string | undefined)[] {
  const canonical = email === undefined ? undefined : canonicalizeEmail(email);
  return [
    email,
    canonical,
    canonical?.slice(0, canonical.lastIndexOf('@')),
    userName,
    tenant.name,
    tenant.branding?.displayName,
    tenant.slug,
  ];
}
