import { authenticatedApi } from '../lib/api/http/api.ts';
import { invitationHandlers } from '../lib/api/invitations/handlers.ts';
import { selfHandlers } from '../lib/api/self/handlers.ts';
import { userHandlers } from '../lib/api/users/handlers.ts';
import { createHttpDeps, type HttpDeps } from '../lib/deps/http-deps.ts';

/** Users, invitations and the caller's own account. Writes password hashes but cannot read them. */
export const usersApi = (deps: HttpDeps) => {
  const operations = { ...userHandlers(deps), ...invitationHandlers(deps), ...selfHandlers(deps) };
  return authenticatedApi(operations, deps);
};

export const handler = usersApi(createHttpDeps(process.env));
