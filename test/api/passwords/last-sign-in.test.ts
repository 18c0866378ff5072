/** Time of the latest sign-in of a user. */
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { isStrippedRecord } from '../../support/database/stripped-records.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createFaultyService,
  dropRequest,
  dropResponse,
  type Fault,
  failWith,
  passThrough,
  type Plan,
} from '../../support/faults/fault-proxy.ts';
import { createTestClock, requestTransition } from '../../support/scenarios/user-states.ts';
import { adminToken, tenantId, type TestResponse } from '../../support/service.ts';

const clock = createTestClock();
const { database, service } = await createFaultyService({
  attempts: 1,
  warm: ['acme'],
  now: clock.now,
});
const token = adminToken('acme');
const minute = 60_000;

const create = () => createUserIn(service, 'acme', { password: goodPassword });
const signIn = (user: UserRefs, password = goodPassword): Promise<TestResponse> =>
  service.post('/v1/auth/token', { tenant: 'acme', userName: user.credible, password });
const read = async (user: UserRefs): Promise<unknown> =>
  (await service.get(`/v1/users/${user.native}`, { token })).body.lastSignInTime;
const now = () => clock.now().toISOString();
const readItems = async (user: UserRefs) => {
  const { pk } = keys.user(tenantId.acme, user.jitsudo);
  return (await service.stored.all()).filter((item) => item.pk === pk && !isStrippedRecord(item));
};

/** Applies a fault to the write of a sign-in time. */
const whileRecording =
  (fault: Fault): Plan =>
  ({ operation, text }) =>
    operation === 'TransactWriteItems' && text.includes('USER#SIGNIN') ? fault : undefined;

describe('the latest sign-in', () => {
  it('is in the responses with one user, and null before the first', async () => {
    const user = await create();
    const path = `/v1/users/${user.native}`;
    expect(await read(user)).toBeNull();
    const { accessToken } = (await signIn(user)).body;
    const lastSignInTime = now();
    expect(await read(user)).toBe(lastSignInTime);
    const { body } = await service.get(`${path}/export`, { token });
    expect(body.user).toMatchObject({ lastSignInTime });
    const own = await service.get('/v1/users/me', { token: accessToken });
    expect(own.body).toMatchObject({ lastSignInTime });
    const patch = { token, body: { name: 'Jo' } };
    expect((await service.send('PATCH', path, patch)).body).toMatchObject({
      name: 'Jo',
      version: 2,
      lastSignInTime,
    });
    for (const query of [`userName=${user.credible}`, `emailPrefix=${user.credible}`]) {
      const list = await service.get(`/v1/users?${query}`, { token });
      expect(list.body.users).toHaveLength(1);
      expect(list.body.users[0]).not.toHaveProperty('lastSignInTime');
    }
  });

  it('is accurate to a minute', async () => {
    const user = await create();
    await signIn(user);
    const first = now();
    clock.advanceBy(minute - 1);
    database.goesWrong(() => undefined);
    expect((await signIn(user)).status).toBe(200);
    const writes = database.sent.filter(({ text }) => text.includes('USER#SIGNIN'));
    database.isWell();
    expect(writes.filter(({ operation }) => operation !== 'Query')).toEqual([]);
    expect(await read(user)).toBe(first);
    clock.advanceBy(1);
    await signIn(user);
    expect(await read(user)).toBe(now());
  });

  it('is recorded by JITSudo, and not by a wrong password', async () => {
    const user = await create();
    expect((await signIn(user, 'another-lamp-7-tangled')).status).toBe(401);
    expect(await read(user)).toBeNull();
    const login = await service.post('/jitsudo/v1/auth/login', {
      tenant_slug: 'acme',
      email: `${user.credible}@example.com`,
      password: goodPassword,
    });
    expect([login.status, await read(user)]).toEqual([200, now()]);
  });

  it('stays after a suspension and a restore', async () => {
    const user = await create();
    await signIn(user);
    const time = now();
    clock.advanceBy(2 * minute);
    for (const action of ['/suspend', '/reactivate'])
      expect((await requestTransition(service, 'POST', user, action)).body.lastSignInTime).toBe(
        time,
      );
    await requestTransition(service, 'DELETE', user);
    const restored = await requestTransition(service, 'POST', user, '/restore');
    expect(restored.body.lastSignInTime).toBe(time);
  });

  it.each<[string, Fault, boolean]>([
    ['is lost', dropRequest, false],
    ['has no response', dropResponse, true],
    ['conflicts', failWith('TransactionCanceledException'), false],
    ['is throttled', failWith('ProvisionedThroughputExceededException'), false],
  ])('does not fail the sign-in if its write %s', async (_what, fault, isWritten) => {
    const user = await create();
    database.goesWrong(whileRecording(fault));
    const { status } = await signIn(user);
    database.isWell();
    expect([status, await read(user)]).toEqual([200, isWritten ? now() : null]);
  });

  it('is written once by concurrent sign-ins', async () => {
    const user = await create();
    const answers = await Promise.all([signIn(user), signIn(user), signIn(user)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await read(user)).toBe(now());
  });
});

describe('an erasure', () => {
  const erase = (user: UserRefs) => requestTransition(service, 'POST', user, '/erase');

  it('removes the latest sign-in', async () => {
    const user = await create();
    await signIn(user);
    expect((await readItems(user)).map(({ sk }) => sk)).toContain('USER#SIGNIN');
    expect((await erase(user)).status).toBe(204);
    expect(await readItems(user)).toEqual([]);
  });

  it('leaves no time of a sign-in that began before', async () => {
    const user = await create();
    const erasures: number[] = [];
    database.goesWrong(
      whileRecording(async (exchange) => {
        erasures.push((await erase(user)).status);
        await passThrough(exchange);
      }),
    );
    await signIn(user);
    database.isWell();
    expect([erasures, await readItems(user)]).toEqual([[204], []]);
  });

  it('leaves no time of a sign-in that ends while it removes the last item', async () => {
    const user = await create();
    const { pk } = keys.user(tenantId.acme, user.jitsudo);
    const isLast = Promise.withResolvers<void>();
    const isRecorded = Promise.withResolvers<void>();
    let erasing: Promise<TestResponse> | undefined;
    const record: Fault = async (exchange) => {
      erasing = erase(user);
      await isLast.promise;
      await passThrough(exchange);
      isRecorded.resolve();
    };
    const removeLast: Fault = async (exchange) => {
      isLast.resolve();
      await isRecorded.promise;
      await passThrough(exchange);
    };
    database.goesWrong((sent, n) => {
      const removesUser = sent.operation === 'DeleteItem' && sent.text.includes(`"${pk}"`);
      return removesUser && sent.text.includes('"USER"')
        ? removeLast
        : whileRecording(record)(sent, n);
    });
    const { status } = await signIn(user);
    const erased = await erasing;
    database.isWell();
    expect([status, erased?.status, await readItems(user)]).toEqual([200, 204, []]);
  });
});

it('the tables agree', async () => {
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
});
