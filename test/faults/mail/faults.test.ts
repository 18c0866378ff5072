import dns from 'node:dns';
import { afterEach, describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createMailService, minute, second } from '../../support/scenarios/mail-delivery.ts';
import {
  always,
  failAtProxy,
  type Fault,
  faultsInOrder,
  passThrough,
  cancelTransaction,
  truncateResponse,
  dropRequest,
  dropResponse,
  failWith,
  type Sent,
} from '../../support/faults/fault-proxy.ts';
import {
  limitMailRate,
  exceedDailyQuota,
  failMail,
  returnMalformed,
  rejectMail,
  suspendSending,
  throttleMail,
} from '../../support/faults/mail-faults.ts';
import { getLogs } from '../../support/logs.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { createTestService, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const mailing = await createMailService({ hasOutboxIndex: true });
const { amazon, clock, database, service } = mailing;
const sendEmail = '/v2/email/outbound-emails';
const generateMac = 'GenerateMac';
const copier = () => clock.aTokenOf('acme', ['system_admin']);

// Warms up every function.
const invited = await mailing.inviteUser();
await mailing.deliverStream(invited);
await mailing.requestUser(invited, 'POST', '/invitation/link', { token: copier() });
await service.post('/v1/invitations/inspect', { token: mailing.linksTo(invited)[0] });

const sumMailCounters = async (): Promise<number> =>
  (await service.stored.all()).reduce(
    (sum, { pk, mails = 0 }) => sum + (String(pk).endsWith('#MAILS') ? mails : 0),
    0,
  );
const outcomes = (subject: string): string[] =>
  getLogs
    .map((line) => JSON.parse(line))
    .flatMap((line) => (line.subject === subject ? [line.outcome] : []));

const { lookup } = dns;
afterEach(() => {
  mailing.isWell();
  Object.assign(dns, { lookup });
});

/** A response that starts but does not end before the time limit. */
const stallsAfterwards: Fault = async ({ perform, answer, endTimeLimit }) => {
  const { status, headers } = await perform();
  answer({ status, headers: { ...headers, 'content-length': '1000' }, body: Buffer.from('{') });
  endTimeLimit();
};

