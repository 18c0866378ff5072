import { authenticatedApi } from '../lib/api/http/api.ts';
import { roleHandlers } from '../lib/api/roles/handlers.ts';
import { tenantHandlers } from '../lib/api/tenants/handlers.ts';
import { createHttpDeps, type HttpDeps } from '../lib/deps/http-deps.ts';

/** Tenants and roles. Has no access to password hashes and client secrets. */
export const tenantsApi = (deps: HttpDeps) =>
  authenticatedApi({ ...tenantHandlers(deps), ...roleHandlers(deps) }, deps);

export const handler = tenantsApi(createHttpDeps(process.env));
