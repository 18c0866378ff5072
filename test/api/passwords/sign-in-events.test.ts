/** Events about sign-ins. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createFaultyService,
  dropRequest,
  type Fault,
  failWith,
  hangRequest,
  passThrough,
} from '../../support/faults/fault-proxy.ts';
import { captureLogs, getLogs } from '../../support/logs.ts';
import { createTestClock, requestTransition } from '../../support/scenarios/user-states.ts';
import { createTestService, type Service, tenantId } from '../../support/service.ts';

const clock = createTestClock();
const { database, service } = await createFaultyService({
  attempts: 1,
  warm: ['acme'],
  now: clock.now,
});
const ipAddress = '198.51.100.7';
const userAgent = `Browser/1.0 ${'x'.repeat(400)}`;

const create = (from = service) => createUserIn(from, 'acme', { password: goodPassword });
const signIn = (userName: string, password = goodPassword, from: Service = service) =>
  from.post(
    '/v1/auth/token',
    { tenant: 'acme', userName, password },
    { sourceIp: ipAddress, headers: { 'user-agent': userAgent } },
  );
const fail = (userName: string, from?: Service) => signIn(userName, 'another-lamp-7-tangled', from);
const listItems = async (pk: string, from: Service = service) =>
  (await from.stored.all()).filter((item) => item.pk === pk);
const readSignIns = ({ jitsudo }: UserRefs, from?: Service) =>
  listItems(keys.userActivity(tenantId.acme, jitsudo).pk, from);
const readFailures = async (from?: Service) => {
  const items = await listItems(keys.tenantActivity(tenantId.acme, '').pk, from);
  return items.map(({ sk, type, count, resource }) => ({ sk, type, count, resource }));
};
const updateTenant = (changes: object) => service.updateTenantItem('acme', changes);
/** Tenants are cached. */
const untilCacheExpires = 31_000;

describe('a sign-in', () => {
  it('is recorded with its client, whom only the data of the user contain', async () => {
    const user = await create();
    expect((await signIn(user.credible)).status).toBe(200);
    expect(await readSignIns(user)).toEqual([
      expect.objectContaining({
        type: 'user.signed_in',
        resource: { type: 'user', id: user.jitsudo },
        actor: { type: 'user', id: user.jitsudo },
        at: clock.now().toISOString(),
        method: 'password',
        ipAddress,
        userAgent: userAgent.slice(0, 256),
        policies: [],
        ttl: Math.ceil(clock.now().getTime() / 1000) + 90 * 24 * 3600,
      }),
    ]);
    const { body } = await requestTransition(service, 'GET', user, '/export');
    expect(body.signIns).toEqual([
      {
        time: clock.now().toISOString(),
        method: 'password',
        ipAddress,
        userAgent: userAgent.slice(0, 256),
      },
    ]);
  });

  it('is exported after the changes of the user, in pages', async () => {
    const user = await create();
    await requestTransition(service, 'PATCH', user, '', { body: { name: 'Ann' } });
    for (let times = 0; times < 2; times++) {
      await signIn(user.credible);
      clock.advanceBy(1);
    }
    const contents: string[] = [];
    let cursor = '';
    do {
      const path = `/export?maxResults=1${cursor}`;
      const { body } = await requestTransition(service, 'GET', user, path);
      contents.push(`${body.changes.length} ${body.signIns.length}`);
      cursor = body.nextToken === null ? '' : `&nextToken=${body.nextToken}`;
    } while (cursor !== '' && contents.length < 9);
    expect(contents).toEqual(['1 0', '0 1', '0 1']);
  });

  it.each<[string, Fault]>([
    ['fails', failWith('ProvisionedThroughputExceededException')],
    ['is lost', dropRequest],
    ['takes too long', hangRequest],
  ])('succeeds if its record %s', async (_what, fault) => {
    const user = await create();
    captureLogs();
    database.goesWrong(({ text }) => (text.includes('#USERACTIVITY#') ? fault : undefined));
    const { status } = await signIn(user.credible);
    database.isWell();
    const failures = getLogs.filter((line) => line.includes('"recordSignIn"'));
    expect([status, await readSignIns(user), failures.length]).toEqual([200, [], 1]);
  });
});

