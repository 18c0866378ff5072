import { confirmation, confirmationRequest } from '../lib/dialects/native/credential-confirmation.ts';
import { parse } from '../lib/dialects/parse.ts';
import { byUserId } from '../lib/dialects/user-wire.ts';
import { confirmCredential, requestConfirmation } from '../lib/domain/credential-limits/confirm-credential.ts';
import { copyInvitationLink } from '../lib/domain/invitations/manage-invitations.ts';
import { invitationLink } from '../lib/domain/links/link.ts';
import { selectLanguage } from '../lib/domain/mail/language.ts';
import { admission } from '../lib/http/admit.ts';
import { endpoint } from '../lib/http/endpoint.ts';
import { ifMatch } from '../lib/http/if-match.ts';
import { createLinkDeps, type LinkDeps } from '../lib/deps/invitation-link-deps.ts';

/** What makes a link and shows it to somebody other than whom it is for: nothing else that serves HTTP can make one. */
export const linksHandler = (deps: LinkDeps) =>
  endpoint(
    {
      copyInvitationLink: async ({ event, call, parameters }) => {
        const reference = byUserId.reference(parameters['userId'] ?? '');
        const { user, token } = await copyInvitationLink(reference, ifMatch(event.headers['if-match']), call, deps);
        const link = invitationLink(call.tenant, token, selectLanguage(user, call.tenant));
        return { body: { link, expiresTime: user.invitation.expires } };
      },
      requestCredentialConfirmation: async ({ call, body }) => {
        await requestConfirmation(parse(confirmationRequest, body).credential, call, deps);
        return { body: undefined };
      },
      confirmCredential: async ({ call, body }) => {
        await confirmCredential(parse(confirmation, body).token, call, deps);
        return { body: undefined };
      },
    },
    admission(deps),
  );

export const handler = linksHandler(createLinkDeps(process.env));
