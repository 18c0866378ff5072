import type { RequestContext } from '../access/request-context.ts';
import { type CustomRole, type Permission, collectPermissions } from './role.ts';
import { ownerProtected } from '../tenants/ownership.ts';
import type { UserStore } from '../users/user.ts';

/**
 * Throws `owner_protected` where the owner of the tenant would lose a permission if the role were to carry only these: they keep
 * their rights until the ownership has moved, whatever becomes of the roles that carry them.
 */
export async function assertOwnerKeepsPermissions(
  { slug, permissions }: CustomRole,
  remaining: readonly Permission[],
  { tenant }: RequestContext,
  users: Pick<UserStore, 'get'>,
): Promise<void> {
  const lost = permissions.filter((permission) => !remaining.includes(permission));
  if (lost.length === 0 || tenant.ownerUserId === undefined) return;
  const owner = await users.get(tenant.tenantId, { userId: tenant.ownerUserId }, false);
  if (!owner?.roles.includes(slug)) return;
  const others = owner.roles.filter((other) => other !== slug);
  const retained = collectPermissions(others, tenant.roles);
  if (lost.every((permission) => retained.includes(permission))) return;
  throw ownerProtected();
}
