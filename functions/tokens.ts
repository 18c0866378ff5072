import { type TokenDeps, createTokenDeps } from '../lib/deps/token-deps.ts';
import { discoveryView, keySetView } from '../lib/dialects/oauth/discovery.ts';
import { tokenView } from '../lib/dialects/oauth/token.ts';
import { issueClientToken } from '../lib/domain/sign-in/client-credentials.ts';
import { Failure } from '../lib/domain/kernel/failure.ts';
import { publicEndpoint } from '../lib/http/endpoint.ts';
import { tokenRequest } from '../lib/http/token-request.ts';

/** Roster as the issuer of its own tokens: it reads the secrets of app clients, and alone besides sign-in it signs. */
export const tokensHandler = (deps: TokenDeps) =>
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

export const handler = tokensHandler(createTokenDeps(process.env));
