import { invitationLinksApi } from '../lib/api/invitations/copy-link.ts';
import { createInvitationLinkDeps } from '../lib/deps/invitation-link-deps.ts';

export const handler = invitationLinksApi(createInvitationLinkDeps(process.env));
