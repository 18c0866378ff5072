/** Events about denied requests. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createUserIn } from '../support/authenticated-routes.ts';
import { unique } from '../support/dialects/dialects.ts';
import {
  createFaultyService,
  dropRequest,
  type Fault,
  failWith,
  hangRequest,
} from '../support/faults/fault-proxy.ts';
import { readFeed } from '../support/feed/read-feed.ts';
import { captureLogs, getLogs } from '../support/logs.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import {
  createTestService,
  issuer,
  type Service,
  tenantId,
  type TestResponse,
} from '../support/service.ts';
import { keys } from '../../lib/store/keys.ts';

const minute = 60_000;
const clock = createTestClock();
const { database, service } = await createFaultyService({
  attempts: 1,
  warm: ['acme', 'globex'],
  now: clock.now,
});

const createToken = (sub = `user-${unique()}@example.com`, slug: keyof typeof tenantId = 'acme') =>
  clock.aTokenOf(slug, [], sub);
const update = (token: string, path = `/v1/users/${unknownId}`, from: Service = service) =>
  from.send('PATCH', path, { token, body: { name: 'Jo' } });
const unknownId = `cradl:user:${'0'.repeat(32)}`;

const readDenials = async (from: Service = service, slug: keyof typeof tenantId = 'acme') => {
  const { pk } = keys.tenantActivity(tenantId[slug], '');
  return (await from.stored.all()).filter(
    (item) => item.pk === pk && item['type'] === 'access.denied',
  );
};
/** Denials that an action adds. */
const collectDenials = async (act: () => Promise<unknown>, slug?: keyof typeof tenantId) => {
  const earlier = new Set((await readDenials(service, slug)).map(({ sk }) => sk));
  await act();
  return (await readDenials(service, slug)).filter(({ sk }) => !earlier.has(sk));
};
const withoutIds = ({ status, text }: TestResponse) => [
  status,
  text.replaceAll(/"requestId":"[^"]*"/g, ''),
];
const listWrites = () =>
  database.sent.filter(
    ({ operation, text }) => operation === 'UpdateItem' && text.includes('#ACTIVITY'),
  );

