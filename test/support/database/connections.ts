import { connect } from 'node:net';

export interface DatabaseResponse {
  readonly status: number;
  readonly text: string;
}

interface ParsedResponse extends DatabaseResponse {
  readonly staysOpen: boolean;
}

interface Connection {
  send(request: string): Promise<DatabaseResponse>;
}

/**
 * Creates a function that posts to a server on connections that stay open. It takes a third of the
 * CPU time of `node:http`, whose other features the tests do not need.
 */
export function createConnections({ host, hostname, port }: URL, fixedHeaders: object) {
  const idle: Connection[] = [];
  const head = formatHeaders({ host, ...fixedHeaders });

  const open = (): Connection => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    // One character per byte, because HTTP counts bytes.
    socket.setEncoding('latin1');
    let received = '';
    let pending = Promise.withResolvers<DatabaseResponse>();
    const connection: Connection = {
      send: (request) => {
        pending = Promise.withResolvers();
        socket.ref().write(request);
        return pending.promise;
      },
    };
    socket.on('data', (characters: string) => {
      received += characters;
      const response = parseResponse(received);
      if (response === undefined) return;
      received = '';
      socket.unref();
      if (response.staysOpen) idle.push(connection);
      pending.resolve(response);
    });
    socket.on('error', (error) => pending.reject(error));
    socket.on('close', () => {
      if (idle.includes(connection)) idle.splice(idle.indexOf(connection), 1);
      pending.reject(new Error('The database closed the connection.'));
    });
    return connection;
  };

  return (headers: object, body: string): Promise<DatabaseResponse> => {
    const ownHead = formatHeaders({ ...headers, 'content-length': Buffer.byteLength(body) });
    return (idle.pop() ?? open()).send(`POST / HTTP/1.1\r\n${head}${ownHead}\r\n${body}`);
  };
}

const formatHeaders = (headers: object): string =>
  Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');

/** Parses a response with a length or in chunks (RFC 9112 §6). Undefined if it is incomplete. */
function parseResponse(received: string): ParsedResponse | undefined {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = received.slice(0, end);
  const rest = received.slice(end + 4);
  const length = /^content-length: *(\d+)/im.exec(head)?.[1];
  const body = length === undefined ? joinChunks(rest) : takeBytes(rest, Number(length));
  if (body === undefined) return undefined;
  return {
    status: Number(head.slice(9, 12)),
    text: Buffer.from(body, 'latin1').toString(),
    staysOpen: !/^connection: *close/im.test(head),
  };
}

const takeBytes = (received: string, length: number): string | undefined =>
  received.length < length ? undefined : received.slice(0, length);

function joinChunks(received: string): string | undefined {
  let body = '';
  for (let start = 0; ; ) {
    const end = received.indexOf('\r\n', start);
    if (end < 0) return undefined;
    const length = Number.parseInt(received.slice(start, end), 16);
    const next = end + 2 + length + 2;
    if (received.length < next) return undefined;
    if (length === 0) return body;
    body += received.slice(end + 2, end + 2 + length);
    start = next;
  }
}
