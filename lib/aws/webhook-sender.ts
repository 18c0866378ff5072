import { Agent, type ClientRequest, request as sendHttp } from 'node:http';
import { Agent as SecureAgent, request as sendHttps, type RequestOptions } from 'node:https';
import { BlockList, isIPv6, type LookupFunction, type Socket } from 'node:net';
import type { DurationMs } from '../domain/kernel/time.ts';
import {
  findPublicAddresses,
  isOwnHost,
  localHosts,
  type LookUpAddresses,
} from '../domain/webhooks/public-address.ts';
import type {
  SendError,
  WebhookConnections,
  WebhookRequest,
} from '../domain/webhooks/webhook-sender.ts';

/** Bounds of the connection, with TLS, and of the whole request. */
const defaultTimeouts = { connectMs: 3000, requestMs: 10_000 } as const;
interface Timeouts {
  readonly connectMs: DurationMs;
  readonly requestMs: DurationMs;
}

/** Part of a response body that is read, so common servers see a complete response. */
const maxBodyBytes = 16 * 1024;

/** Addresses of this machine, which need no look-up. */
const localAddresses: readonly string[] = ['127.0.0.1', '::1'];

interface SenderOptions {
  readonly lookUpAddresses: LookUpAddresses;
  /** Replaces the check of addresses in tests, whose receivers are on this machine. */
  readonly allowsAddress?: ((address: string) => boolean) | undefined;
  /** Hosts of the API, which are refused with their subdomains. */
  readonly ownHosts: readonly string[];
  /** True to send to this machine, with http too. Never in a deployment. */
  readonly allowsLocalHosts: boolean;
  /** Certificates to trust instead of the public ones. */
  readonly ca?: string | undefined;
  readonly timeouts?: Timeouts | undefined;
}

/**
 * Sends webhooks. Prevents server-side request forgery: every address of the name must be public,
 * and the socket connects to these addresses alone (OWASP SSRF Prevention Cheat Sheet).
 */
export const createWebhookConnections = (options: SenderOptions): WebhookConnections => ({
  open() {
    let current: OpenRoute | undefined;
    /** Replaces the route. The connections of the former one end after its last request. */
    const replaceRoute = (next: OpenRoute | undefined): void => {
      const former = current;
      current = next;
      if (former?.requests === 0) void endConnections(former);
    };
    const findCurrent = (url: URL): OpenRoute => {
      if (current?.origin === url.origin) return current;
      const next = { origin: url.origin, found: findRoute(url, options), requests: 0 };
      replaceRoute(next);
      return next;
    };
    const sendOnce = async (request: WebhookRequest, startedMs: number): Promise<Outcome> => {
      const route = findCurrent(new URL(request.url));
      route.requests++;
      const found = await route.found;
      const outcome =
        typeof found === 'string'
          ? { error: found }
          : await exchange(request, found, options, performance.now() - startedMs);
      route.requests--;
      if (route === current && 'error' in outcome) replaceRoute(undefined);
      else if (route !== current && route.requests === 0) void endConnections(route);
      return outcome;
    };
    return {
      close: () => replaceRoute(undefined),
      async send(request) {
        const startedMs = performance.now();
        const first = await sendOnce(request, startedMs);
        // Endpoints close idle connections at any time.
        const isStale = 'error' in first && first.isStale === true;
        const outcome = isStale ? await sendOnce(request, startedMs) : first;
        const durationMs = Math.round(performance.now() - startedMs);
        return 'error' in outcome
          ? { error: outcome.error, durationMs }
          : { ...outcome, durationMs };
      },
    };
  },
});

type Outcome = { readonly status: number; readonly retryAfter?: string | undefined } | Refusal;
interface Refusal {
  readonly error: SendError;
  /** True if a reused connection was closed before the response. */
  readonly isStale?: boolean;
}

/** Route to an origin, with the number of its current requests. */
interface OpenRoute {
  readonly origin: string;
  readonly found: Promise<Route | SendError>;
  requests: number;
}

/** Ends the connections of a route without requests. */
async function endConnections({ found }: OpenRoute): Promise<void> {
  const route = await found;
  if (typeof route !== 'string') route.agent.destroy();
}

/** Checked addresses of a host, with the connections to it. */
interface Route {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly agent: Agent;
}

