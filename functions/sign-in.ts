import { signInApi } from '../lib/api/sign-in/handlers.ts';
import { createTokenDeps } from '../lib/deps/token-deps.ts';

export const handler = signInApi(createTokenDeps(process.env));
