import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  cancelOwnVerification,
  requestEmailChange,
  requestOwnVerification,
  requestUserVerification,
  type RequestVerificationDependencies,
} from '../../domain/email-verification/request-verification.ts';
import { noContent } from '../codec.ts';
import { type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { emailVerificationCodecs } from './codecs.ts';

export const emailVerificationHandlers = (deps: RequestVerificationDependencies) =>
  ({
    requestOwnEmailVerification: async ({ context }) => {
      await requestOwnVerification(context, deps);
      return noContent;
    },

    cancelOwnEmailVerification: async ({ context }) => {
      await cancelOwnVerification(context, deps);
      return noContent;
    },

    requestEmailChange: async ({ dialect, context, body }) => {
      const { email } = parse(emailVerificationCodecs[dialect].changeInput(), body);
      await requestEmailChange(email, context, deps);
      return noContent;
    },

    requestUserEmailVerification: async (request) => {
      const { dialect, context, parameters } = request;
      const { pathParameter, parseUserRef } = emailVerificationCodecs[dialect];
      const ref = parseUserRef(parameters[pathParameter.name] ?? '');
      await requestUserVerification({ ref, ifMatch: readIfMatch(request) }, context, deps);
      return noContent;
    },
  }) satisfies Operations<RequestContext>;
