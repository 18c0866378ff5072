import * as z from 'zod';
import { createRoleStore } from '../store/role-store.ts';
import { createTenantAdminStore } from '../store/tenants/tenant-admin-store.ts';
import { type Environment, parseEnvironment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

const environmentSchema = z.object({
  /** Email addresses and domains that tenants may send from. */
  MAIL_SENDERS: z
    .string()
    .min(1)
    .transform((text) => text.split(',')),
});

export type TenantDeps = ReturnType<typeof createTenantDeps>;

/** Dependencies of the authenticated HTTP function that changes tenants and roles. */
export function createTenantDeps(env: Environment, overrides: TestOverrides = {}) {
  const { MAIL_SENDERS } = parseEnvironment(environmentSchema, env);
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    senders: MAIL_SENDERS,
    tenantAdminStore: createTenantAdminStore(tables, nowMs),
    roles: createRoleStore(tables, nowMs),
  };
}
