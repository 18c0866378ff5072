import { describe, expect, it } from 'vitest';
import { isStrippedRecord } from '../../support/database/stripped-records.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createMailService,
  hour,
  type Invitee,
  minute,
  toStreamRecord,
} from '../../support/scenarios/mail-delivery.ts';
import { always, type Fault, faultsInOrder, failWith } from '../../support/faults/fault-proxy.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const mailing = await createMailService();
const { amazon, clock, database, service } = mailing;
await mailing.deliverStream(await mailing.inviteUser());

const opens = async (token: string | undefined): Promise<string> => {
  const { body } = await service.post('/v1/invitations/inspect', { token });
  return body.status ?? [body.code, body.details.reason].filter(Boolean).join(' ');
};
const listItems = async ({ userId }: Invitee) =>
  (await service.stored.all()).filter(
    (item) => item.pk.endsWith(userId) && !isStrippedRecord(item),
  );

describe('stream records [E03 E06]', () => {
  it('that are repeated, concurrent and out of order send one mail each', async () => {
    const three = [
      await mailing.inviteUser(),
      await mailing.inviteUser(),
      await mailing.inviteUser(),
    ];
    const answers = await Promise.all([
      mailing.deliverStream(...three),
      mailing.deliverStream(...three.toReversed()),
      mailing.deliverStream(...three, ...three),
    ]);
    expect(answers.flatMap(({ batchItemFailures }) => batchItemFailures)).toEqual([]);
    expect(three.map((each) => mailing.mailsTo(each).length)).toEqual([1, 1, 1]);
    const deliveries = await Promise.all(three.map(mailing.delivery));
    expect(deliveries.map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']);
    clock.advanceBy(hour);
    await mailing.deliverStream(...three);
    expect(await Promise.all(three.map(mailing.delivery))).toEqual(deliveries);
    expect(three.map((each) => mailing.mailsTo(each).length)).toEqual([1, 1, 1]);
  });

  it('that are late have no effect, because only the stored state counts', async () => {
    const invitee = await mailing.inviteUser();
    clock.advanceBy(2 * minute);
    await mailing.requestUser(invitee, 'POST', '/invitation/resend');
    // One per version, newest first.
    await mailing.deliverStream(invitee);
    await mailing.deliverStream(invitee);
    expect(await Promise.all(mailing.linksTo(invitee).map(opens))).toEqual(['pending']);
  });

  it('of missing users and of other items succeed', async () => {
    const missingUser = { slug: 'acme', userId: '00000000-0000-4000-8000-000000000000' } as const;
    const { dynamodb } = toStreamRecord(missingUser);
    const pk = dynamodb?.Keys?.['pk']?.S ?? '';
    const toRecords = (...pairs: [pk: string, sk: string][]) =>
      pairs.map(([pk, sk]) => ({ dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } } }));
    const others = toRecords(
      [pk, 'AVATAR'],
      ['TENANT#x', 'USER'],
      ['', ''],
      [`${pk}#USER#x`, 'USER'],
    );
    await expectNoWrites(service, async () => {
      expect(
        await service.on.records([toStreamRecord(missingUser), ...others, { dynamodb: {} }, {}]),
      ).toEqual({ batchItemFailures: [] });
    });
    expect(await service.on.records([])).toEqual({ batchItemFailures: [] });
  });

  it('that cannot be processed are the only reported ones [E04 E05]', async () => {
    const ten = await Promise.all(Array.from({ length: 10 }, () => mailing.inviteUser()));
    const poison = ten[4]!;
    database.goesWrong((sent) =>
      sent.text.includes(poison.userId)
        ? failWith('InternalServerError', { status: 500 })
        : undefined,
    );
    const records = [...ten, poison].map((each, index) => toStreamRecord(each, `49000${index}`));
    expect(await service.on.records(records)).toEqual({
      batchItemFailures: [{ itemIdentifier: '490004' }, { itemIdentifier: '4900010' }],
    });
    database.isWell();
    expect(ten.map((each) => mailing.mailsTo(each).length)).toEqual([1, 1, 1, 1, 0, 1, 1, 1, 1, 1]);
    expect(await service.on.records(records)).toEqual({ batchItemFailures: [] });
    expect(ten.map((each) => mailing.mailsTo(each).length)).toEqual(Array(10).fill(1));
  });
});

