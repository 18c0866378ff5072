import type { RequestContext } from '../../domain/access/request-context.ts';
import { approveCredentials } from '../../domain/credential-limits/approve-credentials.ts';
import { assignUserRole } from '../../domain/roles/assign-role.ts';
import { createOrReinvite } from '../../domain/invitations/create-or-reinvite.ts';
import { type CreateUserDependencies, createUser } from '../../domain/users/create-user.ts';
import { eraseUser, listErasures, toErasurePosition } from '../../domain/users/erase-user.ts';
import { getOrganizationUser, getUser } from '../../domain/users/get-user.ts';
import {
  deleteUser,
  reactivateUser,
  restoreUser,
  suspendUser,
  type TransitionDependencies,
} from '../../domain/users/transition-user.ts';
import { signOutUser } from '../../domain/self/sign-out.ts';
import { type UpdateUserDependencies, updateUser } from '../../domain/users/update-user.ts';
import type { User, UserWithSignIn } from '../../domain/users/user.ts';
import { type IdPrefixes, noContent, type Reply } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { getPathRole } from '../roles/role-codec.ts';
import {
  approveCredentialsInputs,
  erasureCodecs,
  organizationUserCodecs,
  setActiveInputs,
  userCodecs,
} from './codecs.ts';
import { toResponseContext } from './response-context.ts';
import type { UserOperation } from './user-codec.ts';

type Dependencies = CreateUserDependencies &
  UpdateUserDependencies &
  TransitionDependencies &
  ListPageDependencies &
  IdPrefixes;

type UserRequest = AuthenticatedRequest<UserOperation>;

const getPathUserRef = ({ dialect, parameters }: UserRequest) => {
  const { parseUserRef, pathParameter } = userCodecs[dialect];
  return parseUserRef(parameters[pathParameter.name] ?? '');
};

const toUserTarget = (request: UserRequest) => ({
  ref: getPathUserRef(request),
  ifMatch: readIfMatch(request),
});

export const userHandlers = (deps: Dependencies) => {
  const toResponse = (user: UserWithSignIn, { dialect, context }: UserRequest): Reply =>
    userCodecs[dialect].toResponse(user, toResponseContext(user, context, deps));

  const toCreateResponse = (user: User, request: UserRequest): Reply => {
    const { getLocation } = userCodecs[request.dialect];
    const { headers, body } = toResponse(user, request);
    const location = getLocation?.(user, toResponseContext(user, request.context, deps));
    return { body, headers: { ...headers, ...(location !== undefined && { location }) } };
  };

  const setActive = async (isActive: boolean, request: UserRequest): Promise<Reply> => {
    const setStatus = isActive ? reactivateUser : suspendUser;
    const user = await setStatus(toUserTarget(request), request.context, deps);
    return toResponse(user, request);
  };

  const assignRole = async (isAssigned: boolean, request: UserRequest): Promise<Reply> => {
    const assignment = { slug: getPathRole(request), isAssigned };
    const change = { ...toUserTarget(request), assignment };
    return toResponse(await assignUserRole(change, request.context, deps), request);
  };

  return {
    createUser: async (request) => {
      const { event, context, body, readCurrentContext } = request;
      const { createInput, reinvitesExpired } = userCodecs[request.dialect];
      const key = event.headers['idempotency-key'];
      const renderResponse = (user: User) => JSON.stringify(toCreateResponse(user, request));
      const idempotency =
        key === undefined
          ? undefined
          : {
              keyName: 'Idempotency-Key' as const,
              key,
              route: event.routeKey,
              body,
              renderResponse,
            };
      const create = reinvitesExpired ? createOrReinvite : createUser;
      const input = parse(createInput(), body);
      const result = await create({ input, idempotency, readCurrentContext }, context, deps);
      if ('user' in result) return toCreateResponse(result.user, request);
      const replay = JSON.parse(result.replay) as Reply;
      return { ...replay, headers: { ...replay.headers, 'idempotency-replayed': 'true' } };
    },

    getUser: async (request) => {
      const codec = userCodecs[request.dialect];
      const { includesAvatar: withAvatar, includesSignIn: withSignIn, allowsSelf } = codec;
      const read = { ref: getPathUserRef(request), withAvatar, withSignIn, allowsSelf };
      const user = await getUser(read, request.context, deps);
      return toResponse(user, request);
    },

    getOrganizationUser: async (request) => {
      const user = await getOrganizationUser(getPathUserRef(request), request.context, deps);
      return organizationUserCodecs[request.dialect].toResponse(user);
    },

    updateUser: async (request) => {
      const codec = userCodecs[request.dialect];
      const update = {
        ...toUserTarget(request),
        input: parse(codec.updateInput(), request.body),
        requiresIfMatchForRoles: codec.requiresIfMatchForRoles,
        allowsSelf: codec.allowsSelf,
        replacesMetadata: codec.replacesMetadata,
        requiresRole: codec.requiresRole,
      };
      const user = await updateUser(update, request.context, deps);
      return toResponse(user, request);
    },

    assignUserRole: (request) => assignRole(true, request),
    removeUserRole: (request) => assignRole(false, request),

    approveCredentials: async (request) => {
      const credentials = parse(approveCredentialsInputs[request.dialect](), request.body);
      const approval = { ...toUserTarget(request), credentials };
      const user = await approveCredentials(approval, request.context, deps);
      return toResponse(user, request);
    },

    suspendUser: (request) => setActive(false, request),
    reactivateUser: (request) => setActive(true, request),
    setUserActive: async (request) =>
      setActive(parse(setActiveInputs[request.dialect](), request.body).active, request),

    signOutUser: async (request) => {
      await signOutUser(getPathUserRef(request), request.context, deps);
      return noContent;
    },

    deleteUser: async (request) => {
      const user = await deleteUser(toUserTarget(request), request.context, deps);
      return toResponse(user, request);
    },
    restoreUser: async (request) => {
      const user = await restoreUser(toUserTarget(request), request.context, deps);
      return toResponse(user, request);
    },
    eraseUser: async (request) => {
      await eraseUser(toUserTarget(request), request.context, deps);
      return noContent;
    },

    listErasures: (request) => {
      const { dialect, context } = request;
      const { list, toResponse: toBody } = erasureCodecs[dialect];
      const read = async (page: PageRequest): Promise<PageItems> => {
        const { erasures, next } = await listErasures(page, context, deps);
        const items = erasures.map((erasure) => ({
          body: toBody(erasure, deps.idPrefix),
          position: toErasurePosition(erasure),
        }));
        return { items, next };
      };
      const query = parseListQuery(list, request);
      const scope = [context.tenant.tenantId, dialect, 'erasures'] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },
  } satisfies Operations<RequestContext>;
};
