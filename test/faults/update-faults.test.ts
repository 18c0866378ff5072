import { describe, expect, it } from 'vitest';
import { auditOf } from '../support/table-audit.ts';
import {
  aFaultyService,
  always,
  type Fault,
  hangs,
  hangsAfterwards,
  inTurn,
  isCancelled,
  isCutShort,
  isLost,
  isTakenForNew,
  losesItsAnswer,
  meets,
  passes,
} from '../support/faults/fault-proxy.ts';
import { aUserThatIs, does } from '../support/scenarios/user-states.ts';

const transaction = 'TransactWriteItems';
const conflicts = isCancelled((key) => (key.endsWith('USER') ? 'TransactionConflict' : 'None'));

/** User in the shared space, and the change to it. */
async function aChange({ timeoutMs }: { timeoutMs?: number } = {}) {
  const started = await aFaultyService({ attempts: 1, ...(timeoutMs && { timeoutMs }) });
  const user = await aUserThatIs('active', started.service, {}, 'north');
  started.database.isWell();
  const patches = (body: object, headers = {}) =>
    does(started.service, 'PATCH', user, '', { body, headers }, 'north');
  const inOrder = async () => {
    const { missing, stray } = await auditOf(started.service);
    expect([missing, stray]).toEqual([[], []]);
    const { body } = await does(started.service, 'GET', user, '/export', {}, 'north');
    expect(body.user.version).toBe(1 + body.changes.length);
    return body.user;
  };
  /** Another caller changes the user before the first transaction arrives. */
  const comesSecondTo = (other: object, then: Fault = passes): Fault => {
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
    ['is canceled for throttling', isCancelled(() => 'ThrottlingError')],
    ['is throttled', meets('ThrottlingException')],
    ['is in progress', meets('TransactionInProgressException')],
    ['meets an internal error', meets('InternalServerError', { status: 500 })],
    ['is lost', isLost],
    ['loses its response', losesItsAnswer],
    ['gets a truncated response', isCutShort],
  ])('%s is retried unchanged and takes effect once', async (_what, fault) => {
    const { database, patches, inOrder, sendsOf: listTransactions } = await aChange();
    database.goesWrong(inTurn(transaction, fault, fault));
    expect(await patches(renamed)).toMatchObject({ status: 200, body: { ...renamed, version: 2 } });
    expect([listTransactions().length, new Set(listTransactions()).size]).toEqual([3, 1]);
    expect(await inOrder()).toMatchObject({ ...renamed, version: 2 });
  });

  it.concurrent('lost its response is recognized if the retry is processed as a new request', async () => {
    const { database, patches, inOrder } = await aChange();
    database.goesWrong(inTurn(transaction, losesItsAnswer, isTakenForNew));
    expect(await patches(renamed, { 'if-match': '"1"' })).toMatchObject({
      status: 200,
      body: { version: 2 },
    });
    expect(await inOrder()).toMatchObject({ version: 2 });
  });

  it.concurrent('lost its response is recognized after a later change by another caller', async () => {
    const { database, patches, inOrder, comesSecondTo } = await aChange();
    database.goesWrong(
      inTurn(transaction, losesItsAnswer, comesSecondTo({ name: 'Jo' }, isTakenForNew)),
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
    const { database, service, user, patches, inOrder } = await aChange();
    const other = await aUserThatIs('active', service, {}, 'south');
    const takes: Fault = async (exchange) => {
      expect((await does(service, 'PATCH', other, '', { body: taken }, 'south')).status).toBe(200);
      await passes(exchange);
    };
    database.goesWrong(inTurn(transaction, takes));
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
    const { database, patches, inOrder, comesSecondTo } = await aChange();
    database.goesWrong(inTurn(transaction, comesSecondTo({ name: 'Jo', metadata: { a: 1 } })));
    expect(await patches({ ...renamed, metadata: { b: 2 } })).toMatchObject({
      status: 200,
      body: { version: 3 },
    });
    expect(await inOrder()).toMatchObject({ ...renamed, name: 'Jo', metadata: { a: 1, b: 2 } });
  });

  it.concurrent('is applied after a second and a third change', async () => {
    const { database, patches, inOrder, comesSecondTo } = await aChange();
    // Another caller wins every second transaction.
    const second = (name: string) => [comesSecondTo({ name }), passes];
    database.goesWrong(inTurn(transaction, ...['a', 'b', 'c'].flatMap(second)));
    expect(await patches(renamed)).toMatchObject({
      status: 200,
      body: { ...renamed, name: 'c', version: 5 },
    });
    expect(await inOrder()).toMatchObject({ version: 5 });
  });

  it.concurrent('returns 412 with the current version if If-Match names another version', async () => {
    const { database, patches, inOrder, comesSecondTo } = await aChange();
    database.goesWrong(inTurn(transaction, comesSecondTo({ name: 'Jo' })));
    const answer = await patches(renamed, { 'if-match': '"1"' });
    expect(answer).toMatchObject({
      status: 412,
      body: { code: 'precondition_failed', details: { version: 2 } },
    });
    expect(await inOrder()).toMatchObject({ name: 'Jo', version: 2 });
  });

  it.concurrent('is applied if If-Match is *', async () => {
    const { database, patches, inOrder, comesSecondTo } = await aChange();
    database.goesWrong(inTurn(transaction, comesSecondTo({ name: 'Jo' })));
    expect(await patches(renamed, { 'if-match': '*' })).toMatchObject({
      status: 200,
      body: { ...renamed, name: 'Jo', version: 3 },
    });
    expect(await inOrder()).toMatchObject({ version: 3 });
  });

  it.concurrent('returns 404 if the change deleted or erased the user', async () => {
    for (const path of ['', '/erase']) {
      const { database, service, user, patches } = await aChange();
      const removed: Fault = async (exchange) => {
        await does(service, path === '' ? 'DELETE' : 'POST', user, path, {}, 'north');
        await passes(exchange);
      };
      database.goesWrong(inTurn(transaction, removed));
      expect(await patches(renamed)).toMatchObject({ status: 404, body: { code: 'not_found' } });
      const { missing, stray } = await auditOf(service);
      expect([missing, stray]).toEqual([[], []]);
    }
  });

  it.concurrent('returns 409 with the current status if both are the same transition', async () => {
    const { database, service, user } = await aChange();
    const suspends = () => does(service, 'POST', user, '/suspend', {}, 'north');
    const first: Fault = async (exchange) => {
      expect((await suspends()).status).toBe(200);
      await passes(exchange);
    };
    database.goesWrong(inTurn(transaction, first));
    expect(await suspends()).toMatchObject({
      status: 409,
      body: { details: { status: 'inactive', allowed: ['reactivate', 'delete'] } },
    });
  });
});

