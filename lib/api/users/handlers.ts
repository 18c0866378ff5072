import type { HttpDeps } from '../../deps/http-deps.ts';
import { cradlUser } from './cradl.ts';
import { credibleUser } from './credible.ts';
import { jitsudoSelf } from '../self/jitsudo.ts';
import { jitsudoUser } from './jitsudo.ts';
import { nativeSelf } from '../self/native.ts';
import { nativeUser } from './native.ts';
import { parse } from '../parse.ts';
import { setActiveInput } from './set-active.ts';
import { erasureList, toErasureResponse } from './erasure.ts';
import { changeList, exportList, toChangeResponse } from './export.ts';
import { approveCredentialsInput } from './credential-approval.ts';
import type { SelfCodec, Reply, UserListCodec, UserCodec } from './user-codec.ts';
import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  getInvitation,
  resendInvitation,
  revokeInvitation,
} from '../../domain/invitations/manage-invitations.ts';
import type { Delivery } from '../../domain/invitations/delivery.ts';
import type { InvitedUser } from '../../domain/invitations/invitation.ts';
import { invitationList, toInvitationResponse } from '../invitations/native.ts';
import { canonicalizeEmail } from '../../domain/kernel/canonical.ts';
import { approveCredentials } from '../../domain/credential-limits/approve-credentials.ts';
import { createUser } from '../../domain/users/create-user.ts';
import { exportUser } from '../../domain/users/export-user.ts';
import { getUser } from '../../domain/users/get-user.ts';
import {
  collectInactivePermissions,
  needsOwnPassword,
} from '../../domain/credential-limits/inactive-permissions.ts';
import { listUsers } from '../../domain/users/list-users.ts';
import { eraseUser, listErasures, toErasurePosition } from '../../domain/users/erase-user.ts';
import { deleteUser, restoreUser, suspendUser } from '../../domain/users/transition-user.ts';
import { getCallerUser, updateSelf } from '../../domain/users/self.ts';
import { updateUser } from '../../domain/users/update-user.ts';
import type { ErasureRecord, User } from '../../domain/users/user.ts';
import { createAuthenticator } from '../auth/resolve-tenant.ts';
import { authenticatedApi, type Request } from '../http/pipeline.ts';
import { parseIfMatch } from '../http/if-match.ts';
import { parseListQuery, type PageRequest, listPage } from '../http/list-page.ts';
import type { DialectName } from '../routes.ts';

const codecs: Readonly<Record<DialectName, UserCodec>> = {
  native: nativeUser,
  cradl: cradlUser,
  jitsudo: jitsudoUser,
  credible: credibleUser,
};
const selfCodecs: Readonly<Partial<Record<DialectName, SelfCodec>>> = {
  native: nativeSelf,
  jitsudo: jitsudoSelf,
};

type UserRequest = Request<RequestContext>;

/** The user named by the path, as the dialect of the route spells it. */
const parseTarget = ({ dialect, parameters }: UserRequest) =>
  codecs[dialect].parseUserRef(parameters[codecs[dialect].pathParameter.name] ?? '');
const readIfMatch = ({ event }: UserRequest) => parseIfMatch(event.headers['if-match']);

