import dns from 'node:dns';
import { afterEach, describe, expect, it } from 'vitest';
import { goodPassword } from '../support/dialects/create-user.ts';
import { aMailingService, minute, second } from '../support/scenarios/mail-delivery.ts';
import {
  always,
  endsAtAGateway,
  type Fault,
  inTurn,
  isCancelled,
  isCutShort,
  isLost,
  losesItsAnswer,
  meets,
} from '../support/faults/fault-proxy.ts';
import {
  acceptsPerSecond,
  exceedsDailyQuota,
  fails,
  isMalformed,
  isRejected,
  isSuspended,
  isThrottled,
} from '../support/faults/mail-faults.ts';
import { keys } from '../../lib/store/keys.ts';
import { logged } from '../support/logs.ts';
import { aService, tenantId } from '../support/service.ts';
import { withoutEffect } from '../support/expect-no-writes.ts';

const mailing = await aMailingService({ owedIndex: true });
const { amazon, clock, database, service } = mailing;
const sendEmail = '/v2/email/outbound-emails';
const generateMac = 'GenerateMac';
const copier = () => clock.aTokenOf('acme', ['system_admin']);

// Warms up every function.
const invited = await mailing.invites();
await mailing.hears(invited);
await mailing.does(invited, 'POST', '/invitation/link', { token: copier() });
await service.posts('/v1/invitations/inspect', { token: mailing.linksTo(invited)[0] });

const sumMailCounters = async (): Promise<number> =>
  (await service.stored.all()).reduce(
    (sum, { pk, mails = 0 }) => sum + (String(pk).endsWith('#MAILS') ? mails : 0),
    0,
  );
const outcomes = (subject: string): string[] =>
  logged
    .map((line) => JSON.parse(line))
    .flatMap((line) => (line.subject === subject ? [line.outcome] : []));

const { timeout } = AbortSignal;
const { lookup } = dns;
afterEach(() => {
  mailing.isWell();
  Object.assign(AbortSignal, { timeout });
  Object.assign(dns, { lookup });
});

/** A response that starts but never ends. */
const stallsAfterwards: Fault = async ({ perform, answer }) => {
  const { status, headers } = await perform();
  answer({ status, headers: { ...headers, 'content-length': '1000' }, body: Buffer.from('{') });
};

/** Time after which the fake closes an unfinished response. */
const patience = 4500;

/** Short delays replace seconds. */
const hurries = (limit: number): void => {
  const hurried = (milliseconds: number) =>
    timeout.call(AbortSignal, milliseconds === limit ? 600 : milliseconds);
  Object.assign(AbortSignal, { timeout: hurried });
};

