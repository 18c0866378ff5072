import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type { DialectConventions } from '../dialects.ts';
import type { Reply } from '../codec.ts';
import type { Failure, UnauthenticatedReason } from '../../domain/kernel/failure.ts';
import { countPayloadBytes, maxBytesPerCharacter, maxPayloadBytes } from './payload.ts';

/** Response that is not JSON. */
export interface DocumentReply {
  /** Overrides the status of the route. */
  readonly status?: number;
  readonly content: string;
  readonly isBase64Encoded: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const securityHeaders = {
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=63072000; includeSubDomains',
};

/** Converts a reply to an API Gateway result (payload format 2.0). */
export function toHttpResult(
  routeStatus: number,
  reply: Reply | DocumentReply,
  requestId: string,
  mediaType = 'application/json',
): APIGatewayProxyStructuredResultV2 {
  const headers = { ...securityHeaders, 'x-request-id': requestId };
  const { status = routeStatus } = reply;
  if ('content' in reply) {
    return {
      statusCode: status,
      headers: { ...headers, ...reply.headers },
      body: reply.content,
      isBase64Encoded: reply.isBase64Encoded,
    };
  }
  if (status === 204)
    return { statusCode: status, headers: { ...headers, 'cache-control': 'no-store' } };
  const body = JSON.stringify(reply.body);
  assertPayload(body);
  return {
    statusCode: status,
    headers: {
      ...headers,
      'content-type': mediaType,
      'cache-control': 'no-store',
      ...reply.headers,
    },
    body,
  };
}

/** Response to a conditional GET of an unchanged resource (RFC 9110 §15.4.5). */
export function toNotModified({
  headers,
}: APIGatewayProxyStructuredResultV2): APIGatewayProxyStructuredResultV2 {
  const { 'content-type': _type, ...remainingHeaders } = headers ?? {};
  return { statusCode: 304, headers: remainingHeaders };
}

/** Reserved for status and headers. */
const envelopeBytes = 16 * 1024;

/** Throws if Lambda would reject the body. Field and page limits prevent this. */
function assertPayload(body: string): void {
  if (body.length * maxBytesPerCharacter <= maxPayloadBytes - envelopeBytes) return;
  if (countPayloadBytes(body) > maxPayloadBytes - envelopeBytes)
    throw new Error('the response is too large for Lambda');
}

/** Renders a failure with the headers that its status requires (RFC 9110). */
export function toErrorReply(
  failure: Failure,
  conventions: DialectConventions,
  requestId: string,
): Reply & { status: number } {
  const { status, body, headers } = conventions.renderError(failure, requestId);
  const { allow, retryAfter } = failure.details;
  return {
    status,
    body,
    headers: {
      ...(status === 401 && { 'www-authenticate': formatChallenge(failure) }),
      ...(status === 405 && Array.isArray(allow) && { allow: allow.join(', ') }),
      ...(status === 429 && { 'retry-after': String(retryAfter) }),
      ...(status === 503 && { 'retry-after': '1' }),
      ...headers,
    },
  };
}

/**
 * Challenge of a 401. Has an error for a rejected token (RFC 6750 §3) or a sign-in that is too old
 * (RFC 9470 §3).
 */
function formatChallenge({ code, message, details }: Failure): string {
  const error = code === 'unauthenticated' ? challengeErrors[String(details['reason'])] : code;
  if (error === undefined) return 'Bearer';
  // RFC 6750 §3 allows only ASCII without `"` and `\`.
  const description = message.replaceAll(/[^ !#-[\]-~]/g, "'");
  const { maxAge } = details;
  const age = typeof maxAge === 'number' ? `, max_age="${maxAge}"` : '';
  return `Bearer error="${error}", error_description="${description}"${age}`;
}

/** RFC 6750 §3.1 defines no error for a request without a token. */
const challengeErrors: Readonly<Record<string, string>> = {
  token_expired: 'invalid_token',
  token_not_yet_valid: 'invalid_token',
  token_invalid: 'invalid_token',
  token_revoked: 'invalid_token',
} satisfies Partial<Record<UnauthenticatedReason, string>>;
