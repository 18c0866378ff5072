import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  copyInvitationLink,
  type InvitationDependencies,
} from '../../domain/invitations/manage-invitations.ts';
import type { LinkSigner } from '../../domain/links/link.ts';
import { buildInvitationUrl } from '../../domain/links/link-url.ts';
import { selectLanguage } from '../../domain/mail/language.ts';
import { type Operations, readIfMatch } from '../http/request.ts';
import { invitationCodecs } from './codecs.ts';

type Dependencies = InvitationDependencies & { readonly links: LinkSigner };

export const invitationLinkHandlers = (deps: Dependencies) =>
  ({
    copyInvitationLink: async (request) => {
      const { dialect, context, parameters } = request;
      const { parseUserRef, toLinkResponse } = invitationCodecs[dialect];
      const target = { ref: parseUserRef(parameters), ifMatch: readIfMatch(request) };
      const { user, token } = await copyInvitationLink(target, context, deps);
      const language = selectLanguage(user, context.tenant);
      return toLinkResponse(user, buildInvitationUrl(context.tenant, token, language));
    },
  }) satisfies Operations<RequestContext>;
