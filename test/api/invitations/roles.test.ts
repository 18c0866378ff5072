import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { type Permission, permissions } from '../../../lib/domain/access/permissions.ts';
import { keys } from '../../../lib/store/keys.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createInvitationService,
  type InvitedAccount,
  listItems,
  findLink,
  minute,
  outcome,
  parseToken,
} from '../../support/scenarios/invitations.ts';
import { day } from '../../support/scenarios/user-states.ts';
import { issuer, type TestRequest, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const life = await createInvitationService();
const {
  service,
  clock,
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
  copies,
} = life;

const hasRole = (slug: string, rolePermissions: readonly Permission[] = []) =>
  service.putRole('acme', { slug, name: slug, permissions: rolePermissions });
await hasRole('inviter', ['users:create', 'users:read', 'users:update']);
await hasRole('reader', ['users:read']);
await hasRole('copier', ['users:create', 'invitations:copy']);
await hasRole('only-copier', ['invitations:copy']);
await hasRole('steward', permissions);
await hasRole('clerk');

const toRoleIds = (...slugs: string[]) => slugs.map((slug) => `cradl:role:${slug}`);
const tokenWith = (...roles: string[]) => clock.aTokenOf('acme', roles);
/** Role updates require If-Match. */
const anyVersion = { 'if-match': '*' };
/** Lets cached roles and tenants expire. */
const expireCaches = () => clock.advanceBy(minute);

/** Creates a user who has this role, in the directory and in tokens, and invites another user. */
async function inviteAs(role: string, roleIds: readonly string[]) {
  const inviter = await inviteUser(
    { password: goodPassword, roleIds: toRoleIds(role) },
    { token: tokenWith('steward') },
  );
  const asInviter = { token: clock.aTokenOf('acme', [role], inviter.id) };
  return { inviter, ...(await inviteAndReadToken({ roleIds }, asInviter)) };
}

describe('an inviter [R05]', () => {
  it('cannot invite users with more permissions, by any operation', async () => {
    const admin = await inviteUser({ roleIds: toRoleIds('admin') });
    clock.advanceBy(minute);
    await expectNoWrites(service, async () => {
      const body = { email: 'above@x.example', roleIds: toRoleIds('admin') };
      expect(outcome(await service.post('/v1/users', body, { token: tokenWith('inviter') }))).toBe(
        '403 forbidden',
      );
      for (const request of [resends, revokes]) {
        expect(await request(admin, { token: tokenWith('inviter') })).toMatchObject({
          status: 403,
          body: {
            notices: ['You can change only users whose permissions you hold.'],
          },
        });
      }
      expect(outcome(await copies(admin, { token: tokenWith('copier') }))).toBe('403 forbidden');
    });
    clock.advanceBy(8 * day);
    await expectNoWrites(service, async () => {
      expect(
        outcome(
          await service.post(
            '/cradl/v1/users',
            { email: admin.email },
            { token: tokenWith('inviter') },
          ),
        ),
      ).toBe('403 forbidden');
    });
  });
});

describe('the roles of an invitation [R07]', () => {
  it('are those that the inviter can grant at acceptance', async () => {
    const { guest, token } = await inviteAndReadToken(
      { roleIds: toRoleIds('clerk', 'reader') },
      { token: tokenWith('inviter') },
    );
    await hasRole('clerk', ['users:delete']);
    expireCaches();
    expect((await acceptLink(token)).body).toMatchObject({
      status: 'active',
      refusedRoleIds: toRoleIds('clerk'),
    });
    expect(await reads(guest)).toMatchObject({ roleIds: toRoleIds('reader') });
    expect(await invitationOf(guest)).toMatchObject({
      roleIds: toRoleIds('reader'),
      refusedRoleIds: toRoleIds('clerk'),
    });
    const { body } = await requestInvitation('GET', guest, '/export', {
      token: tokenWith('steward'),
    });
    expect(body.changes.at(-1)).toMatchObject({
      action: 'acceptInvitation',
      before: { roles: ['clerk', 'reader'] },
    });
    await hasRole('clerk');
    expireCaches();
  });

  it('are limited by the current roles of the inviter', async () => {
    const { inviter, token, guest } = await inviteAs('inviter', toRoleIds('reader'));
    await requestInvitation('PATCH', inviter, '', { headers: anyVersion, body: { roleIds: [] } });
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual(toRoleIds('reader'));
    expect((await reads(guest)).roleIds).toEqual([]);
  });

  it('are all granted if the inviter is a system administrator from another tenant or without an account', async () => {
    const otherTenantUser = await inviteUser({}, { slug: 'globex' });
    for (const sub of ['system', otherTenantUser.id]) {
      const { guest, token } = await inviteAndReadToken(
        { roleIds: toRoleIds('steward') },
        { token: clock.aTokenOf('acme', ['system_admin'], sub) },
      );
      expect((await acceptLink(token)).body).toMatchObject({
        status: 'active',
        refusedRoleIds: [],
      });
      expect(
        (await requestInvitation('GET', guest, '', { token: tokenWith('steward') })).body.roleIds,
      ).toEqual(toRoleIds('steward'));
    }
  });

  it('omit those that no longer exist [I26]', async () => {
    await hasRole('short-lived');
    expireCaches();
    const { guest, token } = await inviteAndReadToken({
      roleIds: toRoleIds('short-lived', 'reader'),
    });
    const Key = { ...keys.role(tenantId.acme, 'short-lived') };
    await service.stored.client.send(
      new DeleteCommand({ TableName: service.stored.directory, Key }),
    );
    expireCaches();
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual(toRoleIds('short-lived'));
    expect((await reads(guest)).roleIds).toEqual(toRoleIds('reader'));
  });
});

describe('an inviter [R08]', () => {
  it('who is suspended or deleted invalidates the invitation until reactivated or restored', async () => {
    for (const [leaves, returns] of [
      ['/suspend', '/reactivate'],
      ['', '/restore'],
    ] as const) {
      const { inviter, token } = await inviteAs('inviter', toRoleIds('reader'));
      await requestInvitation(leaves ? 'POST' : 'DELETE', inviter, leaves);
      await expectNoWrites(service, async () => {
        // Fails before the user enters a password.
        for (const request of [inspectLink, acceptLink])
          expect(outcome(await request(token))).toBe('410 invitation_revoked inviter_gone');
      });
      await requestInvitation('POST', inviter, returns);
      expect((await acceptLink(token)).body).toMatchObject({
        status: 'active',
        refusedRoleIds: [],
      });
    }
  });

  it('who is erased invalidates the invitation', async () => {
    const { inviter, token } = await inviteAs('inviter', toRoleIds('reader'));
    await requestInvitation('POST', inviter, '/erase');
    expect(outcome(await acceptLink(token))).toBe('410 invitation_revoked inviter_gone');
  });

  it('is the last user who sent the invitation', async () => {
    const { inviter, guest } = await inviteAs('inviter', toRoleIds('reader'));
    await requestInvitation('DELETE', inviter);
    clock.advanceBy(minute);
    await resends(guest);
    expect((await acceptLink(await tokenFor(guest))).body).toMatchObject({
      status: 'active',
      refusedRoleIds: [],
    });
  });

  it('is the last user who set the roles, not one who changed other fields', async () => {
    const patch = (guest: InvitedAccount, body: object) =>
      requestInvitation('PATCH', guest, '', { headers: anyVersion, body });
    const first = await inviteAs('inviter', toRoleIds('reader'));
    await requestInvitation('DELETE', first.inviter);
    await patch(first.guest, { name: 'Jo', email: 'elsewhere@x.example' });
    const moved = await tokenFor(first.guest);
    expect(outcome(await acceptLink(moved))).toBe('410 invitation_revoked inviter_gone');
    await patch(first.guest, { roleIds: toRoleIds('user') });
    expect(await reads(first.guest)).toMatchObject({ roleIds: toRoleIds('user') });
    expect((await acceptLink(moved)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });

    const second = await inviteAs('inviter', toRoleIds('reader'));
    await requestInvitation('DELETE', second.inviter);
    await patch(second.guest, { email: 'there@x.example', roleIds: toRoleIds('user') });
    expect(outcome(await acceptLink(await tokenFor(second.guest)))).toBe('200');

    const third = await inviteAs('inviter', toRoleIds('reader'));
    await requestInvitation('DELETE', third.inviter);
    const level = { userGroupId: `user:${third.guest.email}`, permission: 'admin' };
    const levels = '/credible/api/v0/organizations/acme/permissions';
    expect(outcome(await service.post(levels, level, { token: tokenWith('admin') }))).toBe('201');
    expect((await acceptLink(third.token)).body).toMatchObject({
      status: 'active',
      refusedRoleIds: [],
    });
  });

  it('is found by identity as well as by ID', async () => {
    const identity = { issuer: issuer.settings.issuer, subject: 'the-inviter' };
    const inviter = await inviteUser({ password: goodPassword, identity });
    const { token } = await inviteAndReadToken(
      { roleIds: toRoleIds('reader') },
      { token: clock.aTokenOf('acme', ['inviter'], identity.subject) },
    );
    await requestInvitation('POST', inviter, '/suspend');
    expect(outcome(await acceptLink(token))).toBe('410 invitation_revoked inviter_gone');
    await requestInvitation('POST', inviter, '/reactivate');
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual([]);
  });
});

describe('a copied invitation link [I27]', () => {
  const asCopier: () => TestRequest = () => ({ token: tokenWith('copier') });

  it('requires the permissions to create users and to copy links', async () => {
    const guest = await inviteUser();
    await expectNoWrites(service, async () => {
      for (const role of ['admin', 'only-copier', 'inviter', 'user']) {
        expect(await copies(guest, { token: tokenWith(role) })).toMatchObject({
          status: 403,
          body: {
            notices: [
              'Copying an invitation link requires the permissions users:create and invitations:copy in this tenant.',
            ],
          },
        });
      }
      expect(
        outcome(
          await copies(guest, { token: clock.aTokenOf('globex', ['system_admin'], 'system') }),
        ),
      ).toBe('404 not_found');
    });
    expect(outcome(await copies(guest, asCopier()))).toBe('200');
  });

  it('is returned once, replaces other links, sends no mail and does not verify the email', async () => {
    const { guest, token } = await inviteAndReadToken();
    const { status, body, headers } = await copies(guest, asCopier());
    expect([status, Object.keys(body), headers['cache-control']]).toEqual([
      200,
      ['link', 'expiresTime'],
      'no-store',
    ]);
    const copied = parseToken(body.link);
    expect(outcome(await acceptLink(token))).toBe('410 invitation_revoked superseded');
    expect(await mailsTo(guest)).toHaveLength(1);
    const invitation = await requestInvitation('GET', guest, '/invitation');
    expect(invitation.body).toMatchObject({
      version: 2,
      channel: 'copy',
      delivery: { status: 'none' },
      expiresTime: body.expiresTime,
    });
    expect(invitation.text).not.toContain(copied);

    const next = await copies(guest, asCopier());
    expect(outcome(await inspectLink(copied))).toBe('410 invitation_revoked superseded');
    expect(outcome(await acceptLink(parseToken(next.body.link)))).toBe('200');
    expect(await reads(guest)).toMatchObject({ status: 'active', emailVerified: false });
    expect(outcome(await copies(guest, asCopier()))).toBe('409 not_invitable');
  });

  it('replaces a pending mail until the invitation is resent', async () => {
    const guest = await inviteUser();
    const { body } = await copies(guest, asCopier());
    expect((await listItems(life, guest)).filter(({ dueAt }) => dueAt !== undefined)).toEqual([]);
    expect(await mailsTo(guest)).toEqual([]);
    clock.advanceBy(minute);
    await resends(guest);
    const [mail] = await mailsTo(guest);
    expect(outcome(await acceptLink(parseToken(body.link)))).toBe(
      '410 invitation_revoked superseded',
    );
    expect(outcome(await acceptLink(parseToken(findLink(mail))))).toBe('200');
    expect(await reads(guest)).toMatchObject({ emailVerified: true });
  });

  it('is invalidated by an email change, and requires the current version', async () => {
    const guest = await inviteUser();
    const { body } = await copies(guest, asCopier());
    await requestInvitation('PATCH', guest, '', { body: { email: 'not-there@x.example' } });
    expect(await invitationOf(guest)).toMatchObject({
      status: 'pending',
      version: 3,
      channel: 'copy',
      expiresTime: body.expiresTime,
    });
    expect(await mailsTo(guest)).toEqual([]);
    expect(outcome(await acceptLink(parseToken(body.link)))).toBe('404 not_found');
    // The link stays invalid if the email is changed back.
    await requestInvitation('PATCH', guest, '', { body: { email: guest.email } });
    expect(outcome(await acceptLink(parseToken(body.link)))).toBe(
      '410 invitation_revoked superseded',
    );
    expect(outcome(await copies(guest, { ...asCopier(), headers: { 'if-match': '"1"' } }))).toBe(
      '412 precondition_failed',
    );
  });
});
