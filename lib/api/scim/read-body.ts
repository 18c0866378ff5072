import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Failure } from '../../domain/kernel/failure.ts';
import { isWithinDepth } from '../../domain/kernel/json-merge-patch.ts';
import { assertIJson } from '../http/i-json.ts';
import { readJsonText } from '../http/json-body.ts';

/** RFC 7644 §8.1. Some clients send no media type. */
const mediaTypes = ['application/scim+json', 'application/json', '', undefined];

/** Enough for resources of 32 levels in a bulk request. */
const maxDepth = 40;

interface BodyOptions {
  /** Default: 1 MiB. */
  readonly maxBodyBytes?: number | undefined;
}

/**
 * Reads the body of a POST, PUT or PATCH. Undefined for other methods. Throws `malformed_json`,
 * `payload_too_large` or `unsupported_media_type`.
 */
export function readBody(event: APIGatewayProxyEventV2, { maxBodyBytes }: BodyOptions): unknown {
  if (!['POST', 'PUT', 'PATCH'].includes(event.requestContext.http.method)) return undefined;
  const text = readJsonText(event, {
    mediaTypes,
    ...(maxBodyBytes !== undefined && { maxBytes: maxBodyBytes }),
  });
  // Before the parser, whose errors quote the body and have no position.
  assertIJson(text);
  const body: unknown = JSON.parse(text);
  if (!isWithinDepth(body, maxDepth))
    throw new Failure('malformed_json', `The request body must have at most ${maxDepth} levels`);
  return body;
}
