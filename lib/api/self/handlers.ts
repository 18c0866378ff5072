import type { RequestContext } from '../../domain/access/request-context.ts';
import type { IdPrefix } from '../../domain/kernel/ids.ts';
import type { Policy } from '../../domain/access/policy.ts';
import type { ChangeDependencies } from '../../domain/users/change-user.ts';
import { getCallerUser, updateSelf } from '../../domain/users/self.ts';
import { type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { toResponseContext } from '../users/response-context.ts';
import { selfCodecs } from './codecs.ts';

interface Dependencies extends ChangeDependencies {
  readonly policy: Policy;
  readonly idPrefix: IdPrefix;
}

export const selfHandlers = (deps: Dependencies) =>
  ({
    getOwnUser: async ({ dialect, context }) => {
      const user = await getCallerUser(context, deps);
      return selfCodecs[dialect].toResponse(user, toResponseContext(user, context, deps));
    },

    updateOwnUser: async (request) => {
      const { dialect, context, body, readCurrentContext } = request;
      const { updateInput, toResponse } = selfCodecs[dialect];
      const input = parse(updateInput(), body);
      const update = { input, ifMatch: readIfMatch(request), readCurrentContext };
      const user = await updateSelf(update, context, deps);
      return toResponse(user, toResponseContext(user, context, deps));
    },
  }) satisfies Operations<RequestContext>;
