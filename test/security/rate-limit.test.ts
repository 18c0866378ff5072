import { describe, expect, inject, it } from 'vitest';
import { createIssuer } from '../../infra/local/fakes/issuer.ts';
import { createPolicy } from '../../lib/domain/access/policy.ts';
import { keys } from '../../lib/store/keys.ts';
import { createUserIn } from '../support/authenticated-routes.ts';
import {
  always,
  createFaultProxy,
  hangRequest,
  dropRequest,
  failWith,
} from '../support/faults/fault-proxy.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { createTokenAppClient, requestAccessToken } from '../support/tokens/roster-tokens.ts';
import { getLogs } from '../support/logs.ts';
import {
  adminToken,
  createTestService,
  systemToken,
  userToken,
  issuer,
  type TestRequest,
  type Service,
  tenantId,
} from '../support/service.ts';

const windowLength = 10_000;
/** Start of a window. Each test uses its own window. */
let time = Math.ceil(Date.now() / windowLength) * windowLength;
const nextWindow = () => {
  time += windowLength;
};
const now = () => new Date(time);

const other = createIssuer({ issuer: 'http://localhost:4001' });
const elsewhere = createIssuer({ issuer: 'http://localhost:4002' });
const ISSUERS = JSON.stringify([
  issuer.settings,
  { ...other.settings, tenants: [tenantId.globex] },
  { ...elsewhere.settings, tenants: [tenantId.acme], subjectsAreUsers: false },
]);
/** 30 requests per window, reported by processes in batches of two. */
const environment = {
  ISSUERS,
  TENANT_REQUESTS_PER_SECOND: '3',
  PRINCIPAL_SHARE: '1',
  AWS_MAX_ATTEMPTS: '1',
};
const maxRequests = 30;

const policy = createPolicy();
let decisionCount = 0;
const database = await createFaultProxy(inject('databaseEndpoint'));
const options = {
  now,
  databaseEndpoint: database.endpoint,
  policy: {
    authorize(...question: Parameters<typeof policy.authorize>) {
      decisionCount++;
      policy.authorize(...question);
    },
  },
};
const service = await createTestService({ ...options, environment });
/** Another process on the same tables. */
const again = (more: object = {}) => {
  const { directory, secrets } = service.stored;
  return createTestService({
    ...options,
    environment: { ...environment, DIRECTORY_TABLE: directory, SECRETS_TABLE: secrets, ...more },
  });
};

const everyDialect = [
  '/v1/users',
  '/cradl/v1/users',
  '/jitsudo/v1/users',
  '/credible/api/v0/users',
];
const acme: TestRequest = { token: adminToken('acme'), headers: { 'x-tenant-id': tenantId.acme } };
const globex: TestRequest = {
  token: adminToken('globex'),
  headers: { 'x-tenant-id': tenantId.globex },
};
const unknownUser = 'cradl:user:00000000000040008000000000000000';
const lists = (sent: TestRequest, of: Service = service, path = '/v1/users') => of.get(path, sent);

/** Sends requests one after another, like a Lambda process. Returns the count of each status. */
async function flood(
  count: number,
  sent: TestRequest = acme,
  of: Service = service,
  path?: string,
): Promise<Record<number, number>> {
  const statuses: Record<number, number> = {};
  for (let index = 0; index < count; index++) {
    const { status } = await lists(sent, of, path);
    statuses[status] = (statuses[status] ?? 0) + 1;
  }
  return statuses;
}

