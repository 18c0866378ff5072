import { authenticatedApi } from '../lib/api/http/api.ts';
import { roleHandlers } from '../lib/api/roles/handlers.ts';
import { tenantHandlers } from '../lib/api/tenants/handlers.ts';
import { createTenantDeps, type TenantDeps } from '../lib/deps/tenant-deps.ts';

/** Tenants and roles. Has no access to password hashes and client secrets. */
export const tenantsApi = (deps: TenantDeps) =>
  authenticatedApi({ ...tenantHandlers(deps), ...roleHandlers(deps) }, deps);

export const handler = tenantsApi(createTenantDeps(process.env));
