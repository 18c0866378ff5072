import { linkRedemptionApi } from '../lib/api/links/handlers.ts';
import { createLinkRedemptionDeps } from '../lib/deps/link-redemption-deps.ts';

export const handler = linkRedemptionApi(createLinkRedemptionDeps(process.env));
