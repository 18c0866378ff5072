/**
 * Protection of an owner before the first sign-in, and dependence of an invitation on its inviter.
 */
import { describe, expect, it } from 'vitest';
import { permissions } from '../../../lib/domain/access/permissions.ts';
import { keys } from '../../../lib/store/keys.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  createInvitationService,
  type InvitedAccount,
  toInvitedAccount,
  outcome,
} from '../../support/scenarios/invitations.ts';
import { day } from '../../support/scenarios/user-states.ts';
import { toRoleId } from '../../support/scenarios/roles.ts';
import { issuer, type TestRequest, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const life = await createInvitationService();
const {
  service,
  clock,
  inviteUser,
  inviteAndReadToken,
  requestInvitation,
  acceptLink,
  inspectLink,
  reads,
  invitationOf,
  resends,
  revokes,
  copies,
  tokenFor,
} = life;
const minute = 60_000;
const always = { 'if-match': '*' };
const system = () => clock.aTokenOf('acme', ['system_admin'], 'system');
await service.putRole('acme', { slug: 'steward', name: 'Steward', permissions });
await service.putRole('acme', {
  slug: 'inviter',
  name: 'Inviter',
  permissions: ['users:create', 'users:read'],
});
await service.putRole('acme', { slug: 'reader', name: 'Reader', permissions: ['users:read'] });

/** Invites the owner of the tenant as a system administrator. */
async function inviteOwner(): Promise<InvitedAccount> {
  const draft = { email: `owner-${unique()}@x.example`, roleIds: [toRoleId('admin')] };
  const owner = toInvitedAccount(await service.post('/v1/users', draft, { token: system() }));
  await service.updateTenantItem('acme', { ownerUserId: owner.uuid });
  clock.advanceBy(2 * minute);
  return owner;
}
/** Creates an administrator with every permission, more than the owner has. */
async function createSteward(): Promise<{
  readonly steward: InvitedAccount;
  readonly token: string;
}> {
  const steward = toInvitedAccount(
    await service.post(
      '/v1/users',
      {
        email: `steward-${unique()}@x.example`,
        password: goodPassword,
        roleIds: [toRoleId('steward')],
      },
      { token: system() },
    ),
  );
  return { steward, token: clock.aTokenOf('acme', ['steward'], steward.id) };
}
const patch = (
  guest: InvitedAccount,
  body: object,
  token: string,
): ReturnType<typeof requestInvitation> =>
  requestInvitation('PATCH', guest, '', { token, headers: always, body });

describe('an owner before acceptance', () => {
  it('cannot be invited again, revoked, changed, demoted or deleted by an administrator [SEC-5]', async () => {
    const owner = await inviteOwner();
    const { token } = await createSteward();
    await service.updateTenantItem('acme', { administratorsSetPasswords: true });
    const target = `/v1/users/${owner.id}`;
    const sent: TestRequest = { token };
    await expectNoWrites(service, async () => {
      const forbiddenResponses = [
        await resends(owner, sent),
        await revokes(owner, sent),
        await copies(owner, sent),
        await patch(owner, { email: 'elsewhere@x.example' }, token),
        await patch(
          owner,
          { identity: { issuer: 'https://id.example.com', subject: 'me' } },
          token,
        ),
        await service.send('PATCH', `/credible/api/v0/users/${owner.email}`, {
          ...sent,
          body: { password: goodPassword },
        }),
      ];
      expect(forbiddenResponses.map(outcome)).toEqual(
        forbiddenResponses.map(() => '403 forbidden'),
      );
      const protectedResponses = [
        await patch(owner, { roleIds: [toRoleId('user')] }, token),
        await service.send('PATCH', `/cradl/v1/users/${owner.id}`, {
          ...sent,
          body: { roleIds: [toRoleId('user')] },
        }),
        await service.send('DELETE', target, sent),
        await service.send('POST', `${target}/erase`, sent),
      ];
      expect(protectedResponses.map(outcome)).toEqual(
        protectedResponses.map(() => '409 owner_protected'),
      );
    });
    await service.updateTenantItem('acme', { administratorsSetPasswords: undefined });
    expect(await acceptLink(await tokenFor(owner))).toMatchObject({
      status: 200,
      body: { refusedRoleIds: [] },
    });
  });

  it('cannot be invited again by an administrator through a create in Cradl [SEC-5]', async () => {
    const owner = await inviteOwner();
    const { token } = await createSteward();
    clock.advanceBy(8 * day);
    const stewardToken = clock.aTokenOf('acme', ['steward']);
    await expectNoWrites(service, async () => {
      expect(
        outcome(
          await service.post('/cradl/v1/users', { email: owner.email }, { token: stewardToken }),
        ),
      ).toBe('403 forbidden');
    });
    expect(token).not.toBe(stewardToken);
    const again = await service.post(
      '/cradl/v1/users',
      { email: owner.email },
      { token: system() },
    );
    expect(again.status).toBe(200);
    expect(await acceptLink(await tokenFor(owner))).toMatchObject({
      status: 200,
      body: { refusedRoleIds: [] },
    });
  });

  it.each([
    ['the same roles', [toRoleId('admin')]],
    ['an additional role', [toRoleId('admin'), toRoleId('reader')]],
  ])(
    'keeps the role admin after an administrator sent %s and was demoted [SEC-5]',
    async (_, roleIds) => {
      const owner = await inviteOwner();
      const { steward, token } = await createSteward();
      expect((await patch(owner, { roleIds }, token)).status).toBe(200);
      expect((await patch(steward, { roleIds: [toRoleId('user')] }, system())).status).toBe(200);
      expect(await acceptLink(await tokenFor(owner))).toMatchObject({
        status: 200,
        body: { refusedRoleIds: [] },
      });
      expect(await reads(owner)).toMatchObject({ status: 'active', isOwner: true, roleIds });
    },
  );

  it('keeps the role admin even if the stored inviter has fewer permissions', async () => {
    const owner = await inviteOwner();
    const key = keys.user(tenantId.acme, owner.uuid);
    const item = await service.stored.item(key);
    const inviter = {
      issuer: 'https://id.example.com',
      subject: 'former-admin',
      roles: ['user'],
    };
    await service.stored.put({ ...item, invitation: { ...item?.['invitation'], inviter } });
    expect(await acceptLink(await tokenFor(owner))).toMatchObject({
      status: 200,
      body: { refusedRoleIds: [] },
    });
    expect((await reads(owner)).roleIds).toEqual([toRoleId('admin')]);
  });

  it('can be invited again, revoked and given a link by a system administrator', async () => {
    const owner = await inviteOwner();
    expect((await resends(owner, { token: system() })).status).toBe(200);
    expect((await revokes(owner, { token: system() })).status).toBe(200);
    expect((await copies(owner, { token: system() })).status).toBe(200);
    expect((await invitationOf(owner)).version).toBe(3);
    await service.updateTenantItem('acme', { ownerUserId: undefined });
  });
});

describe('an invitation', () => {
  const roleIds = [toRoleId('reader')];
  let people = 0;
  /** Creates a user that tokens of another issuer name by identity. */
  async function createLinkedInviter() {
    const identity = { issuer: issuer.settings.issuer, subject: `inviter-${++people}` };
    const inviter = await inviteUser({ password: goodPassword, identity });
    return { inviter, identity, token: clock.aTokenOf('acme', ['inviter'], identity.subject) };
  }
  const unlink = (inviter: InvitedAccount) =>
    requestInvitation('PATCH', inviter, '', { body: { identity: null } });
  const accountEndings: Readonly<Record<string, (inviter: InvitedAccount) => Promise<unknown>>> = {
    suspended: (inviter) => requestInvitation('POST', inviter, '/suspend'),
    deleted: (inviter) => requestInvitation('DELETE', inviter),
    erased: (inviter) => requestInvitation('POST', inviter, '/erase', { token: system() }),
    unlinked: unlink,
    'unlinked while another user has the identity': async (inviter) => {
      const { identity } = await reads(inviter);
      await unlink(inviter);
      await inviteUser({ password: goodPassword, identity });
    },
  };

  it.each(Object.entries(accountEndings))(
    'is revoked if its inviter, known by identity, is %s [SEC-9]',
    async (_, end) => {
      const { inviter, token } = await createLinkedInviter();
      const withRoles = await inviteAndReadToken({ roleIds }, { token });
      const plain = await inviteAndReadToken({}, { token });
      await end(inviter);
      await expectNoWrites(service, async () => {
        for (const { token: link } of [withRoles, plain]) {
          expect([outcome(await inspectLink(link)), outcome(await acceptLink(link))]).toEqual(
            Array(2).fill('410 invitation_revoked inviter_gone'),
          );
        }
      });
    },
  );

  it.each([
    ['resent', (guest: InvitedAccount, token: string) => resends(guest, { token })],
    [
      'assigned other roles',
      (guest: InvitedAccount, token: string) =>
        patch(guest, { roleIds: [toRoleId('user')] }, token),
    ],
  ] as const)(
    'depends on the latest inviter, known by identity, after it is %s [SEC-9]',
    async (_, change) => {
      const { inviter, identity } = await createLinkedInviter();
      const guest = await inviteUser({ roleIds });
      clock.advanceBy(2 * minute);
      expect(
        (await change(guest, clock.aTokenOf('acme', ['steward'], identity.subject))).status,
      ).toBe(200);
      const link = await tokenFor(guest);
      await requestInvitation('DELETE', inviter);
      expect(outcome(await acceptLink(link))).toBe('410 invitation_revoked inviter_gone');
    },
  );

  it('still depends on its inviter, known by identity, after another user changed the email [SEC-9]', async () => {
    const { inviter, token } = await createLinkedInviter();
    const guest = await inviteUser({ roleIds }, { token });
    await requestInvitation('DELETE', inviter);
    clock.advanceBy(minute);
    await requestInvitation('PATCH', guest, '', { body: { email: `moved-${unique()}@x.example` } });
    expect(outcome(await acceptLink(await tokenFor(guest)))).toBe(
      '410 invitation_revoked inviter_gone',
    );
  });

  it('remains valid if its inviter was deleted and restored', async () => {
    const { inviter, token } = await createLinkedInviter();
    const { token: link } = await inviteAndReadToken({ roleIds }, { token });
    await requestInvitation('DELETE', inviter);
    await requestInvitation('POST', inviter, '/restore');
    expect((await acceptLink(link)).body.refusedRoleIds).toEqual([]);
  });

  it('is valid if the account of its inviter was deleted before', async () => {
    const { inviter, token } = await createLinkedInviter();
    await requestInvitation('DELETE', inviter);
    clock.advanceBy(minute);
    const { token: link } = await inviteAndReadToken({ roleIds }, { token });
    expect((await acceptLink(link)).body.refusedRoleIds).toEqual([]);
  });

  it('remains valid if only the name of its inviter, known by identity, changed', async () => {
    const { inviter, token } = await createLinkedInviter();
    const { guest, token: link } = await inviteAndReadToken({ roleIds }, { token });
    await requestInvitation('PATCH', inviter, '', { body: { name: 'Renamed' } });
    expect((await acceptLink(link)).body.refusedRoleIds).toEqual([]);
    expect((await reads(guest)).roleIds).toEqual(roleIds);
  });

  it('remains valid if its inviter never had an account, and grants the roles of the token', async () => {
    const { token } = await inviteAndReadToken(
      { roleIds },
      { token: clock.aTokenOf('acme', ['inviter'], 'without-account') },
    );
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual([]);
  });

  it("grants no more than the limit of its inviter's password", async () => {
    const inviterDraft = {
      email: `desk-${unique()}@x.example`,
      password: goodPassword,
      roleIds: [toRoleId('inviter')],
    };
    await service.post('/v1/users', inviterDraft, { token: clock.aTokenOf('acme', ['inviter']) });
    const signedIn = await service.post('/v1/auth/token', {
      tenant: 'acme',
      email: inviterDraft.email,
      password: goodPassword,
    });
    await service.putRole('acme', { slug: 'growing', name: 'Growing', permissions: [] });
    const { guest, token } = await inviteAndReadToken(
      { roleIds: [toRoleId('growing')] },
      { token: signedIn.body.accessToken },
    );
    // Both the invited role and the role of the inviter gain a permission beyond the limit of the
    // inviter's password.
    await service.putRole('acme', {
      slug: 'growing',
      name: 'Growing',
      permissions: ['users:delete'],
    });
    await service.putRole('acme', {
      slug: 'inviter',
      name: 'Inviter',
      permissions: ['users:create', 'users:read', 'users:delete'],
    });
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual([toRoleId('growing')]);
    expect((await reads(guest)).roleIds).toEqual([]);
  });
});
