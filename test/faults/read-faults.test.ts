import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createUser, dialects, expectCreated, readUser } from '../support/dialects/create-user.ts';
import {
  always,
  createFaultyService,
  failAtProxy,
  type Fault,
  hangRequest,
  truncateResponse,
  dropRequest,
  failWith,
} from '../support/faults/fault-proxy.ts';
import { getLogs } from '../support/logs.ts';
import {
  type TestResponse,
  adminToken,
  createTestService,
  systemToken,
  type Service,
} from '../support/service.ts';

const faults: readonly (readonly [string, Fault])[] = [
  ['is throttled', failWith('ThrottlingException')],
  ['meets an internal error', failWith('InternalServerError', { status: 500 })],
  ['is denied', failWith('AccessDeniedException')],
  ['finds no table', failWith('ResourceNotFoundException')],
  ['ends at a gateway', failAtProxy],
  ['is lost', dropRequest],
  ['gets a truncated response', truncateResponse],
];

const hanging = ['hangs', hangRequest] as const;

const expectUnavailable = ({ status, headers, body, text }: TestResponse): void => {
  expect([status, body?.code, text]).toEqual([503, 'unavailable', text]);
  expect(headers['retry-after']).toBe('1');
};

const avatar = `data:image/png;base64,${Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).toString('base64')}`;

const getsByName = (service: Service, sent: { host?: string } = {}) =>
  service.get('/credible/api/v0/users/jo', { token: systemToken('acme'), ...sent });

describe('an unreadable store is 503, and never a permit, a 404 or a 500', () => {
  it.concurrent.each([hanging, ...faults])('when loading the tenant %s', async (_what, fault) => {
    const { database, service } = await createFaultyService({ attempts: 1 });
    database.goesWrong(always(fault));
    const answers = [
      createUser(service, 'jitsudo', { email: 'a@x.example' }, 'globex'),
      service.get('/v1/users/none', { token: adminToken('globex') }),
    ];
    for (const answer of await Promise.all(answers)) expectUnavailable(answer);

    // The failure is not cached.
    database.isWell();
    expectCreated(
      await createUser(service, 'jitsudo', { email: 'a@x.example' }, 'globex'),
      'jitsudo',
    );
  });

  it.concurrent.each(faults)('when looking up the tenant of a host %s', async (_what, fault) => {
    const { database, service } = await createFaultyService({ attempts: 1 });
    database.goesWrong(always(fault));
    expectUnavailable(await getsByName(service, { host: 'acme.admin.localhost' }));
    database.isWell();
    expect((await getsByName(service, { host: 'acme.admin.localhost' })).status).toBe(404);
  });

  it.concurrent.each(dialects)(
    'when reading the user to %s fails for any reason',
    async (dialect) => {
      const { database, service } = await createFaultyService({ attempts: 1 });
      const created = await createUser(service, dialect, { email: 'a@x.example' });
      for (const [, fault] of [...faults, hanging]) {
        database.goesWrong(always(fault));
        expectUnavailable(await readUser(service, dialect, created));
      }
      database.isWell();
      expect((await readUser(service, dialect, created)).status).toBe(200);
    },
  );

  it.concurrent('when reading the avatar fails for any reason', async () => {
    const { database, service } = await createFaultyService({ attempts: 1 });
    const { body } = await service.post(
      '/v1/users',
      { email: 'a@x.example', avatar },
      { token: adminToken('acme') },
    );
    const read = () => service.get(`/v1/users/${body.userId}`, { token: adminToken('acme') });
    for (const [, fault] of [...faults, hanging]) {
      database.goesWrong((sent) => (sent.text.includes('AVATAR') ? fault : undefined));
      expectUnavailable(await read());
    }
    database.isWell();
    expect((await read()).body.avatar).toBe(avatar);
  });

  it.concurrent.each(faults)(
    'when loading the app client of a new user %s',
    async (_what, fault) => {
      const { database, service } = await createFaultyService({ attempts: 1 });
      const body = { email: 'a@x.example', appClientId: 'cradl:app-client:default' };
      const post = () => service.post('/cradl/v1/users', body, { token: adminToken('acme') });
      database.goesWrong((sent) => (sent.text.includes('APPCLIENT') ? fault : undefined));
      expectUnavailable(await post());
      expect(database.sent.map(({ operation }) => operation)).not.toContain('TransactWriteItems');
      database.isWell();
      expect((await post()).status).toBe(200);
    },
  );

  it('a read that fails twice and then succeeds gives an ordinary response', async () => {
    const { database, service } = await createFaultyService();
    const created = await createUser(service, 'native', { email: 'a@x.example' });
    database.goesWrong((_sent, n) => (n <= 2 ? dropRequest : undefined));
    expect((await readUser(service, 'native', created)).body).toEqual(created.body);
  });
});

describe('an unreachable database', () => {
  it.concurrent.each(dialects)('is 503 in %s, for cached and other tenants', async (dialect) => {
    const { database, service } = await createFaultyService({ attempts: 1, timeoutMs: 1500 });
    const created = await createUser(service, dialect, { email: 'a@x.example' });
    database.goesWrong(always(dropRequest));
    for (const slug of ['acme', 'globex'] as const) {
      expectUnavailable(await createUser(service, dialect, { email: 'b@x.example' }, slug));
      expectUnavailable(await readUser(service, dialect, created, slug));
    }
  });

  it('is 503 if the port is closed', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const service = await createTestService({
      databaseEndpoint: `http://127.0.0.1:${port}`,
      environment: { AWS_MAX_ATTEMPTS: '3' },
    });
    for (const dialect of dialects)
      expectUnavailable(await createUser(service, dialect, { email: 'a@x.example' }));
  });

  it('is logged with error names, while the response only says that the service is unavailable', async () => {
    const { database, service } = await createFaultyService({ attempts: 1 });
    database.goesWrong(always(failWith('AccessDeniedException')));
    const before = getLogs.length;
    const answer = await service.get('/v1/users/cradl:user:0123456789abcdef0123456789abcdef', {
      token: adminToken('acme'),
    });
    expectUnavailable(answer);
    expect(answer.body).toEqual({
      code: 'unavailable',
      message: 'The directory cannot be reached right now',
      details: { requestId: expect.any(String) },
    });
    expect(getLogs.slice(before).map((line) => JSON.parse(line))).toEqual([
      expect.objectContaining({
        status: 503,
        code: 'unavailable',
        serverErrors: 1,
        error: expect.objectContaining({ names: ['AccessDeniedException'] }),
      }),
    ]);
  });

  it('gives a response before the timeout of the function, and one log line', async () => {
    const { database, service } = await createFaultyService({ timeoutMs: 600 });
    const neverEnds: Fault = () => {};
    database.goesWrong(always(neverEnds));
    const before = getLogs.length;
    expectUnavailable(
      await service.get('/v1/users/cradl:user:0123456789abcdef0123456789abcdef', {
        token: adminToken('acme'),
      }),
    );
    expect(getLogs.slice(before).map((line) => JSON.parse(line).status)).toEqual([503]);
  });
});
