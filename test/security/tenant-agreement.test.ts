import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  requestRoute,
  createUserIn,
  authenticatedRoutes,
  addressesTenant,
} from '../support/authenticated-routes.ts';
import { usersApi } from '../../functions/users.ts';
import { toGatewayEvent } from '../../infra/local/gateway/request-event.ts';
import { createUserDeps } from '../../lib/deps/http-deps.ts';
import { isDeploymentOperation } from '../../lib/api/auth/deployment-operations.ts';
import { getLogs } from '../support/logs.ts';
import {
  createTestService,
  systemToken,
  userToken,
  adminToken,
  type TestRequest,
  tenantId,
} from '../support/service.ts';
import { anyCharacter, scaleRuns } from '../support/property-runs.ts';

const service = await createTestService();
const handler = usersApi(createUserDeps(service.environment));
const inAcme = await createUserIn(service, 'acme');
const inGlobex = await createUserIn(service, 'globex');
const host = (label: string) => `${label}.admin.localhost`;
const withTenantHeader = (value: string | string[], more: TestRequest = {}): TestRequest => ({
  ...more,
  headers: { 'x-tenant-id': value, ...more.headers },
});

/**
 * Statuses of reading a user of acme through every dialect, with these additions to the request.
 */
const reads = async (sent: TestRequest, user = inAcme) => {
  const answers = await Promise.all(
    authenticatedRoutes
      .filter(({ operation }) => operation === 'getUser')
      .map((route) => requestRoute(service, route, { user, ...sent })),
  );
  const [first, ...others] = answers.map(({ status, body }) => `${status} ${body.code ?? 'ok'}`);
  expect(others).toEqual(others.map(() => first));
  return first;
};
const token = adminToken('acme');

