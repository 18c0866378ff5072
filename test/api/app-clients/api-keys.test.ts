import { describe, expect, inject, it } from 'vitest';
import {
  requestRoute,
  createUserIn,
  authenticatedRoutes,
} from '../../support/authenticated-routes.ts';
import { createFaultProxy } from '../../support/faults/fault-proxy.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTokenAppClient, type Client } from '../../support/tokens/roster-tokens.ts';
import {
  adminToken,
  createTestService,
  type TestRequest,
  tenantId,
} from '../../support/service.ts';

const clock = createTestClock();
const database = await createFaultProxy(inject('databaseEndpoint'));
const service = await createTestService({ now: clock.now, databaseEndpoint: database.endpoint });
const client = await createTokenAppClient(service, 'acme');
const user = await createUserIn(service, 'acme');

const lists = (headers: TestRequest['headers'] = {}, query = '') =>
  service.get(`/v1/users${query}`, { headers });
const everyDialect = [
  '/v1/users',
  '/cradl/v1/users',
  '/jitsudo/v1/users',
  '/credible/api/v0/users',
];
const toHeaders = (secret: string): Record<string, string>[] => [
  { 'x-api-key': secret },
  { authorization: `ApiKey ${secret}` },
];
const unauthenticated = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer' },
  body: { code: 'unauthenticated' },
};
const listRequests = () => database.sent.map(({ operation }) => operation);

describe('an API key', () => {
  it.each<[string, (client: Client) => Record<string, string>]>([
    ['X-API-Key (JITSudo)', ({ secret }) => ({ 'x-api-key': secret })],
    ['Authorization: ApiKey (Credible)', ({ secret }) => ({ authorization: `ApiKey ${secret}` })],
    ['Authorization: apikey', ({ secret }) => ({ authorization: `apikey ${secret}` })],
  ])('is accepted by every dialect in %s', async (_, headers) => {
    for (const path of everyDialect) {
      const answer = await service.get(path, {
        headers: { 'x-tenant-id': tenantId.acme, ...headers(client) },
      });
      expect(answer.status, path).toBe(200);
    }
  });

  it('authenticates its app client, with its roles and tenant', async () => {
    const { body } = await service.post(
      '/v1/users',
      { email: 'ada@example.com' },
      { headers: client.key },
    );
    expect(body.createdBy).toBe(client.subject);
    expect((await lists({ ...client.key, 'x-tenant-id': tenantId.globex })).body.code).toBe(
      'tenant_mismatch',
    );
    const clerk = await createTokenAppClient(service, 'acme', { roles: ['user'] });
    expect((await lists(clerk.key)).status).toBe(403);
    const approver = await createTokenAppClient(service, 'acme', { roles: ['approver'] });
    expect((await lists(approver.key)).status).toBe(200);
    expect(
      (await service.post('/v1/users', { email: 'eve@example.com' }, { headers: approver.key }))
        .status,
    ).toBe(403);
    expect(
      (
        await service.post(
          '/v1/users',
          { email: 'eve@example.com', roleIds: ['cradl:role:admin'] },
          { headers: approver.key },
        )
      ).status,
    ).toBe(403);
  });

  it('has no user account', async () => {
    expect((await service.get('/v1/users/me', { headers: client.key })).status).toBe(404);
  });
});

