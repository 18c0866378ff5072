import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { tenantInput } from '../../support/authenticated-routes.ts';
import { creations, dialects } from '../../support/dialects/create-user.ts';
import {
  createFaultyService,
  deadlineAfterFaults,
  always,
  type Fault,
  faultsInOrder,
  cancelTransaction,
  dropRequest,
  dropResponse,
  failWith,
  passThrough,
} from '../../support/faults/fault-proxy.ts';
import { type TestResponse, systemToken, type Service, tenantId } from '../../support/service.ts';

const transaction = 'TransactWriteItems';
const replayed = ({ headers }: TestResponse) => headers['idempotency-replayed'];
const conflicts = cancelTransaction(() => 'TransactionConflict');

/** Creates a service and a repeatable create in a dialect. */
async function newRepeatable(dialect: (typeof dialects)[number]) {
  const started = await createFaultyService({ attempts: 1, ...deadlineAfterFaults });
  const { target, token, body } = creations[dialect];
  const draft = body({ email: 'jo@x.example' });
  const headers = { 'idempotency-key': 'the-same', 'x-tenant-id': tenantId.acme };
  const creates = () => started.service.post(target, draft, { token: token('acme'), headers });
  const inOrder = async () => {
    const { users, missing, stray } = await auditTables(started.service);
    expect([missing, stray]).toEqual([[], []]);
    return users;
  };
  return { ...started, creates, inOrder };
}

describe.each(dialects)('a create in %s [K06]', (dialect) => {
  it.concurrent('returns the first response to a repeated request if the first response was lost', async () => {
    const { database, creates, inOrder } = await newRepeatable(dialect);
    // The write succeeds, and the function loses its connection.
    const written = faultsInOrder(transaction, dropResponse);
    database.goesWrong(
      (sent, n) =>
        written(sent, n) ??
        (database.sent.some(({ operation }) => operation === transaction)
          ? dropRequest
          : passThrough),
    );
    expect((await creates()).status).toBe(503);
    const [user] = await inOrder();

    database.isWell();
    const answers = [await creates(), await creates()];
    expect(answers.map((answer) => [answer.status, replayed(answer)])).toEqual(
      Array.from({ length: 2 }, () => [creations[dialect].status, 'true']),
    );
    const userId = user?.userId ?? '';
    expect((await inOrder()).map((only) => only.userId)).toEqual([userId]);
    const { text, body } = answers[0]!;
    expect([text, body.id ?? body.userId?.slice(-32) ?? body.email]).toEqual([
      answers[1]!.text,
      dialect === 'jitsudo'
        ? userId
        : dialect === 'credible'
          ? 'jo@x.example'
          : userId.replaceAll('-', ''),
    ]);
  });
});

describe('a repeated request [K11]', () => {
  it.concurrent('creates the user if the first request was lost', async () => {
    const { database, creates, inOrder } = await newRepeatable('native');
    database.goesWrong(always(dropRequest, transaction));
    expect((await creates()).status).toBe(503);
    expect(await inOrder()).toEqual([]);
    database.isWell();
    const answer = await creates();
    expect([answer.status, replayed(answer)]).toEqual([201, undefined]);
  });

  it.concurrent.each([
    ['meets conflicts', conflicts],
    ['is throttled', failWith('ThrottlingException')],
    ['is lost', dropRequest],
  ])(
    'returns the first response and no conflict if it %s until its deadline',
    async (_what, fault) => {
      const { database, creates, inOrder } = await newRepeatable('native');
      const first = await creates();
      database.goesWrong(always(fault, transaction));
      const again = await creates();
      expect([again.status, replayed(again), again.text]).toEqual([201, 'true', first.text]);
      expect(await inOrder()).toHaveLength(1);
    },
  );

  it.concurrent('returns the first response if it loses a response and then conflicts', async () => {
    const { database, creates, inOrder } = await newRepeatable('native');
    const first = await creates();
    database.goesWrong(faultsInOrder(transaction, dropResponse, conflicts));
    const again = await creates();
    expect([again.status, replayed(again), again.text]).toEqual([201, 'true', first.text]);
    expect(await inOrder()).toHaveLength(1);
  });

  it.concurrent('returns 503 and creates no user if the deployment key cannot be read', async () => {
    const { database, creates, inOrder } = await newRepeatable('native');
    database.goesWrong((sent) => (sent.text.includes('DEPLOYMENT') ? dropRequest : undefined));
    expect((await creates()).status).toBe(503);
    expect(await inOrder()).toEqual([]);
    database.isWell();
    expect((await creates()).status).toBe(201);
  });
});

describe('the deployment key', () => {
  const isMissing: Fault = ({ answer }) => answer({ status: 200, body: Buffer.from('{}') });
  const readsKey = ({ operation, text }: { readonly operation: string; readonly text: string }) =>
    operation === 'GetItem' && text.includes('DEPLOYMENT');
  const creates = (service: Service) =>
    service.post(
      creations.native.target,
      { email: 'jo@x.example' },
      { token: creations.native.token('acme'), headers: { 'idempotency-key': 'the-same' } },
    );

  it.concurrent('is read again after a failed read', async () => {
    const { database, service } = await createFaultyService({ attempts: 2 });
    database.goesWrong(faultsInOrder('GetItem', dropRequest));
    const answers = await Promise.all(Array.from({ length: 5 }, () => creates(service)));
    expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(201));
    expect((await auditTables(service)).users).toHaveLength(1);
  });

  it.concurrent('is missing before the first tenant exists, and the 503 names npm run bootstrap', async () => {
    const { database, service } = await createFaultyService();
    database.goesWrong((sent) => (readsKey(sent) ? isMissing : undefined));
    const { status, body } = await creates(service);
    expect([status, body.code, body.message]).toEqual([
      503,
      'unavailable',
      expect.stringContaining('npm run bootstrap'),
    ]);
    database.isWell();
    expect((await creates(service)).status).toBe(201);
  });

  it.concurrent('is created with the first tenant and never replaced', async () => {
    const { service } = await createFaultyService();
    const find = async () =>
      (await service.stored.all(service.stored.secrets)).filter(({ pk }) => pk === 'DEPLOYMENT');
    const before = await find();
    expect(before).toHaveLength(1);
    expect(
      (await service.post('/v1/tenants', tenantInput(), { token: systemToken('acme') })).status,
    ).toBe(201);
    expect(await find()).toEqual(before);
  });
});