describe('the tenant in a request must agree with the token [T01 T02 T03 T04]', () => {
  it.each<[string, TestRequest, string]>([
    ['only what the dialect requires', {}, '200 ok'],
    ['the tenant by its ID', withTenantHeader(tenantId.acme), '200 ok'],
    ['the tenant by its ID in upper case', withTenantHeader(tenantId.acme.toUpperCase()), '200 ok'],
    ['the tenant by its host', { host: host('acme') }, '200 ok'],
    ['the tenant by its host and a port', { host: `${host('acme')}:4000` }, '200 ok'],
    ['the tenant by its host in mixed case', { host: 'ACME.Admin.LocalHost' }, '200 ok'],
    ['the tenant by both', withTenantHeader(tenantId.acme, { host: host('acme') }), '200 ok'],
    ['the host of the service itself', { host: 'admin.localhost' }, '200 ok'],
    ['a host with the same suffix', { host: 'globex-admin.localhost' }, '200 ok'],
    [
      'a host of another domain with the same prefix',
      { host: 'globex.admin.localhost.example.com' },
      '200 ok',
    ],
    ['another tenant', withTenantHeader(tenantId.globex), '403 tenant_mismatch'],
    [
      'an unknown tenant',
      withTenantHeader('11111111-1111-4111-8111-111111111111'),
      '403 tenant_mismatch',
    ],
    ['another tenant by its host', { host: host('globex') }, '403 tenant_mismatch'],
    [
      'another tenant by its host and a port',
      { host: `${host('globex')}:443` },
      '403 tenant_mismatch',
    ],
    [
      'another tenant by its host in upper case',
      { host: 'GLOBEX.ADMIN.LOCALHOST' },
      '403 tenant_mismatch',
    ],
    ['an unknown host', { host: host('nobody') }, '403 tenant_mismatch'],
    ['a label in front of the host', { host: host('www.acme') }, '403 tenant_mismatch'],
    ['another tenant in front of the host', { host: host('globex.acme') }, '403 tenant_mismatch'],
    ['the tenant in front of another', { host: host('acme.globex') }, '403 tenant_mismatch'],
    ['an empty label', { host: '.admin.localhost' }, '403 tenant_mismatch'],
    ['an ID as a label', { host: host(tenantId.acme) }, '403 tenant_mismatch'],
    ['a key as a label', { host: host('acme#claim') }, '403 tenant_mismatch'],
    [
      'the tenant by its ID, another by its host',
      withTenantHeader(tenantId.acme, { host: host('globex') }),
      '403 tenant_mismatch',
    ],
    [
      'another by its ID, the tenant by its host',
      withTenantHeader(tenantId.globex, { host: host('acme') }),
      '403 tenant_mismatch',
    ],
    [
      'another by both',
      withTenantHeader(tenantId.globex, { host: host('globex') }),
      '403 tenant_mismatch',
    ],
    [
      'two headers, its own first',
      withTenantHeader([tenantId.acme, tenantId.globex]),
      '400 invalid_input',
    ],
    [
      'two headers, its own last',
      withTenantHeader([tenantId.globex, tenantId.acme]),
      '400 invalid_input',
    ],
    [
      'two headers that agree',
      withTenantHeader([tenantId.acme, tenantId.acme]),
      '400 invalid_input',
    ],
    [
      'two IDs in one header',
      withTenantHeader(`${tenantId.acme},${tenantId.globex}`),
      '400 invalid_input',
    ],
    ['an empty header', withTenantHeader(''), '400 invalid_input'],
    ['a slug', withTenantHeader('acme'), '400 invalid_input'],
    ['an ID between spaces', withTenantHeader(` ${tenantId.acme} `), '400 invalid_input'],
    ['an ID in braces', withTenantHeader(`{${tenantId.acme}}`), '400 invalid_input'],
    [
      'an ID without hyphens',
      withTenantHeader(tenantId.acme.replaceAll('-', '')),
      '400 invalid_input',
    ],
    ['an ID as a URN', withTenantHeader(`urn:uuid:${tenantId.acme}`), '400 invalid_input'],
    ['an ID followed by NUL', withTenantHeader(`${tenantId.acme}\0`), '400 invalid_input'],
    [
      'an ID followed by a header line',
      withTenantHeader(`${tenantId.acme}\nx-tenant-id: ${tenantId.globex}`),
      '400 invalid_input',
    ],
    [
      'an ID followed by an escape sequence',
      withTenantHeader(`${tenantId.acme}%00`),
      '400 invalid_input',
    ],
    ['a key', withTenantHeader(`${tenantId.acme}#USER#${tenantId.acme}`), '400 invalid_input'],
    ['a key of another', withTenantHeader(`TENANT#${tenantId.globex}`), '400 invalid_input'],
    ['a path', withTenantHeader(`../${tenantId.globex}`), '400 invalid_input'],
    ['a wildcard', withTenantHeader('*'), '400 invalid_input'],
    [
      'letters that look like hexadecimal digits',
      withTenantHeader(tenantId.acme.replace('e', 'е')),
      '400 invalid_input',
    ],
  ])('%s', async (_, sent, expected) => {
    expect(await reads({ token, ...sent })).toBe(expected);
  });

  it.each([
    ['an administrator', token],
    ['a system administrator', systemToken('acme')],
  ])('JITSudo requires X-Tenant-ID, even for %s', async (_, caller) => {
    const inTenant = authenticatedRoutes.filter(
      ({ dialect, operation }) => dialect === 'jitsudo' && !isDeploymentOperation(operation),
    );
    for (const route of inTenant) {
      // Without the header. The host does not replace it.
      const answer = await requestRoute(service, route, {
        token: caller,
        user: inAcme,
        host: host('acme'),
        headers: { 'x-tenant-id': [] },
      });
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'invalid_input', details: { issues: [{ path: 'X-Tenant-ID' }] } },
      });
    }
  });

  it.each<[string, Record<string, string>]>([
    ['X-Forwarded-Host', { 'x-forwarded-host': host('globex') }],
    ['Forwarded', { forwarded: `host=${host('globex')}` }],
    ['X-Original-Host', { 'x-original-host': host('globex'), 'x-host': host('globex') }],
    [
      'Origin and Referer',
      { origin: `https://${host('globex')}`, referer: `https://${host('globex')}/` },
    ],
    [
      'headers with similar names',
      { x_tenant_id: tenantId.globex, 'x-tenantid': tenantId.globex, 'tenant-id': tenantId.globex },
    ],
    ['a cookie', { cookie: `tenant_id=${tenantId.globex}; x-tenant-id=${tenantId.globex}` }],
  ])('%s names no tenant', async (_, headers) => {
    const withTenant = (more = {}) => ({
      headers: { 'x-tenant-id': tenantId.acme, ...headers, ...more },
    });
    expect(await reads({ token, ...withTenant() })).toBe('200 ok');
    expect(await reads({ token, ...withTenant() }, inGlobex)).toBe('404 not_found');
    expect(await reads({ token, ...withTenant(), host: host('acme') })).toBe('200 ok');
  });

  it.each([
    ['acme', 'globex', 200],
    ['globex', 'acme', 403],
    ['www.acme', 'acme', 403],
  ])(
    'the domain name that API Gateway matched counts (%s), and the Host header does not (%s)',
    async (matched, sent, statusCode) => {
      const routeKey = 'GET /v1/users/{userId}';
      const request = {
        method: 'GET',
        target: `/v1/users/${inAcme.native}`,
        body: Buffer.alloc(0),
        sourceIp: '127.0.0.1',
        port: 443,
        protocol: 'HTTP/1.1',
      };
      const headers = [
        ['host', host(sent)],
        ['authorization', `Bearer ${token}`],
      ] as const;
      const event = toGatewayEvent({ ...request, headers }, request.target, {
        routeKey,
        pathParameters: { userId: inAcme.native },
      });
      Object.assign(event.requestContext, {
        domainName: host(matched),
        domainPrefix: matched.split('.')[0],
      });
      expect(
        await handler(event, { getRemainingTimeInMillis: () => 10_000 } as never),
      ).toMatchObject({ statusCode });
    },
  );

  it.each(['x-tenant-id', 'tenant_id'])(
    'the query parameter %s names no tenant',
    async (parameter) => {
      const target = `/v1/users/${inGlobex.native}?${parameter}=${tenantId.globex}`;
      const { status, body } = await service.get(target, { token });
      expect([status, body.details.issues[0].path]).toEqual([400, parameter]);
    },
  );

  it('no header reaches another tenant or causes a failure', async () => {
    const anything = fc.oneof(
      fc.string(),
      fc.string({ unit: anyCharacter }),
      fc.uuid(),
      fc
        .tuple(fc.constantFrom(tenantId.acme, tenantId.globex), fc.string({ maxLength: 3 }))
        .map((parts) => parts.join('')),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (value) => {
        const isItsOwn = value.toLowerCase() === tenantId.acme;
        const { status } = await service.get(`/v1/users/${inGlobex.native}`, {
          token,
          ...withTenantHeader(value),
        });
        expect(isItsOwn ? [404] : [400, 403]).toContain(status);
      }),
      { numRuns: scaleRuns(60) },
    );
  });
});

