import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createMailService,
  listIds,
  type Invitee,
  minute,
  moments,
} from '../../support/scenarios/mail-delivery.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { type Fault, dropRequest, dropResponse } from '../../support/faults/fault-proxy.ts';
import type { TestResponse } from '../../support/service.ts';

const mailing = await createMailService();
const { clock, service } = mailing;
const inspects = async (token: string | undefined): Promise<TestResponse> =>
  service.post('/v1/invitations/inspect', { token });
const accepts = async (token: string | undefined): Promise<TestResponse> =>
  service.post('/v1/invitations/accept', { token, password: goodPassword });

// Warms up every function.
const firstInvitee = await mailing.inviteUser();
await mailing.deliverStream(firstInvitee);
await mailing.requestUser(firstInvitee, 'POST', '/invitation/link', {
  token: clock.aTokenOf('acme', ['system_admin']),
});
await inspects(mailing.linksTo(firstInvitee)[0]);

/** Delivers the record repeatedly, like the stream and the sweep, until no mail is pending. */
async function untilNothingIsOwed(invitee: Invitee): Promise<void> {
  for (
    let attemptsLeft = 5;
    attemptsLeft > 0 && (await mailing.stored(invitee)).due !== undefined;
    attemptsLeft--
  ) {
    expect(await mailing.deliverStream(invitee)).toEqual({ batchItemFailures: [] });
    clock.advanceBy(5 * minute);
  }
  expect(await mailing.stored(invitee)).toMatchObject({ due: undefined, shard: undefined });
}

/** Runs an action and stops it at its first request, its second, and so on. */
async function atEachRequest(
  fault: Fault,
  run: (point: number, stops: () => () => boolean) => Promise<boolean>,
): Promise<number> {
  for (let point = 1; ; point++) {
    // Clears the cached tenant.
    clock.advanceBy(minute);
    const reached = await run(point, () => mailing.stopsAt(point, fault));
    if (!reached) return point - 1;
  }
}

const expectInOrder = async (): Promise<void> =>
  expect(await auditTables(service)).toMatchObject({ missing: [], stray: [] });

// The user with the delivery, tenant, key and two counters come first.
const [claim, sending, noting] = [6, 7, 8];

describe('the mailer function that stops [K05 I23]', () => {
  it.each(moments)(
    'at any request $moment its effect sends the mail at most twice, with one link',
    async ({ fault }) => {
      const twice: number[] = [];
      const points = await atEachRequest(fault, async (point, stops) => {
        const invitee = await mailing.inviteUser();
        const hasStopped = stops();
        await mailing.deliverStream(invitee);
        mailing.isWell();
        await untilNothingIsOwed(invitee);

        const links = mailing.linksTo(invitee);
        if (links.length === 2) twice.push(point);
        expect([links.length, new Set(links).size]).toEqual([twice.includes(point) ? 2 : 1, 1]);
        expect((await inspects(links[0])).body).toMatchObject({
          status: 'pending',
          email: invitee.email,
        });
        expect(await mailing.delivery(invitee)).toMatchObject({
          status: 'sent',
          reason: null,
          sentTimes: [expect.any(String)],
        });
        expect((await mailing.stored(invitee)).user?.['version']).toBe(1);
        return hasStopped();
      });
      expect(points).toBe(noting);
      expect(twice).toEqual([fault === dropRequest ? noting : sending]);
      await expectInOrder();
    },
  );

  it('repeatedly marks the mail as failed instead of sending it a third time', async () => {
    const afterClaim = [claim, dropResponse] as const;
    const afterMail = [sending, dropResponse] as const;
    const ends: string[] = [];
    for (const stops of [
      [afterClaim, afterClaim],
      [afterClaim, afterMail],
      [afterMail, afterMail],
    ]) {
      clock.advanceBy(minute);
      const invitee = await mailing.inviteUser();
      for (const [point, fault] of stops) {
        mailing.stopsAt(point, fault);
        await mailing.deliverStream(invitee);
        mailing.isWell();
        clock.advanceBy(5 * minute);
      }
      await untilNothingIsOwed(invitee);
      const links = mailing.linksTo(invitee);
      expect(new Set(links).size).toBeLessThanOrEqual(1);
      const { status, reason } = await mailing.delivery(invitee);
      ends.push(`${status}, ${reason}: ${links.length}`);
    }
    expect(ends).toEqual(['failed, unknown: 0', 'failed, unknown: 1', 'failed, unknown: 2']);
  });
});