describe('every dialect returns the same 401 for an API key [P10]', () => {
  const other = { clientId: 'e'.repeat(32) };
  it.each<[string, () => string | Promise<string>]>([
    ['of an unknown app client', () => `roster_${other.clientId}_${client.secret.slice(-43)}`],
    [
      'with another last character',
      () => `${client.secret.slice(0, -1)}${client.secret.endsWith('A') ? 'B' : 'A'}`,
    ],
    ['that is too short', () => client.secret.slice(0, -1)],
    ['that is too long', () => `${client.secret}A`],
    ['of another provider', () => 'sk_live_0123456789'],
    ['that is empty', () => ''],
    [
      'of a revoked app client',
      async () =>
        (
          await createTokenAppClient(service, 'acme', {
            revocation: { at: '2026-01-02T00:00:00.000Z', by: 'admin' },
          })
        ).secret,
    ],
    [
      'of an expired app client',
      async () =>
        (await createTokenAppClient(service, 'acme', { expiresAt: '2026-01-02T00:00:00.000Z' }))
          .secret,
    ],
  ])('%s', async (_, key) => {
    const secret = await key();
    for (const path of everyDialect) {
      for (const headers of toHeaders(secret)) {
        expect(
          await service.get(path, { headers: { 'x-tenant-id': tenantId.acme, ...headers } }),
          path,
        ).toMatchObject(unauthenticated);
      }
    }
    expect((await lists({ 'x-api-key': secret })).body.message).toBe('The API key is not valid');
  });

  it('that is invalid, on every route', async () => {
    for (const route of authenticatedRoutes)
      expect(
        await requestRoute(service, route, {
          user,
          headers: { 'x-api-key': client.secret.slice(0, -1) },
        }),
      ).toMatchObject(unauthenticated);
  });

  it.each([
    ['api_key', (secret: string) => `?api_key=${secret}`],
    ['X-API-Key', (secret: string) => `?X-API-Key=${secret}`],
    ['apiKey', (secret: string) => `?apiKey=${secret}`],
  ])('in the query parameter %s', async (_, query) => {
    expect(await lists({}, query(client.secret))).toMatchObject(unauthenticated);
  });

  it('in another format, without a database request', async () => {
    database.isWell();
    expect((await lists({ 'x-api-key': 'invalid' })).status).toBe(401);
    expect(listRequests()).toEqual([]);
  });

  it('with a different stored hash', async () => {
    const clerk = await createTokenAppClient(service, 'acme');
    for (const hash of ['', 'f', clerk.secret]) {
      await clerk.keeps({ hash });
      expect((await lists(clerk.key)).status).toBe(401);
    }
  });
});

it('a request with two credentials returns 400', async () => {
  const two = await service.get('/v1/users', { token: adminToken('acme'), headers: client.key });
  expect(two).toMatchObject({
    status: 400,
    body: { code: 'invalid_input', details: { issues: [{ path: 'X-API-Key' }] } },
  });
  expect((await lists({ ...client.key, authorization: `ApiKey ${client.secret}` })).status).toBe(
    400,
  );
  expect((await lists({ 'x-api-key': [client.secret, client.secret] })).status).toBe(400);
});

describe('the API key cache [P10]', () => {
  it('keeps a valid key for 30 s', async () => {
    const clerk = await createTokenAppClient(service, 'acme');
    await lists(clerk.key);
    database.isWell();
    expect((await lists(clerk.key)).status).toBe(200);
    expect(listRequests(), 'requests of the list').toEqual(['Query']);
    clock.advanceBy(30_000);
    database.isWell();
    expect((await lists(clerk.key)).status).toBe(200);
    expect(listRequests().length).toBeGreaterThan(2);
  });

  it.each<[string, (clerk: Client) => Promise<void>]>([
    [
      'the app client is revoked',
      (clerk) => clerk.becomes({ revocation: { at: clock.now().toISOString(), by: 'admin' } }),
    ],
    ['the key is replaced', (clerk) => clerk.keeps({ hash: '0'.repeat(64) })],
  ])('notices within 30 s that %s', async (_, change) => {
    const clerk = await createTokenAppClient(service, 'acme');
    expect((await lists(clerk.key)).status).toBe(200);
    await change(clerk);
    clock.advanceBy(30_000);
    expect(await lists(clerk.key)).toMatchObject(unauthenticated);
  });

  it('notices within 30 s that a role is removed', async () => {
    const clerk = await createTokenAppClient(service, 'acme');
    expect((await lists(clerk.key)).status).toBe(200);
    await clerk.becomes({ roles: [] });
    clock.advanceBy(30_000);
    expect((await lists(clerk.key)).status).toBe(403);
  });

  it('never extends the overlap of a rotated key', async () => {
    const clerk = await createTokenAppClient(service, 'acme');
    await clerk.keeps({ expiresAt: new Date(clock.now().getTime() + 5_000).toISOString() });
    expect((await lists(clerk.key)).status).toBe(200);
    clock.advanceBy(5_000);
    expect(await lists(clerk.key)).toMatchObject(unauthenticated);
  });
});
