import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import {
  logConnectionRequest,
  type LoggedRequest,
} from '../../../lib/domain/connections/connection-log.ts';
import { countDeprovisioning, assertNotHeld } from '../../../lib/domain/connections/brake.ts';
import type { Connection } from '../../../lib/domain/connections/connection.ts';
import { parseConnectionId, parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { createBrakeStore } from '../../../lib/store/connections/brake-store.ts';
import { createConnectionLog } from '../../../lib/store/connections/connection-log.ts';
import { createConnectionStore } from '../../../lib/store/connections/connection-store.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createConnection } from '../../support/scim/create-connection.ts';
import { createTestService, tenantId } from '../../support/service.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
const nowMs = () => clock.now().getTime();
const sent = () => ({ token: clock.aTokenOf('acme', ['admin']) });
const lost: unknown[] = [];
const connectionLog = createConnectionLog(service.stored, nowMs, (_, error) => lost.push(error));

async function setUp(input: object = {}) {
  const { body } = await createConnection(service, 'acme', input, sent());
  const path = `/v1/scim/connections/${body.connectionId}`;
  const read = async (): Promise<Connection> => {
    const connectionId = parseConnectionId(body.connectionId) ?? '';
    const store = createConnectionStore(service.stored, nowMs);
    return (await store.get(tenantId.acme, connectionId)) as Connection;
  };
  const connection = await read();
  const log = (more: Partial<LoggedRequest> = {}) => {
    clock.advanceBy(1000);
    const request: LoggedRequest = {
      requestId: randomUUID(),
      at: clock.now().toISOString(),
      method: 'PATCH',
      path: '/scim/v2/Users/1',
      quirks: [],
      skipped: [],
      subject: {},
      changedAttributes: [],
      status: 200,
      durationMs: 12.4,
      ...more,
    };
    return logConnectionRequest(connection, request, { connectionLog });
  };
  const list = async (query = '') => (await service.get(`${path}/log${query}`, sent())).body;
  const getHealth = async () => (await service.get(`${path}/health`, sent())).body;
  return { path, connection, log, list, getHealth, read };
}

async function createUser() {
  const email = `${randomUUID()}@example.com`;
  const { body } = await service.post('/v1/users', { email }, sent());
  return { id: String(body.userId), userId: parseUserId(body.userId) ?? '' };
}

it('shows how a request was read, without passwords', async () => {
  const { log, list } = await setUp();
  const { id, userId } = await createUser();
  await log({
    query: 'attributes=id',
    body: {
      password: 'hunter2',
      'urn:ietf:params:scim:schemas:core:2.0:User:Password': 'hunter2',
      Operations: [
        { op: 'replace', path: 'password', value: 'hunter2' },
        { op: 'Add', Path: 'active', value: { nested: [{ PASSWORD: 'hunter2' }] } },
      ],
    },
    quirks: ['text-boolean'],
    skipped: [{ reason: 'unknown attribute', name: 'shoeSize' }],
    subject: { userId },
    changedAttributes: ['active'],
  });
  await log({ query: 'filter=password%20eq%20%22hunter2%22', method: 'GET', status: 400 });
  await log({
    body: { text: 'ä'.repeat(9000) },
    skipped: Array.from({ length: 99 }, () => ({ reason: 'x'.repeat(99) })),
  });

  const { entries } = await list();

  expect(JSON.stringify(entries)).not.toContain('hunter2');
  const [long, refused, first] = entries;
  expect(first).toMatchObject({
    method: 'PATCH',
    query: 'attributes=id',
    body: expect.stringContaining('"Path":"active"'),
    quirks: ['text-boolean'],
    skipped: [{ reason: 'unknown attribute', name: 'shoeSize', id: null }],
    userId: id,
    changedAttributes: ['active'],
    httpStatus: 200,
    durationMs: 12,
  });
  expect(refused).toMatchObject({ query: '***', body: null, userId: null });
  expect(long.body).toMatch(/^\{"text":"ä{4091,}… \(18011 bytes\)$/);
  expect(long.skipped.length).toBeLessThan(30);
  expect(lost).toEqual([]);
});

it('filters by user, failure and time, in pages', async () => {
  const { log, list } = await setUp();
  const other = await setUp();
  const { id, userId } = await createUser();
  const from = clock.now().toISOString();
  await log({ path: '/1', subject: { userId } });
  await log({ path: '/2', subject: { userId }, status: 409 });
  await log({ path: '/3', method: 'GET', subject: { userId } });
  const to = clock.now().toISOString();
  await log({ path: '/4', status: 500 });
  await other.log({ path: '/5', subject: { userId } });
  const paths = async (query: string) =>
    (await list(query)).entries.map(({ path }: { path: string }) => path);

  expect(await paths('')).toEqual(['/4', '/3', '/2', '/1']);
  expect(await paths(`?userId=${id}`)).toEqual(['/2', '/1']);
  expect(await paths(`?userId=${id}&failed=true`)).toEqual(['/2']);
  expect(await paths('?failed=true')).toEqual(['/4', '/2']);
  expect(await paths('?failed=false')).toEqual(['/3', '/1']);
  expect(await paths(`?from=${from}&to=${to}`)).toEqual(['/2', '/1']);
  expect((await service.get(`${other.path}/log?userId=x`, sent())).status).toBe(400);
  for (const filter of ['', `userId=${id}`]) {
    const found: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const page = await list(`?maxResults=1&${filter}${next && `&nextToken=${next}`}`);
      found.push(...page.entries.map(({ path }: { path: string }) => path));
      next = page.nextToken;
    }
    expect(found).toEqual(filter === '' ? ['/4', '/3', '/2', '/1'] : ['/2', '/1']);
  }
  clock.advanceBy(31 * 24 * 3600 * 1000);
  expect(await paths('')).toEqual([]);
  expect(await paths(`?userId=${id}`)).toEqual([]);
});

it('exports the changes of a user', async () => {
  const { log } = await setUp();
  const { id, userId } = await createUser();
  await log({ path: '/1', method: 'GET', subject: { userId } });
  for (const path of ['/2', '/3', '/4']) await log({ path, subject: { userId } });

  const found: string[] = [];
  for (let next: string | null = ''; next !== null; ) {
    const page = next && `&nextToken=${encodeURIComponent(next)}`;
    const { body } = await service.get(`/v1/users/${id}/export?maxResults=2${page}`, sent());
    found.push(...body.scimRequests.map(({ path }: { path: string }) => path));
    next = body.nextToken;
  }

  expect(found).toEqual(['/2', '/3', '/4']);
});

it('loses the entries about an erased user', async () => {
  const { log, list } = await setUp();
  const { id, userId } = await createUser();
  const other = await createUser();
  await log({ path: '/kept', subject: { userId: other.userId } });
  await log({ path: '/gone', subject: { userId }, body: { userName: 'ann' } });
  await service.send('DELETE', `/v1/users/${id}`, sent());
  expect((await service.post(`/v1/users/${id}/erase`, undefined, sent())).status).toBe(204);
  await log({ path: '/late', subject: { userId }, body: { userName: 'ann' } });

  const { entries } = await list();

  expect(entries.map(({ path }: { path: string }) => path)).toEqual(['/kept']);
});

it('summarizes the last 24 hours', async () => {
  const { path, log, getHealth } = await setUp({
    provider: 'entra',
    tokenExpiresTime: new Date(nowMs() + 20 * 24 * 3600 * 1000).toISOString(),
  });
  expect((await getHealth()).warnings).toEqual([
    expect.stringContaining('The token expires at'),
    'No request has arrived in the last 24 hours.',
  ]);
  const { id, userId } = await createUser();
  const healthy = await createUser();
  await log();
  await log({ subject: { userId: healthy.userId }, status: 409 });
  await log({ subject: { userId: healthy.userId }, status: 409 });
  await log({ subject: { userId: healthy.userId } });
  for (let count = 0; count < 8; count++)
    await log({ subject: { userId }, status: 409, detail: `Taken ${count}` });

  const health = await getHealth();

  expect(health).toMatchObject({
    requests: 12,
    failures: 10,
    lastFailureTime: clock.now().toISOString(),
    failingUsers: [{ userId: id, failures: 8, httpStatus: 409, detail: 'Taken 7' }],
    brake: { held: false, trippedTime: null },
  });
  expect(health.warnings.join(' ')).toContain('Microsoft Entra ID quarantines');
  clock.advanceBy(25 * 3600 * 1000);
  expect(await getHealth()).toMatchObject({ requests: 0, lastSuccessTime: null });
  await service.send('PATCH', path, { ...sent(), body: { status: 'paused' } });
  expect((await getHealth()).warnings).toContain(
    'The connection is paused. All its requests fail.',
  );
});

it('holds mass deprovisioning until it is released', async () => {
  const { path, read, getHealth } = await setUp({ brake: 'hold' });
  const failures: unknown[] = [];
  const brakes = createBrakeStore(service.stored, nowMs);
  const deps = {
    brakes,
    now: clock.now,
    onBrakeFailed: (_: unknown, error: unknown) => failures.push(error),
  };
  const connection = await read();
  const deprovision = async (count: number) => {
    for (let index = 0; index < count; index++) {
      await assertNotHeld(connection, deps);
      await countDeprovisioning(connection, deps);
    }
  };
  const rejection = { code: 'deprovisioning_held', details: { retryAfter: 3600 } };
  clock.advanceBy(3600 * 1000);

  await deprovision(50);
  expect((await getHealth()).brake.held).toBe(false);
  await deprovision(1);
  await expect(deprovision(1)).rejects.toMatchObject(rejection);

  expect(await getHealth()).toMatchObject({
    brake: { held: true, userCount: 51, threshold: 50, trippedTime: expect.any(String) },
    warnings: expect.arrayContaining([expect.stringContaining('until you release its brake')]),
  });
  clock.advanceBy(5 * 3600 * 1000);
  await expect(deprovision(1)).rejects.toMatchObject(rejection);
  expect((await service.post(`${path}/brake/release`, undefined, sent())).status).toBe(204);
  await deprovision(60);
  clock.advanceBy(2 * 3600 * 1000);
  await deprovision(51);
  await expect(deprovision(1)).rejects.toMatchObject(rejection);
  // A connection that only warns is never held.
  await assertNotHeld({ ...connection, brake: 'warn' }, deps);
  expect(failures).toEqual([]);
});

it('allows a fifth of the managed users, and manages users that an administrator approves', async () => {
  const { path, read, getHealth } = await setUp();
  const connection = await read();
  const users = await Promise.all(Array.from({ length: 3 }, createUser));
  for (const { id } of users)
    expect((await service.send('PUT', `${path}/users/${id}`, sent())).status).toBe(204);
  const brakes = createBrakeStore(service.stored, nowMs);
  expect(await brakes.countManagedUsers(connection)).toBe(3);
  const readUser = async (id: string) => (await service.get(`/v1/users/${id}`, sent())).body;
  const first = users[0]?.id ?? '';
  expect(await readUser(first)).toMatchObject({
    managedBy: { connectionId: path.split('/').at(-1) },
    version: 2,
  });
  const other = await setUp();
  await service.send('DELETE', `${other.path}/users/${first}`, sent());
  expect((await readUser(first)).version).toBe(2);
  await service.send('DELETE', `${path}/users/${first}`, sent());
  expect(await readUser(first)).toMatchObject({ managedBy: null, version: 3 });
  expect(await brakes.countManagedUsers(connection)).toBe(2);

  const onBrakeFailed = (_: unknown, error: unknown) => {
    throw error;
  };
  const large = { ...brakes, countManagedUsers: async () => 300 };
  for (let count = 0; count < 60; count++)
    await countDeprovisioning(connection, { brakes: large, now: clock.now, onBrakeFailed });
  expect((await getHealth()).brake.trippedTime).toBeNull();
  await countDeprovisioning(connection, { brakes: large, now: clock.now, onBrakeFailed });
  expect((await getHealth()).brake).toMatchObject({ userCount: 61, threshold: 60, held: false });
});
