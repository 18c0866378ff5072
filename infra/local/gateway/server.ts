import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createReadiness, type Readiness, type WaitLimits } from './readiness.ts';
import { type GatewayResponse, gatewayError } from './response.ts';
import type { GatewayRequest } from './request-event.ts';

/** Answers a request whose body has been read. Undefined passes the request on. */
export type Responder = (
  request: GatewayRequest,
) => Promise<GatewayResponse | undefined> | GatewayResponse | undefined;

export interface LocalServer {
  readonly port: number;
  /** Sets the responders, tried in order. Until the first call, requests wait. */
  respondWith(responders: readonly Responder[]): void;
  /** Stops accepting requests and waits briefly for running ones. */
  close(): Promise<void>;
}

/** Largest request body of an HTTP API. */
const maxRequestBytes = 10 * 1024 * 1024;

/**
 * Bytes of an oversized body that the server reads and drops, so the client can read the response.
 */
const maxDrainedBytes = 64 * 1024 * 1024;

const closeWithinMs = 2000;

/** Responds to a GET request at once, also during the start-up. */
export type EarlyResponder = (target: string) => GatewayResponse | undefined;

interface ServerOptions extends WaitLimits {
  readonly respondEarly?: EarlyResponder;
}

/**
 * Listens on 127.0.0.1 and rejects other host names, which protects against DNS rebinding. Rejects
 * with EADDRINUSE if the port is taken.
 */
export async function listen(
  port: number,
  { respondEarly, ...limits }: ServerOptions = {},
): Promise<LocalServer> {
  let responders: readonly Responder[] = [];
  const readiness = createReadiness(limits);
  const steps: Steps = {
    respondEarly: ({ method, url = '' }) => (method === 'GET' ? respondEarly?.(url) : undefined),
    wait: readiness.wait,
    responders: () => responders,
  };
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const answer = await respondTo(incoming, outgoing, steps).catch((error: unknown) => {
      if (!incoming.destroyed) console.error(error);
      return gatewayError(500, 'Internal Server Error');
    });
    send(answer, outgoing);
  };
  const server = createServer((incoming, outgoing) => void respond(incoming, outgoing));
  // Sends 100 Continue only after the checks on headers.
  server.on(
    'checkContinue',
    (incoming: IncomingMessage, outgoing: ServerResponse) => void respond(incoming, outgoing),
  );
  server.on('clientError', (_error, socket) => {
    if (socket.writable)
      socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    respondWith: (next) => {
      responders = next;
      readiness.end('ready');
    },
    close: () => {
      readiness.end('closed');
      return close(server);
    },
  };
}

/** True for `localhost`, `127.0.0.1` and names under `.localhost`, with or without a port. */
export function isLocalHost(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|([a-z0-9_-]+\.)+localhost)(:\d+)?$/i.test(host ?? '');
}

interface Steps {
  readonly respondEarly: (incoming: IncomingMessage) => GatewayResponse | undefined;
  readonly wait: Readiness['wait'];
  readonly responders: () => readonly Responder[];
}

async function respondTo(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { respondEarly, wait, responders }: Steps,
): Promise<GatewayResponse> {
  const headers = toHeaderPairs(incoming.rawHeaders);
  const hosts = headers.filter(([name]) => name.toLowerCase() === 'host');
  if (hosts.length !== 1) return gatewayError(400, 'Bad Request');
  if (!isLocalHost(hosts[0]?.[1]))
    return textResponse(
      403,
      'This server answers only to localhost, 127.0.0.1 and names under .localhost.\n',
    );
  const early = respondEarly(incoming);
  if (early !== undefined) return early;
  // Waits before reading the body, because the bodies of many waiting requests use memory.
  if (!(await wait())) return gatewayError(503, 'Service Unavailable');
  const body = await readBody(incoming, outgoing);
  if (body === undefined) return gatewayError(413, 'Request Entity Too Large');

  const request: GatewayRequest = {
    method: incoming.method ?? '',
    target: Buffer.from(incoming.url ?? '', 'latin1').toString(),
    headers,
    body,
    sourceIp: incoming.socket.remoteAddress ?? '',
    port: incoming.socket.localPort ?? 0,
    protocol: `HTTP/${incoming.httpVersion}`,
  };
  for (const responder of responders()) {
    const answer = await responder(request);
    if (answer !== undefined) return answer;
  }
  return gatewayError(503, 'Service Unavailable');
}

/** Text response. */
export function textResponse(status: number, text: string): GatewayResponse {
  return {
    status,
    headers: [['content-type', 'text/plain; charset=utf-8']],
    body: Buffer.from(text),
  };
}

/** JSON response that must not be cached. */
export function jsonResponse(status: number, body: unknown): GatewayResponse {
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
  ];
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

/** Reads the body. Undefined if it is too large. */
function readBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<Buffer | undefined> {
  const { 'content-length': length, 'transfer-encoding': encoding, expect } = incoming.headers;
  if (length === undefined && encoding === undefined) return Promise.resolve(Buffer.alloc(0));
  if (expect !== undefined && Number(length) > maxRequestBytes) return Promise.resolve(undefined);
  if (expect !== undefined) outgoing.writeContinue();
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | undefined>();
  const chunks: Buffer[] = [];
  let size = 0;
  incoming.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= maxRequestBytes) chunks.push(chunk);
    else chunks.length = 0;
    if (size > maxDrainedBytes) incoming.destroy();
  });
  incoming.on('end', () => resolve(size > maxRequestBytes ? undefined : Buffer.concat(chunks)));
  incoming.on('error', reject);
  return promise;
}

function send({ status, headers, body }: GatewayResponse, outgoing: ServerResponse): void {
  if (outgoing.destroyed) return;
  const fields = headers.flat();
  const hasLength = headers.some(([name]) => name === 'content-length');
  if (!hasLength && status !== 204 && status !== 304)
    fields.push('content-length', String(Buffer.byteLength(body)));
  if (status === 413) fields.push('connection', 'close');
  // For a string body, Node sends headers and body in one write.
  outgoing.writeHead(status, fields).end(body);
}

function toHeaderPairs(raw: readonly string[]): [string, string][] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[index * 2] ?? '',
    raw[index * 2 + 1] ?? '',
  ]);
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), closeWithinMs);
  await closed;
  clearTimeout(timer);
}
