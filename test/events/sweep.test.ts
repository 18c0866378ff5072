import { afterEach, describe, expect, it } from 'vitest';
import {
  createMailService,
  hour,
  type Invitee,
  minute,
  second,
} from '../support/scenarios/mail-delivery.ts';
import {
  always,
  type Fault,
  faultsInOrder,
  delayBy,
  failWith,
} from '../support/faults/fault-proxy.ts';
import { day } from '../support/scenarios/user-states.ts';
import { suspendSending } from '../support/faults/mail-faults.ts';
import { getLogs } from '../support/logs.ts';
import { createTestService } from '../support/service.ts';

const mailing = await createMailService({ hasOutboxIndex: true });
const { amazon, clock, database, service } = mailing;
const sendEmail = '/v2/email/outbound-emails';
afterEach(mailing.isWell);

/** Runs a sweep and returns its log line. */
async function sweeps(): Promise<{ dueMails: number; oldestDueSeconds: number }> {
  const from = getLogs.length;
  await service.on.sweep();
  const lines = getLogs.slice(from).map((line) => JSON.parse(line));
  const [line, ...more] = lines.filter(({ operation }) => operation === 'sweepOutbox');
  expect([line?.outcome, more]).toEqual(['swept', []]);
  expect(line['_aws'].CloudWatchMetrics).toEqual([
    {
      Namespace: 'Roster',
      Dimensions: [['deployment']],
      Metrics: [{ Name: 'dueMails' }, { Name: 'oldestDueSeconds' }],
    },
  ]);
  return { dueMails: line.dueMails, oldestDueSeconds: line.oldestDueSeconds };
}
const mailsTo = (...invitees: Invitee[]): number[] =>
  invitees.map((each) => mailing.mailsTo(each).length);
const some = (count: number): Promise<Invitee[]> =>
  Promise.all(Array.from({ length: count }, () => mailing.inviteUser()));

