import type { TenantStore, TenantWithRoles } from '../tenants.ts';

/**
 * The tenant, read strongly where the cached one is suspended or lacks one of the roles: it may have been resumed, or the role created, a
 * moment ago.
 */
export async function findUsableTenant(
  tenantId: string,
  roles: readonly string[],
  tenants: Pick<TenantStore, 'find' | 'findCurrent'>,
): Promise<TenantWithRoles | undefined> {
  const tenant = await tenants.find(tenantId);
  const isComplete = tenant === undefined || (tenant.status === 'active' && roles.every((slug) => tenant.roles.has(slug)));
  return isComplete ? tenant : tenants.findCurrent(tenantId);
}
