import { createTenantErasureStore } from '../../store/tenants/tenant-erasure-store.ts';
import { createTables, type Environment, parseEnvironment, tablesSchema } from '../environment.ts';
import type { TestOverrides } from '../http-deps.ts';

/** Dependencies of the function that erases deleted tenants. It needs no tokens and policies. */
export function createTenantErasureDeps(
  env: Environment,
  { now = () => new Date() }: Pick<TestOverrides, 'now'> = {},
) {
  const tables = createTables(parseEnvironment(tablesSchema, env), env);
  return { now, erasures: createTenantErasureStore(tables, () => now().getTime()) };
}
