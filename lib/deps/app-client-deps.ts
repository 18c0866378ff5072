import { createEndedMembershipStore } from '../store/groups/remove-memberships.ts';
import type { Environment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

export type AppClientDeps = ReturnType<typeof createAppClientDeps>;

/** Dependencies of the authenticated HTTP function that changes app clients. */
export function createAppClientDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return { ...deps, endedMemberships: createEndedMembershipStore(tables, nowMs) };
}
