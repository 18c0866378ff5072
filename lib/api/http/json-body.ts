import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Failure } from '../../domain/kernel/failure.ts';

const maxBodyBytes = 1024 * 1024;

const malformedJson = (message: string, cause?: unknown): Failure =>
  new Failure('malformed_json', message, { cause });

/**
 * The text of a JSON request body, before any parser sees it. Throws `malformed_json` where there is none or it is not
 * UTF-8, `unsupported_media_type` where it is not called JSON, and `payload_too_large` above 1 MiB.
 */
export function readJsonText({ body, headers, isBase64Encoded }: APIGatewayProxyEventV2): string {
  if (!body) throw malformedJson('A JSON body is required');
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json')
    throw new Failure('unsupported_media_type', 'The Content-Type must be application/json');
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity')
    throw new Failure('unsupported_media_type', 'The request body must not be compressed');

  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > maxBodyBytes)
    throw new Failure(
      'payload_too_large',
      `The request body must have at most ${maxBodyBytes} bytes`,
    );
  try {
    // Without its byte order mark, if it has one (RFC 8259 §8.1).
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw malformedJson('The request body must be UTF-8', error);
  }
}
