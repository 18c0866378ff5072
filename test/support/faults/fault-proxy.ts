/**
 * Proxy to the embedded database or the AWS fakes that injects faults, which no emulator can
 * produce.
 */
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
import { faultHeader, marshallInput, registerProxy } from '../database/database-client.ts';
import { endTimeLimit, limitHeader } from './time-limits.ts';
import { adminToken, createTestService, type TenantSlug } from '../service.ts';

/** Request of the AWS SDK. */
export interface Sent {
  /** `TransactWriteItems`, `GetItem` …, or the path for services such as SES. */
  readonly operation: string;
  /** Raw body. */
  readonly text: string;
  readonly headers: IncomingHttpHeaders;
  readonly method?: string | undefined;
  /** Capacity units that the database reported. Undefined if the request failed or had a fault. */
  units?: number;
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

interface Exchange {
  readonly sent: Sent;
  /** Forwards the request, with `text` as its body if given. */
  perform(text?: string): Promise<Answered>;
  answer(answered: Pick<Answered, 'status' | 'body'> & { headers?: IncomingHttpHeaders }): void;
  /** Closes the connection, after half of the response if given. */
  drop(answered?: Answered): void;
  /** Ends the time limit of the request, if it has one. */
  endTimeLimit(): void;
}

/** Handling of one request. */
export type Fault = (exchange: Exchange) => Promise<void> | void;

/** Forwards the request. */
export const passThrough: Fault = async ({ perform, answer }) => answer(await perform());

/** Loses the request. */
export const dropRequest: Fault = ({ drop }) => drop();

/** Forwards the request and loses the response. */
export const dropResponse: Fault = async ({ perform, drop }) => {
  await perform();
  drop();
};

/** Forwards the request and cuts the response in half. */
export const truncateResponse: Fault = async ({ perform, drop }) => drop(await perform());

/** Loses the request until its time limit, without closing the connection. */
export const hangRequest: Fault = ({ endTimeLimit }) => endTimeLimit();

/** Forwards the request and does not respond before its time limit. */
export const hangResponse: Fault = async ({ perform, endTimeLimit }) => {
  await perform();
  endTimeLimit();
};

/** Replaces the idempotency token, like DynamoDB forgets tokens after ten minutes. */
export const loseIdempotencyToken: Fault = async ({ sent, perform, answer }) => {
  const { ClientRequestToken: _, ...body } = JSON.parse(sent.text) as Record<string, unknown>;
  answer(await perform(JSON.stringify(body)));
};

/** Sends the same request, or the result of `other`, under another ID first. */
export const loseRace =
  (then: Fault = passThrough, other = (text: string): string => text): Fault =>
  async (exchange) => {
    const { ClientRequestToken: userId } = JSON.parse(exchange.sent.text) as {
      ClientRequestToken: string;
    };
    await exchange.perform(other(exchange.sent.text.replaceAll(userId, randomUUID())));
    await then(exchange);
  };

/** Responds with an error of DynamoDB without an effect. */
export const failWith =
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

/** Responds to `BatchWriteItem` like a throttled table that wrote nothing. */
export const leaveUnprocessed: Fault = ({ sent, answer }) => {
  const { RequestItems } = JSON.parse(sent.text) as { RequestItems: object };
  answer({ status: 200, body: Buffer.from(JSON.stringify({ UnprocessedItems: RequestItems })) });
};

/** Delays the request by this number of milliseconds. */
export const delayBy =
  (milliseconds: number): Fault =>
  async (exchange) => {
    await sleep(milliseconds);
    await passThrough(exchange);
  };

/** Responds like a proxy without a backend. */
export const failAtProxy: Fault = ({ answer }) =>
  answer({
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: Buffer.from('<html>Bad Gateway</html>'),
  });

type WireKey = Record<'pk' | 'sk', { S: string }>;

/** Cancels a transaction with a reason (or `None`) per item. `key` is `pk sk`. */
export const cancelTransaction =
  (reasonOf: (key: string) => string): Fault =>
  (exchange) => {
    const { TransactItems } = JSON.parse(exchange.sent.text) as {
      TransactItems: Record<string, { Item?: WireKey; Key?: WireKey }>[];
    };
    const CancellationReasons = TransactItems.map((write) => {
      const { Item, Key = Item } = Object.values(write)[0] ?? {};
      return { Code: reasonOf(`${Key?.pk.S} ${Key?.sk.S}`), Message: 'injected' };
    });
    return failWith('TransactionCanceledException', { CancellationReasons })(exchange);
  };

/** Fault of the n-th request of a plan, counted from 1. */
export type Plan = (sent: Sent, n: number) => Fault | undefined;

/** Applies these faults to requests of the operation, in order, then none. */
export const faultsInOrder = (operation: string, ...faults: readonly Fault[]): Plan => {
  const remaining = [...faults];
  return (sent) => (sent.operation === operation ? remaining.shift() : undefined);
};

/** Applies this fault to every request, or to every request of one operation. */
export const always =
  (fault: Fault, operation?: string): Plan =>
  (sent) =>
    operation === undefined || sent.operation === operation ? fault : undefined;

/** Starts a proxy to an endpoint until the end of the test file. Services use its `endpoint`. */
export async function createFaultProxy(target: string) {
  const { hostname, port } = new URL(target);
  const agent = new Agent({ keepAlive: true });
  const sent: Sent[] = [];
  let plan: Plan | undefined;
  let count = 0;
  /** Faults of the current plan by ID, for requests that the proxy has yet to receive. */
  const faults = new Map<string, Fault>();
  /** True from the first fault of a plan. Later requests use the proxy, as retries do. */
  let hasFault = false;

  const forward = (path: string, original: Sent, text: string): Promise<Answered> =>
    new Promise((resolve, reject) => {
      const headers = {
        ...original.headers,
        host: `${hostname}:${port}`,
        'content-length': String(Buffer.byteLength(text)),
      };
      const outgoing = request(
        { hostname, port, method: original.method, path, headers, agent },
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
    const { url: path = '/', method } = incoming;
    const operation = incoming.headers['x-amz-target']?.toString().split('.')[1] ?? path;
    const request: Sent = { operation, text, headers: incoming.headers, method };
    sent.push(request);
    const faultId = String(incoming.headers[faultHeader]);
    const planned = faults.get(faultId);
    faults.delete(faultId);
    // Retries of the SDK have the ID of an earlier fault.
    const fault = planned ?? plan?.(request, ++count) ?? passThrough;
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
      endTimeLimit: () => endTimeLimit(String(incoming.headers[limitHeader])),
    });
  };

  const server = createServer(
    (incoming, outgoing) => void serve(incoming, outgoing).catch(() => incoming.socket.destroy()),
  );
  // Closing an idle connection at the moment of its reuse loses a request, which clients with one
  // attempt would notice.
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
    const record = (operation: string, text: string) => {
      const request: Sent = { operation, text, headers: {} };
      sent.push(request);
      return (units: number) => void (request.units = units);
    };
    const planFault = (operation: string, input: object): string | undefined => {
      if (plan === undefined) return undefined;
      const text = JSON.stringify(marshallInput(input));
      const fault = plan({ operation, text, headers: {} }, ++count);
      hasFault ||= fault !== undefined;
      if (!hasFault) return undefined;
      const id = randomUUID();
      faults.set(id, fault ?? passThrough);
      return id;
    };
    registerProxy(host, { planFault, record });
  }