describe('a mail that SES rejects temporarily [I22]', () => {
  it.each([
    ['is from an account that is paused', suspendSending, 'AccountSuspendedException'],
    ['is to an unverified address', rejectMail, 'MessageRejected'],
    ['meets an internal error of SES', failMail, 'InternalServiceErrorException'],
  ])('because it %s is shown as rejected and sent later', async (_why, fault, reason) => {
    const invitee = await mailing.inviteUser();
    amazon.goesWrong(faultsInOrder(sendEmail, fault));
    expect(await mailing.deliverStream(invitee)).toEqual({ batchItemFailures: [] });
    expect(await mailing.delivery(invitee)).toEqual({
      status: 'rejected',
      reason,
      time: expect.any(String),
      sentTimes: [],
    });
    expect((await mailing.stored(invitee)).delivery).toMatchObject({
      attempts: 0,
      rejections: 1,
    });
    clock.advanceBy(5 * minute);
    await mailing.deliverStream(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({ status: 'sent', reason: null });
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
    expect(outcomes(invitee.userId)).toEqual(['rejected', 'sent']);
  });

  it('is retried with backoff, not earlier, and counted once', async () => {
    const invitee = await mailing.inviteUser();
    const before = await sumMailCounters();
    for (const wait of [5, 10, 20, 40, 80, 160, 320, 360, 360]) {
      amazon.goesWrong(always(failMail, sendEmail));
      await mailing.deliverStream(invitee);
      const { due, shard, delivery } = await mailing.stored(invitee);
      expect(shard).toBe(invitee.userId[0]);
      expect(due).toBe(delivery?.['notBefore']);
      expect(Date.parse(due!) - clock.now().getTime()).toBe(wait * minute);
      const tries = amazon.sent.length;
      clock.advanceBy((wait - 1) * minute);
      await mailing.deliverStream(invitee);
      expect(amazon.sent).toHaveLength(tries);
      clock.advanceBy(minute + second);
    }
    // None of these attempts may have sent a mail.
    amazon.goesWrong(faultsInOrder(sendEmail, dropResponse));
    await mailing.deliverStream(invitee);
    expect((await mailing.delivery(invitee)).status).toBe('unknown');
    expect((await sumMailCounters()) - before).toBe(1);
    clock.advanceBy(minute);
    await mailing.deliverStream(invitee);
    expect((await mailing.delivery(invitee)).status).toBe('sent');
  });

  it.each([
    ['the port is closed', 'http://127.0.0.1:1'],
    ['no address responds', 'http://mail.example:1'],
    ['the host name is unknown', 'http://nowhere.invalid'],
  ])('because %s does not count as an attempt', async (_why, endpoint) => {
    const looksUp = (
      name: string,
      options: object,
      callback: (error: unknown, addresses?: object) => void,
    ) =>
      name === 'mail.example'
        ? callback(
            null,
            ['127.0.0.1', '127.0.0.2'].map((address) => ({ address, family: 4 })),
          )
        : lookup(name, options, callback as never);
    Object.assign(dns, { lookup: looksUp });
    const cutOff = await createTestService({
      now: clock.now,
      environment: { AWS_ENDPOINT_URL_SESV2: endpoint },
    });
    await cutOff.post('/v1/users', { email: 'a@x.example' }, { token: mailing.token() });
    await cutOff.deliverPendingMail();
    const [delivery] = (await cutOff.stored.all()).filter(({ sk }) => sk === 'INVITATION');
    expect(delivery).toMatchObject({
      state: 'rejected',
      reason: 'unreachable',
      attempts: 0,
      rejections: 1,
    });
  });
});

describe('the sending rate of SES [F1a F1b]', () => {
  const people = (count: number, more: object = {}) =>
    Promise.all(Array.from({ length: count }, () => mailing.inviteUser(more)));
  const hearsAll = async () => service.on.records(await service.listPendingRecords());
  const countMails = (all: readonly { email: string }[], subject: string) =>
    all.map((each) => mailing.mailsTo(each).filter((mail) => mail.subject === subject).length);

  it('paces 60 invitations, which are sent within 15 minutes and once each', async () => {
    const department = await people(60);
    const start = clock.now().getTime();
    amazon.goesWrong(limitMailRate(14, clock.now));
    await hearsAll();
    for (let sweeps = 0; sweeps < 3; sweeps++) {
      clock.advanceBy(
        Math.max(0, start + (sweeps + 1) * 5 * minute - second - clock.now().getTime()),
      );
      await service.on.sweep();
    }
    expect(clock.now().getTime() - start).toBeLessThan(16 * minute);
    expect(countMails(department, "You're invited to join Acme")).toEqual(Array(60).fill(1));
    expect(await mailing.stored(department[59]!)).toMatchObject({
      due: undefined,
      delivery: { state: 'sent', rejections: 0 },
    });
  });

  it('spaces mails evenly, and more widely after SES has throttled one', async () => {
    const turnsMs: number[] = [];
    let endOfTurns = Promise.withResolvers<void>();
    const paced = await createTestService({
      now: clock.now,
      waitUntil: async (timeMs) => {
        turnsMs.push(timeMs);
        // The first of ten mails does not wait.
        if (turnsMs.length === 9) endOfTurns.resolve();
        clock.advanceBy(Math.max(0, timeMs - clock.now().getTime()));
      },
      environment: { AWS_ENDPOINT_URL_SESV2: amazon.endpoint, MAILS_PER_SECOND: '7' },
    });
    /** Smallest gap between mails, and the time that ten of them take. */
    const deliverTen = async () => {
      for (let count = 0; count < 10; count++)
        await paced.post('/v1/users', { email: `${unique()}@x.example` }, { token });
      turnsMs.length = 0;
      endOfTurns = Promise.withResolvers();
      // A sent mail raises the rate, so none is sent before all have a turn.
      const waitForTurns: Fault = async (exchange) => {
        await endOfTurns.promise;
        await passThrough(exchange);
      };
      amazon.goesWrong(always(waitForTurns, sendEmail));
      clock.advanceBy(minute);
      const startMs = clock.now().getTime();
      await paced.deliverPendingMail();
      const gapsMs = turnsMs.slice(1).map((turnMs, index) => turnMs - (turnsMs[index] ?? 0));
      return { gapMs: Math.min(...gapsMs), durationMs: clock.now().getTime() - startMs };
    };
    const token = mailing.token();
    const evenly = await deliverTen();
    expect(evenly.gapMs).toBeGreaterThan(142);
    expect(evenly.durationMs).toBeGreaterThan(9 * 142);

    amazon.goesWrong(faultsInOrder(sendEmail, throttleMail));
    await paced.post('/v1/users', { email: `${unique()}@x.example` }, { token });
    await paced.deliverPendingMail();
    const widely = await deliverTen();
    // The mail that was then sent has raised the rate by a tenth.
    expect(widely.gapMs).toBeGreaterThan(1.8 * 142);
    expect(widely.durationMs).toBeGreaterThan(9 * 1.8 * 142);
  });

  it('leaves a mail due, without an attempt or a count, if its turn is after the deadline', async () => {
    const paced = await createTestService({
      now: clock.now,
      environment: {
        AWS_ENDPOINT_URL_SESV2: amazon.endpoint,
        MAILS_PER_SECOND: '0.001',
        MAILS_PER_RECIPIENT_DAY: '1',
      },
    });
    for (const email of ['first@x.example', 'second@x.example'])
      await paced.post('/v1/users', { email }, { token: mailing.token() });
    const records = await paced.listPendingRecords();
    for (let tries = 0; tries < 3; tries++)
      expect((await paced.on.records(records)).batchItemFailures).toHaveLength(1);
    const [user, ...others] = (await paced.stored.all()).filter((item) => 'dueAt' in item);
    expect([user?.['mailAttempt'], others]).toEqual([undefined, []]);
    expect(amazon.sent.filter(({ operation }) => operation === sendEmail)).toHaveLength(1);
    clock.advanceBy(1000 * second);
    expect((await paced.on.records(records)).batchItemFailures).toEqual([]);
    expect(amazon.sent.filter(({ operation }) => operation === sendEmail)).toHaveLength(2);
  });

  it('sends mails without a delay after its clock is set back', async () => {
    let timeMs = Date.now() + 60 * minute;
    const paced = await createTestService({
      now: () => new Date(timeMs),
      environment: { AWS_ENDPOINT_URL_SESV2: amazon.endpoint },
    });
    for (const email of ['early@x.example', 'late@x.example']) {
      await paced.post('/v1/users', { email }, { token: mailing.token() });
      await paced.deliverPendingMail();
      timeMs = Date.now();
    }
    expect((await paced.stored.all()).filter((item) => 'dueAt' in item)).toEqual([]);
    expect(amazon.sent.filter(({ operation }) => operation === sendEmail)).toHaveLength(2);
  });

  it('paces reset links too', async () => {
    const department = await people(40, { password: goodPassword });
    const start = clock.now().getTime();
    for (const { email } of department)
      await service.post('/v1/auth/password-reset', { tenant: 'acme', email });
    amazon.goesWrong(limitMailRate(14, clock.now));
    await hearsAll();
    clock.advanceBy(Math.max(0, start + 5 * minute - clock.now().getTime()));
    await service.on.sweep();
    expect(countMails(department, 'Reset your password for Acme')).toEqual(Array(40).fill(1));
  });

  it('does not count as an attempt, and is retried within a minute without backoff', async () => {
    const invitee = await mailing.inviteUser();
    const before = await sumMailCounters();
    for (let times = 0; times < 4; times++) {
      amazon.goesWrong(always(throttleMail, sendEmail));
      await mailing.deliverStream(invitee);
      const { due, delivery } = await mailing.stored(invitee);
      expect(delivery).toMatchObject({
        state: 'rejected',
        reason: 'TooManyRequestsException',
        attempts: 0,
        rejections: 0,
      });
      expect(Date.parse(due!) - clock.now().getTime()).toBeLessThan(minute);
      clock.advanceBy(minute);
    }
    amazon.isWell();
    await mailing.deliverStream(invitee);
    expect([mailing.mailsTo(invitee).length, (await sumMailCounters()) - before]).toEqual([1, 1]);
    expect(new Set(outcomes(invitee.userId))).toEqual(new Set(['throttled', 'sent']));
  });

  it('differs from the daily quota, which is retried every ten minutes', async () => {
    const invitee = await mailing.inviteUser();
    amazon.goesWrong(always(exceedDailyQuota, sendEmail));
    await mailing.deliverStream(invitee);
    expect(amazon.sent.filter(({ operation }) => operation === sendEmail)).toHaveLength(1);
    clock.advanceBy(10 * minute);
    amazon.isWell();
    await mailing.deliverStream(invitee);
    expect([mailing.mailsTo(invitee).length, outcomes(invitee.userId)]).toEqual([
      1,
      ['rejected', 'sent'],
    ]);
  });

  it('for an hour abandons a reset link, and the log counts it', async () => {
    const user = await mailing.inviteUser({ password: goodPassword });
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    amazon.goesWrong(always(throttleMail, sendEmail));
    await hearsAll();
    clock.advanceBy(61 * minute);
    const from = getLogs.length;
    await service.on.sweep();
    const line = getLogs
      .slice(from)
      .map((each) => JSON.parse(each))
      .find(({ operation }) => operation === 'deliverPasswordReset');
    expect(line).toMatchObject({
      outcome: 'abandoned',
      tenant: tenantId.acme,
      mailsRejected: 1,
      mailsSent: 0,
    });
  });
});

describe('a mail that SES rejects permanently [I22]', () => {
  it('is failed and not retried, and can be resent', async () => {
    const invitee = await mailing.inviteUser();
    amazon.goesWrong(faultsInOrder(sendEmail, returnMalformed));
    await mailing.deliverStream(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({
      status: 'failed',
      reason: 'BadRequestException',
    });
    expect((await mailing.stored(invitee)).due).toBeUndefined();
    clock.advanceBy(minute);
    await mailing.deliverStream(invitee);
    expect(mailing.mailsTo(invitee)).toEqual([]);
    expect((await mailing.requestUser(invitee, 'POST', '/invitation/resend')).status).toBe(200);
    await mailing.deliverStream(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({ status: 'sent', reason: null });
  });
});

describe('a mail with an unknown outcome [I22 I23]', () => {
  it.each([
    ['loses its response', dropResponse],
    ['gets a truncated response', truncateResponse],
    ['gets a response that never ends', stallsAfterwards],
  ])('because it %s is sent once more with the same link', async (_why, fault) => {
    const invitee = await mailing.inviteUser();
    amazon.goesWrong(faultsInOrder(sendEmail, fault));
    expect(await mailing.deliverStream(invitee)).toEqual({ batchItemFailures: [] });
    const { status, reason } = await mailing.delivery(invitee);
    expect([status, typeof reason]).toEqual(['unknown', 'string']);
    await mailing.deliverStream(invitee);
    expect(amazon.sent.filter(({ operation }) => operation === sendEmail)).toHaveLength(1);
    clock.advanceBy(minute);
    await mailing.deliverStream(invitee);
    const links = mailing.linksTo(invitee);
    expect([links.length, new Set(links).size]).toEqual([2, 1]);
    expect(await mailing.delivery(invitee)).toMatchObject({ status: 'sent', reason: null });
  });

  it('is failed after two attempts and only sent again by a resend', async () => {
    const invitee = await mailing.inviteUser();
    amazon.goesWrong(faultsInOrder(sendEmail, dropResponse, dropResponse));
    await mailing.deliverStream(invitee);
    clock.advanceBy(minute);
    await mailing.deliverStream(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({
      status: 'failed',
      reason: expect.any(String),
    });
    expect((await mailing.stored(invitee)).due).toBeUndefined();
    expect(outcomes(invitee.userId)).toEqual(['unknown', 'failed']);
    clock.advanceBy(10 * minute);
    await mailing.deliverStream(invitee);
    expect(mailing.mailsTo(invitee)).toHaveLength(2);
    await mailing.requestUser(invitee, 'POST', '/invitation/resend');
    await mailing.deliverStream(invitee);
    const links = mailing.linksTo(invitee);
    expect([links.length, new Set(links).size]).toEqual([3, 2]);
  });
});

describe('near the deadline of the function', () => {
  const takes =
    (milliseconds: number): Fault =>
    async ({ perform, answer }) => {
      const answered = await perform();
      clock.advanceBy(milliseconds);
      answer(answered);
    };

  it('the outcome of a started mail is saved', async () => {
    const invitee = await mailing.inviteUser();
    amazon.goesWrong(faultsInOrder(sendEmail, takes(50 * second)));
    expect(await mailing.deliverStream(invitee)).toEqual({ batchItemFailures: [] });
    expect((await mailing.delivery(invitee)).status).toBe('sent');
  });

  it('no mail is started', async () => {
    const invitee = await mailing.inviteUser();
    amazon.goesWrong(faultsInOrder(generateMac, takes(50 * second)));
    expect(await mailing.deliverStream(invitee)).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    });
    expect(await mailing.stored(invitee)).toMatchObject({
      due: expect.any(String),
      delivery: undefined,
    });
    await mailing.deliverStream(invitee);
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
  });
});

describe('while KMS [O05]', () => {
  const outages: readonly (readonly [string, Fault])[] = [
    ['has no such key', failWith('NotFoundException')],
    ['throttles', failWith('ThrottlingException')],
    ['has a bad day', failWith('KMSInternalException', { status: 500 })],
    ['is behind a broken gateway', failAtProxy],
    ['cannot be reached', dropRequest],
    ['gets a response that never ends', stallsAfterwards],
  ];

  it.each(outages)(
    '%s, links are neither signed nor verified, responses are 503, and mails stay pending',
    async (_why, fault) => {
      const invitee = await mailing.inviteUser();
      const token = mailing.linksTo(invited)[0];
      amazon.goesWrong(always(fault));
      await expectNoWrites(service, async () => {
        const answers = await Promise.all([
          service.post('/v1/invitations/inspect', { token }),
          service.post('/v1/invitations/accept', { token, password: goodPassword }),
          service.post('/jitsudo/v1/auth/set-initial-password', { token, password: goodPassword }),
          mailing.requestUser(invitee, 'POST', '/invitation/link', { token: copier() }),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
        expect(answers.map(({ headers }) => headers['retry-after'])).toEqual(['1', '1', '1', '1']);
        expect(await mailing.deliverStream(invitee)).toEqual({
          batchItemFailures: [{ itemIdentifier: '1' }],
        });
      });
      amazon.isWell();
      expect((await mailing.delivery(invitee)).status).toBe('pending');
      await mailing.deliverStream(invitee);
      expect(mailing.mailsTo(invitee)).toHaveLength(1);
    },
  );
});

describe('while the directory table [K13 O05]', () => {
  const isRead = ({ operation }: Sent) => operation === 'Query';
  const isCount = ({ operation, text }: Sent) =>
    operation === 'UpdateItem' && /ADD mails/.test(text);
  const isLease = ({ operation, text }: Sent) =>
    operation === 'UpdateItem' && /SET mailAttempt/.test(text);
  const isSave = ({ operation }: Sent) => operation === 'TransactWriteItems';

  it.each([
    ['throttles reads', isRead, failWith('ProvisionedThroughputExceededException')],
    ['loses reads', isRead, dropRequest],
    ['throttles counters', isCount, failWith('ThrottlingException')],
    ['denies leases', isLease, failWith('AccessDeniedException')],
  ])(
    '%s, the record is reported as failed and the mail is sent later',
    async (_why, isAffected, fault) => {
      const invitee = await mailing.inviteUser();
      database.goesWrong((sent) => (isAffected(sent) ? fault : undefined));
      expect(await mailing.deliverStream(invitee)).toEqual({
        batchItemFailures: [{ itemIdentifier: '1' }],
      });
      expect(mailing.mailsTo(invitee)).toEqual([]);
      database.isWell();
      await mailing.deliverStream(invitee);
      expect(mailing.mailsTo(invitee)).toHaveLength(1);
    },
  );

  const conflicts = cancelTransaction(() => 'TransactionConflict');
  it.each([
    ['has transaction conflicts', isSave, conflicts, conflicts],
    [
      'throttles transactions',
      isSave,
      failWith('ThrottlingException'),
      cancelTransaction(() => 'ThrottlingError'),
    ],
    ['loses responses to transactions', isSave, dropResponse, dropResponse],
    [
      'has conflicts with leases',
      isLease,
      failWith('TransactionConflictException'),
      failWith('ThrottlingException'),
    ],
    ['loses responses to leases', isLease, dropResponse, dropResponse],
  ])('%s, one mail is sent and its outcome is saved', async (_why, isAffected, ...faults) => {
    const invitee = await mailing.inviteUser();
    database.goesWrong((sent) => (isAffected(sent) ? faults.shift() : undefined));
    expect(await mailing.deliverStream(invitee)).toEqual({ batchItemFailures: [] });
    expect([mailing.mailsTo(invitee).length, (await mailing.delivery(invitee)).status]).toEqual([
      1,
      'sent',
    ]);
  });

  it('does not confirm the lease, no mail is sent until it is known', async () => {
    const invitee = await mailing.inviteUser();
    database.goesWrong((sent) => {
      if (!isLease(sent)) return undefined;
      clock.advanceBy(minute);
      return dropResponse;
    });
    expect(await mailing.deliverStream(invitee)).toEqual({
      batchItemFailures: [{ itemIdentifier: '1' }],
    });
    database.isWell();
    expect(mailing.mailsTo(invitee)).toEqual([]);
    expect((await mailing.stored(invitee)).user).toMatchObject({
      mailAttempt: { attempts: 1, isSending: true },
    });
    // The holder of the lease may still be sending.
    await mailing.deliverStream(invitee);
    expect(mailing.mailsTo(invitee)).toEqual([]);
    clock.advanceBy(2 * minute);
    await mailing.deliverStream(invitee);
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
  });
});
