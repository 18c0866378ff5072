import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createInvitationService,
  findLink,
  listItems,
  minute,
  outcome,
  parseToken,
} from '../../support/scenarios/invitations.ts';
import { day } from '../../support/scenarios/user-states.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const life = await createInvitationService();
const {
  service,
  clock,
  admin,
  during,
  inviteUser,
  inviteAndReadToken,
  requestInvitation,
  mailsTo,
  inspectLink,
  acceptLink,
  reads,
  invitationOf,
  revokes,
} = life;
await service.updateTenantItem('globex', { invitationDays: 1 });

describe('an invitation', () => {
  it('is created with its user in two items, and its mail does not change the user', async () => {
    const guest = await inviteUser({ name: 'Ada', roleIds: ['cradl:role:user'], locale: 'de-CH' });
    expect((await listItems(life, guest)).map(({ sk }) => sk)).toEqual([
      `EMAIL#${guest.email}`,
      'USER',
    ]);
    const before = await requestInvitation('GET', guest);
    expect(before.body).toMatchObject({
      status: 'invite_pending',
      emailVerified: false,
      version: 1,
    });
    expect((await invitationOf(guest)).delivery).toEqual({
      status: 'pending',
      time: null,
      reason: null,
      sentTimes: [],
    });

    expect(await mailsTo(guest)).toHaveLength(1);
    const after = await requestInvitation('GET', guest);
    expect([after.text, after.headers['etag']]).toEqual([before.text, '"1"']);
    expect((await listItems(life, guest)).map(({ sk }) => sk)).toEqual([
      `EMAIL#${guest.email}`,
      'INVITATION',
      'USER',
    ]);
    expect(await invitationOf(guest)).toMatchObject({
      userId: guest.id,
      email: guest.email,
      status: 'pending',
      roleIds: ['cradl:role:user'],
      locale: 'de-CH',
      version: 1,
      channel: 'mail',
      invitedBy: 'admin-of-acme',
      acceptedTime: null,
      revokedTime: null,
      delivery: { status: 'sent', sentTimes: [expect.any(String)] },
    });
  });

  it('activates the account and verifies the email [I13]', async () => {
    const { guest, token } = await inviteAndReadToken({ name: 'Ada', locale: 'de' });
    expect((await inspectLink(token)).body).toEqual({
      status: 'pending',
      email: guest.email,
      name: 'Ada',
      tenant: { name: 'Acme' },
      branding: null,
      identity: null,
      locale: 'de',
      expiresTime: (await invitationOf(guest)).expiresTime,
      password: {
        minimumLength: 15,
        mustNotContain: [guest.email, guest.email.split('@')[0], 'acme'],
      },
    });
    const accepted = await acceptLink(token);
    expect([accepted.status, accepted.body]).toEqual([
      200,
      {
        userId: guest.id,
        email: guest.email,
        status: 'active',
        refusedRoleIds: [],
        continueUrl: 'https://example.com',
      },
    ]);
    expect(await reads(guest)).toMatchObject({
      status: 'active',
      emailVerified: true,
      version: 2,
      updatedBy: guest.id,
    });
    expect(await invitationOf(guest)).toMatchObject({
      status: 'accepted',
      acceptedTime: expect.any(String),
    });
    // Only the chosen password is accepted.
    const changePassword = (currentPassword: string) =>
      service.post(
        '/v1/users/me/password',
        { currentPassword, newPassword: 'seven-lamps-in-an-orchard' },
        { token: clock.aTokenOf('acme', [], guest.id) },
      );
    expect((await changePassword('another-good-password-7')).status).toBe(400);
    expect((await changePassword(goodPassword)).status).toBe(204);
  });

  it('rests while the user is suspended, and continues with the same link', async () => {
    const { guest, token } = await inviteAndReadToken();
    const late = await inviteUser();
    for (const user of [guest, late])
      expect(await requestInvitation('POST', user, '/suspend')).toMatchObject({
        status: 200,
        body: { status: 'inactive' },
      });
    expect(outcome(await inspectLink(token))).toBe('410 invitation_revoked revoked');
    expect(outcome(await acceptLink(token))).toBe('410 invitation_revoked revoked');
    clock.advanceBy(2 * minute);
    for (const path of ['/invitation/resend', '/invitation/link'])
      expect(
        outcome(
          await requestInvitation('POST', guest, path, {
            token: clock.aTokenOf('acme', ['system_admin']),
          }),
        ),
      ).toMatch('409 not_invitable');
    expect(await mailsTo(late)).toEqual([]);
    // The status survives a deletion.
    await requestInvitation('DELETE', late);
    expect((await requestInvitation('POST', late, '/restore')).body.status).toBe('inactive');

    for (const user of [guest, late])
      expect(await requestInvitation('POST', user, '/reactivate')).toMatchObject({
        status: 200,
        body: { status: 'invite_pending' },
      });
    expect([await mailsTo(guest), await mailsTo(late)].map(({ length }) => length)).toEqual([1, 1]);
    expect(outcome(await acceptLink(token))).toBe('200');
    expect(outcome(await requestInvitation('POST', guest, '/suspend'))).toBe('200');
    expect((await requestInvitation('POST', guest, '/reactivate')).body.status).toBe('active');
  });

  it('expires during a suspension, and goes to a new email after it', async () => {
    const { guest, token } = await inviteAndReadToken();
    const { guest: moved, token: earlier } = await inviteAndReadToken();
    for (const user of [guest, moved]) await requestInvitation('POST', user, '/suspend');
    const email = `moved-${moved.email}`;
    await requestInvitation('PATCH', moved, '', { body: { email } });
    expect(await mailsTo(moved)).toHaveLength(1);
    await requestInvitation('POST', moved, '/reactivate');
    const [, mail] = await mailsTo(moved);
    expect(mail?.to).toEqual([email]);
    expect(outcome(await acceptLink(earlier))).toBe('404 not_found');
    expect(outcome(await acceptLink(parseToken(findLink(mail))))).toBe('200');

    clock.advanceBy(8 * day);
    await requestInvitation('POST', guest, '/reactivate');
    expect(outcome(await acceptLink(token))).toBe('410 invitation_expired');
  });

  it('ends if a suspended user gets a password', async () => {
    await service.updateTenantItem('globex', { administratorsSetPasswords: true });
    const userName = 'suspended-guest';
    const { guest, token } = await inviteAndReadToken({ userName }, { slug: 'globex' });
    await requestInvitation('POST', guest, '/suspend');
    const { status, text } = await service.send('PATCH', `/credible/api/v0/users/${userName}`, {
      token: admin('globex'),
      body: { password: goodPassword },
    });
    expect([status, text]).toEqual([200, text]);
    expect((await reads(guest)).status).toBe('inactive');
    expect((await requestInvitation('POST', guest, '/reactivate')).body.status).toBe('active');
    expect((await invitationOf(guest)).status).toBe('revoked');
    expect(outcome(await acceptLink(token))).toBe('410 invitation_revoked revoked');
  });

  it('can be accepted once [I01]', async () => {
    const { guest, token } = await inviteAndReadToken();
    expect(outcome(await acceptLink(token))).toBe('200');
    await expectNoWrites(service, async () => {
      expect(outcome(await acceptLink(token, 'seven-lamps-in-an-orchard'))).toBe(
        '410 invitation_used',
      );
      expect(outcome(await inspectLink(token))).toBe('410 invitation_used');
      // Reported before a weak password.
      expect(outcome(await acceptLink(token, 'short'))).toBe('410 invitation_used');
    });
    clock.advanceBy(8 * day);
    expect(outcome(await acceptLink(token))).toBe('410 invitation_used');
    const { body } = await requestInvitation('GET', guest, '/export');
    expect(
      body.changes.map(({ action, by }: { action: string; by: string }) => [action, by]),
    ).toEqual([['acceptInvitation', guest.id]]);
  });

  it('is not used up by reading it, regardless of the method [I10 I11]', async () => {
    const { token } = await inviteAndReadToken();
    await expectNoWrites(service, async () => {
      for (let look = 0; look < 3; look++) expect(outcome(await inspectLink(token))).toBe('200');
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE']) {
        for (const path of [
          '/v1/invitations/accept',
          '/v1/invitations/inspect',
          '/jitsudo/v1/auth/set-initial-password',
        ]) {
          const answer = await service.send(
            method,
            `${path}?token=${token}&password=${goodPassword}`,
            {},
          );
          expect(answer.status).toBeGreaterThanOrEqual(404);
        }
      }
      await service.send('OPTIONS', `/v1/invitations/accept?token=${token}`);
      for (const method of ['GET', 'HEAD']) await service.send(method, `/accept?token=${token}`);
    });
    expect(outcome(await acceptLink(token))).toBe('200');
  });

  it('applies to the invited user, even if another user is signed in [I12]', async () => {
    const { guest, token } = await inviteAndReadToken();
    const other = await inviteUser({ password: goodPassword });
    const before = await reads(other);
    expect(
      (
        await acceptLink(token, goodPassword, {
          token: clock.aTokenOf('acme', ['admin'], other.id),
        })
      ).body.userId,
    ).toBe(guest.id);
    expect(await reads(other)).toEqual(before);
  });

  it('is sent once per email address, regardless of the number of requests [I15 I16 I17]', async () => {
    const email = 'wanted@x.example';
    const request = (by: string) =>
      service.post('/v1/users', { email }, { token: clock.aTokenOf('acme', ['admin'], by) });
    const answers = await Promise.all(['one', 'two', 'three'].map(request));
    expect(answers.map(outcome).toSorted()).toEqual(['201', '409 user_exists', '409 user_exists']);
    const { body } = await service.get(`/v1/users?email=${email}`, { token: admin() });
    expect(body.users).toHaveLength(1);
    await service.deliverPendingMail();
    expect(
      (await service.deliverPendingMail()).filter(({ to }) => to.includes(email)),
    ).toHaveLength(1);
    expect(outcome(await request('four'))).toBe('409 user_exists');
    // Other tenants can invite the same address.
    await inviteUser({ email }, { slug: 'globex' });
  });

  it('survives rejected attempts [I25]', async () => {
    const { guest, token } = await inviteAndReadToken();
    const wrong = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
    await expectNoWrites(service, async () => {
      for (let attempt = 0; attempt < 10; attempt++)
        expect(outcome(await acceptLink(wrong))).toBe('404 not_found');
      expect(outcome(await acceptLink(token, 'short'))).toBe('422 password_rejected too_short');
      expect((await acceptLink(token, `${guest.email} of Acme`)).status).toBe(422);
      expect((await service.post('/v1/invitations/accept', { token })).status).toBe(400);
      expect(
        (
          await service.post('/v1/invitations/accept', {
            token,
            password: goodPassword,
            userId: guest.id,
          })
        ).status,
      ).toBe(400);
    });
    expect(outcome(await acceptLink(token))).toBe('200');
  });

  it('exists only for local users without a password', async () => {
    for (const fields of [
      { password: goodPassword },
      { authProvider: 'oidc' },
      { authProvider: 'saml' },
    ]) {
      const guest = await inviteUser(fields);
      expect(await mailsTo(guest)).toEqual([]);
      expect(outcome(await requestInvitation('GET', guest, '/invitation'))).toBe('404 not_found');
      expect(outcome(await requestInvitation('POST', guest, '/invitation/resend'))).toBe(
        '409 not_invitable',
      );
      expect(outcome(await revokes(guest))).toBe('404 not_found');
    }
  });

  it('has its current status in the list, including the expiration [I28]', async () => {
    const slug = 'north' as const;
    const [pending, accepted, revoked] = [
      await inviteUser({}, { slug }),
      await inviteAndReadToken({}, { slug }),
      await inviteUser({}, { slug }),
    ];
    await acceptLink(accepted.token);
    await revokes(revoked);
    await inviteUser({ password: goodPassword }, { slug });
    const listStatuses = async (query = '') => {
      const { body } = await service.get(`/v1/invitations${query}`, { token: admin(slug) });
      return Object.fromEntries(
        body.invitations.map(({ userId, status }: { userId: string; status: string }) => [
          userId,
          status,
        ]),
      );
    };
    const all = {
      [pending.id]: 'pending',
      [accepted.guest.id]: 'accepted',
      [revoked.id]: 'revoked',
    };
    expect(await listStatuses()).toEqual(all);
    for (const [id, status] of Object.entries(all))
      expect(await listStatuses(`?status=${status}`)).toEqual({ [id]: status });
    clock.advanceBy(7 * day);
    expect(await listStatuses('?status=expired')).toEqual({ [pending.id]: 'expired' });
    expect(await listStatuses('?status=pending')).toEqual({});
    await requestInvitation('DELETE', accepted.guest);
    expect(Object.keys(await listStatuses())).toHaveLength(2);

    const first = await service.get('/v1/invitations?maxResults=1', { token: admin(slug) });
    const next = `/v1/invitations?maxResults=1&nextToken=${first.body.nextToken}`;
    const second = await service.get(next, { token: admin(slug) });
    const userIds = [first, second].flatMap(({ body }) =>
      body.invitations.map(({ userId }: { userId: string }) => userId),
    );
    expect(new Set(userIds)).toEqual(new Set([pending.id, revoked.id]));
    expect(outcome(await service.get(`${next}&status=pending`, { token: admin(slug) }))).toBe(
      '400 invalid_input',
    );
  });
});

