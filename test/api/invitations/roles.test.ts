import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { type Permission, permissions } from '../../../lib/domain/access/permissions.ts';
import { keys } from '../../../lib/store/keys.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  anInvitingService,
  type Guest,
  itemsOf,
  linkIn,
  minute,
  outcome,
  tokenIn,
} from '../../support/scenarios/invitations.ts';
import { day } from '../../support/scenarios/user-states.ts';
import { issuer, type Sent, tenantId } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const life = await anInvitingService();
const {
  service,
  clock,
  invites,
  invited,
  about,
  mailsTo,
  tokenFor,
  inspects,
  accepts,
  reads,
  invitationOf,
  resends,
  revokes,
  copies,
} = life;

const hasRole = (slug: string, held: readonly Permission[] = []) =>
  service.hasRole('acme', { slug, name: slug, permissions: held });
await hasRole('inviter', ['users:create', 'users:read', 'users:update']);
await hasRole('reader', ['users:read']);
await hasRole('copier', ['users:create', 'invitations:copy']);
await hasRole('only-copier', ['invitations:copy']);
await hasRole('steward', permissions);
await hasRole('clerk');

const ids = (...slugs: string[]) => slugs.map((slug) => `cradl:role:${slug}`);
const by = (...roles: string[]) => clock.aTokenOf('acme', roles);
/** A change of roles has to say which version it means. */
const always = { 'if-match': '*' };
/** What is remembered of roles and tenants is forgotten. */
const rolesTakeEffect = () => clock.leaps(minute);

/** A user who holds this role, in the directory and in their tokens, and who invites somebody. */
async function aUserInvites(role: string, roleIds: readonly string[]) {
  const inviter = await invites(
    { password: goodPassword, roleIds: ids(role) },
    { token: by('steward') },
  );
  const asInviter = { token: clock.aTokenOf('acme', [role], inviter.id) };
  return { inviter, ...(await invited({ roleIds }, asInviter)) };
}

describe('R05: nobody invites to more than they hold', () => {
  it('not by creating, and not by inviting again whom somebody else has created', async () => {
    const admin = await invites({ roleIds: ids('admin') });
    clock.leaps(minute);
    await withoutEffect(service, async () => {
      const body = { email: 'above@x.example', roleIds: ids('admin') };
      expect(outcome(await service.posts('/v1/users', body, { token: by('inviter') }))).toBe(
        '403 forbidden',
      );
      for (const asks of [resends, revokes]) {
        expect(await asks(admin, { token: by('inviter') })).toMatchObject({
          status: 403,
          body: {
            notices: ['You can change only users whose permissions you hold.'],
          },
        });
      }
      expect(outcome(await copies(admin, { token: by('copier') }))).toBe('403 forbidden');
    });
    clock.leaps(8 * day);
    await withoutEffect(service, async () => {
      expect(
        outcome(
          await service.posts('/cradl/v1/users', { email: admin.email }, { token: by('inviter') }),
        ),
      ).toBe('403 forbidden');
    });
  });
});

