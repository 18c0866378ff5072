import { describe, expect, it } from 'vitest';
import { auditOf } from '../support/table-audit.ts';
import {
  creates,
  dialects,
  expectCreated,
  expectTaken,
  goodPassword,
} from '../support/dialects/create-user.ts';
import {
  aFaultyService,
  always,
  comesSecond,
  endsAtAGateway,
  type Fault,
  hangs,
  hangsAfterwards,
  inTurn,
  isCancelled,
  isCutShort,
  isLost,
  isSlowBy,
  isTakenForNew,
  losesItsAnswer,
  meets,
} from '../support/faults/fault-proxy.ts';
import { type Answer, tenantId } from '../support/service.ts';

const transaction = 'TransactWriteItems';

const conflicts = isCancelled((key) => (key.includes('EMAIL#') ? 'TransactionConflict' : 'None'));

/** Retryable failures: the same request can succeed later, or has succeeded already. */
const passing: readonly (readonly [string, Fault])[] = [
  ['conflicts with another transaction', conflicts],
  ['is canceled for throughput', isCancelled(() => 'ProvisionedThroughputExceeded')],
  [
    'is canceled for throttling',
    isCancelled((key) => (key.endsWith('USER') ? 'ThrottlingError' : 'None')),
  ],
  ['is throttled', meets('ThrottlingException')],
  ['exceeds the throughput', meets('ProvisionedThroughputExceededException')],
  ['exceeds the request limit', meets('RequestLimitExceeded')],
  ['is in progress', meets('TransactionInProgressException')],
  ['meets an internal error', meets('InternalServerError', { status: 500 })],
  ['meets an unavailable service', meets('ServiceUnavailable', { status: 503 })],
  ['ends at a gateway', endsAtAGateway],
  ['is lost', isLost],
  ['loses its response', losesItsAnswer],
  ['gets a truncated response', isCutShort],
];

const expectUnavailable = ({ status, headers, body }: Answer): void => {
  expect([status, body.code]).toEqual([503, 'unavailable']);
  expect(headers['retry-after']).toBe('1');
};

describe('a create that [K13]', () => {
  it.concurrent.each(passing)(
    '%s is retried unchanged and creates one user',
    async (_what, fault) => {
      const { database, service } = await aFaultyService({ attempts: 1 });
      database.goesWrong(inTurn(transaction, fault, fault, fault));
      expectCreated(
        await creates(service, 'native', {
          email: 'a@x.example',
          userName: 'a',
          password: goodPassword,
        }),
        'native',
      );

      expect(database.sent.map(({ operation }) => operation)).toEqual([
        'Query',
        ...Array(4).fill(transaction),
      ]);
      const [, first, ...repeated] = database.sent.map(({ text }) => text);
      expect(new Set(repeated)).toEqual(new Set([first]));
      expect(JSON.parse(first!).ClientRequestToken).toMatch(/^[0-9a-f-]{36}$/);
      const { users, missing, stray } = await auditOf(service);
      expect([users.length, missing, stray]).toEqual([1, [], []]);
    },
  );

  it.concurrent.each(dialects)(
    'loses a response and meets a conflict succeeds in %s',
    async (dialect) => {
      const { database, service } = await aFaultyService();
      database.goesWrong(inTurn(transaction, losesItsAnswer, conflicts, isLost));
      expectCreated(await creates(service, dialect, { email: 'a@x.example' }), dialect);
      expect((await auditOf(service)).users).toHaveLength(1);
    },
  );

  it.concurrent.each([
    ['acme', { email: 'a@x.example' }],
    ['acme', { email: 'a@x.example', userName: 'a', password: goodPassword }],
    ['north', { email: 'a@x.example', userName: 'a' }],
  ] as const)(
    'lost its response in %s with %j succeeds when the retry finds its own user',
    async (slug, fields) => {
      const { database, service } = await aFaultyService();
      database.goesWrong(inTurn(transaction, losesItsAnswer, isTakenForNew));
      const created = await creates(service, 'native', fields, slug);
      expectCreated(created, 'native');
      expect(database.sent.filter(({ operation }) => operation === transaction)).toHaveLength(2);
      const { users, missing, stray } = await auditOf(service);
      expect([
        users.map(({ userId }) => `cradl:user:${userId.replaceAll('-', '')}`),
        missing,
        stray,
      ]).toEqual([[created.body.userId], [], []]);
    },
  );

  it.concurrent('was lost returns 409 if another create took the email before the retry', async () => {
    const { database, service } = await aFaultyService();
    database.goesWrong(inTurn(transaction, isLost, conflicts, comesSecond()));
    expectTaken(await creates(service, 'native', { email: 'a@x.example' }), 'email');
    expect((await auditOf(service)).users).toHaveLength(1);
  });

  it.concurrent.each([
    [
      'email',
      'the email is taken, regardless of other conflicts',
      (key: string) => (key.includes(' EMAIL#') ? 'ConditionalCheckFailed' : 'TransactionConflict'),
    ],
    [
      'userName',
      'the username is taken, regardless of other conflicts',
      (key: string) =>
        key.includes(' USERNAME#') ? 'ConditionalCheckFailed' : 'TransactionConflict',
    ],
    [
      'email',
      'both are taken',
      (key: string) =>
        key.includes('NAME#') || key.includes('EMAIL#')
          ? 'ConditionalCheckFailed'
          : 'ThrottlingError',
    ],
    [
      'email',
      'the email is taken in the space that tenants share',
      (key: string) => (key.includes('SYSTEM#EMAIL#') ? 'ConditionalCheckFailed' : 'None'),
    ],
  ] as const)('returns 409 for %s when %s', async (field, _when, getReason) => {
    const { database, service } = await aFaultyService();
    database.goesWrong(always(isCancelled(getReason), transaction));
    expectTaken(
      await creates(service, 'native', { email: 'a@x.example', userName: 'a' }, 'north'),
      field,
    );
    expect(database.sent).toHaveLength(1);
  });

  it.concurrent.each([
    'AccessDeniedException',
    'ResourceNotFoundException',
    'UnrecognizedClientException',
    'ExpiredTokenException',
  ])('gets %s is not retried and returns 503', async (error) => {
    const { database, service } = await aFaultyService();
    database.goesWrong(always(meets(error), transaction));
    expectUnavailable(await creates(service, 'native', { email: 'a@x.example' }));
    expect(database.sent).toHaveLength(1);
  });
});

