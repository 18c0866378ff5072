import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createInvitationService,
  type InvitedAccount,
  listItems,
  minute,
  outcome,
} from '../../support/scenarios/invitations.ts';
import { day } from '../../support/scenarios/user-states.ts';
import { type TestRequest, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const life = await createInvitationService();
const {
  service,
  clock,
  admin,
  inviteUser,
  inviteAndReadToken,
  requestInvitation,
  mailsTo,
  tokenFor,
  inspectLink,
  acceptLink,
  reads,
  invitationOf,
  resends,
  revokes,
} = life;
const patch = (guest: InvitedAccount, body: object, sent: TestRequest = {}) =>
  requestInvitation('PATCH', guest, '', { body, ...sent });
/** True if an invitation mail is pending. */
const isMailPending = async (guest: InvitedAccount) =>
  (await listItems(life, guest)).some(({ sk, dueAt }) => sk === 'USER' && dueAt !== undefined);

describe('resending an invitation', () => {
  it('sends a new link with the full lifetime, and invalidates the previous one [I05]', async () => {
    const { guest, token } = await inviteAndReadToken();
    clock.advanceBy(day);
    const again = await resends(guest, {
      token: clock.aTokenOf('acme', ['admin'], 'another-admin'),
    });
    expect([again.status, again.headers['etag']]).toEqual([200, '"2"']);
    expect(again.body).toMatchObject({
      status: 'pending',
      version: 2,
      invitedBy: 'another-admin',
      delivery: { status: 'pending' },
    });
    const { invitedTime, expiresTime } = again.body;
    expect(Date.parse(expiresTime) - Date.parse(invitedTime)).toBe(7 * day);

    const mails = await mailsTo(guest);
    expect(mails.map(({ tags }) => tags['version'])).toEqual(['1', '2']);
    expect((await invitationOf(guest)).delivery).toMatchObject({
      status: 'sent',
      sentTimes: [expect.any(String), expect.any(String)],
    });
    for (const request of [inspectLink, acceptLink])
      expect(outcome(await request(token))).toBe('410 invitation_revoked superseded');
    expect(outcome(await acceptLink(await tokenFor(guest)))).toBe('200');
    expect(outcome(await acceptLink(token))).toBe('410 invitation_used');
  });

  it('is limited to once per minute', async () => {
    const guest = await inviteUser();
    await expectNoWrites(service, async () => {
      const refused = await resends(guest);
      expect([refused.status, refused.body.code, refused.body.details.limit]).toEqual([
        429,
        'too_many_requests',
        'resend_interval',
      ]);
      expect(refused.headers['retry-after']).toBe('60');
    });
    clock.advanceBy(minute);
    expect(outcome(await resends(guest))).toBe('200');
    expect(outcome(await resends(guest))).toBe('429 too_many_requests');
  });

  it('renews an expired or revoked invitation [I28]', async () => {
    for (const ends of [async () => clock.advanceBy(8 * day), revokes]) {
      const { guest, token } = await inviteAndReadToken();
      await ends(guest);
      clock.advanceBy(minute);
      expect(await invitationOf(guest)).toMatchObject({
        status: expect.stringMatching(/expired|revoked/),
      });
      expect((await resends(guest)).body).toMatchObject({
        status: 'pending',
        version: 2,
        revokedTime: null,
        revokedBy: null,
      });
      expect(outcome(await acceptLink(token))).toBe('410 invitation_revoked superseded');
      expect(outcome(await acceptLink(await tokenFor(guest)))).toBe('200');
    }
  });

  it('fails for an accepted invitation, a deleted user or an outdated version', async () => {
    const { guest, token } = await inviteAndReadToken();
    clock.advanceBy(minute);
    expect(outcome(await resends(guest, { headers: { 'if-match': '"7"' } }))).toBe(
      '412 precondition_failed',
    );
    await acceptLink(token);
    const refused = await resends(guest);
    expect([outcome(refused), refused.body.details.status]).toEqual([
      '409 not_invitable',
      'accepted',
    ]);
    await requestInvitation('DELETE', guest);
    for (const request of [resends, revokes])
      expect(outcome(await request(guest))).toBe('404 not_found');
  });

  it('requires permission in the tenant of the user, as do revoking and reading it [T06]', async () => {
    const guest = await inviteUser();
    clock.advanceBy(minute);
    await expectNoWrites(service, async () => {
      for (const roles of [[], ['user'], ['approver']]) {
        const token = clock.aTokenOf('acme', roles);
        for (const request of [resends, revokes])
          expect(outcome(await request(guest, { token }))).toBe('403 forbidden');
        expect((await service.get('/v1/invitations', { token })).status).toBe(
          roles.includes('approver') ? 200 : 403,
        );
      }
      const token = admin('globex');
      for (const request of [resends, revokes])
        expect(outcome(await request(guest, { token }))).toBe('404 not_found');
      expect(outcome(await requestInvitation('GET', guest, '/invitation', { token }))).toBe(
        '404 not_found',
      );
      expect((await service.get('/v1/invitations', { token })).body.invitations).toEqual([]);
    });
  });
});

describe('a revoked invitation', () => {
  it('has no valid link and is no longer mailed', async () => {
    const { guest, token } = await inviteAndReadToken();
    const revoked = await revokes(guest);
    expect(revoked.body).toMatchObject({
      status: 'revoked',
      revokedBy: 'admin-of-acme',
      revokedTime: expect.any(String),
      version: 1,
    });
    for (const request of [inspectLink, acceptLink])
      expect(outcome(await request(token))).toBe('410 invitation_revoked revoked');
    expect(await reads(guest)).toMatchObject({ status: 'invite_pending', version: 2 });
    expect(outcome(await revokes(guest))).toBe('409 invalid_transition');

    const early = await inviteUser();
    await revokes(early);
    expect([await isMailPending(early), await mailsTo(early)]).toEqual([false, []]);
    expect((await invitationOf(early)).delivery).toEqual({
      status: 'none',
      time: null,
      reason: null,
      sentTimes: [],
    });
  });

  it('cannot result from an accepted one', async () => {
    const { guest, token } = await inviteAndReadToken();
    await acceptLink(token);
    await expectNoWrites(service, async () =>
      expect(outcome(await revokes(guest))).toBe('409 invalid_transition'),
    );
  });
});

describe('a new email of an invited user', () => {
  it('gets a new invitation, and the previous link is invalid', async () => {
    const { guest, token } = await inviteAndReadToken();
    clock.advanceBy(6 * day);
    const email = 'Moved@x.example';
    expect((await patch(guest, { email })).status).toBe(200);
    const { version, status, expiresTime } = await invitationOf(guest);
    expect([version, status]).toEqual([2, 'pending']);
    expect(Date.parse(expiresTime)).toBeGreaterThan(clock.now().getTime() + 6.9 * day);
    for (const request of [inspectLink, acceptLink])
      expect(outcome(await request(token))).toBe('404 not_found');
    expect((await mailsTo(guest)).map(({ to }) => to)).toEqual([[guest.email], [email]]);
    // The first link stays invalid if the email is changed back.
    const second = await tokenFor(guest);
    await patch(guest, { email: guest.email });
    expect([outcome(await acceptLink(token)), outcome(await acceptLink(second))]).toEqual([
      '410 invitation_revoked superseded',
      '404 not_found',
    ]);
    expect(outcome(await acceptLink(await tokenFor(guest)))).toBe('200');
    expect(await reads(guest)).toMatchObject({ email: guest.email, emailVerified: true });
  });

  it('gets the mail instead of the old email if none was sent yet', async () => {
    const guest = await inviteUser();
    await patch(guest, { email: 'in-time@x.example' });
    expect((await mailsTo(guest)).map(({ to }) => to)).toEqual([['in-time@x.example']]);
  });

  it('does not affect the invitation if only its case changes', async () => {
    const { guest, token } = await inviteAndReadToken();
    await patch(guest, { email: guest.email.toUpperCase() });
    expect((await invitationOf(guest)).version).toBe(1);
    expect(await mailsTo(guest)).toHaveLength(1);
    expect(outcome(await acceptLink(token))).toBe('200');
    expect(await reads(guest)).toMatchObject({
      email: guest.email.toUpperCase(),
      emailVerified: true,
    });
  });

  it('gets no mail if the invitation has ended, until it is resent', async () => {
    for (const ends of [async () => clock.advanceBy(8 * day), revokes]) {
      const { guest, token } = await inviteAndReadToken();
      await ends(guest);
      await patch(guest, { email: `moved-${guest.email}` });
      expect([await isMailPending(guest), outcome(await acceptLink(token))]).toEqual([
        false,
        '404 not_found',
      ]);
      clock.advanceBy(minute);
      await resends(guest);
      expect(outcome(await acceptLink(await tokenFor(guest)))).toBe('200');
    }
  });
});

describe('an invitation whose user', () => {
  it('gets a password by other means is revoked', async () => {
    const [{ guest, token }, early] = [
      await inviteAndReadToken({ userName: 'otherwise' }),
      await inviteUser({ userName: 'earlier' }),
    ];
    for (const name of ['otherwise', 'earlier']) {
      const body = { password: goodPassword };
      const answer = await service.send('PATCH', `/credible/api/v0/users/${name}`, {
        token: clock.aTokenOf('acme', ['system_admin']),
        body,
      });
      expect(answer.status).toBe(200);
    }
    for (const request of [inspectLink, acceptLink])
      expect(outcome(await request(token))).toBe('410 invitation_revoked revoked');
    expect(await reads(guest)).toMatchObject({ status: 'active', emailVerified: false });
    expect(await invitationOf(guest)).toMatchObject({ status: 'revoked' });
    expect([await isMailPending(early), await mailsTo(early)]).toEqual([false, []]);
    clock.advanceBy(minute);
    expect(outcome(await resends(guest))).toBe('409 not_invitable');
  });

  it('is deleted is invalid, and valid again after a restore', async () => {
    const { guest, token } = await inviteAndReadToken();
    await requestInvitation('DELETE', guest);
    for (const request of [inspectLink, acceptLink])
      expect(outcome(await request(token))).toBe('404 not_found');
    expect(outcome(await requestInvitation('GET', guest, '/invitation'))).toBe('404 not_found');
    await requestInvitation('POST', guest, '/restore');
    expect(await mailsTo(guest)).toHaveLength(1);
    expect(outcome(await acceptLink(token))).toBe('200');
  });

  it('is deleted and restored before the mail was sent is mailed', async () => {
    const guest = await inviteUser();
    await requestInvitation('DELETE', guest);
    expect([await isMailPending(guest), await mailsTo(guest)]).toEqual([false, []]);
    await requestInvitation('POST', guest, '/restore');
    expect([await isMailPending(guest), (await mailsTo(guest)).length]).toEqual([true, 1]);
  });

  it('is deleted or erased is invalid, and the email can be invited again [I24]', async () => {
    for (const path of ['', '/erase']) {
      const { guest, token } = await inviteAndReadToken();
      expect((await requestInvitation(path ? 'POST' : 'DELETE', guest, path)).status).toBe(204);
      // Only the erasure record and stripped change records remain.
      if (path) {
        const remaining = (await listItems(life, guest)).map(({ pk, sk }) =>
          String(sk).startsWith('CHANGE#') ? 'CHANGE#' : pk,
        );
        expect(new Set(remaining)).toEqual(
          new Set(['CHANGE#', `TENANT#${tenantId.acme}#ERASURES`]),
        );
      }
      const next = await inviteAndReadToken({ email: guest.email });
      expect(outcome(await acceptLink(token))).toBe('404 not_found');
      expect((await acceptLink(next.token)).body.userId).toBe(next.guest.id);
    }
  });
});

describe('creating a user in Cradl', () => {
  const createUser = (dialect: string, { email }: InvitedAccount) =>
    service.post(`${dialect}/v1/users`, { email, name: 'Other name' }, { token: admin() });

  it('renews an expired invitation', async () => {
    const { guest, token } = await inviteAndReadToken({ name: 'Ada' });
    clock.advanceBy(7 * day);
    await expectNoWrites(service, async () =>
      expect(outcome(await createUser('', guest))).toBe('409 user_exists'),
    );
    const { status, body } = await createUser('/cradl', guest);
    expect([status, body.userId, body.name, body.status]).toEqual([
      200,
      guest.id,
      'Ada',
      'invite_pending',
    ]);
    expect(await mailsTo(guest)).toHaveLength(2);
    expect(outcome(await acceptLink(token))).toBe('410 invitation_revoked superseded');
    // Cradl's Python client repeats the request if the response is lost.
    await expectNoWrites(service, async () =>
      expect((await createUser('/cradl', guest)).body.userId).toBe(guest.id),
    );
    expect(await mailsTo(guest)).toHaveLength(2);
    clock.advanceBy(60_001);
    expect(outcome(await createUser('/cradl', guest))).toBe('409 user_exists');
    expect(outcome(await acceptLink(await tokenFor(guest)))).toBe('200');
  });

  it('returns 409 if the invitation is pending, revoked, accepted or absent', async () => {
    const [pending, revoked, accepted, uninvited] = [
      await inviteUser(),
      await inviteUser(),
      await inviteAndReadToken(),
      await inviteUser({ password: goodPassword }),
    ];
    await revokes(revoked);
    await acceptLink(accepted.token);
    await expectNoWrites(service, async () =>
      expect(outcome(await createUser('/cradl', pending))).toBe('409 user_exists'),
    );
    clock.advanceBy(8 * day);
    await expectNoWrites(service, async () => {
      for (const guest of [revoked, accepted.guest, uninvited])
        expect(outcome(await createUser('/cradl', guest))).toBe('409 user_exists');
    });
  });
});
