import { describe, expect, it } from 'vitest';
import { auditTables } from '../support/database/table-audit.ts';
import {
  createFaultyService,
  deadlineAfterFaults,
  always,
  type Fault,
  hangRequest,
  hangResponse,
  faultsInOrder,
  cancelTransaction,
  truncateResponse,
  dropRequest,
  loseIdempotencyToken,
  dropResponse,
  failWith,
  passThrough,
} from '../support/faults/fault-proxy.ts';
import { createUserWithStatus, requestTransition } from '../support/scenarios/user-states.ts';

const transaction = 'TransactWriteItems';
const conflicts = cancelTransaction((key) =>
  key.endsWith('USER') ? 'TransactionConflict' : 'None',
);

/** User in the shared space, and the change to it. */
async function newChange(limits: Parameters<typeof createFaultyService>[0] = {}) {
  const started = await createFaultyService({ attempts: 1, ...limits });
  const user = await createUserWithStatus('active', started.service, {}, 'north');
  started.database.isWell();
  const patches = (body: object, headers = {}) =>
    requestTransition(started.service, 'PATCH', user, '', { body, headers }, 'north');
  const inOrder = async () => {
    const { missing, stray } = await auditTables(started.service);
    expect([missing, stray]).toEqual([[], []]);
    const { body } = await requestTransition(started.service, 'GET', user, '/export', {}, 'north');
    expect(body.user.version).toBe(1 + body.changes.length);
    return body.user;
  };
  /** Another caller changes the user before the first transaction arrives. */
  const comesSecondTo = (other: object, then: Fault = passThrough): Fault => {
    return async (exchange) => {
      expect((await patches(other)).status).toBe(200);
      await then(exchange);
    };
  };
  const listTransactions = () =>
    started.database.sent
      .filter(({ operation }) => operation === transaction)
      .map(({ text }) => text);
  return { ...started, user, patches, inOrder, comesSecondTo, sendsOf: listTransactions };
}

const renamed = { email: 'new@x.example', userName: 'new' };