describe('a strong read after the deadline of an update [K13]', () => {
  const timeoutMs = 1600;

  it.concurrent.each<[string, Fault]>([
    ['conflicts', conflicts],
    ['is throttled', meets('ThrottlingException')],
    ['hangs', hangs],
  ])('finds that an update that %s every time had no effect', async (_what, fault) => {
    const { database, patches, inOrder } = await aChange({ timeoutMs });
    database.goesWrong(always(fault, transaction));
    const answer = await patches(renamed);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    database.isWell();
    expect(await inOrder()).toMatchObject({ version: 1 });
    expect(await patches(renamed)).toMatchObject({ status: 200, body: { version: 2 } });
    await inOrder();
  });

  it.concurrent.each<[string, Fault, Fault]>([
    ['loses its response, then conflicts', losesItsAnswer, conflicts],
    ['hangs after its effect', hangsAfterwards, hangs],
  ])('finds that an update that %s took effect', async (_what, first, later) => {
    const { database, patches, inOrder } = await aChange({ timeoutMs });
    const plan = inTurn(transaction, first);
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
    const { database, patches, inOrder, comesSecondTo } = await aChange({ timeoutMs });
    const plan = inTurn(transaction, comesSecondTo({ name: 'Jo' }, isLost), passes);
    database.goesWrong(
      (sent, n) => plan(sent, n) ?? (sent.operation === transaction ? isLost : undefined),
    );
    const { status } = await patches(renamed);
    database.isWell();
    expect([status, await inOrder()]).toMatchObject([503, { name: 'Jo', version: 2 }]);
  });
});
