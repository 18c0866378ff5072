import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  type ConfirmCredentialDependencies,
  confirmCredential,
  requestConfirmation,
} from '../../domain/credential-limits/confirm-credential.ts';
import type { LinkSigner } from '../../domain/links/link.ts';
import { noContent } from '../codec.ts';
import type { Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { confirmCredentialInputs, requestConfirmationInputs } from './credential-confirmation.ts';

type Dependencies = ConfirmCredentialDependencies & { readonly links: LinkSigner };

export const confirmationHandlers = (deps: Dependencies) =>
  ({
    requestCredentialConfirmation: async ({ dialect, context, body }) => {
      const { credential } = parse(requestConfirmationInputs[dialect](), body);
      await requestConfirmation(credential, context, deps);
      return noContent;
    },

    confirmCredential: async ({ dialect, context, body }) => {
      const { token } = parse(confirmCredentialInputs[dialect](), body);
      await confirmCredential(token, context, deps);
      return noContent;
    },
  }) satisfies Operations<RequestContext>;
