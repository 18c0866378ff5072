import { createGroupStore } from '../store/groups/group-store.ts';
import { createMemberJobStore } from '../store/groups/member-job-store.ts';
import { createMembershipStore } from '../store/groups/membership-store.ts';
import { createAccessRequestStore } from '../store/users/access-request-store.ts';
import { createUserLists } from '../store/users/user-lists.ts';
import type { Environment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

export type GroupDeps = ReturnType<typeof createGroupDeps>;

/** Dependencies of the authenticated HTTP function that changes groups. */
export function createGroupDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    groups: createGroupStore(tables, nowMs),
    userLists: createUserLists(tables),
    memberships: createMembershipStore(tables, nowMs, deps.tenants),
    memberJobs: createMemberJobStore(tables, nowMs, overrides.memberRate),
    accessRequests: createAccessRequestStore(tables),
  };
}
