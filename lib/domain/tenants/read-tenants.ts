import type { Policy } from '../access/policy.ts';
import type { DeploymentContext, RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { TenantAdminStore, TenantPage, TenantPageRequest } from './tenant-store.ts';
import type { Tenant } from './tenant.ts';

interface Dependencies {
  readonly policy: Policy;
  readonly tenantAdminStore: TenantAdminStore;
}

/** Gets a tenant. Throws `forbidden`, or `not_found` for another tenant than the request's. */
export async function getTenant(
  tenantId: Uuid | undefined,
  context: RequestContext,
  deps: Dependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'readTenant', {});
  return getPathTenant(tenantId, context, deps);
}

/** Gets the tenant of the request as every caller in it can. Throws `forbidden`. */
export async function getOrganization(
  context: RequestContext,
  deps: Dependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'readOrganization', {});
  return getPathTenant(context.tenant.tenantId, context, deps);
}

/** Lists all tenants, or deleted ones, in slug order. Throws `forbidden`. */
export async function listTenants(
  page: TenantPageRequest,
  context: DeploymentContext,
  deps: Dependencies,
): Promise<TenantPage> {
  deps.policy.authorize(context, 'listTenants', {});
  return deps.tenantAdminStore.list(page);
}

/** Lists the tenant of the request only. Throws `forbidden`. */
export async function listCallerTenant(
  context: RequestContext,
  deps: Dependencies,
): Promise<TenantPage> {
  const tenant = await getTenant(context.tenant.tenantId, context, deps);
  return { tenants: [tenant], next: undefined };
}

/**
 * Gets the tenant that a path names, which must be the tenant of the request. System administrators
 * act in the tenant of the path. Call it after the policy decision. Throws `not_found`.
 */
export async function getPathTenant(
  tenantId: Uuid | undefined,
  { tenant }: RequestContext,
  { tenantAdminStore }: Pick<Dependencies, 'tenantAdminStore'>,
): Promise<Tenant> {
  const pathTenant =
    tenantId === tenant.tenantId ? await tenantAdminStore.get(tenantId) : undefined;
  if (!pathTenant) throw tenantNotFound();
  return pathTenant;
}

/** Throws `not_found` for a tenant that was deleted after the authentication of the request. */
export function assertNotDeleted({ status }: Tenant): void {
  if (status === 'deleted') throw tenantNotFound();
}

const tenantNotFound = (): Failure => new Failure('not_found', 'The tenant does not exist');
