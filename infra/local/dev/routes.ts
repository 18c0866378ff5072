import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import { type GatewayResponse, gatewayError } from '../gateway/response.ts';
import { createLocalAppClient } from './app-clients.ts';
import type { Bus } from '../events/bus.ts';
import { type GatewayRequest, getHeader, getQuery } from '../gateway/request-event.ts';
import { type LocalIssuer, tokenLifetimeSeconds } from '../fakes/issuer.ts';
import { isObject, parseObject } from '../fakes/json.ts';
import { listRecords, putRecord } from './dns.ts';
import { listEvents, putEvent } from './events.ts';
import { listFeed } from './feed.ts';
import type { FakeDns } from '../fakes/dns.ts';
import type { Mailbox } from '../fakes/mailbox.ts';
import { renderMailboxPage } from './mailbox-page.ts';
import type { Receiver } from './receiver.ts';
import type { FeedReader } from '../../../lib/domain/feed/feed-store.ts';
import { isLocalHost, jsonResponse, textResponse, type Responder } from '../gateway/server.ts';

interface LocalRouteOptions {
  readonly issuer: LocalIssuer;
  /** Finds a tenant by slug or ID. */
  readonly findTenantId: (slugOrId: string) => Promise<string | undefined>;
  readonly tables: Tables;
  readonly mailbox: Mailbox;
  readonly dns: FakeDns;
  readonly bus: Bus;
  readonly feed: FeedReader;
  readonly receiver: Receiver;
  /** Name of the event bus of the stack. */
  readonly ownBus: string;
}

/**
 * Routes that only the local server has: keys of the test issuer, tokens and app clients for any
 * caller, the mailbox, TXT records, the events of the buses, the feeds of tenants, and a receiver
 * of webhooks. Requests from web pages of other origins are rejected.
 */
export function createLocalRoutes({
  issuer,
  findTenantId,
  tables,
  mailbox,
  dns,
  bus,
  feed,
  receiver,
  ownBus,
}: LocalRouteOptions): Responder {
  const paths: Record<
    string,
    Partial<Record<string, (request: GatewayRequest) => GatewayResponse | Promise<GatewayResponse>>>
  > = {
    '/_local/jwks.json': { GET: () => jsonResponse(200, issuer.jwks) },
    '/_local/token': { POST: ({ body }) => issueToken(body, issuer, findTenantId) },
    '/_local/app-clients': { POST: ({ body }) => createAppClient(body, findTenantId, tables) },
    '/_local/mailbox': {
      GET: (request) => getMailbox(request, mailbox),
      DELETE: () => (mailbox.empty(), jsonResponse(200, { mails: [] })),
    },
    '/_local/dns': {
      GET: () => listRecords(dns),
      POST: ({ body }) => putRecord(body, dns),
      DELETE: () => (dns.records.clear(), listRecords(dns)),
    },
    '/_local/events': {
      GET: (request) => listEvents(request, bus),
      POST: ({ body }) => putEvent(body, bus, ownBus),
    },
    '/_local/feed': { GET: (request) => listFeed(request, { feed, findTenantId }) },
    '/_local/receiver': {
      GET: receiver.show,
      POST: receiver.receive,
      PATCH: ({ body }) => receiver.configure(body),
      DELETE: receiver.empty,
    },
  };

  return (request) => {
    const path = request.target.split('?', 1)[0] ?? '';
    const methods = Object.hasOwn(paths, path) ? paths[path] : undefined;
    if (methods === undefined && !path.startsWith('/_local/')) return undefined;
    const origin = getHeader(request, 'origin');
    if (origin !== undefined && !isLocalOrigin(origin))
      return textResponse(403, `${origin} cannot use the local routes.\n`);
    if (methods === undefined) return gatewayError(404, 'Not Found');
    const respond = methods[request.method === 'HEAD' ? 'GET' : request.method];
    return respond ? respond(request) : gatewayError(405, 'Method Not Allowed');
  };
}

function isLocalOrigin(origin: string): boolean {
  return (
    URL.canParse(origin) &&
    /^https?:$/.test(new URL(origin).protocol) &&
    isLocalHost(new URL(origin).host)
  );
}

/** Newest mails first, as a page for browsers and as JSON for other clients. */
function getMailbox(request: GatewayRequest, { mails }: Mailbox): GatewayResponse {
  const to = new URLSearchParams(getQuery(request.target)).get('to')?.toLowerCase();
  const matchingMails = mails
    .filter((mail) => to === undefined || mail.to.some((address) => address.toLowerCase() === to))
    .toReversed();
  return getHeader(request, 'accept')?.includes('text/html')
    ? renderMailboxPage(matchingMails)
    : jsonResponse(200, { mails: matchingMails });
}

async function issueToken(
  body: Buffer,
  issuer: LocalIssuer,
  findTenantId: LocalRouteOptions['findTenantId'],
): Promise<GatewayResponse> {
  const granted = (access_token: string) =>
    jsonResponse(200, { access_token, token_type: 'Bearer', expires_in: tokenLifetimeSeconds });
  const refused = (reason: string) => textResponse(400, `${reason}\n`);

  const input = parseObject(body.toString());
  if (input === undefined) return refused('The body must be a JSON object.');
  const isExact = Object.hasOwn(input, 'claims');
  const unknownKey = Object.keys(input).find(
    (key) => !(isExact ? ['claims', 'header'] : ['sub', 'tenant', 'roles']).includes(key),
  );
  if (unknownKey !== undefined)
    return refused(
      `${unknownKey} is not a known field; send {"sub"?, "tenant"?, "roles"?} or {"claims", "header"?}.`,
    );

  const { claims, header = {}, sub = 'local', tenant, roles = [] } = input;
  if (isExact) {
    if (!isObject(claims) || !isObject(header))
      return refused('"claims" and "header" must be objects.');
    return granted(issuer.mint(claims, header));
  }
  if (typeof sub !== 'string' || sub === '') return refused('"sub" must be a non-empty string.');
  if (!isStringArray(roles)) return refused('"roles" must be a list of strings.');
  if (tenant === undefined) return granted(issuer.mintAccessToken({ sub, roles }));
  const tenantId = typeof tenant === 'string' ? await findTenantId(tenant) : undefined;
  if (tenantId === undefined)
    return refused(`No tenant has the slug or ID ${JSON.stringify(tenant)}.`);
  return granted(issuer.mintAccessToken({ sub, tenantId, roles }));
}

async function createAppClient(
  body: Buffer,
  findTenantId: LocalRouteOptions['findTenantId'],
  tables: Tables,
): Promise<GatewayResponse> {
  const refused = (reason: string) => textResponse(400, `${reason}\n`);
  const { tenant, roles = [], ...unknownKeys } = parseObject(body.toString()) ?? {};
  const tenantId = typeof tenant === 'string' ? await findTenantId(tenant) : undefined;
  if (Object.keys(unknownKeys).length > 0 || !isStringArray(roles))
    return refused('Send {"tenant", "roles"?}: a slug or ID, and a list of strings.');
  if (tenantId === undefined)
    return refused(`No tenant has the slug or ID ${JSON.stringify(tenant)}.`);
  return jsonResponse(201, await createLocalAppClient(tenantId, roles, tables));
}

function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
