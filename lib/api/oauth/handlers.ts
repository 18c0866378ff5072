import { Failure } from '../../domain/kernel/failure.ts';
import {
  type ClientTokenDependencies,
  issueClientToken,
} from '../../domain/sign-in/client-credentials.ts';
import type { Operations } from '../http/request.ts';
import { toDiscoveryResponse, toKeySetResponse } from './discovery.ts';
import { toTokenResponse } from './token.ts';
import { parseTokenRequest } from './token-request.ts';

type Dependencies = ClientTokenDependencies & {
  readonly ownIssuer: { readonly issuer: string; readonly resourceServers: readonly string[] };
  readonly publicKeys: () => Promise<readonly object[]>;
};

export const oauthHandlers = (deps: Dependencies) =>
  ({
    issueToken: async ({ event }) =>
      toTokenResponse(await issueClientToken(parseTokenRequest(event), deps)),

    getDiscovery: async () =>
      toDiscoveryResponse(deps.ownIssuer.issuer, deps.ownIssuer.resourceServers),

    getKeySet: async () => {
      try {
        return toKeySetResponse(await deps.publicKeys());
      } catch (error) {
        throw new Failure('unavailable', 'The keys are temporarily unavailable', { cause: error });
      }
    },
  }) satisfies Operations<undefined>;
