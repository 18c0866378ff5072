import { publicApi } from '../lib/api/http/api.ts';
import { linkHandlers } from '../lib/api/links/handlers.ts';
import {
  createLinkRedemptionDeps,
  type LinkRedemptionDeps,
} from '../lib/deps/link-redemption-deps.ts';

/** Acceptance of invitations and password resets. Verifies links but cannot sign them. */
export const linkRedemptionApi = (deps: LinkRedemptionDeps) => publicApi(linkHandlers(deps));

export const handler = linkRedemptionApi(createLinkRedemptionDeps(process.env));
