import { createGroupStore } from '../store/groups/group-store.ts';
import type { Environment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

export type AccountDeps = ReturnType<typeof createAccountDeps>;

/** Dependencies of the authenticated HTTP function for the caller's own account. */
export function createAccountDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return { ...deps, groups: createGroupStore(tables, nowMs) };
}
