import { describe, expect, it, vi } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import {
  createUser,
  dialects,
  expectCreated,
  expectTaken,
  goodPassword,
} from '../../support/dialects/create-user.ts';
import {
  createFaultyService,
  deadlineAfterFaults,
  always,
  loseRace,
  failAtProxy,
  type Fault,
  hangRequest,
  hangResponse,
  faultsInOrder,
  cancelTransaction,
  truncateResponse,
  dropRequest,
  delayBy,
  loseIdempotencyToken,
  dropResponse,
  failWith,
} from '../../support/faults/fault-proxy.ts';
import { type TestResponse, tenantId } from '../../support/service.ts';

// Shortens the random pauses between attempts.
vi.spyOn(Math, 'random').mockReturnValue(0.05);

const transaction = 'TransactWriteItems';

const conflicts = cancelTransaction((key) =>
  key.includes('EMAIL#') ? 'TransactionConflict' : 'None',
);

/** Retryable failures: the same request can succeed later, or has succeeded already. */
const passing: readonly (readonly [string, Fault])[] = [
  ['conflicts with another transaction', conflicts],
  ['is canceled for throughput', cancelTransaction(() => 'ProvisionedThroughputExceeded')],
  [
    'is canceled for throttling',
    cancelTransaction((key) => (key.endsWith('USER') ? 'ThrottlingError' : 'None')),
  ],
  ['is throttled', failWith('ThrottlingException')],
  ['exceeds the throughput', failWith('ProvisionedThroughputExceededException')],
  ['exceeds the request limit', failWith('RequestLimitExceeded')],
  ['is in progress', failWith('TransactionInProgressException')],
  ['meets an internal error', failWith('InternalServerError', { status: 500 })],
  ['meets an unavailable service', failWith('ServiceUnavailable', { status: 503 })],
  ['ends at a gateway', failAtProxy],
  ['is lost', dropRequest],
  ['loses its response', dropResponse],
  ['gets a truncated response', truncateResponse],
];

const expectUnavailable = ({ status, headers, body }: TestResponse): void => {
  expect([status, body.code]).toEqual([503, 'unavailable']);
  expect(headers['retry-after']).toBe('1');
};

