import type { Call } from '../access/request-context.ts';
import { type CustomRole, type Permission, permissionsOf } from './role.ts';
import { ownerKeepsRights } from '../tenants/ownership.ts';
import type { UserStore } from '../users/user.ts';

/**
 * Throws `owner_protected` where the owner of the tenant would lose a permission if the role were to carry only these: they keep
 * their rights until the ownership has moved, whatever becomes of the roles that carry them.
 */
export async function assertOwnerKeepsRole(
  { slug, permissions }: CustomRole,
  left: readonly Permission[],
  { tenant }: Call,
  users: Pick<UserStore, 'get'>,
): Promise<void> {
  const lost = permissions.filter((permission) => !left.includes(permission));
  if (lost.length === 0 || tenant.ownerUserId === undefined) return;
  const owner = await users.get(tenant.tenantId, { userId: tenant.ownerUserId }, false);
  if (!owner?.roles.includes(slug)) return;
  const others = owner.roles.filter((other) => other !== slug);
  const kept = permissionsOf(others, tenant.roles);
  if (lost.every((permission) => kept.includes(permission))) return;
  throw ownerKeepsRights();
}
