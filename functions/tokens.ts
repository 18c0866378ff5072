import { tokensApi } from '../lib/api/oauth/handlers.ts';
import { createTokenDeps } from '../lib/deps/token-deps.ts';

export const handler = tokensApi(createTokenDeps(process.env));
