import { authenticatedApi } from '../lib/api/http/api.ts';
import { passwordHandlers } from '../lib/api/self/password-handlers.ts';
import { createPasswordDeps, type PasswordDeps } from '../lib/deps/password-deps.ts';

/** Change of the caller's own password. Reads and writes password hashes. */
export const passwordsApi = (deps: PasswordDeps) => authenticatedApi(passwordHandlers(deps), deps);

export const handler = passwordsApi(createPasswordDeps(process.env));
