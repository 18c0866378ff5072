import type { Permission } from '../access/permissions.ts';
import type { RequestContext } from '../access/request-context.ts';
import { ownerProtected } from '../tenants/ownership.ts';
import type { UserStore } from '../users/user-store.ts';
import { collectPermissions, type CustomRole, selectActivePermissions } from './role.ts';

/**
 * Throws `owner_protected` if the owner would lose a permission when a role has only `permissions`.
 * Owners keep their permissions until they transfer the ownership.
 */
export async function assertOwnerKeepsPermissions(
  { role, permissions }: { readonly role: CustomRole; readonly permissions: readonly Permission[] },
  { tenant }: RequestContext,
  { users }: { readonly users: Pick<UserStore, 'get'> },
): Promise<void> {
  const removedPermissions = selectActivePermissions(role, tenant.declaredPermissions).filter(
    (permission) => !permissions.includes(permission),
  );
  if (removedPermissions.length === 0 || tenant.ownerUserId === undefined) return;
  const owner = await users.get(tenant.tenantId, { userId: tenant.ownerUserId }, false);
  if (!owner?.roles.includes(role.slug)) return;
  const otherRoles = owner.roles.filter((slug) => slug !== role.slug);
  const retainedPermissions = collectPermissions(otherRoles, tenant.roles);
  if (removedPermissions.every((permission) => retainedPermissions.includes(permission))) return;
  throw ownerProtected();
}
