import type { TenantWithRoles } from './tenant.ts';
import type { TenantStore } from './tenant-store.ts';

export type UsableTenants = Pick<TenantStore, 'find' | 'findCurrent' | 'getStatus'>;

/**
 * The tenant, read strongly if it was resumed, or one of the roles created, after it was cached. A deleted role and a tenant that is still
 * suspended cost no such read, because no caller is charged before sign-in.
 */
export async function findUsableTenant(
  tenantId: string,
  roles: readonly string[],
  tenants: UsableTenants,
): Promise<TenantWithRoles | undefined> {
  const tenant = await tenants.find(tenantId);
  if (!tenant) return undefined;
  const isKnown = (slug: string) => tenant.roles.has(slug) || tenant.deletedRoles.has(slug);
  if (tenant.status === 'active' && roles.every(isKnown)) return tenant;
  if (tenant.status !== 'active' && (await tenants.getStatus(tenantId)) !== 'active') return tenant;
  return tenants.findCurrent(tenantId);
}