async function findRoute(
  { protocol, hostname }: URL,
  options: SenderOptions,
): Promise<Route | SendError> {
  // SNI has no trailing dot (RFC 6066 §3).
  const host = hostname.replace(/\.$/, '');
  const addresses = await findAddresses(host, protocol, options);
  if (typeof addresses === 'string') return addresses;
  // Without a proxy, and without TLS sessions of other endpoints.
  const settings = { keepAlive: true };
  const agent = protocol === 'https:' ? new SecureAgent(settings) : new Agent(settings);
  return { host, addresses, agent };
}

async function findAddresses(
  host: string,
  protocol: string,
  { ownHosts, allowsLocalHosts, ...addressOptions }: SenderOptions,
): Promise<readonly string[] | SendError> {
  if (allowsLocalHosts && localHosts.includes(host)) return localAddresses;
  if (isOwnHost(host, ownHosts) || protocol !== 'https:') return 'address_refused';
  return findPublicAddresses(host, addressOptions);
}

/** Sends the request to one of the addresses and reads the start of the response. */
function exchange(
  request: WebhookRequest,
  { host, addresses, agent }: Route,
  { ca, timeouts = defaultTimeouts }: SenderOptions,
  elapsedMs: DurationMs,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const url = new URL(request.url);
  const outgoing = openRequest(url, {
    host,
    port: url.port,
    path: `${url.pathname}${url.search}`,
    method: 'POST',
    headers: { ...request.headers, 'content-length': Buffer.byteLength(request.body) },
    agent,
    lookup: createPinnedLookup(addresses),
    autoSelectFamily: true,
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca }),
  });
  const finish = (outcome: Outcome) => {
    clearTimeout(timer);
    resolve(outcome);
  };
  const abort = (outcome: Outcome) => {
    finish(outcome);
    outgoing.destroy();
  };
  const timer = setTimeout(() => abort({ error: 'timeout' }), timeouts.requestMs - elapsedMs);
  watchConnection(outgoing, { addresses, connectMs: timeouts.connectMs }, abort);
  outgoing.on('response', (incoming) => {
    const { statusCode: status = 0, headers } = incoming;
    const outcome = { status, retryAfter: headers['retry-after'] };
    let bodyBytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bodyBytes += chunk.length;
      if (bodyBytes >= maxBodyBytes) abort(outcome);
    });
    // The connection is free for the next request.
    incoming.on('end', () => finish(outcome));
    incoming.on('error', () => abort({ error: 'connection' }));
  });
  outgoing.end(request.body);
  return promise;
}

/** Options of the request, its TLS connection and its socket. */
interface ConnectionOptions extends RequestOptions {
  readonly autoSelectFamily: boolean;
}

const openRequest = ({ protocol }: URL, options: ConnectionOptions): ClientRequest =>
  protocol === 'https:' ? sendHttps(options) : sendHttp(options);

/** Resolves every name to the checked addresses. */
const createPinnedLookup =
  (addresses: readonly string[]): LookupFunction =>
  (_name, _options, callback) =>
    callback(
      null,
      addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
    );

/** Reports errors by the phase in which they occur, and ends a connection to another address. */
function watchConnection(
  outgoing: ClientRequest,
  {
    addresses,
    connectMs,
  }: { readonly addresses: readonly string[]; readonly connectMs: DurationMs },
  finish: (outcome: Refusal) => void,
): void {
  let phase: 'connection' | 'tls' = 'connection';
  const timer = setTimeout(() => finish({ error: 'timeout' }), connectMs);
  outgoing.on('socket', (socket: Socket & { readonly encrypted?: boolean }) => {
    if (!socket.connecting) {
      clearTimeout(timer);
      return;
    }
    socket.once('connect', () => {
      if (!includesAddress(addresses, socket.remoteAddress)) finish({ error: 'address_refused' });
      if (socket.encrypted) phase = 'tls';
      else clearTimeout(timer);
    });
    socket.once('secureConnect', () => {
      phase = 'connection';
      clearTimeout(timer);
    });
  });
  outgoing.on('error', ({ code }: NodeJS.ErrnoException) => {
    const isStale = outgoing.reusedSocket && code === 'ECONNRESET';
    finish({ error: phase, isStale });
  });
  outgoing.on('close', () => {
    clearTimeout(timer);
    // A response that upgrades the protocol has no event of its own.
    finish({ error: 'connection' });
  });
}

/** Compares addresses in any notation. */
function includesAddress(addresses: readonly string[], address: string | undefined): boolean {
  if (address === undefined) return false;
  const list = new BlockList();
  for (const each of addresses) list.addAddress(each, isIPv6(each) ? 'ipv6' : 'ipv4');
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
