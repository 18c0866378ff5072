import { Failure, invalidInput, unauthenticated } from '../../domain/kernel/failure.ts';
import type { OperationContent, ResourceDoc } from '../operation-doc.ts';
import { discoveryResponse, toDiscoveryResponse, keySetResponse } from './discovery.ts';
import { tokenResponse, tokenForm } from './token.ts';

const clientId = '0123456789abcdef0123456789abcdef';
const key = {
  kty: 'EC',
  crv: 'P-256',
  x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
  y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
  kid: 'cn-I_WNMClehiVp51i_0VpOENW1upEerA8sEam5hn-s',
  alg: 'ES256',
  use: 'sig',
};

const tokenContent: OperationContent = {
  query: tokenForm().omit({ client_secret: true }).partial(),
  request: {
    schema: tokenForm().partial(),
    example: {
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: `roster_${clientId}_${'ExampleOnly'.repeat(4).slice(1)}`,
    },
  },
  response: {
    schema: tokenResponse(),
    example: {
      access_token: 'eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl',
      token_type: 'Bearer',
      expires_in: 3600,
    },
  },
  responseDescription: 'The access token.',
};

/** OpenAPI texts of the token issuer. */
export const tokenDoc: ResourceDoc<'issueToken' | 'getDiscovery' | 'getKeySet'> = {
  name: 'Access tokens',
  description: 'Access tokens for programs, and the public keys that verify them.',
  operations: {
    issueToken: {
      summary: 'Issue an access token',
      description: `Returns an access token for an app client, valid for one hour (\`client_credentials\`, RFC 6749 §4.4). Parameters can be in the form, in the query, or in both, each once. The secret can be in \`Authorization: Basic\` or in the form, never in the query.

The permissions of the client are read from the directory whenever the token is used: a revocation or a role change takes effect within 30 seconds. A token names its secret (\`secret_id\`) and is rejected within 30 seconds after the secret is removed. \`roles\` lists only roles whose permissions are all within the limit of the secret.`,
      errors: {
        invalid_input: {
          text: 'a parameter is missing, repeated or not supported. `error` is `invalid_request`, `unsupported_grant_type` or `invalid_target`',
          example: invalidInput({ path: 'grant_type', message: 'is required' }),
        },
        tenant_suspended: {},
        unauthenticated: {
          text: 'the client is unknown, revoked or expired, or the secret is wrong. The response does not reveal which',
          example: unauthenticated('invalid_credentials', 'The client ID or secret is not valid'),
        },
        payload_too_large: {
          text: 'the form is too large',
          example: new Failure(
            'payload_too_large',
            'The request body must have at most 8192 bytes',
          ),
        },
        unsupported_media_type: {
          text: 'the body is not declared as `application/x-www-form-urlencoded`',
          example: new Failure(
            'unsupported_media_type',
            'The Content-Type must be application/x-www-form-urlencoded',
          ),
        },
        unavailable: {},
      },
      content: () => tokenContent,
    },
    getDiscovery: {
      summary: 'Get the issuer metadata',
      description:
        'Returns the token endpoint and the location of the keys, for services that verify tokens of this deployment (OpenID Connect Discovery, RFC 8414). Can be cached for 5 minutes.',
      content: () => ({
        response: {
          schema: discoveryResponse(),
          example: toDiscoveryResponse('https://users.example.com').body as object,
        },
        responseDescription: 'The metadata.',
      }),
    },
    getKeySet: {
      summary: 'Get the public keys',
      description:
        'Returns the public keys that sign tokens of this deployment, including the previous and next keys during a rotation (RFC 7517). Can be cached for 5 minutes.',
      errors: { unavailable: {} },
      content: () => ({
        response: { schema: keySetResponse(), example: { keys: [key] } },
        responseDescription: 'The key set.',
      }),
    },
  },
};
