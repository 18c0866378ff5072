import { publicApi } from '../lib/api/http/api.ts';
import { signInHandlers } from '../lib/api/sign-in/handlers.ts';
import { createTokenDeps, type TokenDeps } from '../lib/deps/token-deps.ts';

/** Sign-in with a password. Reads password hashes and signs access tokens. */
export const signInApi = (deps: TokenDeps) => publicApi(signInHandlers(deps));

export const handler = signInApi(createTokenDeps(process.env));
