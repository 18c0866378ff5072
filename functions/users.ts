import { usersApi } from '../lib/api/users/handlers.ts';
import { createDeps } from '../lib/deps/http-deps.ts';

export const handler = usersApi(createDeps(process.env));