/** The user operations: what may touch the directory table, and write secrets without reading them. */
export const usersApi = (deps: HttpDeps) => {
  const toResponseContext = (user: User, { tenant }: RequestContext) => ({
    idPrefix: deps.idPrefix,
    isOwner: tenant.ownerUserId === user.userId,
    mustChangePassword: needsOwnPassword(user, tenant),
    inactivePermissions: collectInactivePermissions(user, tenant),
  });
  const toResponse = (user: User, { dialect, context: call }: UserRequest): Reply =>
    codecs[dialect].toResponse(user, toResponseContext(user, call));
  const getSelfCodec = ({ dialect }: UserRequest) => selfCodecs[dialect] ?? nativeSelf;

  const toInvitation = (user: InvitedUser, delivery: Delivery | undefined) =>
    toInvitationResponse({ user, delivery }, { ...deps, now: deps.now() });

  const toCreateResponse = (user: User, request: UserRequest): Reply => {
    const { getLocation: location } = codecs[request.dialect];
    const { headers, body } = toResponse(user, request);
    return {
      body,
      headers: {
        ...headers,
        ...(location && { location: location(user, toResponseContext(user, request.context)) }),
      },
    };
  };

  /** A page of users, with what a list shows of them. */
  const listUserPage = (
    list: UserListCodec,
    toBodies: (users: readonly User[]) => readonly unknown[] | Promise<readonly unknown[]>,
    request: UserRequest,
  ): Promise<Reply> => {
    const { dialect, context: call } = request;
    const query = parseListQuery(list, request);
    const filter = list.toFilter?.(query) ?? {};
    const read = async (page: PageRequest) => {
      const { users, next } = await listUsers(filter, page, call, deps);
      const bodies = await toBodies(users);
      return {
        items: users.map(({ email }, index) => ({
          body: bodies[index],
          position: canonicalizeEmail(email),
        })),
        next,
      };
    };
    return listPage(list, query, [call.tenant.tenantId, dialect, filter], read, deps);
  };

  return authenticatedApi(
    {
      createUser: async (request) => {
        const {
          event,
          dialect,
          context: call,
          body,
          readCurrentContext: readCurrentCall,
        } = request;
        const key = event.headers['idempotency-key'];
        const answer = (user: User) => JSON.stringify(toCreateResponse(user, request));
        const repeatable =
          key === undefined
            ? undefined
            : { key, route: event.routeKey, body, renderResponse: answer };
        const { createInput: draft, reinvitesExpired: invitesAgain } = codecs[dialect];
        const result = await createUser(
          parse(draft, body),
          {
            idempotency: repeatable,
            reinvitesExpired: invitesAgain,
            readCurrentContext: readCurrentCall,
          },
          call,
          deps,
        );
        if ('user' in result) return toCreateResponse(result.user, request);
        const replay = JSON.parse(result.replay) as Reply;
        return { ...replay, headers: { ...replay.headers, 'idempotency-replayed': 'true' } };
      },

      getUser: async (request) =>
        toResponse(
          await getUser(
            parseTarget(request),
            codecs[request.dialect].includesAvatar,
            request.context,
            deps,
          ),
          request,
        ),

      listUsers: (request) =>
        listUserPage(
          codecs[request.dialect].list,
          (users) => users.map((user) => toResponse(user, request).body),
          request,
        ),

      updateUser: async (request) => {
        const {
          updateInput: schema,
          requiresIfMatchForRoles,
          allowsSelfUpdate,
          replacesMetadata,
          requiresRole: keepsRole,
        } = codecs[request.dialect];
        const patch = parse(schema, request.body);
        const options = {
          ifMatch: readIfMatch(request),
          requiresIfMatchForRoles,
          allowsSelfUpdate,
          replacesMetadata,
          keepsRole,
        };
        return toResponse(
          await updateUser(parseTarget(request), patch, options, request.context, deps),
          request,
        );
      },

      approveCredentials: async (request) => {
        const kinds = parse(approveCredentialsInput, request.body);
        return toResponse(
          await approveCredentials(
            parseTarget(request),
            kinds,
            readIfMatch(request),
            request.context,
            deps,
          ),
          request,
        );
      },

      suspendUser: async (request) =>
        toResponse(
          await suspendUser(
            parseTarget(request),
            false,
            readIfMatch(request),
            request.context,
            deps,
          ),
          request,
        ),
      reactivateUser: async (request) =>
        toResponse(
          await suspendUser(
            parseTarget(request),
            true,
            readIfMatch(request),
            request.context,
            deps,
          ),
          request,
        ),
      setUserActive: async (request) => {
        const { active } = parse(setActiveInput, request.body);
        return toResponse(
          await suspendUser(
            parseTarget(request),
            active,
            readIfMatch(request),
            request.context,
            deps,
          ),
          request,
        );
      },
      deleteUser: async (request) =>
        toResponse(
          await deleteUser(parseTarget(request), readIfMatch(request), request.context, deps),
          request,
        ),
      restoreUser: async (request) =>
        toResponse(
          await restoreUser(parseTarget(request), readIfMatch(request), request.context, deps),
          request,
        ),
      eraseUser: async (request) => {
        await eraseUser(parseTarget(request), readIfMatch(request), request.context, deps);
        return { body: undefined };
      },
      listErasures: (request) => {
        const { context: call } = request;
        const read = async (page: PageRequest) => {
          const { erasures, next } = await listErasures(page, call, deps);
          const toItem = (erasure: ErasureRecord) => ({
            body: toErasureResponse(erasure, deps.idPrefix),
            position: toErasurePosition(erasure),
          });
          return { items: erasures.map(toItem), next };
        };
        return listPage(
          erasureList,
          parseListQuery(erasureList, request),
          [call.tenant.tenantId, 'native', 'erasures'],
          read,
          deps,
        );
      },
      exportUser: (request) => {
        const { context: call } = request;
        const reference = parseTarget(request);
        const read = async ({ after, limit }: PageRequest) => {
          const page = { after: after === undefined ? undefined : Number(after), limit };
          const { user, creation, delivery, changes, next } = await exportUser(
            reference,
            page,
            call,
            deps,
          );
          const invited = user.invitation ? toInvitation(user as InvitedUser, delivery).body : null;
          return {
            items: changes.map((change) => ({
              body: toChangeResponse(change),
              position: String(change.version),
            })),
            next: next === undefined ? undefined : String(next),
            codec: exportList(user, toResponse(user, request).body, invited, creation),
          };
        };
        return listPage(
          changeList,
          parseListQuery(changeList, request),
          [call.tenant.tenantId, 'native', ['export', reference]],
          read,
          deps,
        );
      },

      listInvitations: (request) => {
        const toInvitations = async (users: readonly User[]) => {
          const ids = users.map(({ userId }) => userId);
          const deliveries = await deps.deliveries.getAll(request.context.tenant.tenantId, ids);
          return users.map(
            (user) => toInvitation(user as InvitedUser, deliveries.get(user.userId)).body,
          );
        };
        return listUserPage(invitationList, toInvitations, request);
      },
      getInvitation: async (request) => {
        const { user, delivery } = await getInvitation(parseTarget(request), request.context, deps);
        return toInvitation(user, delivery);
      },
      resendInvitation: async (request) => {
        const user = await resendInvitation(
          parseTarget(request),
          readIfMatch(request),
          request.context,
          deps,
        );
        return toInvitation(user, await deps.deliveries.get(user.tenantId, user.userId));
      },
      revokeInvitation: async (request) => {
        const user = await revokeInvitation(
          parseTarget(request),
          readIfMatch(request),
          request.context,
          deps,
        );
        return toInvitation(user, await deps.deliveries.get(user.tenantId, user.userId));
      },

      getOwnUser: async (request) => {
        const user = await getCallerUser(request.context, deps);
        return getSelfCodec(request).toResponse(user, toResponseContext(user, request.context));
      },
      updateOwnUser: async (request) => {
        const patch = parse(getSelfCodec(request).updateInput, request.body);
        const user = await updateSelf(
          patch,
          { ifMatch: readIfMatch(request), readCurrentContext: request.readCurrentContext },
          request.context,
          deps,
        );
        return getSelfCodec(request).toResponse(user, toResponseContext(user, request.context));
      },
    },
    createAuthenticator(deps),
  );
};
