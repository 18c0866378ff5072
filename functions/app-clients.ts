import { appClientHandlers } from '../lib/api/app-clients/handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { createHttpDeps, type HttpDeps } from '../lib/deps/http-deps.ts';

/** App clients and their secrets. Writes the hashes of client secrets. */
export const appClientsApi = (deps: HttpDeps) => authenticatedApi(appClientHandlers(deps), deps);

export const handler = appClientsApi(createHttpDeps(process.env));