describe('an organization in the path must agree with the token [T01 T02]', () => {
  const organizationRoutes = authenticatedRoutes.filter(({ route }) =>
    route.includes('{organization}'),
  );
  const readOrganization = async (name: string, sent: TestRequest = {}) => {
    const path = `/credible/api/v0/organizations/${encodeURIComponent(name)}`;
    const { status, body } = await service.get(path, { token, ...sent });
    return `${status} ${body.code ?? body.name}`;
  };
  const system = { token: systemToken() };

  it.each<[string, string, TestRequest, string]>([
    ['its own', 'acme', {}, '200 acme'],
    ['its own in upper case', 'ACME', {}, '200 acme'],
    ['its own, also by the host', 'acme', { host: host('acme') }, '200 acme'],
    ['its own, also by its ID', 'acme', withTenantHeader(tenantId.acme), '200 acme'],
    ['its own, another by the host', 'acme', { host: host('globex') }, '403 tenant_mismatch'],
    ['another, its own by the host', 'globex', { host: host('acme') }, '403 tenant_mismatch'],
    ['another, also by the host', 'globex', { host: host('globex') }, '403 tenant_mismatch'],
    ['another', 'globex', {}, '403 tenant_mismatch'],
    ['an unknown one', 'nobody', {}, '403 tenant_mismatch'],
    ['its ID', tenantId.acme, {}, '403 tenant_mismatch'],
    ['a key', 'acme#CLAIM', {}, '403 tenant_mismatch'],
    ['a label in front', 'www.acme', {}, '403 tenant_mismatch'],
    ['a space', 'acme ', {}, '403 tenant_mismatch'],
    ['a long name', 'a'.repeat(3000), {}, '403 tenant_mismatch'],
    ['any, as a system administrator', 'globex', system, '200 globex'],
    [
      'another than the token of a system administrator',
      'globex',
      { token: systemToken('acme') },
      '200 globex',
    ],
    [
      'another than the host, as a system administrator',
      'globex',
      { ...system, host: host('acme') },
      '200 globex',
    ],
    [
      'a known one at an unknown host, as a system administrator',
      'acme',
      { ...system, host: host('nobody') },
      '404 not_found',
    ],
    ['an unknown one, as a system administrator', 'nobody', system, '404 not_found'],
    ['a tenant ID, as a system administrator', tenantId.acme, system, '404 not_found'],
    ['a key, as a system administrator', 'acme#CLAIM', system, '404 not_found'],
    ['a long name, as a system administrator', 'a'.repeat(3000), system, '404 not_found'],
  ])('%s', async (_, name, sent, expected) => {
    expect(await readOrganization(name, sent)).toBe(expected);
  });

  it.each(organizationRoutes.map((route) => [route.route, route] as const))(
    'without revealing other organizations: %s',
    async (_, route) => {
      const before = service.stored.writes().length;
      const request = (organization: string, caller: string) =>
        requestRoute(service, route, { token: caller, user: inGlobex, organization });
      const other = await request('globex', token);
      const unknown = await request('nobody', token);
      expect(other).toMatchObject({ status: 403, body: { code: 'tenant_mismatch' } });
      expect({ ...other.body, details: undefined }).toEqual({
        ...unknown.body,
        details: undefined,
      });
      expect(Object.keys(other.headers)).toEqual(Object.keys(unknown.headers));
      expect(await request('nobody', systemToken())).toMatchObject({
        status: 404,
        body: { code: 'not_found', message: 'The tenant does not exist' },
      });
      const writes = service.stored.writes().slice(before);
      expect(writes.filter((key) => !/#ACTIVITY /.test(key))).toEqual([]);
    },
  );
});

describe('without a host suffix', () => {
  it('hosts name no tenant', async () => {
    const plain = await createTestService({ environment: { TENANT_HOST_SUFFIX: '' } }).catch(
      () => undefined,
    );
    // An empty suffix would make every host name a tenant, so the service does not start.
    expect(plain).toBeUndefined();
  });
});

describe('a system administrator names the tenant', () => {
  const atLarge = { token: systemToken() };
  const ofGlobex = { token: systemToken('globex') };

  it.each<[string, TestRequest, string]>([
    ['by its ID', { ...atLarge, ...withTenantHeader(tenantId.acme) }, '200 ok'],
    [
      'by its ID in upper case',
      { ...atLarge, ...withTenantHeader(tenantId.acme.toUpperCase()) },
      '200 ok',
    ],
    [
      'by both',
      { ...atLarge, ...withTenantHeader(tenantId.acme, { host: host('acme') }) },
      '200 ok',
    ],
    [
      'with another tenant than in the token',
      { ...ofGlobex, ...withTenantHeader(tenantId.acme) },
      '200 ok',
    ],
    [
      'with a tenant without this user',
      { ...atLarge, ...withTenantHeader(tenantId.globex) },
      '404 not_found',
    ],
    [
      'by two values that disagree',
      { ...atLarge, ...withTenantHeader(tenantId.acme, { host: host('globex') }) },
      '403 tenant_mismatch',
    ],
    [
      'by two values that disagree, one of them in the token',
      { ...ofGlobex, ...withTenantHeader(tenantId.acme, { host: host('globex') }) },
      '403 tenant_mismatch',
    ],
    [
      'with an unknown ID',
      { ...atLarge, ...withTenantHeader('11111111-1111-4111-8111-111111111111') },
      '404 not_found',
    ],
    [
      'with an unknown host',
      { ...atLarge, ...withTenantHeader(tenantId.acme, { host: host('nobody') }) },
      '404 not_found',
    ],
    [
      'with a host that has another label in front',
      { ...atLarge, ...withTenantHeader(tenantId.acme, { host: host('www.acme') }) },
      '404 not_found',
    ],
    [
      'with an empty label',
      { ...atLarge, ...withTenantHeader(tenantId.acme, { host: '.admin.localhost' }) },
      '404 not_found',
    ],
    ['by a slug in the header', { ...atLarge, ...withTenantHeader('acme') }, '400 invalid_input'],
  ])('%s', async (_, sent, expected) => {
    expect(await reads(sent)).toBe(expected);
  });

  const dialectsWithoutHeader = authenticatedRoutes.filter(
    ({ dialect, operation }) => dialect !== 'jitsudo' && operation === 'getUser',
  );

  it.each(dialectsWithoutHeader.map((route) => [route.dialect, route] as const))(
    '%s: by the host, otherwise by the token',
    async (_, route) => {
      const status = async (sent: TestRequest, user = inAcme) =>
        (await requestRoute(service, route, { user, ...sent })).status;
      expect(await status({ ...atLarge, host: host('acme') })).toBe(200);
      expect(await status({ ...ofGlobex, host: host('acme') })).toBe(200);
      expect(await status({ ...ofGlobex })).toBe(404);
      expect(await status({ ...ofGlobex }, inGlobex)).toBe(200);
      expect(await status({ ...atLarge, host: host('nobody') })).toBe(404);
    },
  );

  const others = authenticatedRoutes.filter(
    (route) => !addressesTenant(route) && !isDeploymentOperation(route.operation),
  );

  it.each(others.map((route) => [route.route, route] as const))(
    'or gets an error that requires it: %s',
    async (_, route) => {
      const before = service.stored.writes().length;
      const answer = await requestRoute(service, route, {
        ...atLarge,
        user: inAcme,
        headers: { 'x-tenant-id': [] },
      });
      expect(answer).toMatchObject({
        status: 400,
        body:
          route.dialect === 'scim'
            ? {
                scimType: 'invalidValue',
                detail: expect.stringMatching(/^X-Tenant-ID is required/),
              }
            : { code: 'invalid_input', details: { issues: [{ path: 'X-Tenant-ID' }] } },
      });
      expect(service.stored.writes().slice(before)).toEqual([]);
    },
  );

  const onDeployment = authenticatedRoutes.filter(({ operation }) =>
    isDeploymentOperation(operation),
  );

  it.each(onDeployment.map((route) => [route.route, route] as const))(
    'or creates and lists tenants without one: %s',
    async (_, route) => {
      const call = (sent: TestRequest) => requestRoute(service, route, { ...atLarge, ...sent });
      const withHeader = (value: string) => ({ headers: { 'x-tenant-id': value } });
      const answer = await call({ headers: { 'x-tenant-id': [] } });
      expect(answer.status).toBe(route.status);
      expect(JSON.parse(getLogs.at(-1) ?? '')).not.toHaveProperty('tenant');
      if (route.operation === 'listTenants') {
        const [tenants] = Object.values(answer.body).filter((value) => Array.isArray(value));
        expect(tenants?.length).toBeGreaterThan(1);
      }
      // A name must still be valid.
      expect(await call(withHeader('acme'))).toMatchObject({ status: 400 });
      expect(await call(withHeader(randomUUID()))).toMatchObject({ status: 404 });
      expect(await call({ ...withHeader(tenantId.acme), host: host('globex') })).toMatchObject({
        status: 403,
        body: { code: 'tenant_mismatch' },
      });
      // Other callers act in the tenant of their token.
      const refusal = await call({
        token: userToken('acme', []),
        headers: { 'x-tenant-id': [] },
      });
      expect(refusal).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    },
  );
});