describe('a mail that SES rejects temporarily [I22]', () => {
  it.each([
    ['is from an account that is paused', isSuspended, 'AccountSuspendedException'],
    ['is to an unverified address', isRejected, 'MessageRejected'],
    ['meets an internal error of SES', fails, 'InternalServiceErrorException'],
  ])('because it %s is shown as rejected and sent later', async (_why, fault, reason) => {
    const invitee = await mailing.invites();
    amazon.goesWrong(inTurn(sendEmail, fault));
    expect(await mailing.hears(invitee)).toEqual({ batchItemFailures: [] });
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
    clock.leaps(5 * minute);
    await mailing.hears(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({ status: 'sent', reason: null });
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
    expect(outcomes(invitee.userId)).toEqual(['rejected', 'sent']);
  });

  it('is retried with backoff, not earlier, and counted once', async () => {
    const invitee = await mailing.invites();
    const before = await sumMailCounters();
    for (const wait of [5, 10, 20, 40, 80, 160, 320, 360, 360]) {
      amazon.goesWrong(always(fails, sendEmail));
      await mailing.hears(invitee);
      const { due, shard, delivery } = await mailing.stored(invitee);
      expect(shard).toBe(invitee.userId[0]);
      expect(due).toBe(delivery?.['notBefore']);
      expect((Date.parse(due!) - clock.now().getTime()) / minute).toBeCloseTo(wait, 0);
      const tries = amazon.sent.length;
      clock.leaps((wait - 1) * minute);
      await mailing.hears(invitee);
      expect(amazon.sent).toHaveLength(tries);
      clock.leaps(minute + second);
    }
    // None of these attempts may have sent a mail.
    amazon.goesWrong(inTurn(sendEmail, losesItsAnswer));
    await mailing.hears(invitee);
    expect((await mailing.delivery(invitee)).status).toBe('unknown');
    expect((await sumMailCounters()) - before).toBe(1);
    clock.leaps(minute);
    await mailing.hears(invitee);
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
    const cutOff = await aService({
      now: clock.now,
      environment: { AWS_ENDPOINT_URL_SESV2: endpoint },
    });
    await cutOff.posts('/v1/users', { email: 'a@x.example' }, { token: mailing.token() });
    await cutOff.delivers();
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
    Promise.all(Array.from({ length: count }, () => mailing.invites(more)));
  const hearsAll = async () => service.on.records(await service.owedRecords());
  const countMails = (all: readonly { email: string }[], subject: string) =>
    all.map((each) => mailing.mailsTo(each).filter((mail) => mail.subject === subject).length);

  it('paces 60 invitations, which are sent within 15 minutes and once each', async () => {
    const department = await people(60);
    const start = clock.now().getTime();
    amazon.goesWrong(acceptsPerSecond(14, clock.now));
    await hearsAll();
    for (let sweeps = 0; sweeps < 3; sweeps++) {
      clock.leaps(Math.max(0, start + (sweeps + 1) * 5 * minute - second - clock.now().getTime()));
      await service.on.sweep();
    }
    expect(clock.now().getTime() - start).toBeLessThan(16 * minute);
    expect(countMails(department, "You're invited to join Acme")).toEqual(Array(60).fill(1));
    expect(await mailing.stored(department[59]!)).toMatchObject({
      due: undefined,
      delivery: { state: 'sent', rejections: 0 },
    });
  });

  it('paces reset links too', async () => {
    const department = await people(40, { password: goodPassword });
    const start = clock.now().getTime();
    for (const { email } of department)
      await service.posts('/v1/auth/password-reset', { tenant: 'acme', email });
    amazon.goesWrong(acceptsPerSecond(14, clock.now));
    await hearsAll();
    clock.leaps(Math.max(0, start + 5 * minute - clock.now().getTime()));
    await service.on.sweep();
    expect(countMails(department, 'Reset your password for Acme')).toEqual(Array(40).fill(1));
  });

  it('does not count as an attempt, and is retried within a minute without backoff', async () => {
    const invitee = await mailing.invites();
    const before = await sumMailCounters();
    for (let times = 0; times < 4; times++) {
      amazon.goesWrong(always(isThrottled, sendEmail));
      await mailing.hears(invitee);
      const { due, delivery } = await mailing.stored(invitee);
      expect(delivery).toMatchObject({
        state: 'rejected',
        reason: 'TooManyRequestsException',
        attempts: 0,
        rejections: 0,
      });
      expect(Date.parse(due!) - clock.now().getTime()).toBeLessThan(minute);
      clock.leaps(minute);
    }
    amazon.isWell();
    await mailing.hears(invitee);
    expect([mailing.mailsTo(invitee).length, (await sumMailCounters()) - before]).toEqual([1, 1]);
    expect(new Set(outcomes(invitee.userId))).toEqual(new Set(['throttled', 'sent']));
  });

  it('differs from the daily quota, which is retried every ten minutes', async () => {
    const invitee = await mailing.invites();
    amazon.goesWrong(always(exceedsDailyQuota, sendEmail));
    await mailing.hears(invitee);
    expect(amazon.sent.filter(({ operation }) => operation === sendEmail)).toHaveLength(1);
    clock.leaps(10 * minute);
    amazon.isWell();
    await mailing.hears(invitee);
    expect([mailing.mailsTo(invitee).length, outcomes(invitee.userId)]).toEqual([
      1,
      ['rejected', 'sent'],
    ]);
  });

  it('for an hour abandons a reset link, and the log counts it', async () => {
    const user = await mailing.invites({ password: goodPassword });
    await service.posts('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    amazon.goesWrong(always(isThrottled, sendEmail));
    await hearsAll();
    clock.leaps(61 * minute);
    const from = logged.length;
    await service.on.sweep();
    const line = logged
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
    const invitee = await mailing.invites();
    amazon.goesWrong(inTurn(sendEmail, isMalformed));
    await mailing.hears(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({
      status: 'failed',
      reason: 'BadRequestException',
    });
    expect((await mailing.stored(invitee)).due).toBeUndefined();
    clock.leaps(minute);
    await mailing.hears(invitee);
    expect(mailing.mailsTo(invitee)).toEqual([]);
    expect((await mailing.does(invitee, 'POST', '/invitation/resend')).status).toBe(200);
    await mailing.hears(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({ status: 'sent', reason: null });
  });
});

describe('a mail with an unknown outcome [I22 I23]', () => {
  it.each([
    ['loses its response', losesItsAnswer],
    ['gets a truncated response', isCutShort],
    ['gets a response that never ends', stallsAfterwards],
  ])('because it %s is sent once more with the same link', async (_why, fault) => {
    const invitee = await mailing.invites();
    hurries(12 * second);
    amazon.goesWrong(inTurn(sendEmail, fault));
    const started = performance.now();
    expect(await mailing.hears(invitee)).toEqual({ batchItemFailures: [] });
    expect(performance.now() - started).toBeLessThan(patience);
    const { status, reason } = await mailing.delivery(invitee);
    expect([status, typeof reason]).toEqual(['unknown', 'string']);
    await mailing.hears(invitee);
    expect(amazon.sent.filter(({ operation }) => operation === sendEmail)).toHaveLength(1);
    clock.leaps(minute);
    await mailing.hears(invitee);
    const links = mailing.linksTo(invitee);
    expect([links.length, new Set(links).size]).toEqual([2, 1]);
    expect(await mailing.delivery(invitee)).toMatchObject({ status: 'sent', reason: null });
  });

  it('is failed after two attempts and only sent again by a resend', async () => {
    const invitee = await mailing.invites();
    amazon.goesWrong(inTurn(sendEmail, losesItsAnswer, losesItsAnswer));
    await mailing.hears(invitee);
    clock.leaps(minute);
    await mailing.hears(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({
      status: 'failed',
      reason: expect.any(String),
    });
    expect((await mailing.stored(invitee)).due).toBeUndefined();
    expect(outcomes(invitee.userId)).toEqual(['unknown', 'failed']);
    clock.leaps(10 * minute);
    await mailing.hears(invitee);
    expect(mailing.mailsTo(invitee)).toHaveLength(2);
    await mailing.does(invitee, 'POST', '/invitation/resend');
    await mailing.hears(invitee);
    const links = mailing.linksTo(invitee);
    expect([links.length, new Set(links).size]).toEqual([3, 2]);
  });
});

describe('near the deadline of the function', () => {
  const takes =
    (milliseconds: number): Fault =>
    async ({ perform, answer }) => {
      const answered = await perform();
      clock.leaps(milliseconds);
      answer(answered);
    };

  it('the outcome of a started mail is saved', async () => {
    const invitee = await mailing.invites();
    amazon.goesWrong(inTurn(sendEmail, takes(50 * second)));
    expect(await mailing.hears(invitee)).toEqual({ batchItemFailures: [] });
    expect((await mailing.delivery(invitee)).status).toBe('sent');
  });

  it('no mail is started', async () => {
    const invitee = await mailing.invites();
    amazon.goesWrong(inTurn(generateMac, takes(50 * second)));
    expect(await mailing.hears(invitee)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(await mailing.stored(invitee)).toMatchObject({
      due: expect.any(String),
      delivery: undefined,
    });
    await mailing.hears(invitee);
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
  });
});

describe('while KMS [O05]', () => {
  const outages: readonly (readonly [string, Fault])[] = [
    ['has no such key', meets('NotFoundException')],
    ['throttles', meets('ThrottlingException')],
    ['has a bad day', meets('KMSInternalException', { status: 500 })],
    ['is behind a broken gateway', endsAtAGateway],
    ['cannot be reached', isLost],
    ['gets a response that never ends', stallsAfterwards],
  ];

  it.each(outages)(
    '%s, links are neither signed nor verified, responses are 503, and mails stay pending',
    async (_why, fault) => {
      const invitee = await mailing.invites();
      if (fault === stallsAfterwards) hurries(3 * second);
      const token = mailing.linksTo(invited)[0];
      amazon.goesWrong(always(fault));
      await withoutEffect(service, async () => {
        const started = performance.now();
        const answers = await Promise.all([
          service.posts('/v1/invitations/inspect', { token }),
          service.posts('/v1/invitations/accept', { token, password: goodPassword }),
          service.posts('/jitsudo/v1/auth/set-initial-password', { token, password: goodPassword }),
          mailing.does(invitee, 'POST', '/invitation/link', { token: copier() }),
        ]);
        expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
        expect(answers.map(({ headers }) => headers['retry-after'])).toEqual(['1', '1', '1', '1']);
        expect(await mailing.hears(invitee)).toEqual({
          batchItemFailures: [{ itemIdentifier: '1' }],
        });
        expect(performance.now() - started).toBeLessThan(patience);
      });
      amazon.isWell();
      expect((await mailing.delivery(invitee)).status).toBe('pending');
      await mailing.hears(invitee);
      expect(mailing.mailsTo(invitee)).toHaveLength(1);
    },
  );
});

describe('while the directory table [K13 O05]', () => {
  it.each([
    ['throttles reads', 'GetItem', meets('ProvisionedThroughputExceededException')],
    ['loses reads', 'GetItem', isLost],
    ['throttles counters', 'UpdateItem', meets('ThrottlingException')],
    ['denies transactions', 'TransactWriteItems', meets('AccessDeniedException')],
  ])(
    '%s, the record is reported as failed and the mail is sent later',
    async (_why, operation, fault) => {
      const invitee = await mailing.invites();
      database.goesWrong(always(fault, operation));
      expect(await mailing.hears(invitee)).toEqual({
        batchItemFailures: [{ itemIdentifier: '1' }],
      });
      expect(mailing.mailsTo(invitee)).toEqual([]);
      database.isWell();
      await mailing.hears(invitee);
      expect(mailing.mailsTo(invitee)).toHaveLength(1);
    },
  );

  const conflicts = isCancelled(() => 'TransactionConflict');
  it.each([
    ['has transaction conflicts', conflicts, conflicts],
    ['throttles transactions', meets('ThrottlingException'), isCancelled(() => 'ThrottlingError')],
    ['loses responses to transactions', losesItsAnswer, losesItsAnswer],
  ])('%s, one mail is sent and its outcome is saved', async (_why, first, next) => {
    const invitee = await mailing.invites();
    database.goesWrong(inTurn('TransactWriteItems', first, next));
    expect(await mailing.hears(invitee)).toEqual({ batchItemFailures: [] });
    expect([mailing.mailsTo(invitee).length, (await mailing.delivery(invitee)).status]).toEqual([
      1,
      'sent',
    ]);
  });

  it('does not confirm the lease, no mail is sent until it is known', async () => {
    const invitee = await mailing.invites();
    database.goesWrong((sent) => {
      if (sent.operation !== 'TransactWriteItems') return undefined;
      clock.leaps(minute);
      return losesItsAnswer;
    });
    expect(await mailing.hears(invitee)).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    database.isWell();
    expect(mailing.mailsTo(invitee)).toEqual([]);
    expect(await service.stored.item(keys.delivery(tenantId.acme, invitee.userId))).toMatchObject({
      state: 'sending',
      attempts: 1,
    });
    // The holder of the lease may still be sending.
    await mailing.hears(invitee);
    expect(mailing.mailsTo(invitee)).toEqual([]);
    clock.leaps(2 * minute);
    await mailing.hears(invitee);
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
  });
});