describe('no invitation is mailed [E02]', () => {
  it('to a user who was not created, has a password, or signs in with another provider', async () => {
    const invitee = await mailing.inviteUser();
    await mailing.deliverStream(invitee);
    const creates = (body: object) =>
      mailing.calls('POST', '/v1/users', { body: { email: `${unique()}@example.com`, ...body } });
    const answers = [
      await creates({ email: invitee.email }),
      await creates({ password: 'short' }),
      await creates({ roleIds: ['cradl:role:none'] }),
      await creates({ password: goodPassword }),
      await creates({ authProvider: 'oidc' }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([409, 422, 422, 201, 201]);
    const sortKeys = (await service.listPendingRecords()).map(
      ({ dynamodb }) => dynamodb?.Keys?.['sk']?.S,
    );
    expect(sortKeys).toEqual(['NOTICE#0000000001']);
  });
});

/** Change of a user with a pending mail, and its effect while a function delivers that mail. */
interface Interference {
  readonly what: string;
  readonly act: (invitee: Invitee) => Promise<{ status: number }>;
  readonly status: number;
  /** Links of the final mails, for a change before and after the lease. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly delivery?: string;
}

const notFoundCode = 'not_found';
const interferences: readonly Interference[] = [
  {
    what: 'is invited again',
    act: (invitee) => mailing.requestUser(invitee, 'POST', '/invitation/resend'),
    status: 200,
    before: ['pending'],
    after: ['invitation_revoked superseded', 'pending'],
    delivery: 'sent',
  },
  {
    what: 'gets another email',
    act: (invitee) =>
      mailing.requestUser(invitee, 'PATCH', '', { body: { email: `new-${invitee.email}` } }),
    status: 200,
    before: [],
    after: [notFoundCode],
    delivery: 'sent',
  },
  {
    what: 'loses the invitation',
    act: (invitee) => mailing.requestUser(invitee, 'POST', '/invitation/revoke'),
    status: 200,
    before: [],
    after: ['invitation_revoked revoked'],
  },
  {
    what: 'gets a copied link',
    act: (invitee) =>
      mailing.requestUser(invitee, 'POST', '/invitation/link', {
        token: clock.aTokenOf('acme', ['system_admin']),
      }),
    status: 200,
    before: [],
    after: ['invitation_revoked superseded'],
    delivery: 'none',
  },
  {
    what: 'is deleted',
    act: (invitee) => mailing.requestUser(invitee, 'DELETE'),
    status: 204,
    before: [],
    after: [notFoundCode],
  },
  {
    what: 'is erased',
    act: (invitee) => mailing.requestUser(invitee, 'POST', '/erase'),
    status: 204,
    before: [],
    after: [notFoundCode],
  },
];
const accepting: Interference = {
  what: 'accepts',
  act: (invitee) =>
    service.post('/v1/invitations/accept', {
      token: mailing.linksTo(invitee)[0],
      password: goodPassword,
    }),
  status: 200,
  before: [],
  after: ['invitation_used'],
};

describe('during the delivery of a mail to a user who', () => {
  const between = [
    {
      when: 'between the read and the lease',
      operation: 'GenerateMac',
      of: interferences,
      side: 'before',
    },
    {
      when: 'between the send and the recording of the outcome',
      operation: '/v2/email/outbound-emails',
      of: [...interferences, accepting],
      side: 'after',
    },
  ] as const;
  it.each(between.flatMap(({ of, ...rest }) => of.map((each) => ({ ...rest, ...each }))))(
    '$what $when, no unwanted mail is sent and the newer state remains',
    async ({ what, act, status, operation, side, delivery, ...expected }) => {
      const invitee = await mailing.inviteUser();
      // A resend is possible once a minute.
      clock.advanceBy(minute);
      let acted = 0;
      const interferes: Fault = async ({ perform, answer }) => {
        const answered = await perform();
        acted = (await act(invitee)).status;
        answer(answered);
      };
      amazon.goesWrong(faultsInOrder(operation, interferes));
      expect(await mailing.deliverStream(invitee)).toEqual({ batchItemFailures: [] });
      amazon.isWell();
      expect(acted).toBe(status);
      // A mail that is still pending is reported again.
      await mailing.deliverStream(invitee);
      expect(await Promise.all(mailing.linksTo(invitee).map(opens))).toEqual(expected[side]);
      expect((await mailing.stored(invitee)).due).toBeUndefined();
      if (delivery !== undefined) expect((await mailing.delivery(invitee)).status).toBe(delivery);
      if (what === 'is erased') expect(await listItems(invitee)).toEqual([]);
      const { missing, stray } = await auditTables(service);
      expect([missing, stray]).toEqual([[], []]);
    },
  );

  it('is deleted and restored, the pending mail is sent', async () => {
    const invitee = await mailing.inviteUser();
    await mailing.requestUser(invitee, 'DELETE');
    await mailing.deliverStream(invitee);
    expect(mailing.mailsTo(invitee)).toEqual([]);
    clock.advanceBy(hour);
    expect((await mailing.requestUser(invitee, 'POST', '/restore')).status).toBe(200);
    expect(await mailing.stored(invitee)).toMatchObject({
      due: expect.any(String),
      shard: invitee.userId[0],
    });
    await mailing.deliverStream(invitee);
    expect(await Promise.all(mailing.linksTo(invitee).map(opens))).toEqual(['pending']);
    // It is not sent again.
    await mailing.requestUser(invitee, 'DELETE');
    await mailing.requestUser(invitee, 'POST', '/restore');
    await mailing.deliverStream(invitee);
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
    expect((await mailing.stored(invitee)).due).toBeUndefined();
  });

  it('is deleted and restored while the mail is sent, the attempt counts', async () => {
    const invitee = await mailing.inviteUser();
    const ends: string[] = [];
    for (let run = 0; run < 3; run++) {
      const interferes: Fault = async ({ perform, answer }) => {
        await perform();
        await mailing.requestUser(invitee, 'DELETE');
        await mailing.requestUser(invitee, 'POST', '/restore');
        answer({ status: 500, body: Buffer.from('{}') });
        clock.advanceBy(minute);
      };
      amazon.goesWrong(faultsInOrder('/v2/email/outbound-emails', interferes));
      database.goesWrong(({ operation, text }) =>
        operation === 'TransactWriteItems' && text.includes('INVITATION')
          ? failWith('AccessDeniedException')
          : undefined,
      );
      await mailing.deliverStream(invitee);
      clock.advanceBy(5 * minute);
      ends.push(`${mailing.mailsTo(invitee).length}`);
    }
    mailing.isWell();
    await mailing.deliverStream(invitee);
    expect([...ends, (await mailing.delivery(invitee)).reason]).toEqual(['1', '2', '2', 'unknown']);
    expect((await mailing.stored(invitee)).due).toBeUndefined();
  });

  it('has two deliveries at once, one of them sends', async () => {
    const invitee = await mailing.inviteUser();
    const both: (() => void)[] = [];
    // Both have read the item before either takes the lease.
    const waits: Fault = async ({ perform, answer }) => {
      const answered = await perform();
      await new Promise<void>((resolve) => {
        both.push(resolve);
        if (both.length === 2) for (const go of both) go();
      });
      answer(answered);
    };
    amazon.goesWrong(always(waits, 'GenerateMac'));
    expect(
      await Promise.all([mailing.deliverStream(invitee), mailing.deliverStream(invitee)]),
    ).toEqual([{ batchItemFailures: [] }, { batchItemFailures: [] }]);
    amazon.isWell();
    expect(mailing.mailsTo(invitee)).toHaveLength(1);
    expect((await mailing.stored(invitee)).delivery).toMatchObject({ state: 'sent', attempts: 1 });
  });
});