interface Act {
  readonly what: string;
  /** User of the request. Undefined for a create. */
  readonly before: () => Promise<Invitee | undefined>;
  readonly act: (invitee: Invitee | undefined, mark: string) => Promise<TestResponse>;
  readonly status: number;
  /** Response of a second attempt after the first one took effect. */
  readonly repeated: number;
  readonly versions: readonly number[];
  readonly points: number;
  /** Number of mails to the user, and status of the last link. */
  readonly mails: number;
  readonly link?: string;
}

const invited = async (): Promise<Invitee> => {
  const invitee = await mailing.inviteUser();
  await mailing.deliverStream(invitee);
  clock.advanceBy(2 * minute);
  return invitee;
};
const creates = (_: unknown, mark: string) =>
  mailing.calls('POST', '/v1/users', { body: { email: `${mark}@example.com` } });
const sends =
  (path: string, role = 'admin') =>
  (invitee: Invitee | undefined) =>
    mailing.requestUser(invitee!, 'POST', `/invitation/${path}`, {
      token: clock.aTokenOf('acme', [role]),
    });
const accepting = (invitee: Invitee | undefined) => accepts(mailing.linksTo(invitee!)[0]);
const noUser = async () => undefined;

const acts: readonly Act[] = [
  {
    what: 'a create',
    before: noUser,
    act: creates,
    status: 201,
    repeated: 409,
    versions: [1],
    points: 2,
    mails: 1,
    link: 'pending',
  },
  {
    what: 'a resend',
    before: invited,
    act: sends('resend'),
    status: 200,
    repeated: 429,
    versions: [2, 3],
    points: 4,
    mails: 2,
    link: 'pending',
  },
  {
    what: 'a revocation',
    before: () => mailing.inviteUser(),
    act: sends('revoke'),
    status: 200,
    repeated: 409,
    versions: [2],
    points: 4,
    mails: 0,
  },
  {
    what: 'a copied link',
    before: () => mailing.inviteUser(),
    act: sends('link', 'system_admin'),
    status: 200,
    repeated: 200,
    versions: [2, 3],
    points: 4,
    mails: 0,
  },
  {
    what: 'an acceptance',
    before: invited,
    act: accepting,
    status: 200,
    repeated: 410,
    versions: [2],
    points: 10,
    mails: 1,
    link: 'used',
  },
];

describe('an HTTP function that stops at any request [K05 E01]', () => {
  it.each(acts.flatMap((act) => moments.map((moment) => ({ ...act, ...moment }))))(
    '$moment its effect leaves $what done or not, and a second attempt completes it with the right mails',
    async ({ fault, before, act, status, repeated, versions, points, mails, link }) => {
      const reached = await atEachRequest(fault, async (_, stops) => {
        const mark = unique();
        const existingUser = await before();
        const hasStopped = stops();
        const first = await act(existingUser, mark);
        mailing.isWell();
        expect([status, 503]).toContain(first.status);
        const again = await act(existingUser, mark);
        expect(first.status === status ? [repeated] : [status, repeated]).toContain(again.status);

        const email = existingUser?.email ?? `${mark}@example.com`;
        const invitee = existingUser ?? {
          slug: 'acme',
          email,
          ...listIds((await mailing.calls('GET', `/v1/users?email=${email}`)).body.users[0]),
        };
        await mailing.deliverStream(invitee);
        const { due, user } = await mailing.stored(invitee);
        expect([mailing.mailsTo(invitee).length, due]).toEqual([mails, undefined]);
        expect(versions).toContain(user?.['version']);
        if (link !== undefined) {
          const { body } = await inspects(mailing.linksTo(invitee).at(-1));
          expect(body.status ?? body.code).toMatch(link);
        }
        return hasStopped();
      });
      expect(reached).toBe(points);
      await expectInOrder();
    },
  );
});
