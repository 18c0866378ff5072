import type { RequestContext } from '../../domain/access/request-context.ts';
import type {
  ConnectionDependencies,
  ConnectionView,
} from '../../domain/connections/change-connection.ts';
import {
  createConnectionToken,
  removeConnectionToken,
} from '../../domain/connections/connection-tokens.ts';
import {
  createConnection,
  deleteConnection,
  getConnection,
  listConnections,
  updateConnection,
} from '../../domain/connections/manage-connections.ts';
import { type BrakeStore, releaseBrake } from '../../domain/connections/brake.ts';
import type { ConnectionLog, LogQuery } from '../../domain/connections/connection-log.ts';
import { getConnectionHealth } from '../../domain/connections/get-health.ts';
import { listConnectionLog } from '../../domain/connections/list-log.ts';
import { setManagedUser } from '../../domain/connections/manage-user.ts';
import type { EndedMembershipStore } from '../../domain/groups/group-store.ts';
import { type IdPrefix, parseUserId } from '../../domain/kernel/ids.ts';
import type { TenantStore } from '../../domain/tenants/tenant-store.ts';
import type { ManagedLock } from '../../domain/connections/managed-lock.ts';
import type { UserStore } from '../../domain/users/user-store.ts';
import { noContent, type Reply } from '../codec.ts';
import {
  listPage,
  type ListPageDependencies,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import { connectionCodecs, type ConnectionOperation } from './codecs.ts';

type Dependencies = ConnectionDependencies &
  ListPageDependencies & {
    readonly idPrefix: IdPrefix;
    readonly ownIssuer: { readonly issuer: string };
    readonly endedMemberships: EndedMembershipStore;
    readonly connectionLog: Pick<ConnectionLog, 'list'>;
    readonly brakes: BrakeStore;
    readonly users: UserStore;
    readonly tenants: TenantStore;
    readonly managedLock: ManagedLock;
  };

type ConnectionRequest = AuthenticatedRequest<ConnectionOperation>;

const getConnectionId = ({ dialect, parameters }: ConnectionRequest) => {
  const { pathParameter, parseConnectionId } = connectionCodecs[dialect];
  return parseConnectionId(parameters[pathParameter.name] ?? '');
};

const toTarget = (request: ConnectionRequest) => ({
  connectionId: getConnectionId(request),
  ifMatch: readIfMatch(request),
});

export const connectionHandlers = (deps: Dependencies) => {
  const setUser = async (request: ConnectionRequest, isManaged: boolean): Promise<Reply> => {
    const userId = parseUserId(request.parameters['userId'] ?? '');
    const approval = { connectionId: getConnectionId(request), userId, isManaged };
    await setManagedUser(approval, request.context, deps);
    return noContent;
  };

  const toResponse = (
    view: ConnectionView,
    { dialect }: Pick<ConnectionRequest, 'dialect'>,
    token?: string,
  ): Reply => {
    const { idPrefix, ownIssuer, now } = deps;
    const context = { idPrefix, apiUrl: ownIssuer.issuer, now: now() };
    return connectionCodecs[dialect].toResponse(view, context, token);
  };

  return {
    createConnection: async (request) => {
      const { createInput, getLocation } = connectionCodecs[request.dialect];
      const input = parse(createInput(), request.body);
      const { token, ...view } = await createConnection(input, request.context, deps);
      const { body, headers } = toResponse(view, request, token);
      return { body, headers: { ...headers, location: getLocation(view, deps.idPrefix) } };
    },

    listConnections: (request) => {
      const { dialect, context } = request;
      const { list } = connectionCodecs[dialect];
      const read = async (page: PageRequest): Promise<PageItems> => {
        const { views, next } = await listConnections(page, context, deps);
        const items = views.map((view) => ({
          body: toResponse(view, request).body,
          position: view.connection.connectionId,
        }));
        return { items, next };
      };
      const query = parseListQuery(list, request);
      const scope = [context.tenant.tenantId, dialect, 'connections'] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    getConnection: async (request) =>
      toResponse(await getConnection(getConnectionId(request), request.context, deps), request),

    updateConnection: async (request) => {
      const input = parse(connectionCodecs[request.dialect].updateInput(), request.body);
      const update = { target: toTarget(request), ...input };
      return toResponse(await updateConnection(update, request.context, deps), request);
    },

    deleteConnection: async (request) => {
      await deleteConnection(toTarget(request), request.context, deps);
      return noContent;
    },

    createConnectionToken: async (request) => {
      const input = parse(connectionCodecs[request.dialect].tokenInput(), request.body);
      const { token, ...view } = await createConnectionToken(
        {
          target: toTarget(request),
          overlapMs: input.overlapSeconds * 1000,
          expiresAt: input.expiresTime,
        },
        request.context,
        deps,
      );
      return toResponse(view, request, token);
    },

    deleteConnectionToken: async (request) => {
      const { secretId = '' } = request.parameters;
      const input = { target: toTarget(request), secretId };
      await removeConnectionToken(input, request.context, deps);
      return noContent;
    },

    listConnectionLog: (request) => {
      const { dialect, context } = request;
      const { logList, toLogFilter, toLogResponse } = connectionCodecs[dialect];
      const query = parseListQuery(logList, request);
      const filter = toLogFilter(query);
      const connectionId = getConnectionId(request);
      const read = async (page: PageRequest): Promise<PageItems> => {
        const logQuery: LogQuery = { ...page, ...filter };
        const { entries, next } = await listConnectionLog(
          { ...logQuery, connectionId },
          context,
          deps,
        );
        const items = entries.map(({ entry, position }) => ({
          body: toLogResponse(entry, deps.idPrefix),
          position,
        }));
        return { items, next };
      };
      const scope = [
        context.tenant.tenantId,
        dialect,
        ['connectionLog', connectionId, JSON.stringify(filter)],
      ] as const;
      return listPage({ codec: logList, query, scope, read }, deps);
    },

    getConnectionHealth: async (request) => {
      const health = await getConnectionHealth(getConnectionId(request), request.context, deps);
      return { body: connectionCodecs[request.dialect].toHealthResponse(health, deps.idPrefix) };
    },

    releaseConnectionBrake: async (request) => {
      await releaseBrake(getConnectionId(request), request.context, deps);
      return noContent;
    },

    approveConnectionUser: (request) => setUser(request, true),
    releaseConnectionUser: (request) => setUser(request, false),
  } satisfies Operations<RequestContext>;
};
