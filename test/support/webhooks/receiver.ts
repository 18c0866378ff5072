import { once } from 'node:events';
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { closeAfterFile } from '../cleanup.ts';
import { receiverCertificate } from './certificates.ts';

/** Request that a receiver got. */
export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Responds to a request, whose body was received. */
export type Responder = (
  request: IncomingMessage,
  response: ServerResponse,
  received: ReceivedRequest,
) => void | Promise<void>;

interface ReceiverOptions {
  readonly secure?: boolean;
  readonly address?: string;
}

/** Responds with 204 and no body. */
const accept: Responder = (_request, response) => void response.writeHead(204).end();

/** Starts a receiver of webhooks on this machine until the end of the test file. */
export async function startReceiver(
  first: Responder = accept,
  { secure = true, address = '127.0.0.1' }: ReceiverOptions = {},
) {
  let respond = first;
  const requests: ReceivedRequest[] = [];
  const listener: RequestListener = (request, response) => {
    void text(request).then(
      (body) => {
        const { method = '', url: path = '', headers } = request;
        const received = { method, path, headers, body };
        requests.push(received);
        void respond(request, response, received);
      },
      () => {},
    );
  };
  const server = secure
    ? createHttpsServer(receiverCertificate, listener)
    : createHttpServer(listener);
  let connectionCount = 0;
  server.on('connection', () => void connectionCount++);
  server.on('tlsClientError', () => {});
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  closeAfterFile(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return {
    port,
    /** Address by name, with the certificate of the receiver. */
    url: secure ? `https://receiver.example:${port}/hook` : `http://localhost:${port}/hook`,
    /** All requests so far. */
    requests,
    countConnections: () => connectionCount,
    respondWith: (next: Responder) => void (respond = next),
  };
}
