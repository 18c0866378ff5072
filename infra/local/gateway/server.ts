import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type GatewayAnswer, gatewayAnswer } from './response.ts';
import type { GatewayRequest } from './request-event.ts';

/** Answers a request whose body has been read; undefined leaves it to the next. */
export type Responder = (
  request: GatewayRequest,
) => Promise<GatewayAnswer | undefined> | GatewayAnswer | undefined;

export interface LocalServer {
  readonly port: number;
  /** From now on the first of these that has an answer gives it. Until then every answer is 503. */
  respondWith(responders: readonly Responder[]): void;
  /** Takes no more requests and waits a moment for those under way. */
  close(): Promise<void>;
}

/** What an HTTP API takes at most, in bytes of body. */
const requestLimit = 10 * 1024 * 1024;

/** How much of a body that is too large is read and thrown away, so that its sender gets to read the answer. */
const drainLimit = 64 * 1024 * 1024;

const closeWithinMs = 2000;

/**
 * Listens on this machine only, and answers only who asked for this machine by name: a page that has its own host name
 * point at 127.0.0.1 gets nothing. Rejects with EADDRINUSE when the port is taken.
 */
export async function listen(port: number): Promise<LocalServer> {
  let responders: readonly Responder[] = [];
  const respond = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const answer = await answerTo(incoming, outgoing, () => responders).catch((error: unknown) => {
      if (!incoming.destroyed) console.error(error);
      return gatewayAnswer(500, 'Internal Server Error');
    });
    send(answer, outgoing);
  };
  const server = createServer((incoming, outgoing) => void respond(incoming, outgoing));
  // Only once it is clear that the body will be read does the client hear that it may send it.
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
    },
    close: () => close(server),
  };
}

/** Whether a Host header names this machine: `localhost`, `127.0.0.1` or anything under `.localhost`. */
export function isLocalHost(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|([a-z0-9_-]+\.)+localhost)(:\d+)?$/i.test(host ?? '');
}

async function answerTo(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  responders: () => readonly Responder[],
): Promise<GatewayAnswer> {
  const headers = pairs(incoming.rawHeaders);
  const hosts = headers.filter(([name]) => name.toLowerCase() === 'host');
  if (hosts.length !== 1) return gatewayAnswer(400, 'Bad Request');
  if (!isLocalHost(hosts[0]?.[1]))
    return plain(
      403,
      'This server answers only to localhost, 127.0.0.1 and names under .localhost.\n',
    );
  const body = await readBody(incoming, outgoing);
  if (body === undefined) return gatewayAnswer(413, 'Request Entity Too Large');

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
  return gatewayAnswer(503, 'Service Unavailable');
}

/** An answer in words. */
export function plain(status: number, text: string): GatewayAnswer {
  return {
    status,
    headers: [['content-type', 'text/plain; charset=utf-8']],
    body: Buffer.from(text),
  };
}

/** An answer in JSON, which nobody is to keep. */
export function json(status: number, body: unknown): GatewayAnswer {
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
  ];
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

async function readBody(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<Buffer | undefined> {
  const waits = incoming.headers.expect !== undefined;
  if (waits && Number(incoming.headers['content-length']) > requestLimit) return undefined;
  if (waits) outgoing.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= requestLimit) chunks.push(chunk);
    else chunks.length = 0;
    if (size > drainLimit) break;
  }
  return size > requestLimit ? undefined : Buffer.concat(chunks);
}

function send({ status, headers, body }: GatewayAnswer, outgoing: ServerResponse): void {
  if (outgoing.destroyed) return;
  outgoing.statusCode = status;
  for (const [name, value] of headers) outgoing.appendHeader(name, value);
  const hasLength = outgoing.hasHeader('content-length') || status === 204 || status === 304;
  if (!hasLength) outgoing.setHeader('content-length', body.length);
  if (status === 413) outgoing.setHeader('connection', 'close');
  outgoing.end(body);
}

function pairs(raw: readonly string[]): [string, string][] {
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
