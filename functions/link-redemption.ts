import { linkRedemptionApi } from '../lib/api/links/handlers.ts';
import { createAcceptDeps } from '../lib/deps/link-redemption-deps.ts';

export const handler = linkRedemptionApi(createAcceptDeps(process.env));
