import type { RoleHolder } from '../groups/group-roles.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { TenantWithRoles } from './tenant.ts';
import type { TenantStore } from './tenant-store.ts';

export type UsableTenants = Pick<TenantStore, 'find' | 'findCurrent' | 'getStatus'>;

/**
 * Finds a tenant for a sign-in. Reads the current tenant for a member of a group, whose roles the
 * token names, and if the tenant was resumed or one of the roles was created after it was cached.
 * Deleted roles and suspended tenants cost no further read, because no caller is charged before
 * sign-in.
 */
export async function findUsableTenant(
  tenantId: Uuid,
  { roles, groups }: RoleHolder,
  tenants: UsableTenants,
): Promise<TenantWithRoles | undefined> {
  const tenant = await tenants.find(tenantId);
  if (!tenant) return undefined;
  const isKnown = (slug: Slug) => tenant.roles.has(slug) || tenant.deletedRoles.has(slug);
  if (tenant.status === 'active' && groups.length === 0 && roles.every(isKnown)) return tenant;
  if (tenant.status !== 'active' && (await tenants.getStatus(tenantId)) !== 'active') return tenant;
  return tenants.findCurrent(tenantId);
}
