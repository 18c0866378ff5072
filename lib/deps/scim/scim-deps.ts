import { createBrakeStore } from '../../store/connections/brake-store.ts';
import { createConnectionLog } from '../../store/connections/connection-log.ts';
import { createConnectionStore } from '../../store/connections/connection-store.ts';
import { createPageMarkStore } from '../../store/connections/page-mark-store.ts';
import { createUserReferences } from '../../store/connections/user-references.ts';
import { createDomainStore } from '../../store/domain-store.ts';
import { createGroupStore } from '../../store/groups/group-store.ts';
import { createMemberJobStore } from '../../store/groups/member-job-store.ts';
import { createMembershipStore } from '../../store/groups/membership-store.ts';
import { createUserLists } from '../../store/users/user-lists.ts';
import type { Environment } from '../environment.ts';
import { createHttpParts, type TestOverrides } from '../http-deps.ts';
import { logLostCount, logLostEntry } from './lost-entries.ts';

export type ScimDeps = ReturnType<typeof createScimDeps>;

/** Dependencies of the authenticated HTTP function for SCIM. */
export function createScimDeps(env: Environment, overrides: TestOverrides = {}) {
  const { maxScannedUsers = 10_000 } = overrides;
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    maxScannedUsers,
    // The issuer is the public URL of the deployment.
    baseUrl: `${deps.ownIssuer.issuer}/scim/v2`,
    brakes: createBrakeStore(tables, nowMs),
    onBrakeFailed: logLostCount(nowMs),
    connections: createConnectionStore(tables, nowMs),
    connectionLog: createConnectionLog(tables, nowMs, logLostEntry(nowMs)),
    domains: createDomainStore(tables, nowMs),
    groups: createGroupStore(tables, nowMs),
    memberships: createMembershipStore(tables, nowMs, deps.tenants),
    memberJobs: createMemberJobStore(tables, nowMs, overrides.memberRate),
    pageMarks: createPageMarkStore(tables),
    userLists: createUserLists(tables),
    userReferences: createUserReferences(tables),
  };
}
