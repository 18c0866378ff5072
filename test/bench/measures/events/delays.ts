/** Delay of events: `npm start` unchanged, with creates at a fixed rate and one webhook. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { sampleTenants } from '../../../../infra/local/dev/samples.ts';
import { createIssuer } from '../../../../infra/local/fakes/issuer.ts';
import { end, freePort, start, waitUntilReady } from '../../support/processes.ts';
import { startLoad } from '../../support/slices.ts';
import { quantile } from '../../support/statistics.ts';

/** Quantiles in ms. */
export interface EventDelay {
  readonly p50: number;
  readonly p99: number;
  /** Events that did not arrive, and those that arrived again. */
  readonly missing: number;
  readonly again: number;
}

export interface EventDelays {
  readonly perSecond: number;
  readonly changes: number;
  /** From the response of a create until a reader of the feed sees the event. */
  readonly feed: EventDelay;
  /** From the response of a create until the webhook has the request. */
  readonly webhook: EventDelay;
}

const perSecond = 50;
/** The reader of the feed polls, so delays are up to this much too high. */
const pollMs = 20;
/** Time without a new event after which the rest is missing. */
const patienceMs = 10_000;

interface Arrival {
  readonly subject: string;
  readonly atMs: number;
}

/**
 * Creates users of one tenant, after a warm-up in the same one. At most 490 together, because of the
 * hourly limit of invitations.
 */
export async function measureEventDelays(
  folder: string,
  { warmUp, changes, log }: { warmUp: number; changes: number; log: (line: string) => void },
): Promise<EventDelays> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const npm = start('npm', ['start'], {
    env: { ...process.env, ROSTER_LOCAL: folder, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await waitUntilReady(npm, `${url}/healthz`);
  const issuer = {
    issuer: `http://localhost:${port}/_local`,
    keyFile: join(folder, 'issuer-key.json'),
  };
  const [, , , { tenantId }] = sampleTenants;
  const token = createIssuer(issuer).mintAccessToken({ sub: 'bench', tenantId, roles: ['admin'] });
  const call = async <Body>(path: string, init: RequestInit = {}): Promise<Body> => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { headers, ...init });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  };

  const receiver = await startReceiver();
  await call('/v1/webhooks', {
    method: 'POST',
    body: JSON.stringify({ url: receiver.url, types: ['user.created'] }),
  });
  const load = startLoad({ issuer });
  const target = { process: npm, users: () => `${url}/v1/users` };
  const create = (count: number) =>
    load.send(target, tenantId, { count, concurrency: 256, perSecond });
  await create(warmUp);
  const reader = await followFeed(call);
  const { created } = await create(changes);
  const expected = new Map(created.map(({ userId, answered }) => [userId, answered]));
  await waitForArrivals(expected, [reader.arrivals, receiver.arrivals]);
  await reader.stop();
  receiver.stop();
  await load.end();
  await end(npm);

  const result = {
    perSecond,
    changes,
    feed: summarize(expected, reader.arrivals),
    webhook: summarize(expected, receiver.arrivals),
  };
  log(
    `events: p99 ${result.feed.p99.toFixed(0)} ms to the feed, ${result.webhook.p99.toFixed(0)} ms to the webhook, ${result.webhook.missing} of ${changes} missing`,
  );
  return result;
}

/** Receives webhooks, and accepts all of them. */
async function startReceiver() {
  const arrivals: Arrival[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const atMs = Date.now();
    const { subject = '' } = (await json(request)) as { subject?: string };
    response.writeHead(204).end();
    arrivals.push({ subject, atMs });
  };
  const server = createServer((request, response) => void receive(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    arrivals,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

interface Page {
  readonly events: readonly { readonly type: string; readonly resource: { readonly id: string } }[];
  readonly nextCursor: string;
  readonly hasMore: boolean;
}

/** Polls the feed from its end. */
async function followFeed(call: <Body>(path: string) => Promise<Body>) {
  const arrivals: Arrival[] = [];
  let cursor = (await call<Page>('/v1/events?after=latest')).nextCursor;
  let isStopped = false;
  const follow = async () => {
    while (!isStopped) {
      const query = new URLSearchParams({ after: cursor });
      const { events, nextCursor, hasMore } = await call<Page>(`/v1/events?${String(query)}`);
      const atMs = Date.now();
      arrivals.push(
        ...events
          .filter(({ type }) => type === 'user.created')
          .map(({ resource }) => ({ subject: resource.id, atMs })),
      );
      cursor = nextCursor;
      if (!hasMore) await sleep(pollMs);
    }
  };
  const running = follow();
  return {
    arrivals,
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

const findMissing = (
  expected: ReadonlyMap<string, number>,
  arrivals: readonly Arrival[],
): readonly string[] => {
  const arrived = new Set(arrivals.map(({ subject }) => subject));
  return [...expected.keys()].filter((subject) => !arrived.has(subject));
};

/** Waits until all subjects have arrived everywhere, or until nothing more arrives. */
async function waitForArrivals(
  expected: ReadonlyMap<string, number>,
  lists: readonly (readonly Arrival[])[],
): Promise<void> {
  const count = () => lists.reduce((sum, { length }) => sum + length, 0);
  let [seen, sinceMs] = [count(), Date.now()];
  while (lists.some((arrivals) => findMissing(expected, arrivals).length > 0)) {
    await sleep(100);
    if (count() > seen) [seen, sinceMs] = [count(), Date.now()];
    else if (Date.now() - sinceMs > patienceMs) return;
  }
}

function summarize(
  expected: ReadonlyMap<string, number>,
  arrivals: readonly Arrival[],
): EventDelay {
  const relevant = arrivals.filter(({ subject }) => expected.has(subject));
  // The first arrival counts.
  const first = new Map(relevant.toReversed().map(({ subject, atMs }) => [subject, atMs]));
  const delays = [...first].map(([subject, atMs]) =>
    Math.max(0, atMs - (expected.get(subject) ?? atMs)),
  );
  return {
    p50: quantile(delays, 0.5),
    p99: quantile(delays, 0.99),
    missing: findMissing(expected, arrivals).length,
    again: relevant.length - first.size,
  };
}
