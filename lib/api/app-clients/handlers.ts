import type { HttpDeps } from '../../deps/http-deps.ts';
import type { AppClientCodec } from './app-client-codec.ts';
import { withErrorMapping } from '../codec.ts';
import { cradlAppClient } from './cradl.ts';
import { jitsudoAppClient } from './jitsudo.ts';
import { nativeAppClient, rotateSecretInput } from './native.ts';
import { parse } from '../parse.ts';
import type { Reply } from '../users/user-codec.ts';
import type { AppClient } from '../../domain/app-clients/app-client.ts';
import type { RequestContext } from '../../domain/access/request-context.ts';
import {
  createAppClient,
  getAppClient,
  listAppClients,
  type AppClientView,
  revokeAppClient,
  updateAppClient,
} from '../../domain/app-clients/manage-app-clients.ts';
import type { AppClientTarget } from '../../domain/app-clients/change-app-client.ts';
import { removeSecret, rotateSecret } from '../../domain/app-clients/rotate-secrets.ts';
import { createAuthenticator } from '../auth/resolve-tenant.ts';
import { authenticatedApi, type Request } from '../http/pipeline.ts';
import { parseIfMatch } from '../http/if-match.ts';
import { parseListQuery, type PageRequest, listPage } from '../http/list-page.ts';
import type { DialectName } from '../routes.ts';

const codecs: Readonly<Partial<Record<DialectName, AppClientCodec>>> = {
  cradl: cradlAppClient,
  jitsudo: jitsudoAppClient,
};

type AppClientRequest = Request<RequestContext>;

const getCodec = ({ dialect }: AppClientRequest): AppClientCodec =>
  codecs[dialect] ?? nativeAppClient;

/** The app client named by the path, as the dialect of the route spells it. */
const parseTarget = (request: AppClientRequest): AppClientTarget => {
  const {
    pathParameter: parameter,
    parseAppClientId: reference,
    includesRevoked: showsRevoked,
  } = getCodec(request);
  return {
    appClientId: reference(request.parameters[parameter.name] ?? ''),
    includeRevoked: showsRevoked,
    ifMatch: parseIfMatch(request.event.headers['if-match']),
  };
};

/** App clients and their secrets, of which it writes the hashes and reads none. */
export const appClientsApi = (deps: HttpDeps) => {
  const context = () => ({ idPrefix: deps.idPrefix, now: deps.now() });

  const toResponse = async (
    appClient: AppClient,
    request: AppClientRequest,
    secret?: string,
  ): Promise<Reply> => {
    const { tenantId, appClientId } = appClient;
    const lastUsedAt = (await deps.appClients.getLastUsedTimes(tenantId, [appClientId])).get(
      appClientId,
    );
    return getCodec(request).toResponse({ appClient, lastUsedAt }, context(), secret);
  };

  return authenticatedApi(
    {
      createAppClient: async (request) => {
        const {
          createInput: draft,
          toResponse: view,
          getLocation: location,
          mapError: asDocumented,
        } = getCodec(request);
        const creating = createAppClient(parse(draft, request.body), request.context, deps);
        const { appClient, secret = null } = await creating.catch(withErrorMapping(asDocumented));
        const { body, headers } = view({ appClient, lastUsedAt: undefined }, context(), secret);
        return {
          body,
          headers: {
            ...headers,
            ...(location && { location: location(appClient, deps.idPrefix) }),
          },
        };
      },

      listAppClients: (request) => {
        const { dialect, context: call } = request;
        const { list, toResponse: view, includesRevoked: showsRevoked } = getCodec(request);
        const read = async (page: PageRequest) => {
          const { appClients, next } = await listAppClients(
            { ...page, includeRevoked: showsRevoked },
            call,
            deps,
          );
          const toItem = (each: AppClientView) => ({
            body: view(each, context()).body,
            position: each.appClient.appClientId,
          });
          return { items: appClients.map(toItem), next };
        };
        return listPage(
          list,
          parseListQuery(list, request),
          [call.tenant.tenantId, dialect, 'appClients'],
          read,
          deps,
        );
      },

      getAppClient: async (request) =>
        toResponse(await getAppClient(parseTarget(request), request.context, deps), request),

      updateAppClient: async (request) => {
        const { updateInput: patch = nativeAppClient.updateInput } = getCodec(request);
        if (!patch) throw new Error('this dialect has no changes of app clients');
        return toResponse(
          await updateAppClient(
            { target: parseTarget(request), patch: parse(patch, request.body) },
            request.context,
            deps,
          ),
          request,
        );
      },

      deleteAppClient: async (request) =>
        toResponse(await revokeAppClient(parseTarget(request), request.context, deps), request),
      revokeAppClient: async (request) =>
        toResponse(await revokeAppClient(parseTarget(request), request.context, deps), request),

      createAppClientSecret: async (request) => {
        const { overlapSeconds } = parse(rotateSecretInput, request.body);
        const { appClient, secret } = await rotateSecret(
          { target: parseTarget(request), overlapMs: overlapSeconds * 1000 },
          request.context,
          deps,
        );
        return toResponse(appClient, request, secret);
      },
      deleteAppClientSecret: async (request) =>
        toResponse(
          await removeSecret(
            { target: parseTarget(request), secretId: request.parameters['secretId'] ?? '' },
            request.context,
            deps,
          ),
          request,
        ),
    },
    createAuthenticator(deps),
  );
};
