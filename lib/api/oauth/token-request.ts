import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Failure, invalidInput, unauthenticated } from '../../domain/kernel/failure.ts';

/** Request of a client to the token endpoint. */
export interface TokenRequest {
  readonly clientId: string;
  readonly secret: string;
  readonly audience: string | undefined;
  /** Parameter that contained the audience. */
  readonly audienceField: 'resource' | 'audience';
}

const maxBodyBytes = 8192;

/** Other parameters are ignored (RFC 6749 §3.2). */
const parameterNames = [
  'grant_type',
  'audience',
  'resource',
  'client_id',
  'client_secret',
] as const;
type Parameters = Readonly<Partial<Record<(typeof parameterNames)[number], string>>>;

/**
 * Parses a `client_credentials` request (RFC 6749 §4.4). Parameters are in the form or the query
 * string, each once; the secret is in `Authorization: Basic` or the form. Throws `invalid_input`,
 * with the `error` of RFC 6749 in its details, or `unauthenticated` without a secret.
 */
export function parseTokenRequest(event: APIGatewayProxyEventV2): TokenRequest {
  const parameters = readParameters(event);
  const { grant_type: grantType } = parameters;
  if (grantType === undefined) throw invalidInput({ path: 'grant_type', message: 'is required' });
  if (grantType !== 'client_credentials') {
    throw new Failure('invalid_input', 'grant_type must be client_credentials', {
      details: { error: 'unsupported_grant_type' },
    });
  }
  const audienceField = parameters.resource === undefined ? 'audience' : 'resource';
  return {
    ...readCredentials(event.headers['authorization'], parameters),
    audience: readAudience(parameters),
    audienceField,
  };
}

/** `resource` (RFC 8707 §2), or `audience` of older clients. */
function readAudience({ audience, resource }: Parameters): string | undefined {
  if (audience !== undefined && resource !== undefined && audience !== resource)
    throw invalidInput({
      path: 'resource',
      message: 'must be the same as audience, or be sent alone',
    });
  return resource ?? audience;
}

function readParameters(event: APIGatewayProxyEventV2): Parameters {
  const query = new URLSearchParams(event.rawQueryString);
  if (query.has('client_secret')) {
    throw invalidInput({
      path: 'client_secret',
      message:
        'must not be in the query string, because URLs are logged; send it in the form or as HTTP Basic',
    });
  }
  const entries = [...query, ...new URLSearchParams(readFormText(event))];
  // RFC 8707 §2 allows several resources, and `invalid_target` from servers that support one.
  if (entries.filter(([name]) => name === 'resource').length > 1)
    throw new Failure(
      'invalid_input',
      'resource must not be repeated, because a token is for one resource',
      {
        details: { error: 'invalid_target' },
      },
    );
  const repeatedName = parameterNames.find(
    (name) => entries.filter(([entryName]) => entryName === name).length > 1,
  );
  if (repeatedName !== undefined)
    throw invalidInput({ path: repeatedName, message: 'must not be repeated' });
  // An empty parameter counts as absent (RFC 6749 §3.2).
  return Object.fromEntries(
    entries.filter(
      ([name, value]) => (parameterNames as readonly string[]).includes(name) && value !== '',
    ),
  );
}

/** Text of the form. Empty if all parameters are in the query string. */
function readFormText({ body, headers, isBase64Encoded }: APIGatewayProxyEventV2): string {
  if (!body) return '';
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (
    mediaType !== 'application/x-www-form-urlencoded' ||
    headers['content-encoding'] !== undefined
  ) {
    throw new Failure(
      'unsupported_media_type',
      'The Content-Type must be application/x-www-form-urlencoded',
    );
  }
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBodyBytes)
    throw new Failure(
      'payload_too_large',
      `The request body must have at most ${maxBodyBytes} bytes`,
    );
  return bytes.toString();
}

const missingClient = (message: string): Failure => unauthenticated('invalid_credentials', message);

/** A client must not use two methods in one request (RFC 6749 §2.3). */
function readCredentials(
  authorization: string | undefined,
  { client_id: clientId, client_secret: secret }: Parameters,
): Pick<TokenRequest, 'clientId' | 'secret'> {
  if (authorization === undefined) {
    if (clientId === undefined || secret === undefined)
      throw missingClient('client_id and client_secret are required');
    return { clientId, secret };
  }
  if (secret !== undefined)
    throw invalidInput({ path: 'client_secret', message: 'cannot be combined with Authorization' });
  const basic = parseBasicCredentials(authorization);
  if (clientId !== undefined && clientId !== basic.clientId)
    throw invalidInput({ path: 'client_id', message: 'must match the client ID in Authorization' });
  return basic;
}

/** Both parts are form-encoded (RFC 6749 §2.3.1). */
function parseBasicCredentials(authorization: string): Pick<TokenRequest, 'clientId' | 'secret'> {
  const pair = Buffer.from(
    /^basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1] ?? '',
    'base64',
  ).toString();
  const colon = pair.indexOf(':');
  if (colon < 0)
    throw missingClient('Authorization must be HTTP Basic with the client ID and the secret');
  try {
    const [clientId = '', secret = ''] = [pair.slice(0, colon), pair.slice(colon + 1)].map((part) =>
      decodeURIComponent(part.replaceAll('+', ' ')),
    );
    return { clientId, secret };
  } catch (error) {
    throw unauthenticated('invalid_credentials', 'The client ID or secret is not valid', error);
  }
}
