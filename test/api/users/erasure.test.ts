/** Erasure of any amount of data, the permission for it and the erasure record. */
import { describe, expect, it } from 'vitest';
import { isRecordKey, keys } from '../../../lib/store/keys.ts';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { isStrippedRecord } from '../../support/database/stripped-records.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  createFaultyService,
  faultsInOrder,
  dropRequest,
  dropResponse,
  failWith,
  leaveUnprocessed,
  passThrough,
  type Plan,
} from '../../support/faults/fault-proxy.ts';
import {
  createTestClock,
  addHistory,
  day,
  createUserWithStatus,
  requestTransition,
} from '../../support/scenarios/user-states.ts';
import { getLogs } from '../../support/logs.ts';
import {
  type TestResponse,
  createTestService,
  adminToken,
  userToken,
  type Service,
  tenantId,
} from '../../support/service.ts';

const clock = createTestClock();
const { database, service } = await createFaultyService({ attempts: 1, warm: [], now: clock.now });
await service.putRole('acme', { slug: 'remover', name: 'Remover', permissions: ['users:delete'] });
await service.putRole('acme', { slug: 'eraser', name: 'Eraser', permissions: ['users:erase'] });
const admin = adminToken('acme');

/** Items of a user, except records without values. */
const readRemaining = async (
  { stored }: Service,
  { jitsudo }: UserRefs,
): Promise<Record<string, unknown>[]> =>
  [...(await stored.all()), ...(await stored.all(stored.secrets))].filter(
    (item) => item['pk'] === keys.user(tenantId.acme, jitsudo).pk && !isStrippedRecord(item),
  );
const erase = (user: UserRefs, from: Service = service) =>
  requestTransition(from, 'POST', user, '/erase');

describe('the permission users:erase', () => {
  const dialects = {
    native: (user: UserRefs, token: string) =>
      service.send('POST', `/v1/users/${user.native}/erase`, { token }),
    jitsudo: (user: UserRefs, token: string) =>
      service.send('DELETE', `/jitsudo/v1/users/${user.jitsudo}`, {
        token,
        headers: { 'x-tenant-id': tenantId.acme },
      }),
  };

  it.each(Object.entries(dialects))(
    'is required in the %s API, where users:delete is not enough',
    async (_, erase) => {
      const user = await createUserWithStatus('active', service);
      expect(await erase(user, userToken('acme', ['remover']))).toMatchObject({
        status: 403,
        body: { notices: ['Erasing users requires the permission users:erase in this tenant.'] },
      });
      expect((await requestTransition(service, 'GET', user)).status).toBe(200);
      expect((await erase(user, userToken('acme', ['eraser']))).status).toBe(204);
      expect(await readRemaining(service, user)).toEqual([]);
    },
  );

  it('is not enough for a user with more permissions, even a deleted one', async () => {
    const user = await createUserWithStatus('deleted', service, { roleIds: ['cradl:role:admin'] });
    expect((await dialects.native(user, userToken('acme', ['eraser']))).status).toBe(403);
    expect((await dialects.native(user, admin)).status).toBe(204);
  });
});

describe('a large history', () => {
  it('is erased by one request [SEC-11]', async () => {
    const user = await createUserWithStatus('active', service);
    await addHistory(service, user, 500, 1000);
    await addHistory(service, user, 40, 65_000);
    database.isWell();
    expect((await erase(user)).status).toBe(204);
    expect(await readRemaining(service, user)).toEqual([]);
    expect(database.sent.filter(({ operation }) => operation === 'DeleteItem')).toHaveLength(2);
  });

  it('is erased by repeated requests if one takes too long, and the first deletes the user [SEC-11]', async () => {
    const user = await createUserIn(service, 'acme', { password: goodPassword });
    const { email } = (await requestTransition(service, 'GET', user)).body;
    await addHistory(service, user, 60, 30_000);
    const { length: before } = await readRemaining(service, user);
    database.goesWrong(({ operation }) =>
      operation === 'BatchWriteItem'
        ? async (exchange) => {
            clock.advanceBy(60_000);
            await passThrough(exchange);
          }
        : undefined,
    );
    const interrupted = await erase(user);
    expect(interrupted).toMatchObject({
      status: 503,
      headers: { 'retry-after': expect.any(String) },
      body: { code: 'unavailable', details: { erasure: 'incomplete' } },
    });
    // A page of a query ends before or after 1 MB.
    const { removedItems } = interrupted.body.details;
    expect(removedItems).toBeOneOf([32, 33, 34, 35]);
    database.isWell();
    expect((await requestTransition(service, 'GET', user)).status).toBe(404);
    expect((await requestTransition(service, 'POST', user, '/restore')).status).toBe(409);
    expect(
      (await service.post('/v1/users', { email, userName: user.credible }, { token: admin }))
        .status,
    ).toBe(201);
    // One item less for the password, one more for the record of the delete.
    expect(await readRemaining(service, user)).toHaveLength(before - removedItems);
    expect((await erase(user)).status).toBe(204);
    expect(await readRemaining(service, user)).toEqual([]);
    expect((await erase(user)).status).toBe(404);
    const { erasures } = (await service.get('/v1/erasures', { token: admin })).body;
    expect(
      erasures.filter(({ userId }: { userId: string }) => userId === user.native),
    ).toHaveLength(1);
  });
});

