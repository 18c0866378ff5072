import { publicApi } from '../lib/api/http/api.ts';
import { signInHandlers } from '../lib/api/sign-in/handlers.ts';
import { createSignInDeps, type SignInDeps } from '../lib/deps/token-deps.ts';

/**
 * Sign-in with a password, and sign-in methods of tenants. Reads password hashes and signs access
 * tokens.
 */
export const signInApi = (deps: SignInDeps) => publicApi(signInHandlers(deps));

export const handler = signInApi(createSignInDeps(process.env));
