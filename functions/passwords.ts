import { passwordsApi } from '../lib/api/self/change-password.ts';
import { createDeps } from '../lib/deps/http-deps.ts';

export const handler = passwordsApi(createDeps(process.env));