describe('an erasure', () => {
  const conflict = failWith('TransactionConflictException');
  it.each<[string, Plan]>([
    ['a conflict in a batch', faultsInOrder('BatchWriteItem', conflict, conflict)],
    ['a conflict with the password', faultsInOrder('DeleteItem', conflict)],
    ['a conflict with the user', faultsInOrder('DeleteItem', passThrough, conflict)],
    [
      'throttling',
      faultsInOrder(
        'BatchWriteItem',
        failWith('ThrottlingException'),
        failWith('ProvisionedThroughputExceededException'),
      ),
    ],
    ['a lost request', faultsInOrder('BatchWriteItem', dropRequest)],
    ['a lost response', faultsInOrder('DeleteItem', passThrough, dropResponse)],
    ['unprocessed items', faultsInOrder('BatchWriteItem', leaveUnprocessed)],
  ])('succeeds after %s [F19]', async (_, plan) => {
    const user = await createUserWithStatus('active', service, { name: 'Jo' });
    database.goesWrong(plan);
    expect((await erase(user)).status).toBe(204);
    database.isWell();
    expect(await readRemaining(service, user)).toEqual([]);
  });
});

describe('the change records of an erased user', () => {
  it.each(['active', 'deleted'] as const)(
    '(%s before) keep actor, time and names of the fields for 7 days',
    async (status) => {
      const user = await createUserWithStatus('active', service, { name: 'Jo' });
      const createdAt = clock.now().toISOString();
      const { groupId } = (await service.post('/v1/groups', { name: unique() }, { token: admin }))
        .body;
      await service.post(
        `/v1/groups/${groupId}/members`,
        { members: [{ memberId: user.native }] },
        { token: admin },
      );
      const own = { token: clock.aTokenOf('acme', [], user.native) };
      const body = { name: 'Joan', profileMetadata: { shoe: 38 } };
      expect((await service.send('PATCH', '/v1/users/me', { ...own, body })).status).toBe(200);
      if (status === 'deleted') await requestTransition(service, 'DELETE', user);
      const { pk } = keys.user(tenantId.acme, user.jitsudo);
      const readRecords = async () =>
        (await service.stored.all()).filter(
          (item) => item['pk'] === pk && isRecordKey({ pk, sk: String(item['sk']) }),
        );
      expect((await readRecords()).some(isStrippedRecord)).toBe(false);
      clock.advanceBy(1000);
      expect((await erase(user)).status).toBe(204);

      const records = (await readRecords()).toSorted((a, b) =>
        String(a['sk']).localeCompare(String(b['sk'])),
      );
      const external = { type: 'external' };
      const deletion = { action: 'delete', actor: external };
      expect(records).toEqual(
        [
          { version: 1, action: 'create', at: createdAt, actor: external, changedFields: [] },
          {
            version: 2,
            action: 'updateOwn',
            at: createdAt,
            actor: { type: 'user', id: user.jitsudo },
            changedFields: ['name', 'profileMetadata'],
          },
          ...(status === 'deleted'
            ? [{ ...deletion, changedFields: expect.arrayContaining(['status']) }]
            : []),
          {
            action: 'erase',
            at: clock.now().toISOString(),
            changedFields: expect.arrayContaining(['deletion']),
          },
          { action: 'addMember', memberId: user.jitsudo, changedFields: [] },
        ].map((expected) => expect.objectContaining(expected)),
      );
      expect(records.every(isStrippedRecord)).toBe(true);
      const ttl = Math.ceil((clock.now().getTime() + 7 * day) / 1000);
      expect(records.map((record) => record['ttl'])).toEqual(records.map(() => ttl));
    },
  );
});

describe('erasure records', () => {
  it('are listed newest first, and logged [UX12]', async () => {
    const other = await createTestService();
    const users = [
      await createUserWithStatus('active', other),
      await createUserWithStatus('deleted', other),
      await createUserIn(other, 'acme'),
    ];
    const answers: TestResponse[] = [];
    for (const user of users) answers.push(await erase(user, other));
    const line = getLogs
      .map((text) => JSON.parse(text))
      .findLast(({ operation }) => operation === 'eraseUser');
    expect(line).toMatchObject({
      caller: 'admin-of-acme',
      user: users[2]!.jitsudo,
      tenant: tenantId.acme,
      status: 204,
    });

    const expected = users.map((user, index) => ({
      userId: user.native,
      erasedTime: expect.any(String),
      erasedBy: 'admin-of-acme',
      issuer: 'http://localhost:4000',
      requestId: answers[index]?.headers['x-request-id'],
      policies: ['erase-user'],
    }));
    const first = await other.get('/v1/erasures?maxResults=2', { token: admin });
    expect(first.body.erasures).toEqual([expected[2], expected[1]]);
    const second = await other.get(`/v1/erasures?nextToken=${first.body.nextToken}`, {
      token: admin,
    });
    expect(second.body).toEqual({ erasures: [expected[0]], nextToken: null });
    expect(
      (await other.get('/v1/erasures', { token: adminToken('globex') })).body.erasures,
    ).toEqual([]);
    expect(
      (await other.get('/v1/erasures', { token: userToken('acme', ['approver']) })).status,
    ).toBe(403);
  });
});
