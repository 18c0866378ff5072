import { createUserHistoryStore } from '../store/users/user-history.ts';
import { createWriteChecks } from '../store/users/write-checks.ts';
import type { Environment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

export type BulkUserDeps = ReturnType<typeof createBulkUserDeps>;

/** Dependencies of the authenticated HTTP function that imports and exports users. */
export function createBulkUserDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    ...createWriteChecks(tables, nowMs),
    userHistory: createUserHistoryStore(tables, deps.tenants),
  };
}