describe('a strong read after the deadline [K13]', () => {
  /** Leaves 500 ms for the write. */
  const timeoutMs = 1500;

  it.concurrent.each([
    ...passing.filter(([, fault]) => fault !== losesItsAnswer && fault !== isCutShort),
    ['hangs', hangs] as const,
  ])(
    'finds that a create that %s every time was not written, and the caller can retry',
    async (_what, fault) => {
      const { database, service } = await aFaultyService({ timeoutMs });
      database.goesWrong(always(fault, transaction));
      expectUnavailable(await creates(service, 'native', { email: 'a@x.example' }));
      expect(
        new Set(
          database.sent
            .filter(({ operation }) => operation === transaction)
            .map(({ text }) => text),
        ).size,
      ).toBe(1);

      database.isWell();
      expectCreated(await creates(service, 'native', { email: 'a@x.example' }), 'native');
      const { users, missing, stray } = await auditOf(service);
      expect([users.length, missing, stray]).toEqual([1, [], []]);
    },
  );

  it.concurrent.each([
    ['loses its response', losesItsAnswer, isLost],
    ['gets a truncated response', isCutShort, isLost],
    ['hangs after its effect', hangsAfterwards, hangs],
    ['loses its response before conflicts', losesItsAnswer, conflicts],
  ])('finds that a create that %s was written', async (_what, first, later) => {
    const { database, service } = await aFaultyService({ timeoutMs });
    const plan = inTurn(transaction, first);
    database.goesWrong(
      (sent, n) => plan(sent, n) ?? (sent.operation === transaction ? later : undefined),
    );
    const created = await creates(service, 'native', { email: 'a@x.example', userName: 'a' });
    expectCreated(created, 'native');
    const { users, missing, stray } = await auditOf(service);
    expect([users.length, missing, stray]).toEqual([1, [], []]);
  });

  it.concurrent.each([
    ['its email', 'email', (text: string) => text],
    ['its username', 'userName', (text: string) => text.replaceAll('a@x.example', 'b@x.example')],
    [
      'its email in the space that tenants share',
      'email',
      (text: string) => text.replaceAll(tenantId.north, tenantId.south),
    ],
  ] as const)('returns 409 if another user has %s', async (_what, field, other) => {
    const { database, service } = await aFaultyService({ timeoutMs });
    const plan = inTurn(transaction, comesSecond(isLost, other));
    database.goesWrong(
      (sent, n) => plan(sent, n) ?? (sent.operation === transaction ? isLost : undefined),
    );
    expectTaken(
      await creates(service, 'native', { email: 'a@x.example', userName: 'a' }, 'north'),
      field,
    );
    expect((await auditOf(service)).users).toHaveLength(1);
  });

  it.concurrent('counts the time of the tenant lookup toward the deadline', async () => {
    const { database, service } = await aFaultyService({ timeoutMs: 2500 });
    const written = inTurn(transaction, losesItsAnswer);
    database.goesWrong((sent, n) => {
      if (sent.operation === 'Query') return isSlowBy(800);
      return written(sent, n) ?? (sent.operation === transaction ? isLost : undefined);
    });
    expectCreated(await creates(service, 'native', { email: 'a@x.example' }, 'globex'), 'native');
  });

  it.concurrent.each([
    ['fails', meets('InternalServerError', { status: 500 })],
    ['is denied', meets('AccessDeniedException')],
    ['is lost', isLost],
    ['hangs', hangs],
  ])('returns 503 if it %s', async (_what, fault) => {
    const { database, service } = await aFaultyService({ timeoutMs });
    database.goesWrong((sent) => (sent.operation === transaction ? losesItsAnswer : fault));
    expectUnavailable(await creates(service, 'native', { email: 'a@x.example' }));
  });
});
