import type { TokenDeps } from '../../deps/token-deps.ts';
import { toDiscoveryResponse, toKeySetResponse } from './discovery.ts';
import { toTokenResponse } from './token.ts';
import { issueClientToken } from '../../domain/sign-in/client-credentials.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { publicApi } from '../http/pipeline.ts';
import { parseTokenRequest } from './token-request.ts';

/** Roster as the issuer of its own tokens: it reads the secrets of app clients, and alone besides sign-in it signs. */
export const tokensApi = (deps: TokenDeps) =>
  publicApi({
    issueToken: async ({ event }) =>
      toTokenResponse(await issueClientToken(parseTokenRequest(event), deps)),
    getDiscovery: async () =>
      toDiscoveryResponse(deps.ownIssuer.issuer, deps.ownIssuer.resourceServers),
    getKeySet: async () =>
      toKeySetResponse(
        await deps.publicKeys().catch((error: unknown) => {
          throw new Failure('unavailable', 'The keys cannot be had right now', { cause: error });
        }),
      ),
  });
