import { authenticatedApi } from '../lib/api/http/api.ts';
import { invitationHandlers } from '../lib/api/invitations/handlers.ts';
import { invitationLinkHandlers } from '../lib/api/invitations/link-handlers.ts';
import { confirmationHandlers } from '../lib/api/self/confirmation-handlers.ts';
import {
  createInvitationLinkDeps,
  type InvitationLinkDeps,
} from '../lib/deps/invitation-link-deps.ts';

/** Invitations, and links that an authenticated caller receives. Signs links. */
export const invitationLinksApi = (deps: InvitationLinkDeps) =>
  authenticatedApi(
    {
      ...invitationHandlers(deps),
      ...invitationLinkHandlers(deps),
      ...confirmationHandlers(deps),
    },
    deps,
  );

export const handler = invitationLinksApi(createInvitationLinkDeps(process.env));
