import { describe, expect, it } from 'vitest';
import { createMailService, type Invitee, minute } from '../support/scenarios/mail-delivery.ts';
import { always, dropRequest, type Fault, faultsInOrder } from '../support/faults/fault-proxy.ts';
import { getLogs } from '../support/logs.ts';
import { tenantId } from '../support/service.ts';
import { expectNoWrites } from '../support/database/expect-no-writes.ts';

const mailing = await createMailService();
const { amazon, clock, database, service } = mailing;

/** User with a sent mail. */
async function mailed(): Promise<Invitee & { messageId: string }> {
  const invitee = await mailing.inviteUser();
  await mailing.deliverStream(invitee);
  return { ...invitee, messageId: mailing.mailsTo(invitee)[0]!.messageId };
}

interface Told {
  readonly detailType?: string;
  readonly mail?: object;
  readonly tags?: object;
}

/** SES events about a mail, from the examples of its documentation. */
const createSesEvent = (
  { slug, userId, email, messageId }: Invitee & { messageId: string },
  eventType: string,
  more: object,
  { mail = {}, tags = {} }: Told = {},
) => ({
  version: '0',
  id: '01bdc5dd-fa46-4c06-a3b8-0d4d8e3b4e2f',
  'detail-type': `Email ${eventType}`,
  source: 'aws.ses',
  account: '000000000000',
  time: '2026-03-01T00:00:00Z',
  region: 'local',
  resources: ['arn:aws:ses:local:000000000000:configuration-set/roster'],
  detail: {
    eventType,
    ...more,
    mail: {
      timestamp: '2026-03-01T00:00:00.000Z',
      source: 'roster@example.com',
      messageId,
      destination: [email],
      headersTruncated: false,
      tags: {
        'ses:configuration-set': ['roster'],
        tenant: [tenantId[slug]],
        user: [userId],
        version: ['1'],
        ...tags,
      },
      ...mail,
    },
  },
});
const bounce = (bounceType: string, bounceSubType: string) => ({
  bounce: {
    bounceType,
    bounceSubType,
    bouncedRecipients: [
      {
        emailAddress: 'victim@example.com',
        diagnosticCode: 'smtp; 550 victim@example.com is not here',
      },
    ],
    timestamp: '2026-03-01T00:00:00.000Z',
    feedbackId: 'f',
  },
});
const permanent = bounce('Permanent', 'General');