describe('a tenant above its limit [O01]', () => {
  it('gets 429 with Retry-After after its quota, in every dialect', async () => {
    nextWindow();
    expect(await flood(maxRequests + 10)).toEqual({ 200: maxRequests, 429: 10 });
    time += 7400;
    const explanation =
      'The tenant has reached its limit of requests in 10 seconds. Try again in 3 s.';
    for (const path of everyDialect) {
      expect(await lists(acme, service, path), path).toMatchObject({
        status: 429,
        headers: { 'retry-after': '3' },
        body: {
          code: 'too_many_requests',
          message: path.startsWith('/cradl') ? 'Too Many Requests' : explanation,
          details: {
            limit: 'tenant_requests',
            retryAfter: 3,
            ...(path.startsWith('/cradl') && { explanation }),
          },
        },
      });
    }
    expect(JSON.parse(getLogs.at(-1) ?? '')).toMatchObject({
      status: 429,
      code: 'too_many_requests',
      tenant: tenantId.acme,
    });
    time += 2600;
    expect(await lists(acme)).toMatchObject({ status: 200 });
  });

  it('does not affect other tenants', async () => {
    nextWindow();
    const [flooding, beside] = await Promise.all([
      flood(3 * maxRequests),
      flood(maxRequests - 1, globex),
    ]);
    expect(flooding).toEqual({ 200: maxRequests, 429: 2 * maxRequests });
    expect(beside).toEqual({ 200: maxRequests - 1 });
  });

  it('is rejected by every process and function once their batches are reported', async () => {
    nextWindow();
    expect(await flood(maxRequests)).toEqual({ 200: maxRequests });
    const elsewhere = await again();
    expect(await flood(5, acme, elsewhere)).toEqual({ 200: 2, 429: 3 });
    expect(await flood(5, acme, service, '/v1/roles')).toEqual({ 200: 2, 429: 3 });
  });

  it('counts API keys and tokens alike', async () => {
    nextWindow();
    const { key } = await createTokenAppClient(service, 'acme');
    expect(await flood(maxRequests / 2, { headers: key })).toEqual({ 200: maxRequests / 2 });
    expect(await flood(maxRequests)).toEqual({ 200: maxRequests / 2, 429: maxRequests / 2 });
    expect(await lists({ headers: key })).toMatchObject({ status: 429 });
  });

  it('causes neither policy decisions nor database requests', async () => {
    nextWindow();
    await flood(maxRequests);
    database.isWell();
    decisionCount = 0;
    expect(await flood(20)).toEqual({ 429: 20 });
    expect([decisionCount, database.sent]).toEqual([0, []]);
  });

  it.each(['token', 'key'] as const)(
    'causes no reads for permanent operations: %s [SEC-10]',
    async (credential) => {
      const { key } = await createTokenAppClient(service, 'acme');
      const sent: TestRequest =
        credential === 'key' ? { headers: key } : { token: userToken('acme', ['approver'], 'eve') };
      nextWindow();
      expect((await lists({ headers: key })).status).toBe(200);
      await flood(maxRequests);
      database.isWell();
      for (let index = 0; index < 5; index++) {
        expect(
          await service.post(`/v1/users/${unknownUser}/restore`, undefined, sent),
        ).toMatchObject({ status: 429 });
      }
      expect(database.sent).toEqual([]);
    },
  );
});

describe('the quota of a request', () => {
  it('belongs to the home tenant of a system administrator, and to no tenant without one', async () => {
    nextWindow();
    const headers = { 'x-tenant-id': tenantId.globex };
    expect(await flood(2 * maxRequests, { token: systemToken(), headers })).toEqual({
      200: 2 * maxRequests,
    });
    expect(await flood(maxRequests, { token: systemToken('acme'), headers })).toEqual({
      200: maxRequests,
    });
    expect([(await lists(acme)).status, (await lists(globex)).status]).toEqual([429, 200]);
  });

  it.each<[string, TestRequest]>([
    [
      'names a tenant other than that of its token',
      { ...acme, headers: { 'x-tenant-id': tenantId.globex } },
    ],
    [
      'is not allowed to name its tenant',
      { token: other.mintAccessToken({ sub: 'eve', tenantId: tenantId.acme, roles: ['admin'] }) },
    ],
  ])('belongs to no tenant if it %s', async (_, sent) => {
    nextWindow();
    expect(await flood(2 * maxRequests, sent)).toEqual({ 403: 2 * maxRequests });
    expect(await lists(acme)).toMatchObject({ status: 200 });
  });
});

