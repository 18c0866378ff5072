/**
 * Target of tests that need only HTTP: a service in this process, or the deployment at
 * `ROSTER_URL`. `npm start` issues the tokens itself. Other deployments need `ROSTER_ADMIN_TOKEN`,
 * `ROSTER_SYSTEM_TOKEN` and so on, with `ROSTER_TENANT_ID` and, for tenant hosts,
 * `ROSTER_TENANT_HOST`.
 */
import * as http from 'node:http';
import * as https from 'node:https';
import { assertDocumented } from '../openapi-assert.ts';
import {
  type TestResponse,
  createTestService,
  issuer,
  type TestRequest,
  type TenantSlug,
  tenantId,
} from '../service.ts';

/**
 * Callers, mostly of one tenant. `stranger` administrates another tenant, `systemAtLarge` has no
 * tenant.
 */
const personas = {
  admin: { tenant: 'acme', roles: ['admin'] },
  approver: { tenant: 'acme', roles: ['approver'] },
  user: { tenant: 'acme', roles: ['user'] },
  stranger: { tenant: 'globex', roles: ['admin'] },
  system: { tenant: 'acme', roles: ['system_admin'] },
  systemAtLarge: { roles: ['system_admin'] },
} as const satisfies Record<string, { tenant?: TenantSlug; roles: readonly string[] }>;
export type Persona = keyof typeof personas;

export interface Stage {
  send(method: string, target: string, sent?: TestRequest): Promise<TestResponse>;
  readonly tenantId: string;
  /** Host whose first label names the tenant. Undefined without tenant hosts. */
  readonly tenantHost: string | undefined;
  /** Undefined if the stage has no such caller. */
  readonly tokens: Readonly<Partial<Record<Persona, string>>>;
}

/** Creates a stage for `ROSTER_URL`, or a service in this process. */
export const createStage = (): Promise<Stage> => {
  const { ROSTER_URL: url } = process.env;
  return url === undefined ? stageInProcess() : stageAt(new URL(url));
};

const names = Object.keys(personas) as Persona[];
const tokensBy = async (
  token: (name: Persona) => Promise<string | undefined> | string | undefined,
) =>
  Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await token(name)] as const)),
  );

async function stageInProcess(): Promise<Stage> {
  // The clock stands still during a request, which may read it several times.
  let time = new Date();
  const { send } = await createTestService({ now: () => time });
  const mint = (name: Persona) => {
    const { tenant, roles } = { tenant: undefined, ...personas[name] };
    return issuer.mintAccessToken({
      sub: name,
      ...(tenant && { tenantId: tenantId[tenant] }),
      roles,
    });
  };
  return {
    send: (...request) => {
      time = new Date();
      return send(...request);
    },
    tenantId: tenantId.acme,
    tenantHost: 'acme.admin.localhost',
    tokens: await tokensBy(mint),
  };
}

async function stageAt(url: URL): Promise<Stage> {
  const { ROSTER_ADMIN_TOKEN, ROSTER_TENANT_ID, ROSTER_TENANT_HOST } = process.env;
  const send = sender(url);
  if (ROSTER_ADMIN_TOKEN === undefined) {
    const ask = async (name: Persona): Promise<string> => {
      const { body } = await exchange(url, 'POST', '/_local/token', {
        body: { sub: name, ...personas[name] },
      });
      return body.access_token;
    };
    return {
      send,
      tenantId: tenantId.acme,
      tenantHost: `acme.admin.${url.host}`,
      tokens: await tokensBy(ask),
    };
  }
  if (ROSTER_TENANT_ID === undefined)
    throw new Error('ROSTER_TENANT_ID must be the tenant of ROSTER_ADMIN_TOKEN');
  const given = (name: Persona) =>
    process.env[`ROSTER_${name.replace(/[A-Z]/g, '_$&').toUpperCase()}_TOKEN`];
  return {
    send,
    tenantId: ROSTER_TENANT_ID,
    tenantHost: ROSTER_TENANT_HOST,
    tokens: await tokensBy(given),
  };
}

const sender =
  (url: URL) =>
  async (method: string, target: string, sent: TestRequest = {}) => {
    const answer = await exchange(url, method, target, sent);
    assertDocumented(method, target, answer);
    return answer;
  };

/** Sends a request without normalizing its path or headers. */
const exchange = (
  url: URL,
  method: string,
  target: string,
  { token, headers, body, host = url.host }: TestRequest,
): Promise<TestResponse> =>
  new Promise((resolve, reject) => {
    const isRaw = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    const bytes = Buffer.from(isRaw ? (body ?? '') : JSON.stringify(body));
    // With TLS the certificate must match the host name. Locally any name works.
    const { hostname, port, protocol } =
      url.protocol === 'https:' ? new URL(`https://${host}`) : url;
    const { request } = protocol === 'https:' ? https : http;
    const sending = request(
      { hostname, port, method, path: target, setHost: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('error', reject);
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const all = Object.entries(response.headers).map(
            ([name, value]) => [name, String(value)] as const,
          );
          const isJson = response.headers['content-type']?.startsWith('application/json');
          resolve({
            status: response.statusCode ?? 0,
            headers: Object.fromEntries(all),
            text,
            body: isJson ? JSON.parse(text) : undefined,
          });
        });
      },
    );
    sending.on('error', reject);
    const all = {
      host,
      ...(token && { authorization: `Bearer ${token}` }),
      ...(!isRaw && { 'content-type': 'application/json' }),
      ...(bytes.length > 0 && { 'content-length': String(bytes.length) }),
      ...headers,
    };
    for (const [name, value] of Object.entries(all)) sending.setHeader(name, value);
    sending.end(bytes);
  });
