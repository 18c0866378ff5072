import type { RequestContext } from '../../domain/access/request-context.ts';
import type { AppClient } from '../../domain/app-clients/app-client.ts';
import type {
  AppClientDependencies,
  AppClientTarget,
} from '../../domain/app-clients/change-app-client.ts';
import {
  createAppClient,
  getAppClient,
  listAppClients,
  revokeAppClient,
  updateAppClient,
} from '../../domain/app-clients/manage-app-clients.ts';
import { removeSecret, rotateSecret } from '../../domain/app-clients/rotate-secrets.ts';
import type { EndedMembershipStore } from '../../domain/groups/group-store.ts';
import { collectPermissions } from '../../domain/roles/role.ts';
import { type IdPrefixes, type Reply, selectIdPrefix, withErrorMapping } from '../codec.ts';
import {
  type ListPageDependencies,
  listPage,
  type PageItems,
  type PageRequest,
  parseListQuery,
} from '../http/list-page.ts';
import { type AuthenticatedRequest, type Operations, readIfMatch } from '../http/request.ts';
import { parse } from '../parse.ts';
import type { AppClientOperation } from './app-client-codec.ts';
import { appClientCodecs, rotateSecretInputs } from './codecs.ts';

type Dependencies = AppClientDependencies &
  ListPageDependencies &
  IdPrefixes & { readonly endedMemberships: EndedMembershipStore };

type AppClientRequest = AuthenticatedRequest<AppClientOperation>;

const toAppClientTarget = (request: AppClientRequest): AppClientTarget => {
  const { pathParameter, parseAppClientId, includesRevoked } = appClientCodecs[request.dialect];
  return {
    appClientId: parseAppClientId(request.parameters[pathParameter.name] ?? ''),
    includeRevoked: includesRevoked,
    ifMatch: readIfMatch(request),
  };
};

export const appClientHandlers = (deps: Dependencies) => {
  const getResponseContext = ({ dialect }: AppClientRequest) => ({
    idPrefix: selectIdPrefix(dialect, deps),
    now: deps.now(),
  });

  const toResponse = async (
    appClient: AppClient,
    request: AppClientRequest,
    secret?: string,
  ): Promise<Reply> => {
    const { tenantId, appClientId } = appClient;
    const lastUsedTimes = await deps.appClients.getLastUsedTimes(tenantId, [appClientId]);
    const view = { appClient, lastUsedAt: lastUsedTimes.get(appClientId) };
    return appClientCodecs[request.dialect].toResponse(view, getResponseContext(request), secret);
  };

  const revoke = async (request: AppClientRequest): Promise<Reply> =>
    toResponse(await revokeAppClient(toAppClientTarget(request), request.context, deps), request);

  return {
    createAppClient: async (request) => {
      const { createInput, getLocation, mapError, ...codec } = appClientCodecs[request.dialect];
      const input = parse(createInput(), request.body);
      const { appClient, secret = null } = await withErrorMapping(mapError, () =>
        createAppClient(input, request.context, deps),
      );
      const view = { appClient, lastUsedAt: undefined };
      const { roles } = request.context.tenant;
      const lacksPermissions = collectPermissions(appClient.roles, roles).length === 0;
      const responseContext = { ...getResponseContext(request), lacksPermissions };
      const { body, headers } = codec.toResponse(view, responseContext, secret);
      const location = getLocation?.(appClient, responseContext.idPrefix);
      return { body, headers: { ...headers, ...(location !== undefined && { location }) } };
    },

    listAppClients: (request) => {
      const { dialect, context } = request;
      const { list, includesRevoked, ...codec } = appClientCodecs[dialect];
      const read = async (page: PageRequest): Promise<PageItems> => {
        const input = { ...page, includeRevoked: includesRevoked };
        const { appClients, next } = await listAppClients(input, context, deps);
        const items = appClients.map((view) => ({
          body: codec.toResponse(view, getResponseContext(request)).body,
          position: view.appClient.appClientId,
        }));
        return { items, next };
      };
      const query = parseListQuery(list, request);
      const scope = [context.tenant.tenantId, dialect, 'appClients'] as const;
      return listPage({ codec: list, query, scope, read }, deps);
    },

    getAppClient: async (request) =>
      toResponse(await getAppClient(toAppClientTarget(request), request.context, deps), request),

    updateAppClient: async (request) => {
      const input = parse(appClientCodecs[request.dialect].updateInput(), request.body);
      const update = { target: toAppClientTarget(request), input };
      const appClient = await updateAppClient(update, request.context, deps);
      return toResponse(appClient, request);
    },

    deleteAppClient: revoke,
    revokeAppClient: revoke,

    createAppClientSecret: async (request) => {
      const { overlapSeconds } = parse(rotateSecretInputs[request.dialect](), request.body);
      const input = { target: toAppClientTarget(request), overlapMs: overlapSeconds * 1000 };
      const { appClient, secret } = await rotateSecret(input, request.context, deps);
      return toResponse(appClient, request, secret);
    },

    deleteAppClientSecret: async (request) => {
      const { secretId = '' } = request.parameters;
      const input = { target: toAppClientTarget(request), secretId };
      const appClient = await removeSecret(input, request.context, deps);
      return toResponse(appClient, request);
    },
  } satisfies Operations<RequestContext>;
};
