import { appClientHandlers } from '../lib/api/app-clients/handlers.ts';
import { groupTokenHandlers } from '../lib/api/group-tokens/handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { type AppClientDeps, createAppClientDeps } from '../lib/deps/app-client-deps.ts';

/** App clients, their secrets, and tokens of groups. Writes the hashes of client secrets. */
export const appClientsApi = (deps: AppClientDeps) =>
  authenticatedApi({ ...appClientHandlers(deps), ...groupTokenHandlers(deps) }, deps);

export const handler = appClientsApi(createAppClientDeps(process.env));