describe('counting', () => {
  it('is free for a quiet tenant, and one request per 20 for a busy one', async () => {
    nextWindow();
    const usual = await again({ TENANT_REQUESTS_PER_SECOND: '50' });
    await lists(acme, usual);
    database.isWell();
    await flood(18, acme, usual);
    expect(new Set(database.sent.map(({ operation }) => operation))).toEqual(new Set(['Query']));
    await flood(1, acme, usual);
    expect(database.sent.filter(({ operation }) => operation !== 'Query')).toMatchObject([
      { operation: 'UpdateItem' },
    ]);
    await flood(40, acme, usual);
    expect(database.sent.filter(({ operation }) => operation === 'UpdateItem')).toHaveLength(3);
  });

  it.each([
    ['is throttled', maxRequests + 2, failWith('ThrottlingException')],
    ['is denied', maxRequests + 2, failWith('AccessDeniedException')],
    ['is lost', maxRequests + 2, dropRequest],
    ['hangs', 4, hangRequest],
  ])('rejects no request if it %s', async (_, count, fault) => {
    nextWindow();
    database.goesWrong(always(fault, 'UpdateItem'));
    expect(await flood(count)).toEqual({ 200: count });
    expect(database.sent.filter(({ operation }) => operation === 'UpdateItem')).toHaveLength(
      count / 2,
    );
    database.isWell();
  });

  it('writes an item that expires with its window', async () => {
    nextWindow();
    await flood(4);
    const until = time + windowLength;
    expect(await service.stored.item(keys.requestCounter(tenantId.acme, until))).toMatchObject({
      requests: 4,
      ttl: until / 1000,
    });
  });
});

describe('a principal [SEC-14]', () => {
  /** 100 requests per window, 20 per principal, and 20 more in the reserve. */
  const shares = { TENANT_REQUESTS_PER_SECOND: '10', PRINCIPAL_SHARE: '0.2' };
  const newCaller = (name: string, roles: readonly string[] = []): TestRequest => ({
    token: userToken('acme', roles, name),
  });
  const floods = async (of: Service, count: number) => {
    for (let index = 0; index < count; index++) await flood(20, newCaller(`flooder-${index}`), of);
  };

  it.each<[string, () => Promise<TestRequest>]>([
    ['a user without a role', async () => newCaller('eve')],
    ['an app client', async () => ({ headers: (await createTokenAppClient(service, 'acme')).key })],
    [
      'a subject of another issuer',
      async () => ({ token: elsewhere.mintAccessToken({ sub: 'eve', tenantId: tenantId.acme }) }),
    ],
  ])(
    'that is %s gets a fifth of the quota of its tenant and does not affect others',
    async (_, caller) => {
      const of = await again(shares);
      nextWindow();
      const sent = await caller();
      nextWindow();
      const statuses = await flood(60, sent, of);
      expect(statuses['429']).toBe(40);
      expect((await lists(sent, of)).body.details.limit).toBe('caller_requests');
      expect(await flood(20, acme, of)).toEqual({ 200: 20 });
      // In every process, after it has reported.
      expect((await flood(20, sent, await again(shares)))['429']).toBeGreaterThanOrEqual(15);
    },
  );

  it('can be suspended while others flood the tenant', async () => {
    const of = await again(shares);
    nextWindow();
    const user = await createUserIn(of, 'acme', { password: 'tangled-orchard-7-lamps' });
    nextWindow();
    await floods(of, 5);
    const other = newCaller('another-admin', ['admin']);
    expect(await lists(other, of)).toMatchObject({ status: 429 });
    expect((await of.post(`/v1/users/${user.native}/suspend`, undefined, other)).status).toBe(200);
    const change = { body: { roleIds: [] }, headers: { 'if-match': '*' }, token: other.token };
    expect((await of.send('PATCH', `/v1/users/${user.native}`, change)).status).toBe(200);
    const levels = '/credible/api/v0/organizations/acme/permissions';
    // Each function counts in batches.
    for (let index = 0; index < 20; index++) await of.get(levels, other);
    expect((await of.get(levels, other)).status).toBe(429);
    const removed = await of.send('DELETE', `${levels}/user:unknown@example.com`, other);
    expect(removed.status).toBe(404);
    // The reserve is limited, and only for callers with the permission.
    expect(
      (await of.post(`/v1/users/${user.native}/suspend`, undefined, newCaller('eve'))).status,
    ).toBe(429);
    const statuses = [];
    for (let index = 0; index < 30; index++) {
      const admin = newCaller(`admin-${index}`, ['admin']);
      statuses.push((await of.post(`/v1/users/${user.native}/suspend`, undefined, admin)).status);
    }
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThanOrEqual(10);
    expect(statuses.filter((status) => status !== 429).length).toBeGreaterThanOrEqual(14);
  });
});

