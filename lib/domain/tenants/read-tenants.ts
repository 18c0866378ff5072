import type { RequestContext } from '../access/request-context.ts';
import type { Policy } from '../access/policy.ts';
import type { Tenant, TenantAdminStore } from './tenant.ts';
import { getPathTenant } from './path-tenant.ts';

interface Dependencies {
  readonly policy: Policy;
  readonly tenantAdminStore: TenantAdminStore;
}

/** The tenant as last written. Throws `forbidden`, or `not_found` for whatever is not the caller's. */
export async function getTenant(
  tenantId: string | undefined,
  context: RequestContext,
  deps: Dependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'readTenant', { all: false });
  return getPathTenant(tenantId, context, deps);
}

interface TenantPage {
  readonly tenants: readonly Tenant[];
  /** The slug to go on behind; undefined at the end. */
  readonly next: string | undefined;
}

/** All tenants in the order of their slugs, a page at a time. Throws `forbidden`. */
export async function listTenants(
  page: { after: string | undefined; limit: number },
  context: RequestContext,
  deps: Dependencies,
): Promise<TenantPage> {
  deps.policy.authorize(context, 'readTenant', { all: true });
  return deps.tenantAdminStore.list(page);
}

/** The list for a caller who has one tenant. Throws `forbidden`. */
export async function listCallerTenant(
  context: RequestContext,
  deps: Dependencies,
): Promise<TenantPage> {
  return { tenants: [await getTenant(context.tenant.tenantId, context, deps)], next: undefined };
}
