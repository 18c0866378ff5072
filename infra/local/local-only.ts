import { type GatewayAnswer, gatewayAnswer } from './answer.ts';
import type { GatewayRequest } from './event.ts';
import { type LocalIssuer, tokenLifetime } from './issuer.ts';
import { isLocalHost, plain, type Responder } from './server.ts';

interface LocalOnlyOptions {
  readonly issuer: LocalIssuer;
  /** The tenant with this slug or id. */
  readonly findTenantId: (slugOrId: string) => Promise<string | undefined>;
}

/**
 * What exists on this machine and in no deployment: readiness, the local issuer's keys, and tokens for whoever asks.
 * A page from elsewhere that a browser on this machine shows is refused.
 */
export function localOnly({ issuer, findTenantId }: LocalOnlyOptions): Responder {
  const paths: Record<string, Partial<Record<string, (request: GatewayRequest) => GatewayAnswer | Promise<GatewayAnswer>>>> = {
    '/healthz': { GET: () => json(200, { status: 'ok' }) },
    '/.well-known/jwks.json': { GET: () => json(200, issuer.jwks) },
    '/_local/token': { POST: ({ body }) => tokenAnswer(body, issuer, findTenantId) },
  };

  return (request) => {
    const path = request.target.split('?', 1)[0] ?? '';
    const methods = Object.hasOwn(paths, path) ? paths[path] : undefined;
    if (methods === undefined && !path.startsWith('/_local/')) return undefined;
    const origin = request.headers.find(([name]) => name.toLowerCase() === 'origin')?.[1];
    if (origin !== undefined && !isLocalOrigin(origin)) return plain(403, `${origin} may not use what is local to this machine.\n`);
    if (methods === undefined) return gatewayAnswer(404, 'Not Found');
    const respond = methods[request.method === 'HEAD' ? 'GET' : request.method];
    return respond ? respond(request) : gatewayAnswer(405, 'Method Not Allowed');
  };
}

function isLocalOrigin(origin: string): boolean {
  return URL.canParse(origin) && /^https?:$/.test(new URL(origin).protocol) && isLocalHost(new URL(origin).host);
}

async function tokenAnswer(body: Buffer, issuer: LocalIssuer, findTenantId: LocalOnlyOptions['findTenantId']): Promise<GatewayAnswer> {
  const granted = (access_token: string) => json(200, { access_token, token_type: 'Bearer', expires_in: tokenLifetime });
  const refused = (reason: string) => plain(400, `${reason}\n`);

  const wanted = parseObject(body);
  if (wanted === undefined) return refused('The body must be a JSON object.');
  const isExact = Object.hasOwn(wanted, 'claims');
  const stranger = Object.keys(wanted).find((key) => !(isExact ? ['claims', 'header'] : ['sub', 'tenant', 'roles']).includes(key));
  if (stranger !== undefined) return refused(`${stranger} is unknown: send {"sub"?, "tenant"?, "roles"?} or {"claims", "header"?}.`);

  const { claims, header = {}, sub = 'local', tenant, roles = [] } = wanted;
  if (isExact) {
    if (!isObject(claims) || !isObject(header)) return refused('"claims" and "header" must be objects.');
    return granted(issuer.mint(claims, header));
  }
  if (typeof sub !== 'string' || sub === '') return refused('"sub" must be a string that is not empty.');
  if (!isStrings(roles)) return refused('"roles" must be a list of strings.');
  if (tenant === undefined) return granted(issuer.mintAccessToken({ sub, roles }));
  const tenantId = typeof tenant === 'string' ? await findTenantId(tenant) : undefined;
  if (tenantId === undefined) return refused(`There is no tenant with the slug or id ${JSON.stringify(tenant)}.`);
  return granted(issuer.mintAccessToken({ sub, tenantId, roles }));
}

function parseObject(body: Buffer): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body.toString());
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function json(status: number, body: unknown): GatewayAnswer {
  const headers: [string, string][] = [
    ['content-type', 'application/json'],
    ['cache-control', 'no-store'],
  ];
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
