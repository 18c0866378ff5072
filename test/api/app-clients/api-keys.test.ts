import { describe, expect, inject, it } from 'vitest';
import { asks, aUserIn, bearerRoutes } from '../../support/authenticated-routes.ts';
import { aFaultyWayTo } from '../../support/faults/fault-proxy.ts';
import { aClock } from '../../support/scenarios/user-states.ts';
import { anAppClient, type Client } from '../../support/tokens/roster-tokens.ts';
import { anAdminOf, aService, type Sent, tenantId } from '../../support/service.ts';

const clock = aClock();
const database = await aFaultyWayTo(inject('databaseEndpoint'));
const service = await aService({ now: clock.now, databaseEndpoint: database.endpoint });
const client = await anAppClient(service, 'acme');
const user = await aUserIn(service, 'acme');

const lists = (headers: Sent['headers'] = {}, query = '') =>
  service.gets(`/v1/users${query}`, { headers });
const everyDialect = [
  '/v1/users',
  '/cradl/v1/users',
  '/jitsudo/v1/users',
  '/credible/api/v0/users',
];
const both = (secret: string): Record<string, string>[] => [
  { 'x-api-key': secret },
  { authorization: `ApiKey ${secret}` },
];
const refused = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer' },
  body: { code: 'unauthenticated' },
};
const asked = () => database.sent.map(({ operation }) => operation);

describe('an API key is the secret of an app client', () => {
  it.each<[string, (client: Client) => Record<string, string>]>([
    ['X-API-Key, as in JITSudo', ({ secret }) => ({ 'x-api-key': secret })],
    [
      'Authorization: ApiKey, as in Credible',
      ({ secret }) => ({ authorization: `ApiKey ${secret}` }),
    ],
    ['that scheme in other case', ({ secret }) => ({ authorization: `apikey ${secret}` })],
  ])('in %s; both are taken in every dialect', async (_, headers) => {
    for (const path of everyDialect) {
      const answer = await service.gets(path, {
        headers: { 'x-tenant-id': tenantId.acme, ...headers(client) },
      });
      expect(answer.status, path).toBe(200);
    }
  });

  it('whoever calls with one is the app client, with its roles and in its tenant', async () => {
    const { body } = await service.posts(
      '/v1/users',
      { email: 'ada@example.com' },
      { headers: client.key },
    );
    expect(body.createdBy).toBe(client.subject);
    expect((await lists({ ...client.key, 'x-tenant-id': tenantId.globex })).body.code).toBe(
      'tenant_mismatch',
    );
    const clerk = await anAppClient(service, 'acme', { roles: ['user'] });
    expect((await lists(clerk.key)).status).toBe(403);
    const approver = await anAppClient(service, 'acme', { roles: ['approver'] });
    expect((await lists(approver.key)).status).toBe(200);
    expect(
      (await service.posts('/v1/users', { email: 'eve@example.com' }, { headers: approver.key }))
        .status,
    ).toBe(403);
    expect(
      (
        await service.posts(
          '/v1/users',
          { email: 'eve@example.com', roleIds: ['cradl:role:admin'] },
          { headers: approver.key },
        )
      ).status,
    ).toBe(403);
  });

  it('and of nobody’s account: there is no user who calls', async () => {
    expect((await service.gets('/v1/users/me', { headers: client.key })).status).toBe(404);
  });
});

