import {
  confirmCredentialInput,
  requestConfirmationInput,
} from '../self/credential-confirmation.ts';
import { parse } from '../parse.ts';
import { byUserId } from '../users/user-codec.ts';
import {
  confirmCredential,
  requestConfirmation,
} from '../../domain/credential-limits/confirm-credential.ts';
import { copyInvitationLink } from '../../domain/invitations/manage-invitations.ts';
import { buildInvitationUrl } from '../../domain/links/link-url.ts';
import { selectLanguage } from '../../domain/mail/language.ts';
import { createAuthenticator } from '../auth/resolve-tenant.ts';
import { authenticatedApi } from '../http/pipeline.ts';
import { parseIfMatch } from '../http/if-match.ts';
import type { InvitationLinkDeps } from '../../deps/invitation-link-deps.ts';

/** What makes a link and shows it to somebody other than whom it is for: nothing else that serves HTTP can make one. */
export const invitationLinksApi = (deps: InvitationLinkDeps) =>
  authenticatedApi(
    {
      copyInvitationLink: async ({ event, context: call, parameters }) => {
        const reference = byUserId.parseUserRef(parameters['userId'] ?? '');
        const { user, token } = await copyInvitationLink(
          reference,
          parseIfMatch(event.headers['if-match']),
          call,
          deps,
        );
        const link = buildInvitationUrl(call.tenant, token, selectLanguage(user, call.tenant));
        return { body: { link, expiresTime: user.invitation.expiresAt } };
      },
      requestCredentialConfirmation: async ({ context: call, body }) => {
        await requestConfirmation(parse(requestConfirmationInput, body).credential, call, deps);
        return { body: undefined };
      },
      confirmCredential: async ({ context: call, body }) => {
        await confirmCredential(parse(confirmCredentialInput, body).token, call, deps);
        return { body: undefined };
      },
    },
    createAuthenticator(deps),
  );
