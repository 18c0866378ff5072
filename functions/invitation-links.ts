import { invitationLinksApi } from '../lib/api/invitations/copy-link.ts';
import { createLinkDeps } from '../lib/deps/invitation-link-deps.ts';

export const handler = invitationLinksApi(createLinkDeps(process.env));
