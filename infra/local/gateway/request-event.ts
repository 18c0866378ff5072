import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

/** HTTP request as received. */
export interface GatewayRequest {
  readonly method: string;
  /** Path and query, still encoded. */
  readonly target: string;
  /** Names and values in order, repeated headers included. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly sourceIp: string;
  readonly port: number;
  readonly protocol: string;
}

/** Hop-by-hop headers, which are not forwarded in either direction. */
export const hopByHop: ReadonlySet<string> = new Set(
  'connection keep-alive proxy-connection proxy-authenticate proxy-authorization te trailer transfer-encoding upgrade expect'.split(
    ' ',
  ),
);

/** Account ID of all local resources. */
export const accountId = '000000000000';
const apiId = 'local';

/**
 * Decodes a path like an HTTP API on AWS: once, up to a decoded `?`, then again. Undefined for a
 * malformed escape, which AWS answers with 400.
 */
export function decodePath(encoded: string): string | undefined {
  try {
    const [once = ''] = decodeURIComponent(encoded).split('?', 1);
    return decodeURIComponent(once);
  } catch {
    return undefined;
  }
}

/** Converts a request to an API Gateway HTTP API event, payload format 2.0. */
export function toGatewayEvent(
  request: GatewayRequest,
  path: string,
  {
    routeKey,
    pathParameters,
  }: { routeKey: string; pathParameters: Readonly<Record<string, string>> },
): APIGatewayProxyEventV2 {
  const headers = joinHeaders(request);
  const rawQueryString = getQuery(request.target);
  const cookies = headers.get('cookie')?.split(/; */).filter(Boolean);
  headers.delete('cookie');
  const domainName = (headers.get('host') ?? '').replace(/:\d*$/, '').toLowerCase();
  const now = new Date();

  return {
    version: '2.0',
    routeKey,
    rawPath: path,
    rawQueryString,
    ...(cookies?.length && { cookies }),
    headers: Object.fromEntries(headers),
    ...(rawQueryString !== '' && { queryStringParameters: joinQuery(rawQueryString) }),
    requestContext: {
      accountId,
      apiId,
      domainName,
      domainPrefix: domainName.split('.', 1)[0] ?? '',
      http: {
        method: request.method,
        path,
        protocol: request.protocol,
        sourceIp: request.sourceIp,
        userAgent: headers.get('user-agent') ?? '',
      },
      requestId: `${Buffer.from(randomHex().slice(0, 22), 'hex').toString('base64url')}=`,
      routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    ...encodeBody(request.body, headers.get('content-type')),
  };
}

function joinHeaders({ headers, body, sourceIp, port }: GatewayRequest): Map<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    if (hopByHop.has(key)) continue;
    const before = joined.get(key);
    joined.set(
      key,
      before === undefined ? value : `${before}${key === 'cookie' ? '; ' : ','}${value}`,
    );
  }
  const forwarded = joined.get('x-forwarded-for');
  joined.set('content-length', String(body.length));
  joined.set(
    'x-amzn-trace-id',
    `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomHex().slice(0, 24)}`,
  );
  joined.set('x-forwarded-for', forwarded === undefined ? sourceIp : `${forwarded}, ${sourceIp}`);
  joined.set('x-forwarded-port', String(port));
  joined.set('x-forwarded-proto', 'http');
  return joined;
}

// Node buffers random bytes for UUIDs, which makes them much cheaper than `randomBytes`.
const randomHex = () => randomUUID().replaceAll('-', '');

/** First header with this lower-case name. */
export function getHeader({ headers }: GatewayRequest, headerName: string): string | undefined {
  return headers.find(([name]) => name.toLowerCase() === headerName)?.[1];
}

/** Raw query string without `?`. */
export function getQuery(target: string): string {
  const start = target.indexOf('?');
  return start < 0 ? '' : target.slice(start + 1);
}

function joinQuery(rawQueryString: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(rawQueryString)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/**
 * Text depends on the media type. Invalid UTF-8 cannot be a JSON string, so it is sent as base64.
 */
function encodeBody(body: Buffer, contentType = ''): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const isText =
    /^\s*(text\/[^;]*|application\/(json|xml|javascript))\s*(;|$)/i.test(contentType) &&
    isUtf8(body);
  return { body: body.toString(isText ? 'utf8' : 'base64'), isBase64Encoded: !isText };
}

/** `12/Mar/2020:19:03:58 +0000` */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
