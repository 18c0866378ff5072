import { createDeps, type Deps } from '../lib/deps/http-deps.ts';
import { cradl } from '../lib/dialects/cradl/user.ts';
import { credible } from '../lib/dialects/credible/user.ts';
import { jitsudoOwnAccount } from '../lib/dialects/jitsudo/own-account.ts';
import { jitsudo } from '../lib/dialects/jitsudo/user.ts';
import { nativeOwnAccount } from '../lib/dialects/native/own-account.ts';
import { native } from '../lib/dialects/native/user.ts';
import { parse } from '../lib/dialects/parse.ts';
import { activeSwitch } from '../lib/dialects/jitsudo/active-switch.ts';
import { erasureList, toErasureResponse } from '../lib/dialects/native/erasure.ts';
import { changeList, exportList, toChangeResponse } from '../lib/dialects/native/export.ts';
import { credentialApproval } from '../lib/dialects/native/credential-approval.ts';
import type { OwnAccountWire, Reply, UserListWire, UserWire } from '../lib/dialects/user-wire.ts';
import type { Call } from '../lib/domain/access/request-context.ts';
import { getInvitation, resendInvitation, revokeInvitation } from '../lib/domain/invitations/manage-invitations.ts';
import type { Delivery } from '../lib/domain/invitations/delivery.ts';
import type { Invited } from '../lib/domain/invitations/invitation.ts';
import { invitationList, invitationView } from '../lib/dialects/native/invitation.ts';
import { canonicalEmail } from '../lib/domain/kernel/canonical.ts';
import { approveCredentials } from '../lib/domain/credential-limits/approve-credentials.ts';
import { createUser } from '../lib/domain/users/create-user.ts';
import { exportUser } from '../lib/domain/users/export-user.ts';
import { getUser } from '../lib/domain/users/get-user.ts';
import { collectInactivePermissions, needsOwnPassword } from '../lib/domain/credential-limits/inactive-permissions.ts';
import { listUsers } from '../lib/domain/users/list-users.ts';
import { eraseUser, listErasures, toErasurePosition } from '../lib/domain/users/erase-user.ts';
import { deleteUser, restoreUser, suspendUser } from '../lib/domain/users/transition-user.ts';
import { getOwnUser, updateOwnUser } from '../lib/domain/users/self.ts';
import { updateUser } from '../lib/domain/users/update-user.ts';
import type { Erasure, User } from '../lib/domain/users/user.ts';
import { admission } from '../lib/http/admit.ts';
import { endpoint, type Request } from '../lib/http/endpoint.ts';
import { ifMatch } from '../lib/http/if-match.ts';
import { asked, type Page, paged } from '../lib/http/paged.ts';
import type { DialectName } from '../lib/http/routes.ts';

const wires: Readonly<Record<DialectName, UserWire>> = { native, cradl, jitsudo, credible };
const ownAccounts: Readonly<Partial<Record<DialectName, OwnAccountWire>>> = { native: nativeOwnAccount, jitsudo: jitsudoOwnAccount };

type UserRequest = Request<Call>;

/** The user named by the path, as the dialect of the route spells it. */
const named = ({ dialect, parameters }: UserRequest) => wires[dialect].reference(parameters[wires[dialect].parameter.name] ?? '');
const match = ({ event }: UserRequest) => ifMatch(event.headers['if-match']);

