/** Users who are created first and invited later. */
import { describe, expect, it } from 'vitest';
import { unique } from '../../support/dialects/dialects.ts';
import {
  createInvitationService,
  type InvitedAccount,
  minute,
  outcome,
  parseToken,
} from '../../support/scenarios/invitations.ts';
import { aws } from '../../support/service.ts';

const life = await createInvitationService({ environment: { MAILS_PER_TENANT_HOUR: '1' } });
const {
  service,
  clock,
  admin,
  requestInvitation,
  inviteUser,
  mailsTo,
  acceptLink,
  resends,
  revokes,
  copies,
  tokenFor,
} = life;
const createUninvited = (more: object = {}): Promise<InvitedAccount> =>
  inviteUser({ sendInvitation: false, ...more });
const listUserIds = async (query: string): Promise<string[]> =>
  (await service.get(`/v1/users?${query}`, { token: admin() })).body.users.map(
    ({ userId }: { userId: string }) => userId,
  );

describe('a user created without an invitation [UX8]', () => {
  it('is listed as pending but not invited, and gets no mail', async () => {
    const [guest, invited] = [await createUninvited(), await inviteUser()];
    expect(await mailsTo(guest)).toEqual([]);
    expect((await requestInvitation('GET', guest)).body.status).toBe('invite_pending');
    const missing = await requestInvitation('GET', guest, '/invitation');
    expect([outcome(missing), missing.body.message]).toEqual([
      '404 not_found',
      'This user has not been invited yet',
    ]);
    expect(outcome(await revokes(guest))).toBe('404 not_found');
    const { invitations } = (await service.get('/v1/invitations', { token: admin() })).body;
    expect(invitations.map(({ userId }: { userId: string }) => userId)).toEqual([invited.id]);
    expect([await listUserIds('invited=false'), await listUserIds('invited=true')]).toEqual([
      [guest.id],
      [invited.id],
    ]);
    expect((await listUserIds('status=invite_pending')).toSorted()).toEqual(
      [guest.id, invited.id].toSorted(),
    );
  });

  it('can be invited for the first time by a later caller, and accept', async () => {
    const guest = await createUninvited({ roleIds: ['cradl:role:user'] });
    clock.advanceBy(60 * minute);
    const { status, body } = await resends(guest, {
      token: clock.aTokenOf('acme', ['admin'], 'another-admin'),
    });
    expect([status, body.version, body.invitedBy, body.delivery.status]).toEqual([
      200,
      1,
      'another-admin',
      'pending',
    ]);
    expect(outcome(await resends(guest))).toBe('429 too_many_requests');
    expect(outcome(await acceptLink(await tokenFor(guest)))).toBe('200');
    expect((await requestInvitation('GET', guest)).body).toMatchObject({
      status: 'active',
      roleIds: ['cradl:role:user'],
      emailVerified: true,
    });
    expect(await listUserIds('invited=false')).not.toContain(guest.id);
  });

  it('can be invited by a copied link', async () => {
    const guest = await createUninvited();
    const { status, body } = await copies(guest, {
      token: clock.aTokenOf('acme', ['system_admin']),
    });
    expect([status, outcome(await acceptLink(parseToken(body.link)))]).toEqual([200, '200']);
    expect((await aws()).mailbox.mails.some(({ tags }) => tags['user'] === guest.uuid)).toBe(false);
  });

  it('gets the usual response to a password reset request, but no mail', async () => {
    const guest = await createUninvited();
    expect(
      (await service.post('/v1/auth/password-reset', { tenant: 'acme', email: guest.email }))
        .status,
    ).toBe(202);
    await service.deliverPendingMail();
    expect((await aws()).mailbox.mails.filter(({ to }) => to.includes(guest.email))).toEqual([]);
  });

  it('can be created, updated, deleted and restored regardless of mail limits', async () => {
    clock.advanceBy(60 * minute);
    const [first, second] = [await inviteUser(), await inviteUser()];
    await mailsTo(first);
    await mailsTo(second);
    clock.advanceBy(minute);
    expect(
      outcome(
        await service.post('/v1/users', { email: `x-${unique()}@x.example` }, { token: admin() }),
      ),
    ).toBe('429 too_many_requests');
    const guest = await createUninvited();
    for (const [method, path, body] of [
      ['PATCH', '', { email: `y-${unique()}@x.example`, name: 'Ann' }],
      ['DELETE', ''],
      ['POST', '/restore'],
    ] as const)
      expect((await requestInvitation(method, guest, path, { body })).status).toBeLessThan(300);
    expect((await requestInvitation('GET', guest)).body).toMatchObject({
      status: 'invite_pending',
      name: 'Ann',
    });
    await service.deliverPendingMail();
    expect(await mailsTo(guest)).toEqual([]);
    expect(await listUserIds('invited=false')).toContain(guest.id);
  });

  it('is created with sendInvitation false, while true is rejected for users who cannot be invited', async () => {
    for (const more of [{ password: 'amber-kettle-orchard-17' }, { authProvider: 'oidc' }]) {
      const refused = await service.post(
        '/v1/users',
        { email: `${unique()}@x.example`, sendInvitation: true, ...more },
        { token: admin() },
      );
      expect([outcome(refused), refused.body.details.issues[0].path]).toEqual([
        '400 invalid_input',
        'sendInvitation',
      ]);
    }
    const text = await service.post(
      '/v1/users',
      { email: `${unique()}@x.example`, sendInvitation: 'no' },
      { token: admin() },
    );
    expect(outcome(text)).toBe('400 invalid_input');
    const withPassword = {
      email: `${unique()}@x.example`,
      sendInvitation: false,
      password: 'amber-kettle-orchard-17',
    };
    expect((await service.post('/v1/users', withPassword, { token: admin() })).body.status).toBe(
      'active',
    );
  });
});
