import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Failure, invalidInput } from '../../domain/kernel/failure.ts';
import type { Route } from '../routes.ts';
import { assertKnownNames } from '../unknown-names.ts';

const maxBodyBytes = 1024 * 1024;

interface JsonOptions {
  readonly maxBytes?: number;
  /** Undefined for a body without a media type. */
  readonly mediaTypes?: readonly (string | undefined)[];
}

const malformedJson = (message: string, cause?: unknown): Failure =>
  new Failure('malformed_json', message, { cause });

/**
 * True if the body must be parsed as JSON. The content of a GET has no meaning (RFC 9110 §9.3.1),
 * and operations parse forms themselves. Unexpected content of other routes is parsed to reject its
 * fields.
 */
export function hasJsonBody(
  { body, route, dialect }: Route,
  event: APIGatewayProxyEventV2,
): boolean {
  if (body !== 'none') return body === 'json';
  return (
    dialect !== 'scim' &&
    !['GET', 'HEAD'].includes(event.requestContext.http.method) &&
    route !== '$default' &&
    (event.body ?? '').trim() !== ''
  );
}

/** Throws `invalid_input` for a body with fields. */
export function assertNoFields(body: unknown): void {
  if (typeof body !== 'object' || Array.isArray(body))
    throw invalidInput({ path: '', message: 'must be an object' });
  assertKnownNames(Object.keys(body ?? {}), [], 'field');
}

/**
 * Reads the text of a JSON body. Throws `malformed_json` if it is missing or not UTF-8,
 * `unsupported_media_type`, or `payload_too_large` above the limit.
 */
export function readJsonText(
  { body, headers, isBase64Encoded }: APIGatewayProxyEventV2,
  { maxBytes = maxBodyBytes, mediaTypes = ['application/json'] }: JsonOptions = {},
): string {
  if (!body) throw malformedJson('A JSON body is required');
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (!mediaTypes.includes(mediaType)) {
    const names = mediaTypes.filter((name) => name).join(' or ');
    throw new Failure('unsupported_media_type', `The Content-Type must be ${names}`);
  }
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity')
    throw new Failure('unsupported_media_type', 'The request body must not be compressed');

  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBytes)
    throw new Failure('payload_too_large', `The request body must have at most ${maxBytes} bytes`);
  try {
    // Removes a byte order mark (RFC 8259 §8.1).
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformedJson('The request body must be UTF-8', error);
  }
}