describe('an invitation shows the events of its mail [I22 F2a F2b]', () => {
  it.each<[string, object, string, string]>([
    ['Bounce', permanent, 'bounced', 'Permanent: General'],
    ['Bounce', bounce('Undetermined', 'Undetermined'), 'bounced', 'Undetermined: Undetermined'],
    [
      'Bounce',
      bounce('Permanent', 'OnAccountSuppressionList'),
      'bounced',
      'Permanent: OnAccountSuppressionList',
    ],
    ...['MailboxFull', 'ContentRejected', 'MessageTooLarge', 'AttachmentRejected', 'General'].map(
      (subType): [string, object, string, string] => [
        'Bounce',
        bounce('Transient', subType),
        'bounced',
        `Transient: ${subType}`,
      ],
    ),
    [
      'Complaint',
      { complaint: { complaintFeedbackType: 'abuse', feedbackId: 'f' } },
      'complained',
      'abuse',
    ],
    ['Complaint', { complaint: { complaintFeedbackType: null } }, 'complained', 'none given'],
    ['Complaint', { complaint: {} }, 'complained', 'none given'],
    ['Reject', { reject: { reason: 'Bad content' } }, 'failed', 'Bad content'],
  ])('%s %j', async (eventType, more, status, reason) => {
    const invitee = await mailed();
    const { sentTimes } = await mailing.delivery(invitee);
    clock.advanceBy(10 * minute);
    await service.on.mailEvent(createSesEvent(invitee, eventType, more));
    const delivery = await mailing.delivery(invitee);
    expect(delivery).toEqual({ status, reason, time: expect.any(String), sentTimes });
    expect(Date.parse(delivery.time) - Date.parse(sentTimes[0])).toBeGreaterThan(9 * minute);
    expect((await mailing.stored(invitee)).user?.['version']).toBe(1);
    const { _aws, ...line } = JSON.parse(
      getLogs.findLast((each) => each.includes('recordSesEvent')) ?? '',
    );
    const [mailsBounced, mailsComplained] = status === 'complained' ? [0, 1] : [1, 0];
    expect(line).toEqual({
      deployment: 'Roster',
      operation: 'recordSesEvent',
      outcome: status,
      tenant: tenantId.acme,
      subject: invitee.userId,
      mailsBounced,
      mailsComplained,
    });

    // A repeated event or a late stream record changes nothing. Only a resend sends another mail.
    await service.on.mailEvent(createSesEvent(invitee, eventType, more));
    await mailing.deliverStream(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({ status, reason });
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
    await mailing.requestUser(invitee, 'POST', '/invitation/resend');
    await mailing.deliverStream(invitee);
    expect(await mailing.delivery(invitee)).toMatchObject({
      status: 'sent',
      reason: null,
      sentTimes: [...sentTimes, expect.any(String)],
    });
    // Events of the first mail do not affect the second.
    await expectNoWrites(service, () =>
      service.on.mailEvent(createSesEvent(invitee, 'Bounce', permanent)),
    );
  });
});

describe('an SES event during the attempt to send another mail of the invitation', () => {
  const complaint = { complaint: { complaintFeedbackType: 'abuse' } };
  /** Sends a mail again and reports an event about the first one before the outcome is saved. */
  async function deliverDuring(
    sendAgain: (invitee: Invitee) => Promise<unknown>,
    [eventType, more]: readonly [string, object],
  ): Promise<Invitee> {
    const invitee = await mailed();
    clock.advanceBy(2 * minute);
    await sendAgain(invitee);
    const interferes: Fault = async ({ perform, answer }) => {
      const answered = await perform();
      await service.on.mailEvent(createSesEvent(invitee, eventType, more));
      answer(answered);
    };
    amazon.goesWrong(faultsInOrder('/v2/email/outbound-emails', interferes));
    await service.on.records(await service.listPendingRecords());
    amazon.isWell();
    clock.advanceBy(5 * minute);
    await mailing.deliverStream(invitee);
    expect(mailing.mailsTo(invitee)).toHaveLength(2);
    expect((await mailing.stored(invitee)).due).toBeUndefined();
    return invitee;
  }
  const resends = (invitee: Invitee) => mailing.requestUser(invitee, 'POST', '/invitation/resend');
  /** Requests a password reset, which sends the same invitation again. */
  const reminds = ({ slug, email }: Invitee) =>
    service.post('/v1/auth/password-reset', { tenant: slug, email });

  it.each([
    ['a new link', resends, ['Complaint', complaint], 'sent'],
    ['a new link', resends, ['Bounce', permanent], 'sent'],
    ['the same link', reminds, ['Bounce', permanent], 'sent'],
    ['the same link', reminds, ['Complaint', complaint], 'complained'],
  ] as const)('with %s: %#', async (_what, sendAgain, event, status) => {
    const invitee = await deliverDuring(sendAgain, event);
    expect((await mailing.delivery(invitee)).status).toBe(status);
  });

  it('is retried if it may be about the mail that is being sent', async () => {
    const invitee = await mailing.inviteUser();
    let code: unknown;
    const interferes: Fault = async ({ perform, answer }) => {
      const answered = await perform();
      const { messageId = '' } = mailing.mailsTo(invitee)[0] ?? {};
      const event = createSesEvent({ ...invitee, messageId }, 'Bounce', permanent);
      code = await service.on.mailEvent(event).catch((error: { code: unknown }) => error.code);
      answer(answered);
    };
    amazon.goesWrong(faultsInOrder('/v2/email/outbound-emails', interferes));
    await mailing.deliverStream(invitee);
    expect(code).toBe('unavailable');
  });
});

describe('an SES event has no effect', async () => {
  const invitee = await mailed();

  it.each<[string, string, object, Told?]>([
    [
      'of an automatic reply',
      'Bounce',
      {
        bounce: {
          ...bounce('Transient', 'General').bounce,
          bouncedRecipients: [{ emailAddress: 'a@b.example' }],
        },
      },
    ],
    ['of a delivery', 'Delivery', { delivery: { recipients: ['victim@example.com'] } }],
    ['of an opening', 'Open', { open: {} }],
    ['of a type with a similar name', 'constructor', permanent],
    ['of another mail to the same user', 'Bounce', permanent, { mail: { messageId: 'another' } }],
    ['of a mail without an ID', 'Bounce', permanent, { mail: { messageId: '' } }],
    ['of a mail without tags', 'Bounce', permanent, { mail: { tags: undefined } }],
    [
      'of a mail from another deployment',
      'Bounce',
      permanent,
      { tags: { tenant: undefined, user: undefined } },
    ],
    ['of a mail with empty tags', 'Bounce', permanent, { tags: { tenant: [], user: [] } }],
    ['of a user in another tenant', 'Bounce', permanent, { tags: { tenant: [tenantId.globex] } }],
    [
      'of a tenant with a key separator',
      'Bounce',
      permanent,
      { tags: { tenant: [`${tenantId.acme}#USER`], user: ['INVITATION'] } },
    ],
    ['of a user with a key separator', 'Bounce', permanent, { tags: { user: [`x#INVITATION`] } }],
    [
      'of object property names',
      'Bounce',
      permanent,
      { tags: { tenant: ['__proto__'], user: ['constructor'] } },
    ],
  ])('%s', async (_what, eventType, more, changes) => {
    await expectNoWrites(service, () =>
      service.on.mailEvent(createSesEvent(invitee, eventType, more, changes)),
    );
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
  });

  it('about an erased user', async () => {
    const invitee = await mailed();
    await mailing.requestUser(invitee, 'POST', '/erase');
    await expectNoWrites(service, () =>
      service.on.mailEvent(createSesEvent(invitee, 'Complaint', { complaint: {} })),
    );
  });

  it('of an unknown shape', async () => {
    const events = [
      {},
      { detail: null },
      { detail: { eventType: 'Bounce' } },
      { detail: { eventType: 'Bounce', mail: 'x' } },
    ];
    await expectNoWrites(service, async () => {
      for (const event of events) await service.on.mailEvent({ source: 'aws.ses', ...event });
    });
  });
});

it.each(
  [
    ['detail', 'eventType'],
    ['detail', 'mail', 'messageId'],
    ['detail', 'mail', 'tags', 'tenant'],
    ['detail', 'mail', 'tags', 'user'],
    ['detail', 'bounce', 'bounceType'],
  ].map((path) => ({ path })),
)('with a value of another type: $path', async ({ path }) => {
  const invitee = await mailed();
  for (const value of [
    null,
    7,
    true,
    {},
    { toString: 'x' },
    { toString: null, valueOf: null },
    [],
    [7],
    [[]],
    [{ toString: 1 }],
  ]) {
    const event = structuredClone(createSesEvent(invitee, 'Bounce', permanent)) as Record<
      string,
      unknown
    >;
    const parent = path
      .slice(0, -1)
      .reduce((part, name) => part[name] as Record<string, unknown>, event);
    parent[path.at(-1) ?? ''] = value;
    await service.on.mailEvent(event);
  }
  expect((await mailing.delivery(invitee)).status).toBe('sent');
});

it('throws for a retry if an SES event cannot be saved [O05]', async () => {
  const invitee = await mailed();
  database.goesWrong(always(dropRequest));
  await expect(
    service.on.mailEvent(createSesEvent(invitee, 'Bounce', permanent)),
  ).rejects.toMatchObject({
    code: 'unavailable',
  });
  database.isWell();
  await service.on.mailEvent(createSesEvent(invitee, 'Bounce', permanent));
  expect((await mailing.delivery(invitee)).status).toBe('bounced');
});

it('logs neither addresses nor diagnostics of mail systems [O08]', () => {
  expect(getLogs.filter((line) => /@example|smtp;|#token/.test(line))).toEqual([]);
});
