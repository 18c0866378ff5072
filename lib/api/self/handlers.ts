import type { RequestContext } from '../../domain/access/request-context.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import { getSession } from '../../domain/self/get-session.ts';
import type { GroupStore } from '../../domain/groups/group-store.ts';
import { deleteSelf } from '../../domain/self/delete-self.ts';
import { getProfile } from '../../domain/users/get-user.ts';
import { getCallerUser, updateSelf } from '../../domain/users/self.ts';
import { signOutSelf } from '../../domain/self/sign-out.ts';
import type { TransitionDependencies } from '../../domain/users/transition-user.ts';
import { type IdPrefixes, noContent, type Reply } from '../codec.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { toResponseContext } from '../users/response-context.ts';
import { selfCodecs } from './codecs.ts';
import type { SelfCodec } from './self-codec.ts';
import { sessionCodecs } from './session.ts';
import { signOutCodecs } from './sign-out.ts';

interface Dependencies extends TransitionDependencies, IdPrefixes {
  readonly ownIssuer: { readonly issuer: string };
  readonly groups: Pick<GroupStore, 'getAll'>;
}

type UpdateRequest = AuthenticatedRequest<'updateOwnUser' | 'updateProfile'>;

export const selfHandlers = (deps: Dependencies) => {
  const update = async (
    request: UpdateRequest,
    target?: { readonly profileId: Uuid | undefined },
  ): Promise<Reply> => {
    const { dialect, context, body, readCurrentContext } = request;
    const { updateInput, toResponse, ...codec }: SelfCodec = selfCodecs[dialect];
    const selfUpdate = {
      input: parse(updateInput(), body),
      target,
      replacesMetadata: codec.replacesMetadata,
      ifMatch: readIfMatch(request),
      readCurrentContext,
    };
    const user = await updateSelf(selfUpdate, context, deps);
    return toResponse(user, toResponseContext(user, context, deps));
  };

  return {
    getSession: async ({ dialect, context }) => {
      const session = await getSession(context, deps);
      return sessionCodecs[dialect].toResponse(session, context, deps);
    },

    getOwnUser: async ({ dialect, context }) => {
      const user = await getCallerUser(context, deps);
      return selfCodecs[dialect].toResponse(user, toResponseContext(user, context, deps));
    },

    updateOwnUser: (request) => update(request),

    deleteOwnUser: async (request) => {
      await deleteSelf(readIfMatch(request), request.context, deps);
      return noContent;
    },

    signOutOwnUser: async ({ dialect, context }) => {
      const endsCurrentToken = await signOutSelf(context, deps);
      return signOutCodecs[dialect].toResponse(endsCurrentToken);
    },

    getProfile: async ({ dialect, context, parameters }) => {
      const codec = selfCodecs[dialect];
      const profileId = codec.parseProfileId(parameters[codec.pathParameter.name] ?? '');
      const { user, isOwn } = await getProfile(profileId, context, deps);
      const render = isOwn ? codec.toResponse : codec.toPublicResponse;
      return render(user, toResponseContext(user, context, deps));
    },

    updateProfile: (request) => {
      const { pathParameter, parseProfileId } = selfCodecs[request.dialect];
      const profileId = parseProfileId(request.parameters[pathParameter.name] ?? '');
      return update(request, { profileId });
    },
  } satisfies Operations<RequestContext>;
};
