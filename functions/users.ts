import { authenticatedApi } from '../lib/api/http/api.ts';
import { invitationHandlers } from '../lib/api/invitations/handlers.ts';
import { userHandlers } from '../lib/api/users/handlers.ts';
import { createHttpDeps, type HttpDeps } from '../lib/deps/http-deps.ts';

/** Users and invitations. Writes password hashes but cannot read them. */
export const usersApi = (deps: HttpDeps) =>
  authenticatedApi({ ...userHandlers(deps), ...invitationHandlers(deps) }, deps);

export const handler = usersApi(createHttpDeps(process.env));
