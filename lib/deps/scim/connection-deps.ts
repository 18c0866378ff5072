import { createBrakeStore } from '../../store/connections/brake-store.ts';
import { createConnectionLog } from '../../store/connections/connection-log.ts';
import { createConnectionStore } from '../../store/connections/connection-store.ts';
import { createEndedMembershipStore } from '../../store/groups/remove-memberships.ts';
import type { Environment } from '../environment.ts';
import { createHttpParts, type TestOverrides } from '../http-deps.ts';
import { logLostEntry } from './lost-entries.ts';

export type ConnectionDeps = ReturnType<typeof createConnectionDeps>;

/** Dependencies of the authenticated HTTP function that manages SCIM connections. */
export function createConnectionDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    connections: createConnectionStore(tables, nowMs),
    connectionLog: createConnectionLog(tables, nowMs, logLostEntry(nowMs)),
    brakes: createBrakeStore(tables, nowMs),
    endedMemberships: createEndedMembershipStore(tables, nowMs),
  };
}
