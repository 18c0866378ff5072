import { passwordsApi } from '../lib/api/self/change-password.ts';
import { createHttpDeps } from '../lib/deps/http-deps.ts';

export const handler = passwordsApi(createHttpDeps(process.env));
