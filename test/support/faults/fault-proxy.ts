/** A way to the embedded database, or to what stands in for AWS, on which things go wrong when they are told to: what no emulator does by itself. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';
import { closeAfterFile } from '../cleanup.ts';
import { registerProxy } from '../database-client.ts';
import { anAdminOf, aService, type TenantSlug } from '../service.ts';

/** One request of the AWS SDK. */
export interface Sent {
  /** `TransactWriteItems`, `GetItem` …; for a service that names none, such as SES, the path. */
  readonly operation: string;
  /** The body as it came over the wire. */
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Exchange {
  readonly sent: Sent;
  /** Lets the database do what is asked; `text` in place of what was sent. */
  perform(text?: string): Promise<Answered>;
  answer(answered: Pick<Answered, 'status' | 'body'> & { headers?: IncomingHttpHeaders }): void;
  /** Ends the connection, in the middle of an answer if one is given. */
  drop(answered?: Answered): void;
}

/** What becomes of one request. */
export type Fault = (exchange: Exchange) => Promise<void> | void;

/** Nothing goes wrong. */
export const passes: Fault = async ({ perform, answer }) => answer(await perform());

/** Never arrives. */
export const isLost: Fault = ({ drop }) => drop();

/** Has its effect, but nobody is told. */
export const losesItsAnswer: Fault = async ({ perform, drop }) => {
  await perform();
  drop();
};

/** Has its effect, and half of the answer comes. */
export const isCutShort: Fault = async ({ perform, drop }) => drop(await perform());

/** Never arrives, and nobody is told. */
export const hangs: Fault = () => {};

/** Has its effect, and the answer never comes. */
export const hangsAfterwards: Fault = async ({ perform }) => void (await perform());

/** Is taken for one that was never sent before, as DynamoDB takes one whose token is ten minutes old. */
export const isTakenForNew: Fault = async ({ sent, perform, answer }) => {
  const { ClientRequestToken: _, ...body } = JSON.parse(sent.text) as Record<string, unknown>;
  answer(await perform(JSON.stringify(body)));
};

/** Comes too late: somebody else has just written the same (or what `other` makes of it) under an id of their own. */
export const comesSecond =
  (then: Fault = passes, other = (text: string): string => text): Fault =>
  async (exchange) => {
    const { ClientRequestToken: userId } = JSON.parse(exchange.sent.text) as {
      ClientRequestToken: string;
    };
    await exchange.perform(other(exchange.sent.text.replaceAll(userId, randomUUID())));
    await then(exchange);
  };

/** An answer of DynamoDB's own, without any effect. */
export const meets =
  (
    error: string,
    { status = 400, ...more }: { status?: number; CancellationReasons?: readonly object[] } = {},
  ): Fault =>
  ({ answer }) => {
    const problem = {
      ['__type']: `com.amazonaws.dynamodb.v20120810#${error}`,
      message: 'injected',
      ...more,
    };
    answer({ status, body: Buffer.from(JSON.stringify(problem)) });
  };

/** Takes so many milliseconds longer. */
export const isSlowBy =
  (milliseconds: number): Fault =>
  async (exchange) => {
    await sleep(milliseconds);
    await passes(exchange);
  };

/** Gets as far as a proxy that finds nobody behind it. */
export const endsAtAGateway: Fault = ({ answer }) =>
  answer({
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: Buffer.from('<html>Bad Gateway</html>'),
  });

type WireKey = Record<'pk' | 'sk', { S: string }>;

/** A transaction that is cancelled, for a reason (or `None`) that each item has: `key` is `pk sk`. */
export const isCancelled =
  (reasonOf: (key: string) => string): Fault =>
  (exchange) => {
    const { TransactItems } = JSON.parse(exchange.sent.text) as {
      TransactItems: Record<string, { Item?: WireKey; Key?: WireKey }>[];
    };
    const CancellationReasons = TransactItems.map((write) => {
      const { Item, Key = Item } = Object.values(write)[0] ?? {};
      return { Code: reasonOf(`${Key?.pk.S} ${Key?.sk.S}`), Message: 'injected' };
    });
    return meets('TransactionCanceledException', { CancellationReasons })(exchange);
  };

/** What befalls the n-th request (from 1) since the plan was made. */
export type Plan = (sent: Sent, n: number) => Fault | undefined;

/** The requests of this operation meet these, one after another; then all is well. */
export const inTurn = (operation: string, ...faults: readonly Fault[]): Plan => {
  const left = [...faults];
  return (sent) => (sent.operation === operation ? left.shift() : undefined);
};

/** Every request, or every one of this operation, meets this. */
export const always =
  (fault: Fault, operation?: string): Plan =>
  (sent) =>
    operation === undefined || sent.operation === operation ? fault : undefined;

/** Stands between the SDK and an endpoint until the test file is done: the `endpoint` that a service is told instead. */
export async function aFaultyWayTo(target: string) {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const sent: Sent[] = [];
  let plan: Plan | undefined;
  let count = 0;

  const forward = (path: string, original: Sent, text: string): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...original.headers,
        host: `${hostname}:${port}`,
        'content-length': String(Buffer.byteLength(text)),
      };
      const outgoing = request(
        { hostname, port, method: 'POST', path, headers, agent },
        (incoming) => {
          read(incoming).then(
            (body) =>
              resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, body }),
            reject,
          );
        },
      );
      outgoing.on('error', reject);
      outgoing.end(text);
    });

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const text = (await read(incoming)).toString();
    const { url: path = '/' } = incoming;
    const operation = incoming.headers['x-amz-target']?.toString().split('.')[1] ?? path;
    const request: Sent = { operation, text, headers: incoming.headers };
    sent.push(request);
    const fault = plan?.(request, ++count) ?? passes;
    await fault({
      sent: request,
      perform: (other = text) => forward(path, request, other),
      answer: ({ status, headers = { 'content-type': 'application/x-amz-json-1.0' }, body }) => {
        if (!outgoing.destroyed) outgoing.writeHead(status, headers).end(body);
      },
      drop: (answered) => {
        if (answered)
          outgoing.writeHead(answered.status, {
            ...answered.headers,
            'content-length': answered.body.length + 1,
          });
        if (answered) outgoing.write(answered.body, () => incoming.socket.destroy());
        else incoming.socket.destroy();
      },
    });
  };

  const server = createServer(
    (incoming, outgoing) => void serve(incoming, outgoing).catch(() => incoming.socket.destroy()),
  );
  // What closes an idle connection just as it is used again loses a request, and who has one attempt hears of it.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeAfterFile(() => {
    server.closeAllConnections();
    server.close();
    agent.destroy();
  });

  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  /** True while a plan is in force. */
  const isFaulty = (): boolean => plan !== undefined;
  if (target === inject('databaseEndpoint')) {
    const record = (operation: string, text: string) => sent.push({ operation, text, headers: {} });
    registerProxy(host, { isFaulty, record });
  }

  return {
    endpoint: `http://${host}`,
    /** What has been sent since the last plan was made. */
    sent,
    goesWrong(next: Plan): void {
      plan = next;
      count = 0;
      sent.length = 0;
    },
    isFaulty,
    isWell(): void {
      plan = undefined;
      count = 0;
      sent.length = 0;
    },
  };
}

interface FaultyServiceOptions {
  readonly now?: () => Date;
  /** After how many milliseconds a function is stopped while the database goes wrong; what is well may take its time on a busy machine. */
  readonly timeoutMs?: number;
  /** Those of the SDK itself, which takes its time between them. */
  readonly attempts?: number;
  /** The tenants that are cached already, so that what they send next is the operation and nothing else. */
  readonly warm?: readonly TenantSlug[];
}

/** A service that finds its database by way of a faulty one. */
export async function aFaultyService({
  attempts = 3,
  warm = ['acme', 'north'],
  timeoutMs,
  ...options
}: FaultyServiceOptions = {}) {
  const database = await aFaultyWayTo(inject('databaseEndpoint'));
  const environment = { AWS_MAX_ATTEMPTS: String(attempts) };
  const inTime =
    timeoutMs === undefined ? {} : { timeoutMs: () => (database.isFaulty() ? timeoutMs : 10_000) };
  const service = await aService({
    ...options,
    ...inTime,
    environment,
    databaseEndpoint: database.endpoint,
  });
  for (const slug of warm) await service.gets('/v1/users/none', { token: anAdminOf(slug) });
  return { database, service };
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
