import { createGroupStore } from '../store/groups/group-store.ts';
import { createGroupTokenStore } from '../store/groups/group-token-store.ts';
import { createMembershipStore } from '../store/groups/membership-store.ts';
import { createEndedMembershipStore } from '../store/groups/remove-memberships.ts';
import type { Environment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

export type AppClientDeps = ReturnType<typeof createAppClientDeps>;

/** Dependencies of the authenticated HTTP function that changes app clients and group tokens. */
export function createAppClientDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    groups: createGroupStore(tables, nowMs),
    memberships: createMembershipStore(tables, nowMs, deps.tenants),
    groupTokens: createGroupTokenStore(tables, nowMs),
    endedMemberships: createEndedMembershipStore(tables, nowMs),
  };
}
