import * as z from 'zod';
import { type Reply, responseSchema } from '../codec.ts';

/** Caches must vary by origin, because the gateway adds a header for each allowed origin. */
const headers = { 'cache-control': 'public, max-age=300', vary: 'origin' };

/** Metadata for requesting and verifying Roster's tokens (OpenID Connect Discovery, RFC 8414). */
export const discoveryResponse = responseSchema(() =>
  z
    .strictObject({
      issuer: z.string(),
      token_endpoint: z.string(),
      jwks_uri: z.string(),
      grant_types_supported: z.array(z.string()),
      token_endpoint_auth_methods_supported: z.array(z.string()),
      response_types_supported: z.array(z.string()),
      subject_types_supported: z.array(z.string()),
      id_token_signing_alg_values_supported: z.array(z.string()),
      protected_resources: z.array(z.string()).optional().meta({
        description:
          'Resources that tokens can be issued for, in addition to Roster (RFC 9728 §4).',
      }),
    })
    .meta({ id: 'Discovery' }),
);

export const toDiscoveryResponse = (
  issuer: string,
  resourceServers: readonly string[] = [],
): Reply => ({
  body: {
    issuer,
    token_endpoint: `${issuer}/oauth2/token`,
    jwks_uri: `${issuer}/.well-known/jwks.json`,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    // No authorization endpoint uses it, but RFC 8414 §2 requires a list, and §3.2 forbids an empty
    // one.
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
    ...(resourceServers.length > 0 && { protected_resources: resourceServers }),
  },
  headers,
});

/** RFC 7517. */
export const keySetResponse = responseSchema(() =>
  z
    .strictObject({
      keys: z.array(
        z.strictObject({
          kty: z.string(),
          crv: z.string(),
          x: z.string(),
          y: z.string(),
          kid: z.string(),
          alg: z.string(),
          use: z.string(),
        }),
      ),
    })
    .meta({ id: 'KeySet' }),
);

export const toKeySetResponse = (keys: readonly object[]): Reply => ({ body: { keys }, headers });