  return {
    endpoint: `http://${host}`,
    /** Requests since the last plan. */
    sent,
    goesWrong(next: Plan): void {
      plan = next;
      count = 0;
      hasFault = false;
      faults.clear();
      sent.length = 0;
    },
    isFaulty,
    isWell(): void {
      plan = undefined;
      count = 0;
      hasFault = false;
      faults.clear();
      sent.length = 0;
    },
  };
}

/** Time of functions in tests. */
interface TimeLimits {
  /** Timeout of a function while the database is faulty. Otherwise a busy machine can take longer. */
  readonly timeoutMs?: number;
  /** Time of a fault on the clock of the service. By default, faults take only real time. */
  readonly faultMs?: number;
}

/** Reaches the deadline after four faults, without waiting. */
export const deadlineAfterFaults: TimeLimits = { timeoutMs: 20_000, faultMs: 5000 };

interface FaultyServiceOptions extends TimeLimits {
  readonly now?: () => Date;
  /** Attempts of the SDK, which waits between them. */
  readonly attempts?: number;
  /** Cached tenants, so only the operation sends requests. */
  readonly warm?: readonly TenantSlug[];
  readonly hasOutboxIndex?: boolean;
}

/** A service that finds its database by way of a faulty one. */
export async function createFaultyService({
  attempts = 3,
  warm = ['acme', 'north'],
  now = () => new Date(),
  timeoutMs,
  faultMs = 0,
  hasOutboxIndex = false,
}: FaultyServiceOptions = {}) {
  const proxy = await createFaultProxy(inject('databaseEndpoint'));
  let elapsedMs = 0;
  const database = {
    ...proxy,
    goesWrong: (plan: Plan): void =>
      proxy.goesWrong((sent, n) => {
        const fault = plan(sent, n);
        if (fault !== undefined && fault !== passThrough) elapsedMs += faultMs;
        return fault;
      }),
  };
  const environment = { AWS_MAX_ATTEMPTS: String(attempts) };
  const inTime =
    timeoutMs === undefined ? {} : { timeoutMs: () => (database.isFaulty() ? timeoutMs : 60_000) };
  const service = await createTestService({
    ...inTime,
    now: () => new Date(now().getTime() + elapsedMs),
    environment,
    hasOutboxIndex,
    databaseEndpoint: database.endpoint,
  });
  for (const slug of warm) await service.get('/v1/users/none', { token: adminToken(slug) });
  return { database, service };
}

async function read(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
