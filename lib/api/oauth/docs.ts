import * as z from 'zod';
import type { ZodOpenApiOperationObject, ZodOpenApiResponseObject } from 'zod-openapi';
import { discoveryResponse, toDiscoveryResponse, keySetResponse } from './discovery.ts';
import { oauthConventions } from './errors.ts';
import { oauthErrorBody } from './error-body.ts';
import { tokenResponse, tokenForm } from './token.ts';
import { Failure, type FailureCode } from '../../domain/kernel/failure.ts';
import type { Operation, Route } from '../routes.ts';
import {
  failureResponse,
  gatewayBody,
  tooManyRequests,
} from '../../../infra/build/openapi/error-responses.ts';
import { requestId, retryAfter } from '../../../infra/build/openapi/headers.ts';
import { wordsOf } from '../../../infra/build/openapi/operations.ts';

export const tokensTag = {
  name: 'Access tokens',
  description: 'Tokens of Roster’s own, for programs, and what verifies them.',
};

type TokenOperation = Extract<Operation, 'issueToken' | 'getDiscovery' | 'getKeySet'>;

/** Operations at a second path, because each ID in the document is unique. */
const operationIds: Readonly<Record<string, string>> = {
  'POST /token': 'issueTokenAtOldPath',
  'GET /.well-known/oauth-authorization-server': 'getAuthorizationServerMetadata',
};

const common = (route: Route) => {
  const { operationId, ...words } = wordsOf(route);
  return {
    ...words,
    operationId: operationIds[route.route] ?? operationId,
    tags: [tokensTag.name],
  };
};

const answered = (
  description: string,
  schema: z.ZodType,
  example: object,
): ZodOpenApiResponseObject => ({
  description,
  headers: z.object({ 'X-Request-Id': requestId }),
  content: { 'application/json': { schema, example } },
});

const refused: readonly (readonly [FailureCode, string])[] = [
  [
    'invalid_input',
    '`invalid_request`, `unsupported_grant_type`, `invalid_target`: this is no request for a token.\n\n`unauthorized_client`: the tenant is suspended',
  ],
  ['unauthenticated', '`invalid_client`: this is the secret of nobody, or of nobody any more'],
  ['payload_too_large', '`invalid_request`: the form is too large'],
  ['unsupported_media_type', '`invalid_request`: the body is no form'],
  ['internal', '`server_error`: something went wrong here'],
  ['unavailable', '`temporarily_unavailable`: try again'],
];

const authenticateBasic = z
  .string()
  .meta({ example: 'Basic realm="roster"', header: { description: 'How to authenticate.' } });

const refusals = Object.fromEntries(
  refused.map(([code, words]): [string, ZodOpenApiResponseObject] => {
    const { status } = oauthConventions.renderError(new Failure(code, ''), '');
    return [
      String(status),
      {
        description: `${words}.`,
        headers: z.object({
          'X-Request-Id': requestId,
          ...(status === 401 && { 'WWW-Authenticate': authenticateBasic }),
          ...(status === 503 && { 'Retry-After': retryAfter }),
        }),
        content: {
          'application/json': {
            schema: [413, 500, 503].includes(status)
              ? z.union([oauthErrorBody, gatewayBody])
              : oauthErrorBody,
          },
        },
      },
    ];
  }),
);

/** The secret may be in the form instead. */
const withoutHeader: Record<string, string[]> = {};

const inQuery = tokenForm.omit({ client_secret: true }).partial();
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

/** The operations of Roster as a token issuer, which speak OAuth 2.0 and no dialect. */
export const tokenOperations: Readonly<
  Record<TokenOperation, (route: Route) => ZodOpenApiOperationObject>
> = {
  issueToken: (route) => ({
    ...common(route),
    security: [withoutHeader, { client: [] }],
    requestParams: { query: inQuery },
    requestBody: {
      required: false,
      content: {
        'application/x-www-form-urlencoded': {
          schema: tokenForm.partial(),
          example: {
            grant_type: 'client_credentials',
            client_id: clientId,
            client_secret: `roster_${clientId}_${'ExampleOnly'.repeat(4).slice(1)}`,
          },
        },
      },
    },
    responses: {
      '200': answered('A token for an hour.', tokenResponse, {
        access_token: 'eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl',
        token_type: 'Bearer',
        expires_in: 3600,
      }),
      '429': tooManyRequests,
      ...refusals,
    },
  }),
  getDiscovery: (route) => ({
    ...common(route),
    security: [],
    responses: {
      '200': answered(
        'What there is.',
        discoveryResponse,
        toDiscoveryResponse('https://users.example.com').body as object,
      ),
      '400': failureResponse(route.dialect, 400, ['invalid_input']),
      '429': tooManyRequests,
      '500': failureResponse(route.dialect, 500, ['internal']),
    },
  }),
  getKeySet: (route) => ({
    ...common(route),
    security: [],
    responses: {
      '200': answered('The keys.', keySetResponse, { keys: [key] }),
      '400': failureResponse(route.dialect, 400, ['invalid_input']),
      '429': tooManyRequests,
      '500': failureResponse(route.dialect, 500, ['internal']),
      '503': failureResponse(route.dialect, 503, ['unavailable']),
    },
  }),
};