describe('the sweep', () => {
  it('sends mails that the stream lost, even after its retention [E07]', async () => {
    const missed = [...(await some(2)), await mailing.inviteUser({}, 'globex')];
    clock.advanceBy(25 * hour);
    expect(await sweeps()).toEqual({ dueMails: 3, oldestDueSeconds: 0 });
    expect(mailsTo(...missed)).toEqual([1, 1, 1]);
    expect(await sweeps()).toEqual({ dueMails: 0, oldestDueSeconds: 0 });
    // Late stream records have no effect.
    await mailing.deliverStream(...missed);
    expect(mailsTo(...missed)).toEqual([1, 1, 1]);
  });

  it('ignores items younger than two minutes', async () => {
    const [young] = await some(1);
    clock.advanceBy(2 * minute);
    expect(await sweeps()).toEqual({ dueMails: 0, oldestDueSeconds: 0 });
    clock.advanceBy(1);
    expect(await sweeps()).toEqual({ dueMails: 1, oldestDueSeconds: 0 });
    expect(mailsTo(young!)).toEqual([1]);
  });

  it('logs the age of the oldest waiting mail and sends it once the grace period has passed', async () => {
    const [first] = await some(1);
    clock.advanceBy(2 * hour);
    const [next] = await some(1);
    clock.advanceBy(hour);
    amazon.goesWrong(always(failWith('KMSInternalException', { status: 500 }), 'GenerateMac'));
    expect(await sweeps()).toEqual({ dueMails: 2, oldestDueSeconds: (3 * hour) / second });
    amazon.goesWrong(always(suspendSending, sendEmail));
    expect(await sweeps()).toEqual({ dueMails: 2, oldestDueSeconds: (3 * hour) / second });
    amazon.isWell();
    clock.advanceBy(8 * minute);
    expect(await sweeps()).toEqual({ dueMails: 2, oldestDueSeconds: 0 });
    expect(mailsTo(first!, next!)).toEqual([1, 1]);
  });

  it('measures the age from the first rejection by SES, regardless of backoff', async () => {
    const [refused] = await some(1);
    amazon.goesWrong(always(suspendSending, sendEmail));
    await mailing.deliverStream(refused!);
    const ages = [];
    for (let sweep = 0; sweep < 10; sweep++) {
      clock.advanceBy(5 * minute);
      const { dueMails, oldestDueSeconds } = await sweeps();
      if (dueMails > 0) ages.push(Math.round(oldestDueSeconds / 60));
    }
    // Attempts after 5, 15 and 35 minutes.
    expect(ages).toEqual([10, 25, 50]);
    amazon.isWell();
    clock.advanceBy(hour);
    expect(await sweeps()).toEqual({ dueMails: 1, oldestDueSeconds: 0 });
    expect(mailsTo(refused!)).toEqual([1]);
    expect((await mailing.stored(refused!)).delivery).toMatchObject({
      state: 'sent',
      rejections: 0,
    });
    // The age is reset after the mail was sent.
    expect((await mailing.stored(refused!)).delivery).not.toHaveProperty('rejectedSince');
  });

  it('continues after an item that cannot be read', async () => {
    const invitees = await some(5);
    clock.advanceBy(10 * minute);
    const [poison, ...others] = invitees;
    database.goesWrong(({ text }) =>
      text.includes(poison!.userId) ? failWith('InternalServerError', { status: 500 }) : undefined,
    );
    expect(await sweeps()).toEqual({ dueMails: 5, oldestDueSeconds: (10 * minute) / second });
    expect(mailsTo(poison!, ...others)).toEqual([0, 1, 1, 1, 1]);
    database.isWell();
    expect(await sweeps()).toEqual({ dueMails: 1, oldestDueSeconds: 0 });
  });

  it('starts no job after its deadline and counts the rest', async () => {
    const invitees = await some(3);
    clock.advanceBy(hour);
    const isSlow: Fault = async ({ perform, answer }) => {
      const answered = await perform();
      clock.advanceBy(50 * second);
      answer(answered);
    };
    database.goesWrong(faultsInOrder('Query', isSlow));
    expect(await sweeps()).toEqual({ dueMails: 3, oldestDueSeconds: hour / second });
    expect(mailsTo(...invitees)).toEqual([0, 0, 0]);
    expect(amazon.sent).toEqual([]);
    database.isWell();
    expect(await sweeps()).toEqual({ dueMails: 3, oldestDueSeconds: 0 });
    expect(mailsTo(...invitees)).toEqual([1, 1, 1]);
  });

  it('prepares no mail whose turn is after its deadline', async () => {
    const paced = await createTestService({
      now: clock.now,
      hasOutboxIndex: true,
      environment: { AWS_ENDPOINT_URL_KMS: amazon.endpoint, MAILS_PER_SECOND: '0.001' },
    });
    for (let count = 0; count < 15; count++)
      await paced.post('/v1/users', { email: `${count}@x.example` }, { token: mailing.token() });
    clock.advanceBy(10 * minute);
    amazon.sent.length = 0;
    await paced.on.sweep();
    // Up to ten mails are in progress before one of them has the only turn.
    expect(amazon.sent.length).toBeLessThanOrEqual(10);
    expect(await paced.listPendingRecords()).toHaveLength(14);
  });

  it('sends one mail per item when it runs concurrently with the stream', async () => {
    const invitees = await some(4);
    clock.advanceBy(5 * minute);
    await Promise.all([sweeps(), mailing.deliverStream(...invitees)]);
    expect(mailsTo(...invitees)).toEqual([1, 1, 1, 1]);
    clock.advanceBy(10 * minute);
    expect(await sweeps()).toEqual({ dueMails: 0, oldestDueSeconds: 0 });
  });

  it('removes expired invitations from the index without a mail', async () => {
    const [late] = await some(1);
    clock.advanceBy(7 * day);
    expect(await sweeps()).toEqual({ dueMails: 1, oldestDueSeconds: 0 });
    expect(mailsTo(late!)).toEqual([0]);
    expect(await mailing.delivery(late!)).toMatchObject({ status: 'failed', reason: 'expired' });
    expect(await mailing.stored(late!)).toMatchObject({ due: undefined, shard: undefined });
    expect((await mailing.requestUser(late!, 'POST', '/invitation/resend')).status).toBe(200);
    clock.advanceBy(5 * minute);
    expect(await sweeps()).toEqual({ dueMails: 1, oldestDueSeconds: 0 });
    expect(mailsTo(late!)).toEqual([1]);
  });

  it('fails visibly if the index cannot be read', async () => {
    database.goesWrong(always(failWith('AccessDeniedException'), 'Query'));
    await expect(service.on.sweep()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('saves the outcome of started jobs before it fails', async () => {
    const invitees = await some(6);
    clock.advanceBy(5 * minute);
    amazon.goesWrong(always(delayBy(300), sendEmail));
    const isLastPart = (text: string) => text.includes('":shard":{"S":"f"}');
    database.goesWrong(({ text }) =>
      isLastPart(text) ? failWith('AccessDeniedException') : undefined,
    );
    await expect(service.on.sweep()).rejects.toMatchObject({ code: 'unavailable' });
    const stored = await Promise.all(
      invitees.filter(({ userId }) => !userId.startsWith('f')).map(mailing.stored),
    );
    expect(
      new Set(stored.map(({ delivery, due }) => [delivery?.['state'], due].join(' '))),
    ).toEqual(new Set(['sent ']));
  });
});