describe('units [SEC-10]', () => {
  /** 1,000 units per window, reported in batches of 40. */
  const shares = {
    TENANT_REQUESTS_PER_SECOND: '1000000',
    TENANT_UNITS_PER_SECOND: '100',
    PRINCIPAL_SHARE: '1',
  };

  it('count as reported by DynamoDB, and a tenant that uses them up is rejected', async () => {
    const of = await again(shares);
    nextWindow();
    for (let index = 0; index < 3; index++) {
      const draft = { email: `heavy-${index}@example.com`, metadata: { text: 'x'.repeat(60_000) } };
      expect((await of.post('/v1/users', draft, acme)).status).toBe(201);
    }
    nextWindow();
    // Reading a 60 KB user costs 15 units. A page of three costs 45 units and the list itself.
    const statuses = await flood(40, acme, of, '/v1/users?emailPrefix=heavy');
    expect(statuses['200']).toBeGreaterThanOrEqual(20);
    expect(statuses['200']).toBeLessThanOrEqual(24);
    expect((await lists(acme, of)).body.details.limit).toBe('tenant_units');
    expect(await lists(globex, of)).toMatchObject({ status: 200 });
    const until = time + windowLength;
    expect(
      (await service.stored.item(keys.requestCounter(tenantId.acme, until)))?.['units'],
    ).toBeGreaterThanOrEqual(1000);
    nextWindow();
    // A write costs two units per KB, also if it is rejected.
    const writes = [];
    for (let index = 0; index < 16; index++) {
      writes.push(
        (
          await of.post(
            '/v1/users',
            { email: 'heavy-0@example.com', metadata: { text: 'x'.repeat(60_000) } },
            acme,
          )
        ).status,
      );
    }
    const created = [];
    for (let index = 0; index < 16; index++) {
      const draft = { email: `large-${index}@example.com`, metadata: { text: 'x'.repeat(60_000) } };
      created.push((await of.post('/v1/users', draft, acme)).status);
    }
    expect(new Set(writes)).toEqual(new Set([409]));
    expect(created.filter((status) => status === 201).length).toBeLessThanOrEqual(9);
    expect(created.at(-1)).toBe(429);
  });

  it('have a quota per principal', async () => {
    const of = await again({ ...shares, PRINCIPAL_SHARE: '0.2' });
    nextWindow();
    const eve: TestRequest = { token: userToken('acme', ['approver'], 'eve') };
    const statuses = await flood(12, eve, of, '/v1/users?emailPrefix=heavy');
    expect(statuses['429']).toBeGreaterThanOrEqual(6);
    expect((await lists(eve, of)).body.details.limit).toBe('caller_units');
    expect(await lists(acme, of)).toMatchObject({ status: 200 });
  });
});

