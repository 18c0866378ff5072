import { authenticatedApi } from '../lib/api/http/api.ts';
import { selfHandlers } from '../lib/api/self/handlers.ts';
import { createHttpDeps, type HttpDeps } from '../lib/deps/http-deps.ts';

/** The caller's own account and profiles. Has no access to password hashes. */
export const accountApi = (deps: HttpDeps) => authenticatedApi(selfHandlers(deps), deps);

export const handler = accountApi(createHttpDeps(process.env));