describe('the lifetime of an invitation', () => {
  it('is 7 days, or the number of days set by the deployment or the tenant', async () => {
    for (const [slug, days] of [
      ['acme', 7],
      ['globex', 1],
    ] as const) {
      const { invitedTime, expiresTime } = await invitationOf(await inviteUser({}, { slug }));
      expect(Date.parse(expiresTime) - Date.parse(invitedTime)).toBe(days * day);
    }
    const otherDeployment = await createInvitationService({
      environment: { INVITATION_DAYS: '3' },
    });
    const { invitedTime, expiresTime } = await otherDeployment.invitationOf(
      await otherDeployment.inviteUser(),
    );
    expect(Date.parse(expiresTime) - Date.parse(invitedTime)).toBe(3 * day);
  });

  it('ends exactly at the stored time [I04 I29]', async () => {
    const { guest, token } = await inviteAndReadToken();
    const expires = new Date((await invitationOf(guest)).expiresTime);
    const justBefore = new Date(expires.getTime() - 1);
    await expectNoWrites(service, async () => {
      for (const request of [inspectLink, acceptLink])
        expect(outcome(await during(expires, () => request(token)))).toBe('410 invitation_expired');
    });
    expect(outcome(await during(justBefore, () => inspectLink(token)))).toBe('200');
    expect(outcome(await during(justBefore, () => acceptLink(token)))).toBe('200');
  });

  it('can end during an acceptance, which succeeds only before the end', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, async (_, readings) => ({
        ...(await inviteAndReadToken()),
        readings,
      })),
    );
    const statuses = [];
    for (const { guest, token, readings } of outcomes) {
      const expires = Date.parse((await invitationOf(guest)).expiresTime);
      let read = 0;
      const answer = await during(
        () => new Date(read++ < readings ? expires - 1 : expires),
        () => acceptLink(token),
      );
      const { status, acceptedTime } = await during(new Date(expires), () => invitationOf(guest));
      expect([outcome(answer), status]).toEqual(
        acceptedTime ? ['200', 'accepted'] : ['410 invitation_expired', 'expired'],
      );
      if (acceptedTime) expect(Date.parse(acceptedTime)).toBeLessThan(expires);
      statuses.push(status);
    }
    expect(new Set(statuses)).toEqual(new Set(['accepted', 'expired']));
  });
});

describe('the tenant of an invitation', () => {
  it('prevents acceptance while suspended, and reveals this only to the recipient of the link', async () => {
    const { token } = await inviteAndReadToken({}, { slug: 'south' });
    await service.updateTenantItem('south', { status: 'suspended' });
    clock.advanceBy(minute);
    const wrong = `${token.slice(0, -4)}AAAA`;
    await expectNoWrites(service, async () => {
      for (const request of [inspectLink, acceptLink]) {
        expect(outcome(await request(token))).toBe('403 tenant_suspended');
        expect(outcome(await request(wrong))).toBe('404 not_found');
      }
    });
    await service.updateTenantItem('south', { status: 'active' });
    clock.advanceBy(minute);
    expect(outcome(await acceptLink(token))).toBe('200');
  });
});
