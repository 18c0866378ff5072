import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import { type GatewayAnswer, gatewayAnswer } from '../gateway/response.ts';
import { createLocalAppClient } from './app-clients.ts';
import type { Bus } from '../events/bus.ts';
import { type GatewayRequest, headerOf, queryOf } from '../gateway/request-event.ts';
import { type LocalIssuer, tokenLifetime } from '../fakes/issuer.ts';
import { isObject, parseObject } from '../fakes/json.ts';
import { listEvents, putEvent } from './events.ts';
import type { Mailbox } from '../fakes/mailbox.ts';
import { mailboxPage } from './mailbox-page.ts';
import { isLocalHost, json, plain, type Responder } from '../gateway/server.ts';

interface LocalOnlyOptions {
  readonly issuer: LocalIssuer;
  /** The tenant with this slug or id. */
  readonly findTenantId: (slugOrId: string) => Promise<string | undefined>;
  readonly tables: Tables;
  readonly mailbox: Mailbox;
  readonly bus: Bus;
  /** The name of the bus that is the stack's own. */
  readonly ownBus: string;
}

/**
 * Routes of the local server that no deployment has: keys of the local issuer, tokens and app clients for any caller, the mailbox, and the
 * events of the buses. A page from elsewhere that a browser on this machine
 * shows is refused.
 */
export function localOnly({
  issuer,
  findTenantId,
  tables,
  mailbox,
  bus,
  ownBus,
}: LocalOnlyOptions): Responder {
  const paths: Record<
    string,
    Partial<Record<string, (request: GatewayRequest) => GatewayAnswer | Promise<GatewayAnswer>>>
  > = {
    '/_local/jwks.json': { GET: () => json(200, issuer.jwks) },
    '/_local/token': { POST: ({ body }) => tokenAnswer(body, issuer, findTenantId) },
    '/_local/app-clients': { POST: ({ body }) => appClientAnswer(body, findTenantId, tables) },
    '/_local/mailbox': {
      GET: (request) => mailboxAnswer(request, mailbox),
      DELETE: () => (mailbox.empty(), json(200, { mails: [] })),
    },
    '/_local/events': {
      GET: () => listEvents(bus),
      POST: ({ body }) => putEvent(body, bus, ownBus),
    },
  };

  return (request) => {
    const path = request.target.split('?', 1)[0] ?? '';
    const methods = Object.hasOwn(paths, path) ? paths[path] : undefined;
    if (methods === undefined && !path.startsWith('/_local/')) return undefined;
    const origin = headerOf(request, 'origin');
    if (origin !== undefined && !isLocalOrigin(origin))
      return plain(403, `${origin} may not use what is local to this machine.\n`);
    if (methods === undefined) return gatewayAnswer(404, 'Not Found');
    const respond = methods[request.method === 'HEAD' ? 'GET' : request.method];
    return respond ? respond(request) : gatewayAnswer(405, 'Method Not Allowed');
  };
}

function isLocalOrigin(origin: string): boolean {
  return (
    URL.canParse(origin) &&
    /^https?:$/.test(new URL(origin).protocol) &&
    isLocalHost(new URL(origin).host)
  );
}

/** The newest first: as a page where a browser asks, else as JSON. */
function mailboxAnswer(request: GatewayRequest, { mails }: Mailbox): GatewayAnswer {
  const to = new URLSearchParams(queryOf(request.target)).get('to')?.toLowerCase();
  const wanted = mails
    .filter((mail) => to === undefined || mail.to.some((address) => address.toLowerCase() === to))
    .toReversed();
  return headerOf(request, 'accept')?.includes('text/html')
    ? mailboxPage(wanted)
    : json(200, { mails: wanted });
}

async function tokenAnswer(
  body: Buffer,
  issuer: LocalIssuer,
  findTenantId: LocalOnlyOptions['findTenantId'],
): Promise<GatewayAnswer> {
  const granted = (access_token: string) =>
    json(200, { access_token, token_type: 'Bearer', expires_in: tokenLifetime });
  const refused = (reason: string) => plain(400, `${reason}\n`);

  const wanted = parseObject(body.toString());
  if (wanted === undefined) return refused('The body must be a JSON object.');
  const isExact = Object.hasOwn(wanted, 'claims');
  const stranger = Object.keys(wanted).find(
    (key) => !(isExact ? ['claims', 'header'] : ['sub', 'tenant', 'roles']).includes(key),
  );
  if (stranger !== undefined)
    return refused(
      `${stranger} is unknown: send {"sub"?, "tenant"?, "roles"?} or {"claims", "header"?}.`,
    );

  const { claims, header = {}, sub = 'local', tenant, roles = [] } = wanted;
  if (isExact) {
    if (!isObject(claims) || !isObject(header))
      return refused('"claims" and "header" must be objects.');
    return granted(issuer.mint(claims, header));
  }
  if (typeof sub !== 'string' || sub === '')
    return refused('"sub" must be a string that is not empty.');
  if (!isStrings(roles)) return refused('"roles" must be a list of strings.');
  if (tenant === undefined) return granted(issuer.mintAccessToken({ sub, roles }));
  const tenantId = typeof tenant === 'string' ? await findTenantId(tenant) : undefined;
  if (tenantId === undefined)
    return refused(`There is no tenant with the slug or id ${JSON.stringify(tenant)}.`);
  return granted(issuer.mintAccessToken({ sub, tenantId, roles }));
}

async function appClientAnswer(
  body: Buffer,
  findTenantId: LocalOnlyOptions['findTenantId'],
  tables: Tables,
): Promise<GatewayAnswer> {
  const refused = (reason: string) => plain(400, `${reason}\n`);
  const { tenant, roles = [], ...strangers } = parseObject(body.toString()) ?? {};
  const tenantId = typeof tenant === 'string' ? await findTenantId(tenant) : undefined;
  if (Object.keys(strangers).length > 0 || !isStrings(roles))
    return refused('Send {"tenant", "roles"?}: a slug or id, and a list of strings.');
  if (tenantId === undefined)
    return refused(`There is no tenant with the slug or id ${JSON.stringify(tenant)}.`);
  return json(201, await createLocalAppClient(tenantId, roles, tables));
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
