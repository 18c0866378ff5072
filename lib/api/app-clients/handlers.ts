import type { Deps } from '../../deps/http-deps.ts';
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
import { admission } from '../auth/resolve-tenant.ts';
import { endpoint, type Request } from '../http/pipeline.ts';
import { ifMatch } from '../http/if-match.ts';
import { asked, type Page, paged } from '../http/list-page.ts';
import type { DialectName } from '../routes.ts';

const wires: Readonly<Partial<Record<DialectName, AppClientCodec>>> = {
  cradl: cradlAppClient,
  jitsudo: jitsudoAppClient,
};

type AppClientRequest = Request<RequestContext>;

const wireOf = ({ dialect }: AppClientRequest): AppClientCodec => wires[dialect] ?? nativeAppClient;

/** The app client named by the path, as the dialect of the route spells it. */
const named = (request: AppClientRequest): AppClientTarget => {
  const {
    pathParameter: parameter,
    parseAppClientId: reference,
    includesRevoked: showsRevoked,
  } = wireOf(request);
  return {
    appClientId: reference(request.parameters[parameter.name] ?? ''),
    includeRevoked: showsRevoked,
    ifMatch: ifMatch(request.event.headers['if-match']),
  };
};

/** App clients and their secrets, of which it writes the hashes and reads none. */
export const appClientsApi = (deps: Deps) => {
  const context = () => ({ idPrefix: deps.idPrefix, now: deps.now() });

  const shown = async (
    appClient: AppClient,
    request: AppClientRequest,
    secret?: string,
  ): Promise<Reply> => {
    const { tenantId, appClientId } = appClient;
    const lastUsedAt = (await deps.appClients.getLastUsedTimes(tenantId, [appClientId])).get(
      appClientId,
    );
    return wireOf(request).toResponse({ appClient, lastUsedAt }, context(), secret);
  };

  return endpoint(
    {
      createAppClient: async (request) => {
        const {
          createInput: draft,
          toResponse: view,
          getLocation: location,
          mapError: asDocumented,
        } = wireOf(request);
        const creating = createAppClient(parse(draft, request.body), request.call, deps);
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
        const { dialect, call } = request;
        const { list, toResponse: view, includesRevoked: showsRevoked } = wireOf(request);
        const read = async (page: Page) => {
          const { appClients, next } = await listAppClients(
            page,
            { includeRevoked: showsRevoked },
            call,
            deps,
          );
          const toItem = (each: AppClientView) => ({
            body: view(each, context()).body,
            position: each.appClient.appClientId,
          });
          return { items: appClients.map(toItem), next };
        };
        return paged(
          list,
          asked(list, request),
          [call.tenant.tenantId, dialect, 'appClients'],
          read,
          deps,
        );
      },

      getAppClient: async (request) =>
        shown(await getAppClient(named(request), request.call, deps), request),

      updateAppClient: async (request) => {
        const { updateInput: patch = nativeAppClient.updateInput } = wireOf(request);
        if (!patch) throw new Error('this dialect has no changes of app clients');
        return shown(
          await updateAppClient(named(request), parse(patch, request.body), request.call, deps),
          request,
        );
      },

      deleteAppClient: async (request) =>
        shown(await revokeAppClient(named(request), request.call, deps), request),
      revokeAppClient: async (request) =>
        shown(await revokeAppClient(named(request), request.call, deps), request),

      createAppClientSecret: async (request) => {
        const { overlapSeconds } = parse(rotateSecretInput, request.body);
        const { appClient, secret } = await rotateSecret(
          named(request),
          overlapSeconds * 1000,
          request.call,
          deps,
        );
        return shown(appClient, request, secret);
      },
      deleteAppClientSecret: async (request) =>
        shown(
          await removeSecret(
            named(request),
            request.parameters['secretId'] ?? '',
            request.call,
            deps,
          ),
          request,
        ),
    },
    admission(deps),
  );
};
