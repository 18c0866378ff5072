import { publicApi } from '../lib/api/http/api.ts';
import { oauthHandlers } from '../lib/api/oauth/handlers.ts';
import { createTokenDeps, type TokenDeps } from '../lib/deps/token-deps.ts';

/** Token endpoint, discovery and public keys. Reads client secrets and signs access tokens. */
export const tokensApi = (deps: TokenDeps) => publicApi(oauthHandlers(deps));

export const handler = tokensApi(createTokenDeps(process.env));