describe('a create that [K13]', () => {
  it.concurrent.each(passing)(
    '%s is retried unchanged and creates one user',
    async (_what, fault) => {
      const { database, service } = await createFaultyService({ attempts: 1 });
      database.goesWrong(faultsInOrder(transaction, fault, fault, fault));
      expectCreated(
        await createUser(service, 'native', {
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
      const { users, missing, stray } = await auditTables(service);
      expect([users.length, missing, stray]).toEqual([1, [], []]);
    },
  );

  it.concurrent.each(dialects)(
    'loses a response and meets a conflict succeeds in %s',
    async (dialect) => {
      const { database, service } = await createFaultyService();
      database.goesWrong(faultsInOrder(transaction, dropResponse, conflicts, dropRequest));
      expectCreated(await createUser(service, dialect, { email: 'a@x.example' }), dialect);
      expect((await auditTables(service)).users).toHaveLength(1);
    },
  );

  it.concurrent.each([
    ['acme', { email: 'a@x.example' }],
    ['acme', { email: 'a@x.example', userName: 'a', password: goodPassword }],
    ['north', { email: 'a@x.example', userName: 'a' }],
  ] as const)(
    'lost its response in %s with %j succeeds when the retry finds its own user',
    async (slug, fields) => {
      const { database, service } = await createFaultyService();
      database.goesWrong(faultsInOrder(transaction, dropResponse, loseIdempotencyToken));
      const created = await createUser(service, 'native', fields, slug);
      expectCreated(created, 'native');
      expect(database.sent.filter(({ operation }) => operation === transaction)).toHaveLength(2);
      const { users, missing, stray } = await auditTables(service);
      expect([
        users.map(({ userId }) => `cradl:user:${userId.replaceAll('-', '')}`),
        missing,
        stray,
      ]).toEqual([[created.body.userId], [], []]);
    },
  );

  it.concurrent('was lost returns 409 if another create took the email before the retry', async () => {
    const { database, service } = await createFaultyService();
    database.goesWrong(faultsInOrder(transaction, dropRequest, conflicts, loseRace()));
    expectTaken(await createUser(service, 'native', { email: 'a@x.example' }), 'email');
    expect((await auditTables(service)).users).toHaveLength(1);
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
    const { database, service } = await createFaultyService();
    database.goesWrong(always(cancelTransaction(getReason), transaction));
    expectTaken(
      await createUser(service, 'native', { email: 'a@x.example', userName: 'a' }, 'north'),
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
    const { database, service } = await createFaultyService();
    database.goesWrong(always(failWith(error), transaction));
    expectUnavailable(await createUser(service, 'native', { email: 'a@x.example' }));
    expect(database.sent).toHaveLength(1);
  });
});

describe('a strong read after the deadline [K13]', () => {
  it.concurrent.each([
    ...passing.filter(([, fault]) => fault !== dropResponse && fault !== truncateResponse),
    ['hangs', hangRequest] as const,
  ])(
    'finds that a create that %s every time was not written, and the caller can retry',
    async (_what, fault) => {
      const { database, service } = await createFaultyService(deadlineAfterFaults);
      database.goesWrong(always(fault, transaction));
      expectUnavailable(await createUser(service, 'native', { email: 'a@x.example' }));
      expect(
        new Set(
          database.sent
            .filter(({ operation }) => operation === transaction)
            .map(({ text }) => text),
        ).size,
      ).toBe(1);

      database.isWell();
      expectCreated(await createUser(service, 'native', { email: 'a@x.example' }), 'native');
      const { users, missing, stray } = await auditTables(service);
      expect([users.length, missing, stray]).toEqual([1, [], []]);
    },
  );

  it.concurrent.each([
    ['loses its response', dropResponse, dropRequest],
    ['gets a truncated response', truncateResponse, dropRequest],
    ['hangs after its effect', hangResponse, hangRequest],
    ['loses its response before conflicts', dropResponse, conflicts],
  ])('finds that a create that %s was written', async (_what, first, later) => {
    const { database, service } = await createFaultyService(deadlineAfterFaults);
    const plan = faultsInOrder(transaction, first);
    database.goesWrong(
      (sent, n) => plan(sent, n) ?? (sent.operation === transaction ? later : undefined),
    );
    const created = await createUser(service, 'native', { email: 'a@x.example', userName: 'a' });
    expectCreated(created, 'native');
    const { users, missing, stray } = await auditTables(service);
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
    const { database, service } = await createFaultyService(deadlineAfterFaults);
    const plan = faultsInOrder(transaction, loseRace(dropRequest, other));
    database.goesWrong(
      (sent, n) => plan(sent, n) ?? (sent.operation === transaction ? dropRequest : undefined),
    );
    expectTaken(
      await createUser(service, 'native', { email: 'a@x.example', userName: 'a' }, 'north'),
      field,
    );
    expect((await auditTables(service)).users).toHaveLength(1);
  });

  it.concurrent('counts the time of the tenant lookup toward the deadline', async () => {
    const { database, service } = await createFaultyService({ timeoutMs: 2500 });
    const written = faultsInOrder(transaction, dropResponse);
    database.goesWrong((sent, n) => {
      if (sent.operation === 'Query') return delayBy(800);
      return written(sent, n) ?? (sent.operation === transaction ? dropRequest : undefined);
    });
    expectCreated(
      await createUser(service, 'native', { email: 'a@x.example' }, 'globex'),
      'native',
    );
  });

  it.concurrent.each([
    ['fails', failWith('InternalServerError', { status: 500 })],
    ['is denied', failWith('AccessDeniedException')],
    ['is lost', dropRequest],
    ['hangs', hangRequest],
  ])('returns 503 if it %s', async (_what, fault) => {
    const { database, service } = await createFaultyService(deadlineAfterFaults);
    database.goesWrong((sent) => (sent.operation === transaction ? dropResponse : fault));
    expectUnavailable(await createUser(service, 'native', { email: 'a@x.example' }));
  });
});