describe('R07: the roles of an invitation', () => {
  it('are those that the inviter could give at the time of accepting', async () => {
    const { guest, token } = await invited(
      { roleIds: ids('clerk', 'reader') },
      { token: by('inviter') },
    );
    await hasRole('clerk', ['users:delete']);
    rolesTakeEffect();
    expect((await accepts(token)).body).toMatchObject({
      status: 'active',
      refusedRoleIds: ids('clerk'),
    });
    expect(await reads(guest)).toMatchObject({ roleIds: ids('reader') });
    expect(await invitationOf(guest)).toMatchObject({
      roleIds: ids('reader'),
      refusedRoleIds: ids('clerk'),
    });
    const { body } = await about('GET', guest, '/export', { token: by('steward') });
    expect(body.changes.at(-1)).toMatchObject({
      action: 'acceptInvitation',
      before: { roles: ['clerk', 'reader'] },
    });
    await hasRole('clerk');
    rolesTakeEffect();
  });

  it('are what the inviter’s own roles allow by then', async () => {
    const { inviter, token, guest } = await aUserInvites('inviter', ids('reader'));
    await about('PATCH', inviter, '', { headers: always, body: { roleIds: [] } });
    expect((await accepts(token)).body.refusedRoleIds).toEqual(ids('reader'));
    expect((await reads(guest)).roleIds).toEqual([]);
  });

  it('are whatever a system administrator gave, whose account is in another tenant or in none', async () => {
    const elsewhere = await invites({}, { slug: 'globex' });
    for (const sub of ['system', elsewhere.id]) {
      const { guest, token } = await invited(
        { roleIds: ids('steward') },
        { token: clock.aTokenOf('acme', ['system_admin'], sub) },
      );
      expect((await accepts(token)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });
      expect((await about('GET', guest, '', { token: by('steward') })).body.roleIds).toEqual(
        ids('steward'),
      );
    }
  });

  it('I26: are what is left of them', async () => {
    await hasRole('short-lived');
    rolesTakeEffect();
    const { guest, token } = await invited({ roleIds: ids('short-lived', 'reader') });
    const Key = { ...keys.role(tenantId.acme, 'short-lived') };
    await service.stored.client.send(
      new DeleteCommand({ TableName: service.stored.directory, Key }),
    );
    rolesTakeEffect();
    expect((await accepts(token)).body.refusedRoleIds).toEqual(ids('short-lived'));
    expect((await reads(guest)).roleIds).toEqual(ids('reader'));
  });
});

describe('R08: an inviter', () => {
  it('who is suspended or deleted invites nobody, until they are back', async () => {
    for (const [leaves, returns] of [
      ['/suspend', '/reactivate'],
      ['', '/restore'],
    ] as const) {
      const { inviter, token } = await aUserInvites('inviter', ids('reader'));
      await about(leaves ? 'POST' : 'DELETE', inviter, leaves);
      await withoutEffect(service, async () => {
        // Before anything is asked for.
        for (const asks of [inspects, accepts])
          expect(outcome(await asks(token))).toBe('410 invitation_revoked inviter_gone');
      });
      await about('POST', inviter, returns);
      expect((await accepts(token)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });
    }
  });

  it('who was erased invites nobody', async () => {
    const { inviter, token } = await aUserInvites('inviter', ids('reader'));
    await about('POST', inviter, '/erase');
    expect(outcome(await accepts(token))).toBe('410 invitation_revoked inviter_gone');
  });

  it('is whoever invited last', async () => {
    const { inviter, guest } = await aUserInvites('inviter', ids('reader'));
    await about('DELETE', inviter);
    clock.leaps(minute);
    await resends(guest);
    expect((await accepts(await tokenFor(guest))).body).toMatchObject({
      status: 'active',
      refusedRoleIds: [],
    });
  });

  it('is whoever gave the roles last, and not who changed anything else', async () => {
    const patches = (guest: Guest, body: object) =>
      about('PATCH', guest, '', { headers: always, body });
    const first = await aUserInvites('inviter', ids('reader'));
    await about('DELETE', first.inviter);
    await patches(first.guest, { name: 'Jo', email: 'elsewhere@x.example' });
    const moved = await tokenFor(first.guest);
    expect(outcome(await accepts(moved))).toBe('410 invitation_revoked inviter_gone');
    await patches(first.guest, { roleIds: ids('user') });
    expect(await reads(first.guest)).toMatchObject({ roleIds: ids('user') });
    expect((await accepts(moved)).body).toMatchObject({ status: 'active', refusedRoleIds: [] });

    const second = await aUserInvites('inviter', ids('reader'));
    await about('DELETE', second.inviter);
    await patches(second.guest, { email: 'there@x.example', roleIds: ids('user') });
    expect(outcome(await accepts(await tokenFor(second.guest)))).toBe('200');
  });

  it('is known by an identity as well as by an id', async () => {
    const identity = { issuer: issuer.settings.issuer, subject: 'the-inviter' };
    const inviter = await invites({ password: goodPassword, identity });
    const { token } = await invited(
      { roleIds: ids('reader') },
      { token: clock.aTokenOf('acme', ['inviter'], identity.subject) },
    );
    await about('POST', inviter, '/suspend');
    expect(outcome(await accepts(token))).toBe('410 invitation_revoked inviter_gone');
    await about('POST', inviter, '/reactivate');
    expect((await accepts(token)).body.refusedRoleIds).toEqual([]);
  });
});

