import { authenticatedApi } from '../lib/api/http/api.ts';
import { invitationLinkHandlers } from '../lib/api/invitations/link-handlers.ts';
import { confirmationHandlers } from '../lib/api/self/confirmation-handlers.ts';
import {
  createInvitationLinkDeps,
  type InvitationLinkDeps,
} from '../lib/deps/invitation-link-deps.ts';

/** Links that an authenticated caller receives. The only HTTP function that can sign a link. */
export const invitationLinksApi = (deps: InvitationLinkDeps) =>
  authenticatedApi({ ...invitationLinkHandlers(deps), ...confirmationHandlers(deps) }, deps);

export const handler = invitationLinksApi(createInvitationLinkDeps(process.env));
