import { authenticatedApi } from '../lib/api/http/api.ts';
import { passwordHandlers } from '../lib/api/self/password-handlers.ts';
import { createHttpDeps, type HttpDeps } from '../lib/deps/http-deps.ts';

/** Change of the caller's own password. Reads and writes password hashes. */
export const passwordsApi = (deps: HttpDeps) => authenticatedApi(passwordHandlers(deps), deps);

export const handler = passwordsApi(createHttpDeps(process.env));
