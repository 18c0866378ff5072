/** Error responses: one format for every error, without internals or rejected secrets [J14 J15]. */
import { describe, expect, it } from 'vitest';
import { errorBody } from '../../../lib/api/error-body.ts';
import { scimErrorBody } from '../../../lib/api/scim/error-body.ts';
import { statusByCode } from '../../../lib/api/errors.ts';
import { type Route, routes } from '../../../lib/api/routes.ts';
import { keys } from '../../../lib/store/keys.ts';
import { isOpenToTenant, unknownUser } from '../../support/authenticated-routes.ts';
import { adapters, unique } from '../../support/dialects/dialects.ts';
import { getLogs } from '../../support/logs.ts';
import {
  type TestResponse,
  createTestService,
  adminToken,
  userToken,
  type TestRequest,
  tenantId,
} from '../../support/service.ts';

const service = await createTestService();
const bearer = routes.filter(({ access }) => access === 'bearer');
const getUnknownId = (dialect: string) =>
  adapters.find(({ name }) => name === dialect)?.unknownUser ?? unknownUser.scim;

function expectProblem(answer: TestResponse, dialect = 'native'): void {
  if (dialect === 'scim') {
    expect(scimErrorBody().parse(answer.body).status).toBe(String(answer.status));
    expect(answer.headers).toMatchObject({
      'content-type': 'application/scim+json; charset=utf-8',
      'cache-control': 'no-store',
      'x-request-id': expect.any(String),
    });
    return;
  }
  const problem = errorBody().strict().parse(answer.body);
  const statuses: readonly number[] = [statusByCode[problem.code as keyof typeof statusByCode]];
  expect(statuses).toContain(answer.status);
  expect(problem.details.requestId).toBe(answer.headers['x-request-id']);
  expect(answer.headers).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'no-store',
  });
}

/** Routes that accept an empty body. */
const mayBeEmpty: readonly string[] = [
  'POST /v1/app-clients',
  'POST /cradl/v1/appClients',
  'POST /cradl/v1/roles',
];

/** Operations that every caller of the tenant can call. */
const openOperations: readonly string[] = bearer
  .filter(isOpenToTenant)
  .map(({ operation }) => operation);

describe.each(bearer)('$route [J15]', ({ route, dialect, operation }) => {
  const [method = '', path = ''] = route.split(' ');
  const target = path.replace(/\{\w+\}/, getUnknownId(dialect));
  const token = adminToken('acme');
  const headers = { 'x-tenant-id': tenantId.acme, 'content-type': 'application/json' };
  it.each<[string, TestRequest]>([
    ['no token', { headers }],
    ['a forged token', { token: `${token.slice(0, -8)}AAAAAAAA`, headers }],
    ['a tenant that is not a UUID', { token, headers: { ...headers, 'x-tenant-id': 'acme' } }],
    ['another tenant', { token, headers: { ...headers, 'x-tenant-id': tenantId.globex } }],
    [
      'two tenants',
      { token, headers: { ...headers, 'x-tenant-id': [tenantId.acme, tenantId.globex] } },
    ],
    ['the host of another tenant', { token, headers, host: 'globex.admin.localhost' }],
    // A list without parameters is valid.
    ...(openOperations.includes(operation)
      ? []
      : [['no role', { token: userToken('acme', []), headers }] as [string, TestRequest]]),
    ...(openOperations.includes(operation) || /^(list|scimList|scimSearch)/.test(operation)
      ? []
      : [
          ['no body and an unknown target', { token, headers }] as [string, TestRequest],
          ...(mayBeEmpty.includes(route)
            ? []
            : [
                ['an empty body and an unknown target', { token, headers, body: '{}' }] as [
                  string,
                  TestRequest,
                ],
              ]),
        ]),
  ])('returns the common error format for %s', async (_, sent) => {
    const answer = await service.send(method, target, sent);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expectProblem(answer, dialect);
  });
});

/** Routes that authenticate the caller by the token of a link. */
const linkRoutes = (routes as readonly Route[]).filter(
  ({ access, body }) => access === 'public' && body === 'json',
);
describe.each(linkRoutes)('$route [J15]', ({ route }) => {
  const body = { token: 'invalid-link-token', password: 'tangled-orchard-7-lamps' };
  const json = { 'content-type': 'application/json' };
  it.each<[string, TestRequest]>([
    ['no body', {}],
    ['invalid JSON', { headers: json, body: '{"token":' }],
    ['a repeated name', { headers: json, body: '{"token":"a","token":"b"}' }],
    [
      'another media type',
      { headers: { 'content-type': 'text/plain' }, body: JSON.stringify(body) },
    ],
    ['an empty body', { body: {} }],
    ['a token that is a number', { body: { ...body, token: 7 } }],
    ['a token that is too long', { body: { ...body, token: 'x'.repeat(10_000) } }],
    ['more than 1 MiB', { body: { ...body, more: 'x'.repeat(1024 * 1024) } }],
    [
      'a tenant that is not a UUID',
      { headers: { 'x-tenant-id': 'acme' }, body: { token: 'invalid-link-token' } },
    ],
    ['two tenants', { headers: { 'x-tenant-id': [tenantId.acme, tenantId.globex] }, body }],
    ['two access tokens', { headers: { authorization: ['Bearer a', 'Bearer b'] }, body }],
    [
      'an invalid link token, from an administrator',
      {
        token: adminToken('acme'),
        body: { token: body.token, ...(/accept|password/.test(route) && body) },
      },
    ],
  ])('returns the common error format for %s', async (_, sent) => {
    const answer = await service.send('POST', route.split(' ')[1] ?? '', sent);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expectProblem(answer);
    expect(answer.text).not.toContain(body.token);
    expect(answer.text).not.toContain(body.password);
  });
});