describe('a caller who is rejected before the rate limit', () => {
  const reads = () =>
    database.sent.filter(({ operation }) => ['GetItem', 'Query'].includes(operation)).length;
  const suspends = (sent: TestRequest) =>
    service.post(`/v1/users/${unknownUser}/suspend`, undefined, sent);
  const signIn = async (email: string) =>
    (await service.post('/v1/auth/token', { tenant: 'acme', email, password: goodPassword })).body
      .accessToken as string;
  const newUser = async () => {
    const draft = { email: `refused-${time}@x.example`, password: goodPassword };
    const { status, body } = await service.post('/v1/users', draft, {
      token: systemToken(),
      headers: acme.headers!,
    });
    expect(status).toBe(201);
    return { userId: String(body.userId), token: await signIn(draft.email) };
  };

  it('uses their quota if the directory was read to find them [SEC-10]', async () => {
    nextWindow();
    const { token } = await newUser();
    database.isWell();
    const statuses: Record<number, number> = {};
    for (let index = 0; index < maxRequests + 20; index++) {
      const { status } = await suspends({ token, headers: globex.headers! });
      statuses[status] = (statuses[status] ?? 0) + 1;
    }
    expect(statuses[403]).toBeLessThanOrEqual(maxRequests);
    expect(statuses[429]).toBeGreaterThanOrEqual(20);
  });

  it('uses the quota of a suspended tenant', async () => {
    nextWindow();
    await service.updateTenantItem('north', { status: 'suspended' });
    const sent = { token: userToken('north', ['admin'], 'eve') };
    const statuses = [];
    for (let index = 0; index < maxRequests + 5; index++)
      statuses.push((await suspends(sent)).status);
    expect(statuses).toEqual([...Array(maxRequests).fill(403), ...Array(5).fill(429)]);
    database.isWell();
    await suspends(sent);
    expect(reads()).toBe(0);
  });

  it('costs one read for an invalidated token [SEC-10]', async () => {
    nextWindow();
    const { userId, token } = await newUser();
    const sent = { token: systemToken(), headers: acme.headers! };
    expect((await service.post(`/v1/users/${userId}/suspend`, undefined, sent)).status).toBe(200);
    time += 40_000;
    database.isWell();
    for (let index = 0; index < 5; index++)
      expect([(await lists({ token })).status, (await suspends({ token })).status]).toEqual([
        401, 401,
      ]);
    expect(reads()).toBe(1);
    expect((await service.post(`/v1/users/${userId}/reactivate`, undefined, sent)).status).toBe(
      200,
    );
    expect((await lists({ token })).status).toBe(401);
  });

  it('costs one read for a token of an app client with a removed secret', async () => {
    nextWindow();
    const client = await createTokenAppClient(service, 'acme');
    const token = (await requestAccessToken(service, client)).body.access_token as string;
    await client.becomes({ secrets: [] });
    nextWindow();
    await suspends({ token });
    database.isWell();
    for (let index = 0; index < 5; index++)
      expect([(await lists({ token })).status, (await suspends({ token })).status]).toEqual([
        401, 401,
      ]);
    expect(reads()).toBe(0);
  });

  it('costs no read of roles for a token of an app client with a deleted role, or in a suspended tenant [SEC-10]', async () => {
    await service.putRole('globex', {
      slug: 'gone',
      name: 'Gone',
      permissions: [],
      deletion: { at: '', by: '' },
    } as never);
    const client = await createTokenAppClient(service, 'globex', { roles: ['gone', 'user'] });
    time += 40_000;
    expect((await requestAccessToken(service, client)).status).toBe(200);
    const queriesOfTenant = () =>
      database.sent.filter(
        ({ operation, text }) => operation === 'Query' && text.includes('"ROLE#"'),
      ).length;
    database.isWell();
    expect((await requestAccessToken(service, client)).status).toBe(200);
    expect(queriesOfTenant()).toBe(0);
    await service.updateTenantItem('globex', { status: 'suspended' });
    time += 40_000;
    expect((await requestAccessToken(service, client)).status).toBe(400);
    database.isWell();
    expect((await requestAccessToken(service, client)).status).toBe(400);
    expect(queriesOfTenant()).toBe(0);
    await service.updateTenantItem('globex', { status: 'active' });
    expect((await requestAccessToken(service, client)).status).toBe(200);
  });

  it('costs no read of the app client for a wrong secret', async () => {
    const { secret, key } = await createTokenAppClient(service, 'acme');
    nextWindow();
    expect((await lists({ headers: key })).status).toBe(200);
    database.isWell();
    expect((await suspends({ headers: { 'x-api-key': `${secret.slice(0, -3)}AAA` } })).status).toBe(
      401,
    );
    expect(database.sent.map(({ operation }) => operation)).toEqual(['Query']);
  });
});
