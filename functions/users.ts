import { authenticatedApi } from '../lib/api/http/api.ts';
import { userHandlers } from '../lib/api/users/handlers.ts';
import { userListHandlers } from '../lib/api/users/lists/handlers.ts';
import { createUserDeps, type UserDeps } from '../lib/deps/http-deps.ts';

/** Users. Writes password hashes but cannot read them. */
export const usersApi = (deps: UserDeps) =>
  authenticatedApi({ ...userHandlers(deps), ...userListHandlers(deps) }, deps);

export const handler = usersApi(createUserDeps(process.env));
