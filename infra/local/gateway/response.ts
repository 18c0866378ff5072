import { hopByHop } from './request-event.ts';
import { isObject } from '../fakes/json.ts';

/** An HTTP answer as it goes over the wire. */
export interface GatewayAnswer {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

/** What a function may answer at most, in bytes of JSON. */
const answerLimit = 6 * 1024 * 1024;

/** The gateway speaking for itself: its own answers carry a message and nothing else. */
export function gatewayAnswer(status: number, message: string): GatewayAnswer {
  return {
    status,
    headers: [['content-type', 'application/json']],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

/** What a function returned, as the HTTP answer that API Gateway makes of it. Throws where API Gateway would answer 500. */
export function toAnswer(result: unknown): GatewayAnswer {
  if (!isObject(result) || result.statusCode === undefined) {
    // Without a status code the whole of it is the body, whatever it is.
    return checked({
      status: 200,
      headers: [['content-type', 'application/json']],
      body: Buffer.from(JSON.stringify(result ?? null)),
    });
  }
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = result;
  if (!Number.isInteger(statusCode) || Number(statusCode) < 200 || Number(statusCode) > 599)
    throw malformed('statusCode', statusCode);
  if (!isObject(headers)) throw malformed('headers', headers);
  if (!Array.isArray(cookies)) throw malformed('cookies', cookies);
  if (body !== null && typeof body !== 'string') throw malformed('body', body);

  const status = Number(statusCode);
  const sent = Object.entries(headers)
    .filter(
      ([name, value]) => value !== undefined && value !== null && !hopByHop.has(name.toLowerCase()),
    )
    .map(([name, value]): [string, string] => [name.toLowerCase(), headerValue(name, value)])
    .filter(([name]) => name !== 'content-length');
  const isBodyless = status === 204 || status === 304;
  if (!isBodyless && !sent.some(([name]) => name === 'content-type'))
    sent.push(['content-type', 'text/plain; charset=utf-8']);
  for (const cookie of cookies) sent.push(['set-cookie', String(cookie)]);
  return checked({
    status,
    headers: sent,
    body: Buffer.from(body ?? '', isBase64Encoded === true ? 'base64' : 'utf8'),
  });
}

function checked(answer: GatewayAnswer): GatewayAnswer {
  if (answer.body.length > answerLimit)
    throw new Error(`the answer has ${answer.body.length} bytes; Lambda allows ${answerLimit}`);
  return answer;
}

function headerValue(name: string, value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
    throw malformed(`header ${name}`, value);
  return String(value);
}

function malformed(part: string, value: unknown): Error {
  return new Error(
    `the function returned no valid ${part}, but ${JSON.stringify(value) ?? typeof value}`,
  );
}
