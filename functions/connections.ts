import { connectionHandlers } from '../lib/api/connections/handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { type ConnectionDeps, createConnectionDeps } from '../lib/deps/scim/connection-deps.ts';

/** SCIM connections, their tokens, log and health. */
export const connectionsApi = (deps: ConnectionDeps) =>
  authenticatedApi(connectionHandlers(deps), deps);

export const handler = connectionsApi(createConnectionDeps(process.env));
