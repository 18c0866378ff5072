import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  type ChangePasswordDependencies,
  changeOwnPassword,
} from '../../domain/sign-in/change-password.ts';
import { withErrorMapping } from '../codec.ts';
import { getSourceIp, type Operations } from '../http/request.ts';
import { parse } from '../parse.ts';
import { selfCodecs } from './codecs.ts';

export const passwordHandlers = (deps: ChangePasswordDependencies) =>
  ({
    changeOwnPassword: async (request) => {
      const { changePasswordInput, passwordResponse, mapError } = selfCodecs[request.dialect];
      const input = {
        ...parse(changePasswordInput(), request.body),
        ipAddress: getSourceIp(request),
      };
      await withErrorMapping(mapError, () => changeOwnPassword(input, request.context, deps));
      return { body: passwordResponse?.body };
    },
  }) satisfies Operations<RequestContext>;
