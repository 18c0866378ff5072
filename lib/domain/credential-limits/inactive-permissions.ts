import { type CredentialLimit, fitsLimit, limitPermissions } from './credential-limit.ts';
import { collectPermissions } from '../roles/role.ts';
import type { Permission } from '../access/permissions.ts';
import type { Slug } from '../kernel/ids.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import type { ListedUser, User } from '../users/user.ts';

/** True if the user has no roles until they choose a password of their own. */
export const needsOwnPassword = (
  {
    mustChangePassword,
    isPasswordSetByOther,
  }: Pick<User, 'mustChangePassword' | 'isPasswordSetByOther'>,
  { requireOwnPassword }: Pick<TenantWithRoles, 'requireOwnPassword'>,
): boolean =>
  mustChangePassword === true || (requireOwnPassword === true && isPasswordSetByOther === true);

/** Selects the roles of the tenant whose permissions all fit a limit. */
export const selectRolesWithinLimit = (
  slugs: readonly Slug[],
  { roles }: Pick<TenantWithRoles, 'roles'>,
  limit: CredentialLimit | undefined,
): Slug[] =>
  slugs.filter((slug) => roles.has(slug) && fitsLimit(collectPermissions([slug], roles), limit));

/** Collects the permissions of the assigned roles that the user's password does not carry. */
export function collectInactivePermissions(
  user: ListedUser,
  tenant: TenantWithRoles,
): readonly Permission[] {
  const assigned = collectPermissions(user.roles, tenant.roles);
  if (needsOwnPassword(user, tenant)) return assigned;
  const active = limitPermissions(assigned, user.credentialLimits?.password);
  return assigned.filter((permission) => !active.includes(permission));
}
