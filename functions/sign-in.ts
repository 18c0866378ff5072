import { publicApi } from '../lib/api/http/api.ts';
import { signInHandlers } from '../lib/api/sign-in/handlers.ts';
import { createSignInDeps, type SignInDeps } from '../lib/deps/token-deps.ts';

/** Sign-in with a password. Finds tenants by domain, reads password hashes and signs access tokens. */
export const signInApi = (deps: SignInDeps) => publicApi(signInHandlers(deps));

export const handler = signInApi(createSignInDeps(process.env));
