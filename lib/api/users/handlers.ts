import type { Deps } from '../../deps/http-deps.ts';
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
import { admission } from '../auth/resolve-tenant.ts';
import { endpoint, type Request } from '../http/pipeline.ts';
import { ifMatch } from '../http/if-match.ts';
import { asked, type Page, paged } from '../http/list-page.ts';
import type { DialectName } from '../routes.ts';

const wires: Readonly<Record<DialectName, UserCodec>> = {
  native: nativeUser,
  cradl: cradlUser,
  jitsudo: jitsudoUser,
  credible: credibleUser,
};
const ownAccounts: Readonly<Partial<Record<DialectName, SelfCodec>>> = {
  native: nativeSelf,
  jitsudo: jitsudoSelf,
};

type UserRequest = Request<RequestContext>;

/** The user named by the path, as the dialect of the route spells it. */
const named = ({ dialect, parameters }: UserRequest) =>
  wires[dialect].parseUserRef(parameters[wires[dialect].pathParameter.name] ?? '');
const match = ({ event }: UserRequest) => ifMatch(event.headers['if-match']);

/** The user operations: what may touch the directory table, and write secrets without reading them. */
export const usersApi = (deps: Deps) => {
  const about = (user: User, { tenant }: RequestContext) => ({
    idPrefix: deps.idPrefix,
    isOwner: tenant.ownerUserId === user.userId,
    mustChangePassword: needsOwnPassword(user, tenant),
    inactivePermissions: collectInactivePermissions(user, tenant),
  });
  const shown = (user: User, { dialect, call }: UserRequest): Reply =>
    wires[dialect].toResponse(user, about(user, call));
  const ownAccount = ({ dialect }: UserRequest) => ownAccounts[dialect] ?? nativeSelf;

  const invitation = (user: InvitedUser, delivery: Delivery | undefined) =>
    toInvitationResponse({ user, delivery }, { ...deps, now: deps.now() });

  const created = (user: User, request: UserRequest): Reply => {
    const { getLocation: location } = wires[request.dialect];
    const { headers, body } = shown(user, request);
    return {
      body,
      headers: {
        ...headers,
        ...(location && { location: location(user, about(user, request.call)) }),
      },
    };
  };

  /** A page of users, with what a list shows of them. */
  const pagedUsers = (
    list: UserListCodec,
    toBodies: (users: readonly User[]) => readonly unknown[] | Promise<readonly unknown[]>,
    request: UserRequest,
  ): Promise<Reply> => {
    const { dialect, call } = request;
    const query = asked(list, request);
    const filter = list.toFilter?.(query) ?? {};
    const read = async (page: Page) => {
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
    return paged(list, query, [call.tenant.tenantId, dialect, filter], read, deps);
  };

  return endpoint(
    {
      createUser: async (request) => {
        const { event, dialect, call, body, readCurrentCall } = request;
        const key = event.headers['idempotency-key'];
        const answer = (user: User) => JSON.stringify(created(user, request));
        const repeatable =
          key === undefined
            ? undefined
            : { key, route: event.routeKey, body, renderResponse: answer };
        const { createInput: draft, reinvitesExpired: invitesAgain } = wires[dialect];
        const result = await createUser(
          parse(draft, body),
          { idempotency: repeatable, reinvitesExpired: invitesAgain, readCurrentCall },
          call,
          deps,
        );
        if ('user' in result) return created(result.user, request);
        const replay = JSON.parse(result.replay) as Reply;
        return { ...replay, headers: { ...replay.headers, 'idempotency-replayed': 'true' } };
      },

      getUser: async (request) =>
        shown(
          await getUser(named(request), wires[request.dialect].includesAvatar, request.call, deps),
          request,
        ),

      listUsers: (request) =>
        pagedUsers(
          wires[request.dialect].list,
          (users) => users.map((user) => shown(user, request).body),
          request,
        ),

      updateUser: async (request) => {
        const {
          updateInput: schema,
          requiresIfMatchForRoles: rolesNeedMatch,
          allowsSelfUpdate: allowsSelf,
          replacesMetadata,
          requiresRole: keepsRole,
        } = wires[request.dialect];
        const patch = parse(schema, request.body);
        const how = {
          ifMatch: match(request),
          rolesNeedMatch,
          allowSelf: allowsSelf,
          replacesMetadata,
          keepsRole,
        };
        return shown(await updateUser(named(request), patch, how, request.call, deps), request);
      },

      approveCredentials: async (request) => {
        const kinds = parse(approveCredentialsInput, request.body);
        return shown(
          await approveCredentials(named(request), kinds, match(request), request.call, deps),
          request,
        );
      },

      suspendUser: async (request) =>
        shown(
          await suspendUser(named(request), false, match(request), request.call, deps),
          request,
        ),
      reactivateUser: async (request) =>
        shown(await suspendUser(named(request), true, match(request), request.call, deps), request),
      setUserActive: async (request) => {
        const { active } = parse(setActiveInput, request.body);
        return shown(
          await suspendUser(named(request), active, match(request), request.call, deps),
          request,
        );
      },
      deleteUser: async (request) =>
        shown(await deleteUser(named(request), match(request), request.call, deps), request),
      restoreUser: async (request) =>
        shown(await restoreUser(named(request), match(request), request.call, deps), request),
      eraseUser: async (request) => {
        await eraseUser(named(request), match(request), request.call, deps);
        return { body: undefined };
      },
      listErasures: (request) => {
        const { call } = request;
        const read = async (page: Page) => {
          const { erasures, next } = await listErasures(page, call, deps);
          const toItem = (erasure: ErasureRecord) => ({
            body: toErasureResponse(erasure, deps.idPrefix),
            position: toErasurePosition(erasure),
          });
          return { items: erasures.map(toItem), next };
        };
        return paged(
          erasureList,
          asked(erasureList, request),
          [call.tenant.tenantId, 'native', 'erasures'],
          read,
          deps,
        );
      },
      exportUser: (request) => {
        const { call } = request;
        const reference = named(request);
        const read = async ({ after, limit }: Page) => {
          const page = { after: after === undefined ? undefined : Number(after), limit };
          const { user, creation, delivery, changes, next } = await exportUser(
            reference,
            page,
            call,
            deps,
          );
          const invited = user.invitation ? invitation(user as InvitedUser, delivery).body : null;
          return {
            items: changes.map((change) => ({
              body: toChangeResponse(change),
              position: String(change.version),
            })),
            next: next === undefined ? undefined : String(next),
            list: exportList(user, shown(user, request).body, invited, creation),
          };
        };
        return paged(
          changeList,
          asked(changeList, request),
          [call.tenant.tenantId, 'native', ['export', reference]],
          read,
          deps,
        );
      },

      listInvitations: (request) => {
        const shownIn = async (users: readonly User[]) => {
          const ids = users.map(({ userId }) => userId);
          const deliveries = await deps.deliveries.getAll(request.call.tenant.tenantId, ids);
          return users.map(
            (user) => invitation(user as InvitedUser, deliveries.get(user.userId)).body,
          );
        };
        return pagedUsers(invitationList, shownIn, request);
      },
      getInvitation: async (request) => {
        const { user, delivery } = await getInvitation(named(request), request.call, deps);
        return invitation(user, delivery);
      },
      resendInvitation: async (request) => {
        const user = await resendInvitation(named(request), match(request), request.call, deps);
        return invitation(user, await deps.deliveries.get(user.tenantId, user.userId));
      },
      revokeInvitation: async (request) => {
        const user = await revokeInvitation(named(request), match(request), request.call, deps);
        return invitation(user, await deps.deliveries.get(user.tenantId, user.userId));
      },

      getOwnUser: async (request) => {
        const user = await getCallerUser(request.call, deps);
        return ownAccount(request).toResponse(user, about(user, request.call));
      },
      updateOwnUser: async (request) => {
        const patch = parse(ownAccount(request).updateInput, request.body);
        const user = await updateSelf(
          patch,
          { ifMatch: match(request), readCurrentCall: request.readCurrentCall },
          request.call,
          deps,
        );
        return ownAccount(request).toResponse(user, about(user, request.call));
      },
    },
    admission(deps),
  );
};