describe('a denied request', () => {
  it('is recorded with its caller, operation and policies, and no personal data', async () => {
    const sub = `ada-${unique()}@example.com`;
    const [denial, ...more] = await collectDenials(async () => {
      expect((await update(createToken(sub))).status).toBe(403);
    });
    expect(more).toEqual([]);
    expect(denial).toMatchObject({
      type: 'access.denied',
      resource: { type: 'tenant', id: tenantId.acme },
      operation: 'updateUser',
      actor: { type: 'external', id: expect.stringMatching(/^[0-9a-f]{32}$/) },
      policies: ['update-user'],
      at: clock.now().toISOString(),
      requestId: expect.any(String),
      count: 1,
    });
    expect(JSON.stringify(denial)).not.toContain(sub);
  });

  it('names users and app clients by their IDs', async () => {
    const user = await createUserIn(service, 'acme');
    const [denial] = await collectDenials(() => update(createToken(user.native)));
    expect(denial?.['actor']).toEqual({ type: 'user', id: user.jitsudo });
  });

  it('is written at once, then counted for a minute [D32]', async () => {
    const token = createToken();
    database.goesWrong(() => undefined);
    const [denial] = await collectDenials(async () => {
      for (let sent = 0; sent < 200; sent++) await update(token);
    });
    expect([listWrites().length, denial?.['count']]).toEqual([1, 1]);
    clock.advanceBy(minute);
    // Continues: one write has the rest of the last minute and the first of this one.
    const [next] = await collectDenials(async () => {
      for (let sent = 0; sent < 3; sent++) await update(token);
    });
    expect([listWrites().length, next?.['count']]).toEqual([2, 200]);
    // Ends: the next request of the process writes the rest, which is no new event.
    clock.advanceBy(2 * minute);
    const created = await collectDenials(() =>
      service.get(`/v1/users/${unknownId}`, { token: clock.aTokenOf('acme', ['admin']) }),
    );
    expect(created).toEqual([]);
    expect((await readDenials()).find(({ sk }) => sk === next?.sk)?.['count']).toBe(202);
    database.isWell();
  });

  it('is counted per caller, tenant, operation and policies', async () => {
    const token = createToken();
    const denials = await collectDenials(async () => {
      await update(token);
      await update(createToken());
      await service.send('DELETE', `/v1/users/${unknownId}`, { token });
      await update(createToken('someone', 'globex'));
    });
    expect(denials).toHaveLength(3);
    for (const operation of ['deleteUser', 'updateUser'])
      expect(denials).toContainEqual(expect.objectContaining({ operation, count: 1 }));
  });

  it('in an import counts its denied rows by their policies, with one write', async () => {
    const token = clock.aTokenOf('acme', ['creator'], `creator-${unique()}`);
    await service.putRole('acme', {
      slug: 'creator',
      name: 'Creator',
      permissions: ['users:create'],
    });
    const admin = { roleIds: ['cradl:role:admin'] };
    const users = [admin, admin, {}].map((fields) => ({
      email: `${unique()}@acme.example`,
      ...fields,
    }));
    database.goesWrong(() => undefined);
    const denials = await collectDenials(async () => {
      const { status, body } = await service.post('/v1/users/bulk', { users }, { token });
      expect([status, body.results.map(({ outcome }: { outcome: string }) => outcome)]).toEqual([
        200,
        ['failed', 'failed', 'created'],
      ]);
    });
    expect(listWrites()).toHaveLength(1);
    database.isWell();
    expect(denials).toMatchObject([{ operation: 'importUsers', count: 2 }]);
    expect(denials[0]?.['policies']).not.toEqual([]);
  });

  it('for another tenant is recorded only in the tenant of the caller', async () => {
    const headers = { 'x-tenant-id': tenantId.globex };
    const call = async () => {
      const response = await service.get('/v1/users', { token: createToken(), headers });
      expect(response.body).toMatchObject({ code: 'tenant_mismatch' });
    };
    expect(await collectDenials(call, 'globex')).toEqual([]);
    const [denial] = await collectDenials(call);
    expect(denial).toMatchObject({ operation: 'listUsers', policies: [], count: 1 });
  });

  it('is not recorded in a tenant that does not exist or that its issuer cannot name', async () => {
    const restricted = { ...issuer.settings, tenants: [tenantId.globex] };
    const other = await createTestService({
      now: clock.now,
      environment: { ISSUERS: JSON.stringify([restricted]) },
    });
    const count = async (from: Service) =>
      (await from.stored.all()).filter(({ sk }) => sk.startsWith('ACTIVITY#')).length;
    const before = await count(service);
    const missing = issuer.mintAccessToken({ sub: 'x', tenantId: randomUUID() });
    expect((await service.get('/v1/users', { token: missing })).status).toBe(403);
    expect(await count(service)).toBe(before);
    const headers = { 'x-tenant-id': tenantId.globex };
    for (const request of [{}, { headers }]) {
      const { status } = await other.get('/v1/users', { token: createToken(), ...request });
      expect(status).toBe(403);
    }
    expect(await count(other)).toBe(0);
    const allowed = {
      token: createToken('x', 'globex'),
      headers: { 'x-tenant-id': tenantId.acme },
    };
    expect((await other.get('/v1/users', allowed)).status).toBe(403);
    expect(await count(other)).toBe(1);
  });

  it.each<[string, Fault]>([
    ['fails', failWith('ProvisionedThroughputExceededException')],
    ['is lost', dropRequest],
    ['takes too long', hangRequest],
  ])(
    'has the same response if its write %s, which a later write makes up for',
    async (_what, fault) => {
      const token = createToken();
      const expected = await update(createToken());
      captureLogs();
      database.goesWrong(({ operation, text }) =>
        operation === 'UpdateItem' && text.includes('#ACTIVITY') ? fault : undefined,
      );
      const response = await update(token);
      database.isWell();
      expect(withoutIds(response)).toEqual(withoutIds(expected));
      const failures = getLogs.filter((line) => line.includes('"recordDenial"'));
      expect(failures.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ outcome: 'failed', tenant: tenantId.acme }),
      ]);
      clock.advanceBy(minute);
      const [denial] = await collectDenials(() => update(token));
      expect(denial?.['count']).toBe(2);
    },
  );

  it('is dropped and counted in a metric above 100 callers in a minute', async () => {
    clock.advanceBy(2 * minute);
    const denials = await collectDenials(async () => {
      for (let caller = 0; caller < 103; caller++) await update(createToken(`caller-${caller}`));
    });
    expect(denials).toHaveLength(100);
    captureLogs();
    clock.advanceBy(minute);
    await update(createToken());
    const lines = getLogs.map((line) => JSON.parse(line));
    expect(lines).toContainEqual(
      expect.objectContaining({ operation: 'recordDenial', outcome: 'dropped', droppedDenials: 3 }),
    );
  });

  it('is not recorded without an event feed, or without a verified caller', async () => {
    const off = await createTestService({ environment: { EVENTS: 'off' }, now: clock.now });
    expect((await update(createToken(), undefined, off)).status).toBe(403);
    expect(await readDenials(off)).toEqual([]);
    const denials = await collectDenials(async () => {
      expect((await service.get('/v1/users', { token: 'a.b.c' })).status).toBe(401);
    });
    expect(denials).toEqual([]);
  });

  it('is one event of the feed, without a count or personal data', async () => {
    const fed = await createTestService({ now: clock.now, hasStream: true });
    const sub = `ada-${unique()}@example.com`;
    const failed = { tenant: 'acme', userName: 'nobody', password: 'another-lamp-7-tangled' };
    for (let sent = 0; sent < 3; sent++) {
      await update(createToken(sub), undefined, fed);
      await fed.post('/v1/auth/token', failed);
    }
    await fed.numberChanges();
    const events = await readFeed(fed.stored, tenantId.acme);
    const isActivity = ({ type }: { type: string }) => /denied|sign_in/.test(type);
    const activity = events.filter(isActivity);
    expect(activity.map(({ type }) => type)).toHaveLength(2);
    expect(activity).toContainEqual(
      expect.objectContaining({ type: 'access.denied', operation: 'updateUser' }),
    );
    expect(activity).toContainEqual(expect.objectContaining({ type: 'tenant.sign_in_failed' }));
    expect(JSON.stringify(events)).not.toContain(sub);
  });
});
