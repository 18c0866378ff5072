import { hopByHop } from './request-event.ts';
import { isObject } from '../fakes/json.ts';

/** HTTP response as sent. */
export interface GatewayResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer | string;
}

/** Largest response of a function, in bytes of JSON. */
const maxResponseBytes = 6 * 1024 * 1024;

/** Response of the gateway itself, which contains only a message. */
export function gatewayError(status: number, message: string): GatewayResponse {
  return {
    status,
    headers: [['content-type', 'application/json']],
    body: JSON.stringify({ message }),
  };
}

/** Converts the result of a function like API Gateway. Throws if API Gateway would answer 500. */
export function toGatewayResponse(result: unknown): GatewayResponse {
  if (!isObject(result) || result.statusCode === undefined) {
    // A result without a status code is the body.
    return assertResponse({
      status: 200,
      headers: [['content-type', 'application/json']],
      body: JSON.stringify(result ?? null),
    });
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result;
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599)
    throw malformedResponse('statusCode', statusCode);
  if (!isObject(headers)) throw malformedResponse('headers', headers);
  if (!Array.isArray(cookies)) throw malformedResponse('cookies', cookies);
  if (body !== null && typeof body !== 'string') throw malformedResponse('body', body);

  const status = Number(statusCode);
  const headerPairs: [string, string][] = [];
  for (const [key, value] of Object.entries(headers)) {
    const name = key.toLowerCase();
    if (value === undefined || value === null || hopByHop.has(name) || name === 'content-length')
      continue;
    headerPairs.push([name, headerValue(key, value)]);
  }
  const isBodyless = status === 204 || status === 304;
  if (!isBodyless && !headerPairs.some(([name]) => name === 'content-type'))
    headerPairs.push(['content-type', 'text/plain; charset=utf-8']);
  for (const cookie of cookies) headerPairs.push(['set-cookie', String(cookie)]);
  return assertResponse({
    status,
    headers: headerPairs,
    body: isBase64Encoded === true ? Buffer.from(body ?? '', 'base64') : (body ?? ''),
  });
}

function assertResponse(answer: GatewayResponse): GatewayResponse {
  const bytes = Buffer.byteLength(answer.body);
  if (bytes > maxResponseBytes)
    throw new Error(`the response has ${bytes} bytes; Lambda allows ${maxResponseBytes}`);
  return answer;
}

function headerValue(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw malformedResponse(`header ${name}`, value);
  return String(value);
}

function malformedResponse(part: string, value: unknown): Error {
  return new Error(
    `the function returned no valid ${part}, but ${JSON.stringify(value) ?? typeof value}`,
  );
}