describe('P10: a key is refused, in every dialect and in the same words', () => {
  const other = { clientId: 'e'.repeat(32) };
  it.each<[string, () => string | Promise<string>]>([
    ['of nobody', () => `roster_${other.clientId}_${client.secret.slice(-43)}`],
    [
      'that is another',
      () => `${client.secret.slice(0, -1)}${client.secret.endsWith('A') ? 'B' : 'A'}`,
    ],
    ['that is short', () => client.secret.slice(0, -1)],
    ['that is long', () => `${client.secret}A`],
    ['of another form', () => 'sk_live_0123456789'],
    ['that is empty', () => ''],
    [
      'of a client that is revoked',
      async () =>
        (
          await anAppClient(service, 'acme', {
            revocation: { at: '2026-01-02T00:00:00.000Z', by: 'admin' },
          })
        ).secret,
    ],
    [
      'of a client that has expired',
      async () =>
        (await anAppClient(service, 'acme', { expiresAt: '2026-01-02T00:00:00.000Z' })).secret,
    ],
  ])('%s', async (_, key) => {
    const secret = await key();
    for (const path of everyDialect) {
      for (const headers of both(secret)) {
        expect(
          await service.gets(path, { headers: { 'x-tenant-id': tenantId.acme, ...headers } }),
          path,
        ).toMatchObject(refused);
      }
    }
    expect((await lists({ 'x-api-key': secret })).body.message).toBe('The API key is not valid');
  });

  it('on every route', async () => {
    for (const route of bearerRoutes)
      expect(
        await asks(service, route, { user, headers: { 'x-api-key': client.secret.slice(0, -1) } }),
      ).toMatchObject(refused);
  });

  it.each([
    ['api_key', (secret: string) => `?api_key=${secret}`],
    ['X-API-Key', (secret: string) => `?X-API-Key=${secret}`],
    ['apiKey', (secret: string) => `?apiKey=${secret}`],
  ])('in the query, as %s', async (_, query) => {
    expect(await lists({}, query(client.secret))).toMatchObject(refused);
  });

  it('and nothing is looked up for what is none by its form', async () => {
    database.isWell();
    expect((await lists({ 'x-api-key': 'nothing' })).status).toBe(401);
    expect(asked()).toEqual([]);
  });

  it('by its hash, whatever else is in the table', async () => {
    const clerk = await anAppClient(service, 'acme');
    for (const hash of ['', 'f', clerk.secret]) {
      await clerk.keeps({ hash });
      expect((await lists(clerk.key)).status).toBe(401);
    }
  });
});

it('two credentials at once are refused, and so is a key that is there twice', async () => {
  const two = await service.gets('/v1/users', { token: anAdminOf('acme'), headers: client.key });
  expect(two).toMatchObject({
    status: 400,
    body: { code: 'invalid_input', details: { issues: [{ path: 'X-API-Key' }] } },
  });
  expect((await lists({ ...client.key, authorization: `ApiKey ${client.secret}` })).status).toBe(
    400,
  );
  expect((await lists({ 'x-api-key': [client.secret, client.secret] })).status).toBe(400);
});

describe('P10: within 30 seconds', () => {
  it('a key that was good is not looked up again, and later it is', async () => {
    const clerk = await anAppClient(service, 'acme');
    await lists(clerk.key);
    database.isWell();
    expect((await lists(clerk.key)).status).toBe(200);
    expect(asked(), 'what the list itself takes').toEqual(['Query', 'BatchGetItem']);
    clock.leaps(30_000);
    database.isWell();
    expect((await lists(clerk.key)).status).toBe(200);
    expect(asked().length).toBeGreaterThan(2);
  });

  it.each<[string, (clerk: Client) => Promise<void>]>([
    [
      'a client that is revoked',
      (clerk) => clerk.becomes({ revocation: { at: clock.now().toISOString(), by: 'admin' } }),
    ],
    ['a key that is taken away', (clerk) => clerk.keeps({ hash: '0'.repeat(64) })],
  ])('%s is good no more', async (_, ends) => {
    const clerk = await anAppClient(service, 'acme');
    expect((await lists(clerk.key)).status).toBe(200);
    await ends(clerk);
    clock.leaps(30_000);
    expect(await lists(clerk.key)).toMatchObject(refused);
  });

  it('a role that is taken away counts no more', async () => {
    const clerk = await anAppClient(service, 'acme');
    expect((await lists(clerk.key)).status).toBe(200);
    await clerk.becomes({ roles: [] });
    clock.leaps(30_000);
    expect((await lists(clerk.key)).status).toBe(403);
  });

  it('a key that is being replaced ends at its time, remembered or not', async () => {
    const clerk = await anAppClient(service, 'acme');
    await clerk.keeps({ expiresAt: new Date(clock.now().getTime() + 5_000).toISOString() });
    expect((await lists(clerk.key)).status).toBe(200);
    clock.leaps(5_000);
    expect(await lists(clerk.key)).toMatchObject(refused);
  });
});
