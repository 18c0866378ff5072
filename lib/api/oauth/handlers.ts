import type { TokenDeps } from '../../deps/token-deps.ts';
import { discoveryView, keySetView } from './discovery.ts';
import { tokenView } from './token.ts';
import { issueClientToken } from '../../domain/sign-in/client-credentials.ts';
import { Failure } from '../../domain/kernel/failure.ts';
import { publicEndpoint } from '../http/pipeline.ts';
import { tokenRequest } from './token-request.ts';

/** Roster as the issuer of its own tokens: it reads the secrets of app clients, and alone besides sign-in it signs. */
export const tokensApi = (deps: TokenDeps) =>
  publicEndpoint({
    issueToken: async ({ event }) => tokenView(await issueClientToken(tokenRequest(event), deps)),
    getDiscovery: async () => discoveryView(deps.ownIssuer.issuer, deps.ownIssuer.resourceServers),
    getKeySet: async () =>
      keySetView(
        await deps.publicKeys().catch((error: unknown) => {
          throw new Failure('unavailable', 'The keys cannot be had right now', { cause: error });
        }),
      ),
  });