/** The user operations: what may touch the directory table, and write secrets without reading them. */
export const usersHandler = (deps: Deps) => {
  const about = (user: User, { tenant }: Call) => ({
    idPrefix: deps.idPrefix,
    isOwner: tenant.ownerUserId === user.userId,
    mustChangePassword: needsOwnPassword(user, tenant),
    inactivePermissions: collectInactivePermissions(user, tenant),
  });
  const shown = (user: User, { dialect, call }: UserRequest): Reply => wires[dialect].view(user, about(user, call));
  const ownAccount = ({ dialect }: UserRequest) => ownAccounts[dialect] ?? nativeOwnAccount;

  const invitation = (user: Invited, delivery: Delivery | undefined) => invitationView({ user, delivery }, { ...deps, now: deps.now() });

  const created = (user: User, request: UserRequest): Reply => {
    const { location } = wires[request.dialect];
    const { headers, body } = shown(user, request);
    return { body, headers: { ...headers, ...(location && { location: location(user, about(user, request.call)) }) } };
  };

  /** A page of users, with what a list shows of them. */
  const pagedUsers = (
    list: UserListWire,
    toBodies: (users: readonly User[]) => readonly unknown[] | Promise<readonly unknown[]>,
    request: UserRequest,
  ): Promise<Reply> => {
    const { dialect, call } = request;
    const query = asked(list, request);
    const filter = list.filter?.(query) ?? {};
    const read = async (page: Page) => {
      const { users, next } = await listUsers(filter, page, call, deps);
      const bodies = await toBodies(users);
      return { items: users.map(({ email }, index) => ({ body: bodies[index], position: canonicalEmail(email) })), next };
    };
    return paged(list, query, [call.tenant.tenantId, dialect, filter], read, deps);
  };

  return endpoint(
    {
      createUser: async (request) => {
        const { event, dialect, call, body, readCurrentCall } = request;
        const key = event.headers['idempotency-key'];
        const answer = (user: User) => JSON.stringify(created(user, request));
        const repeatable = key === undefined ? undefined : { key, route: event.routeKey, body, answer };
        const { draft, invitesAgain } = wires[dialect];
        const result = await createUser(parse(draft, body), { repeatable, invitesAgain, readCurrentCall }, call, deps);
        if ('user' in result) return created(result.user, request);
        const replay = JSON.parse(result.replay) as Reply;
        return { ...replay, headers: { ...replay.headers, 'idempotency-replayed': 'true' } };
      },

      getUser: async (request) => shown(await getUser(named(request), wires[request.dialect].showsAvatar, request.call, deps), request),

      listUsers: (request) => pagedUsers(wires[request.dialect].list, (users) => users.map((user) => shown(user, request).body), request),

      updateUser: async (request) => {
        const { patch: schema, rolesNeedMatch, allowsSelf, replacesMetadata, keepsRole } = wires[request.dialect];
        const patch = parse(schema, request.body);
        const how = { ifMatch: match(request), rolesNeedMatch, allowSelf: allowsSelf, replacesMetadata, keepsRole };
        return shown(await updateUser(named(request), patch, how, request.call, deps), request);
      },

      approveCredentials: async (request) => {
        const kinds = parse(credentialApproval, request.body);
        return shown(await approveCredentials(named(request), kinds, match(request), request.call, deps), request);
      },

      suspendUser: async (request) => shown(await suspendUser(named(request), false, match(request), request.call, deps), request),
      reactivateUser: async (request) => shown(await suspendUser(named(request), true, match(request), request.call, deps), request),
      setUserActive: async (request) => {
        const { active } = parse(activeSwitch, request.body);
        return shown(await suspendUser(named(request), active, match(request), request.call, deps), request);
      },
      deleteUser: async (request) => shown(await deleteUser(named(request), match(request), request.call, deps), request),
      restoreUser: async (request) => shown(await restoreUser(named(request), match(request), request.call, deps), request),
      eraseUser: async (request) => {
        await eraseUser(named(request), match(request), request.call, deps);
        return { body: undefined };
      },
      listErasures: (request) => {
        const { call } = request;
        const read = async (page: Page) => {
          const { erasures, next } = await listErasures(page, call, deps);
          const toItem = (erasure: Erasure) => ({ body: toErasureResponse(erasure, deps.idPrefix), position: toErasurePosition(erasure) });
          return { items: erasures.map(toItem), next };
        };
        return paged(erasureList, asked(erasureList, request), [call.tenant.tenantId, 'native', 'erasures'], read, deps);
      },
      exportUser: (request) => {
        const { call } = request;
        const reference = named(request);
        const read = async ({ after, limit }: Page) => {
          const page = { after: after === undefined ? undefined : Number(after), limit };
          const { user, creation, delivery, changes, next } = await exportUser(reference, page, call, deps);
          const invited = user.invitation ? invitation(user as Invited, delivery).body : null;
          return {
            items: changes.map((change) => ({ body: toChangeResponse(change), position: String(change.version) })),
            next: next === undefined ? undefined : String(next),
            list: exportList(user, shown(user, request).body, invited, creation),
          };
        };
        return paged(changeList, asked(changeList, request), [call.tenant.tenantId, 'native', ['export', reference]], read, deps);
      },

      listInvitations: (request) => {
        const shownIn = async (users: readonly User[]) => {
          const ids = users.map(({ userId }) => userId);
          const deliveries = await deps.deliveries.getAll(request.call.tenant.tenantId, ids);
          return users.map((user) => invitation(user as Invited, deliveries.get(user.userId)).body);
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
        const user = await getOwnUser(request.call, deps);
        return ownAccount(request).view(user, about(user, request.call));
      },
      updateOwnUser: async (request) => {
        const patch = parse(ownAccount(request).patch, request.body);
        const user = await updateOwnUser(patch, { ifMatch: match(request), readCurrentCall: request.readCurrentCall }, request.call, deps);
        return ownAccount(request).view(user, about(user, request.call));
      },
    },
    admission(deps),
  );
};

export const handler = usersHandler(createDeps(process.env));