describe('a failed sign-in', () => {
  it('is counted per account in windows of 5 minutes', async () => {
    clock.advanceBy(5 * 60_000);
    const [user, other] = [await create(), await create()];
    const before = await readFailures();
    for (const { credible } of [user, user, user, other]) await fail(credible);
    for (let account = 0; account < 3; account++)
      expect((await fail(`nobody-${randomUUID()}`)).status).toBe(401);
    const created = (await readFailures()).slice(before.length);
    expect(created).toHaveLength(3);
    for (const [id, count] of [
      [user.jitsudo, 3],
      [other.jitsudo, 1],
    ])
      expect(created).toContainEqual({
        sk: expect.stringContaining(`#${id}`),
        type: 'user.sign_in_failed',
        resource: { type: 'user', id },
        count,
      });
    expect(created).toContainEqual({
      sk: expect.stringContaining('#UNKNOWN'),
      type: 'tenant.sign_in_failed',
      resource: { type: 'tenant', id: tenantId.acme },
      count: 3,
    });
    clock.advanceBy(5 * 60_000);
    await fail(user.credible);
    expect(await readFailures()).toHaveLength(before.length + 4);
  });

  it('takes the same requests for known and unknown accounts [D33]', async () => {
    const user = await create();
    const listRequests = async (userName: string) => {
      database.goesWrong(() => undefined);
      expect((await fail(userName)).status).toBe(401);
      const operations = database.sent.map(({ operation }) => operation).toSorted();
      database.isWell();
      return operations;
    };
    const requests = await listRequests(user.credible);
    expect(requests).toContain('UpdateItem');
    expect(await listRequests(`nobody-${randomUUID()}`)).toEqual(requests);
  });

  it('in an unknown tenant takes the same request, without an event', async () => {
    const before = await service.stored.all();
    await service.post('/v1/auth/token', {
      tenant: 'no-such-tenant',
      userName: 'nobody',
      password: goodPassword,
    });
    const earlierKeys = new Set(before.map(({ pk, sk }) => `${pk} ${sk}`));
    const created = (await service.stored.all()).filter(
      ({ pk, sk }) => !earlierKeys.has(`${pk} ${sk}`) && !pk.startsWith('ATTEMPTS#'),
    );
    expect(created.map(({ sk }) => sk)).toEqual([expect.stringMatching(/^UNKNOWN#SIGNIN#/)]);
  });

  it('has the same response if its record fails', async () => {
    const user = await create();
    captureLogs();
    database.goesWrong(({ text }) => (text.includes('#ACTIVITY') ? dropRequest : undefined));
    const { status } = await fail(user.credible);
    database.isWell();
    const failures = getLogs.filter((line) => line.includes('"recordSignIn"'));
    expect([status, failures.length]).toEqual([401, 1]);
  });
});

describe('the setting of a tenant', () => {
  it.each([
    ['off', 0, 0],
    ['successes', 1, 0],
    ['all', 1, 1],
  ] as const)(
    '%s records %i sign-ins and %i failed ones',
    async (signInEvents, signIns, failures) => {
      await updateTenant({ signInEvents });
      clock.advanceBy(untilCacheExpires + 5 * 60_000);
      const user = await create();
      const before = (await readFailures()).length;
      await signIn(user.credible);
      await fail(user.credible);
      expect((await readSignIns(user)).length).toBe(signIns);
      expect((await readFailures()).length - before).toBe(failures);
    },
  );

  it('does not matter without an event feed', async () => {
    const off = await createTestService({ environment: { EVENTS: 'off' } });
    const user = await create(off);
    expect((await signIn(user.credible, goodPassword, off)).status).toBe(200);
    await fail(user.credible, off);
    expect([await readSignIns(user, off), await readFailures(off)]).toEqual([[], []]);
  });
});

describe('an erasure', () => {
  it('removes the sign-ins, also one that began before', async () => {
    const user = await create();
    await signIn(user.credible);
    expect(await readSignIns(user)).toHaveLength(1);
    const erasures: number[] = [];
    database.goesWrong(({ operation, text }) =>
      operation === 'PutItem' && text.includes('#USERACTIVITY#')
        ? async (exchange) => {
            erasures.push((await requestTransition(service, 'POST', user, '/erase')).status);
            await passThrough(exchange);
          }
        : undefined,
    );
    await signIn(user.credible);
    database.isWell();
    expect([erasures, await readSignIns(user)]).toEqual([[204], []]);
  });
});