describe('an update that [K13]', () => {
  it.concurrent.each<[string, Fault]>([
    ['conflicts with another transaction', conflicts],
    ['is canceled for throttling', cancelTransaction(() => 'ThrottlingError')],
    ['is throttled', failWith('ThrottlingException')],
    ['is in progress', failWith('TransactionInProgressException')],
    ['meets an internal error', failWith('InternalServerError', { status: 500 })],
    ['is lost', dropRequest],
    ['loses its response', dropResponse],
    ['gets a truncated response', truncateResponse],
  ])('%s is retried unchanged and takes effect once', async (_what, fault) => {
    const { database, patches, inOrder, sendsOf: listTransactions } = await newChange();
    database.goesWrong(faultsInOrder(transaction, fault, fault));
    expect(await patches(renamed)).toMatchObject({ status: 200, body: { ...renamed, version: 2 } });
    expect([listTransactions().length, new Set(listTransactions()).size]).toEqual([3, 1]);
    expect(await inOrder()).toMatchObject({ ...renamed, version: 2 });
  });

  it.concurrent('lost its response is recognized if the retry is processed as a new request', async () => {
    const { database, patches, inOrder } = await newChange();
    database.goesWrong(faultsInOrder(transaction, dropResponse, loseIdempotencyToken));
    expect(await patches(renamed, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    expect(await inOrder()).toMatchObject({ version: 2 });
  });

  it.concurrent('lost its response is recognized after a later change by another caller', async () => {
    const { database, patches, inOrder, comesSecondTo } = await newChange();
    database.goesWrong(
      faultsInOrder(transaction, dropResponse, comesSecondTo({ name: 'Jo' }, loseIdempotencyToken)),
    );
    expect(await patches(renamed, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { ...renamed, version: 2 },
    });
    expect(await inOrder()).toMatchObject({ ...renamed, name: 'Jo', version: 3 });
  });

  it.concurrent.each([
    ['an email', 'email', { email: 'new@x.example', userName: 'other' }],
    ['a username', 'userName', { email: 'other@x.example', userName: 'new' }],
  ])('needs %s that another user just took changes nothing', async (_what, field, taken) => {
    const { database, service, user, patches, inOrder } = await newChange();
    const other = await createUserWithStatus('active', service, {}, 'south');
    const takes: Fault = async (exchange) => {
      expect(
        (await requestTransition(service, 'PATCH', other, '', { body: taken }, 'south')).status,
      ).toBe(200);
      await passThrough(exchange);
    };
    database.goesWrong(faultsInOrder(transaction, takes));
    expect(await patches({ ...renamed, name: 'Jo' })).toMatchObject({
      status: 409,
      body: { code: 'user_exists', details: { field } },
    });
    expect(await inOrder()).toMatchObject({
      email: `${user.credible}@example.com`,
      name: null,
      version: 1,
    });
  });
});

describe('an update after a concurrent change [K15]', () => {
  it.concurrent('is applied to the changed user', async () => {
    const { database, patches, inOrder, comesSecondTo } = await newChange();
    database.goesWrong(
      faultsInOrder(transaction, comesSecondTo({ name: 'Jo', metadata: { a: 1 } })),
    );
    expect(await patches({ ...renamed, metadata: { b: 2 } })).toMatchObject({
      status: 200,
      body: { version: 3 },
    });
    expect(await inOrder()).toMatchObject({ ...renamed, name: 'Jo', metadata: { a: 1, b: 2 } });
  });

  it.concurrent('is applied after a second and a third change', async () => {
    const { database, patches, inOrder, comesSecondTo } = await newChange();
    // Another caller wins every second transaction.
    const second = (name: string) => [comesSecondTo({ name }), passThrough];
    database.goesWrong(faultsInOrder(transaction, ...['a', 'b', 'c'].flatMap(second)));
    expect(await patches(renamed)).toMatchObject({
      status: 200,
      body: { ...renamed, name: 'c', version: 5 },
    });
    expect(await inOrder()).toMatchObject({ version: 5 });
  });

  it.concurrent('returns 412 with the current version if If-Match names another version', async () => {
    const { database, patches, inOrder, comesSecondTo } = await newChange();
    database.goesWrong(faultsInOrder(transaction, comesSecondTo({ name: 'Jo' })));
    const answer = await patches(renamed, { 'if-match': '"1"' });
    expect(answer).toMatchObject({
      status: 412,
      body: { code: 'precondition_failed', details: { version: 2 } },
    });
    expect(await inOrder()).toMatchObject({ name: 'Jo', version: 2 });
  });

  it.concurrent('is applied if If-Match is *', async () => {
    const { database, patches, inOrder, comesSecondTo } = await newChange();
    database.goesWrong(faultsInOrder(transaction, comesSecondTo({ name: 'Jo' })));
    expect(await patches(renamed, { 'if-match': '*' })).toMatchObject({
      status: 200,
      body: { ...renamed, name: 'Jo', version: 3 },
    });
    expect(await inOrder()).toMatchObject({ version: 3 });
  });

  it.concurrent('returns 404 if the change deleted or erased the user', async () => {
    for (const path of ['', '/erase']) {
      const { database, service, user, patches } = await newChange();
      const removed: Fault = async (exchange) => {
        await requestTransition(service, path === '' ? 'DELETE' : 'POST', user, path, {}, 'north');
        await passThrough(exchange);
      };
      database.goesWrong(faultsInOrder(transaction, removed));
      expect(await patches(renamed)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      const { missing, stray } = await auditTables(service);
      expect([missing, stray]).toEqual([[], []]);
    }
  });

  it.concurrent('returns 409 with the current status if both are the same transition', async () => {
    const { database, service, user } = await newChange();
    const suspends = () => requestTransition(service, 'POST', user, '/suspend', {}, 'north');
    const first: Fault = async (exchange) => {
      expect((await suspends()).status).toBe(200);
      await passThrough(exchange);
    };
    database.goesWrong(faultsInOrder(transaction, first));
    expect(await suspends()).toMatchObject({
      status: 409,
      body: { details: { status: 'inactive', allowed: ['reactivate', 'delete'] } },
    });
  });
});

describe('a strong read after the deadline of an update [K13]', () => {
  it.concurrent.each<[string, Fault]>([
    ['conflicts', conflicts],
    ['is throttled', failWith('ThrottlingException')],
    ['hangs', hangRequest],
  ])('finds that an update that %s every time had no effect', async (_what, fault) => {
    const { database, patches, inOrder } = await newChange(deadlineAfterFaults);
    database.goesWrong(always(fault, transaction));
    const answer = await patches(renamed);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    database.isWell();
    expect(await inOrder()).toMatchObject({ version: 1 });
    expect(await patches(renamed)).toMatchObject({ status: 200, body: { version: 2 } });
    await inOrder();
  });

  it.concurrent.each<[string, Fault, Fault]>([
    ['loses its response, then conflicts', dropResponse, conflicts],
    ['hangs after its effect', hangResponse, hangRequest],
  ])('finds that an update that %s took effect', async (_what, first, later) => {
    const { database, patches, inOrder } = await newChange(deadlineAfterFaults);
    const plan = faultsInOrder(transaction, first);
    database.goesWrong(
      (sent, n) => plan(sent, n) ?? (sent.operation === transaction ? later : undefined),
    );
    expect(await patches(renamed, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { ...renamed, version: 2 },
    });
    database.isWell();
    expect(await inOrder()).toMatchObject({ version: 2 });
  });

  it.concurrent('finds that an update after a concurrent change was not written', async () => {
    const { database, patches, inOrder, comesSecondTo } = await newChange(deadlineAfterFaults);
    const plan = faultsInOrder(
      transaction,
      comesSecondTo({ name: 'Jo' }, dropRequest),
      passThrough,
    );
    database.goesWrong(
      (sent, n) => plan(sent, n) ?? (sent.operation === transaction ? dropRequest : undefined),
    );
    const { status } = await patches(renamed);
    database.isWell();
    expect([status, await inOrder()]).toMatchObject([503, { name: 'Jo', version: 2 }]);
  });
});