it('a response lists at most 20 issues [J15]', async () => {
  const roleIds = Array.from({ length: 50 }, () => 'no role id');
  const answer = await service.post('/v1/users', { roleIds }, { token: adminToken('acme') });
  expectProblem(answer);
  expect(answer.body.details.issues).toHaveLength(20);
});

it('an error response to a long input stays short [J15]', async () => {
  const body = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`${'x'.repeat(500)}${index}`, 1]),
  );
  const answer = await service.post('/v1/users', body, { token: adminToken('acme') });
  expectProblem(answer);
  expect(answer.text.length).toBeLessThan(4000);
});

describe('a defect [J14]', () => {
  const secret = `a secret of ${unique()}`;
  const internalError = { code: 'internal', message: 'An internal error occurred' };

  it.each(adapters)(
    'in the policies returns a 500 in $name with only the request ID',
    async ({ users, creator, least }) => {
      const broken = await createTestService({
        policy: {
          authorize() {
            throw new TypeError(secret, { cause: new RangeError(secret) });
          },
        },
      });
      const token = userToken('acme', [creator === 'system' ? 'system_admin' : 'admin']);
      const answer = await broken.post(users, least(unique()), {
        token,
        headers: { 'x-tenant-id': tenantId.acme },
      });
      expect(answer.status).toBe(500);
      expectProblem(answer);
      expect(answer.body).toEqual({
        ...internalError,
        details: { requestId: answer.headers['x-request-id'] },
      });

      const line = JSON.parse(getLogs.at(-1) ?? '{}');
      expect(line).toMatchObject({
        status: 500,
        code: 'internal',
        serverErrors: 1,
        requestId: answer.headers['x-request-id'],
        error: { names: ['TypeError', 'RangeError'] },
      });
      expect(line.error.at[0]).toMatch(/^at .*errors\.test\.ts/);
      for (const output of [answer.text, JSON.stringify(answer.headers), getLogs.join()])
        expect(output).not.toContain(secret);
    },
  );

  it('in a stored item returns a 500 without its content', async () => {
    const { body } = await service.post(
      '/v1/users',
      { email: `jsmith.${unique()}@example.com` },
      { token: adminToken('acme') },
    );
    const hex = body.userId.slice('cradl:user:'.length);
    const userId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
    const key = keys.user(tenantId.acme, userId);
    await service.stored.put({ ...(await service.stored.item(key)), ...key, metadata: secret });
    const answer = await service.get(`/v1/users/${body.userId}`, { token: adminToken('acme') });
    expect(answer.status).toBe(500);
    expect(answer.body).toEqual({
      ...internalError,
      details: { requestId: answer.headers['x-request-id'] },
    });
    expect(JSON.parse(getLogs.at(-1) ?? '{}')).toMatchObject({
      status: 500,
      error: { names: ['SyntaxError'] },
    });
    for (const output of [answer.text, getLogs.join()]) expect(output).not.toContain(secret);
  });
});

it('a rejected input is in no response and no log line [J14]', async () => {
  const secret = `s${unique()}`; // too short for a password
  const bodies: unknown[] = [
    `{"email":"jsmith@example.com","password":"${secret}"`,
    `{"password":"${secret}","password":"${secret}"}`,
    `{"password":${JSON.stringify(secret).slice(0, -1)}`,
    `"${secret}"`,
    {
      email: `${secret} @example.com`,
      password: [secret],
      name: { [secret]: 1 },
      authProvider: secret,
      userName: `${secret}!`,
    },
    { email: 'jsmith@example.com', password: secret },
    { email: `${secret}@example.com`, password: `${secret}@example.com` },
    { email: 'jsmith@example.com', authProvider: 'oidc', password: secret },
    {
      email: 'jsmith@example.com',
      roleIds: [secret],
      appClientId: secret,
      avatar: secret,
      metadata: secret,
    },
  ];
  const headers = { 'content-type': 'application/json' };
  for (const body of bodies) {
    const answer = await service.post('/v1/users', body, { token: adminToken('acme'), headers });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expectProblem(answer);
    expect(answer.text + JSON.stringify(answer.headers)).not.toContain(secret);
  }
  expect(getLogs.join('')).not.toContain(secret);
});
