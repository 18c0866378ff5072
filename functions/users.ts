import { usersApi } from '../lib/api/users/handlers.ts';
import { createHttpDeps } from '../lib/deps/http-deps.ts';

export const handler = usersApi(createHttpDeps(process.env));