describe('I27: the link of an invitation', () => {
  const asCopier: () => Sent = () => ({ token: by('copier') });

  it('is copied by who may both create users and copy links', async () => {
    const guest = await invites();
    await withoutEffect(service, async () => {
      for (const role of ['admin', 'only-copier', 'inviter', 'user']) {
        expect(await copies(guest, { token: by(role) })).toMatchObject({
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

  it('is a new one, shown once: the others are dead, no mail goes out, and no mailbox is proved', async () => {
    const { guest, token } = await invited();
    const { status, body, headers } = await copies(guest, asCopier());
    expect([status, Object.keys(body), headers['cache-control']]).toEqual([
      200,
      ['link', 'expiresTime'],
      'no-store',
    ]);
    const copied = tokenIn(body.link);
    expect(outcome(await accepts(token))).toBe('410 invitation_revoked superseded');
    expect(await mailsTo(guest)).toHaveLength(1);
    const invitation = await about('GET', guest, '/invitation');
    expect(invitation.body).toMatchObject({
      version: 2,
      channel: 'copy',
      delivery: { status: 'none' },
      expiresTime: body.expiresTime,
    });
    expect(invitation.text).not.toContain(copied);

    const next = await copies(guest, asCopier());
    expect(outcome(await inspects(copied))).toBe('410 invitation_revoked superseded');
    expect(outcome(await accepts(tokenIn(next.body.link)))).toBe('200');
    expect(await reads(guest)).toMatchObject({ status: 'active', emailVerified: false });
    expect(outcome(await copies(guest, asCopier()))).toBe('409 not_invitable');
  });

  it('that is copied before the mail went out comes in its place, until somebody sends one', async () => {
    const guest = await invites();
    const { body } = await copies(guest, asCopier());
    expect((await itemsOf(life, guest)).filter(({ dueAt }) => dueAt !== undefined)).toEqual([]);
    expect(await mailsTo(guest)).toEqual([]);
    clock.leaps(minute);
    await resends(guest);
    const [mail] = await mailsTo(guest);
    expect(outcome(await accepts(tokenIn(body.link)))).toBe('410 invitation_revoked superseded');
    expect(outcome(await accepts(tokenIn(linkIn(mail))))).toBe('200');
    expect(await reads(guest)).toMatchObject({ emailVerified: true });
  });

  it('is dead once the e-mail is another, and is no copy of an outdated version', async () => {
    const guest = await invites();
    const { body } = await copies(guest, asCopier());
    await about('PATCH', guest, '', { body: { email: 'not-there@x.example' } });
    expect(await invitationOf(guest)).toMatchObject({
      status: 'pending',
      version: 3,
      channel: 'copy',
      expiresTime: body.expiresTime,
    });
    expect(await mailsTo(guest)).toEqual([]);
    expect(outcome(await accepts(tokenIn(body.link)))).toBe('404 not_found');
    // Back again, it is dead still.
    await about('PATCH', guest, '', { body: { email: guest.email } });
    expect(outcome(await accepts(tokenIn(body.link)))).toBe('410 invitation_revoked superseded');
    expect(outcome(await copies(guest, { ...asCopier(), headers: { 'if-match': '"1"' } }))).toBe(
      '412 precondition_failed',
    );
  });
});
