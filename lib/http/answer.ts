import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { Manners } from '../dialects/manners.ts';
import type { Reply } from '../dialects/user-wire.ts';
import type { Failure } from '../domain/failure.ts';
import { countPayloadBytes, maxBytesPerCharacter, maxPayloadBytes } from './payload.ts';

/** What is not JSON: a document, as text or base64. */
export interface Content {
  readonly content: string;
  readonly isBase64Encoded: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const always = {
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
};

/** The result as API Gateway takes it (payload format 2.0). */
export function rendered(status: number, reply: Reply | Content, requestId: string): APIGatewayProxyStructuredResultV2 {
  const headers = { ...always, 'x-request-id': requestId };
  if ('content' in reply) {
    return { statusCode: status, headers: { ...headers, ...reply.headers }, body: reply.content, isBase64Encoded: reply.isBase64Encoded };
  }
  if (status === 204) return { statusCode: status, headers: { ...headers, 'cache-control': 'no-store' } };
  const body = JSON.stringify(reply.body);
  assertPayload(body);
  return {
    statusCode: status,
    headers: { ...headers, 'content-type': 'application/json', 'cache-control': 'no-store', ...reply.headers },
    body,
  };
}

/** The answer to a conditional read of what has not changed: the headers without the body (RFC 9110 §15.4.5). */
export function notModified({ headers }: APIGatewayProxyStructuredResultV2): APIGatewayProxyStructuredResultV2 {
  const { 'content-type': _type, ...kept } = headers ?? {};
  return { statusCode: 304, headers: kept };
}

/** Bytes of status, headers and names. */
const envelopeBytes = 16 * 1024;

/** Throws on a body that Lambda would refuse to return: the limits of fields and pages have to prevent it. */
function assertPayload(body: string): void {
  if (body.length * maxBytesPerCharacter <= maxPayloadBytes - envelopeBytes) return;
  if (countPayloadBytes(body) > maxPayloadBytes - envelopeBytes) throw new Error('the response is too large for Lambda');
}

/** A failure as this dialect shows it, with the headers that its status asks for (RFC 9110). */
export function failed(failure: Failure, manners: Manners, requestId: string): Reply & { status: number } {
  const { status, body, headers } = manners.problem(failure, requestId);
  const { allow, retryAfter } = failure.details;
  return {
    status,
    body,
    headers: {
      ...(status === 401 && { 'www-authenticate': challenge(failure) }),
      ...(status === 405 && Array.isArray(allow) && { allow: allow.join(', ') }),
      ...(status === 429 && { 'retry-after': String(retryAfter) }),
      ...(status === 503 && { 'retry-after': '1' }),
      ...headers,
    },
  };
}

/** The `WWW-Authenticate` header (RFC 6750 §3, RFC 9470 §3). */
const challenge = ({ code, details: { maxAge } }: Failure): string =>
  code === 'insufficient_user_authentication' ? `Bearer error="${code}", max_age="${String(maxAge)}"` : 'Bearer';
