import { createConnectionLog } from '../../store/connections/connection-log.ts';
import { createConnectionStore } from '../../store/connections/connection-store.ts';
import type { Environment } from '../environment.ts';
import { createHttpParts, type TestOverrides } from '../http-deps.ts';
import { logLostEntry } from './lost-entries.ts';

export type ScimDeps = ReturnType<typeof createScimDeps>;

/** Dependencies of the authenticated HTTP function for SCIM. */
export function createScimDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    // The issuer is the public URL of the deployment.
    baseUrl: `${deps.ownIssuer.issuer}/scim/v2`,
    connections: createConnectionStore(tables, nowMs),
    connectionLog: createConnectionLog(tables, nowMs, logLostEntry(nowMs)),
  };
}
