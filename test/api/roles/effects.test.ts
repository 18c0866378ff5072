import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  createInvitationService,
  type InvitedAccount,
} from '../../support/scenarios/invitations.ts';
import { bound, toRoleId } from '../../support/scenarios/roles.ts';
import { tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const { service, clock, admin, inviteUser, inviteAndReadToken, acceptLink, reads } =
  await createInvitationService();
const role = (method: string, slug: string, body?: object) =>
  service.send(method, `/v1/roles/${toRoleId(slug)}`, { token: admin(), ...(body && { body }) });
const createRole = async (slug: string, permissions: readonly string[]) => {
  const { status } = await service.post(
    '/v1/roles',
    { roleId: toRoleId(slug), name: slug, permissions },
    { token: admin() },
  );
  expect(status).toBe(201);
  clock.advanceBy(bound);
};
/** Functions that check roles. Each has its own cache. */
const requests = {
  'the users function': (slug: string) =>
    service.get('/v1/users', { token: clock.aTokenOf('acme', [slug]) }),
  'the tenants function': (slug: string) =>
    service.get('/v1/roles', { token: clock.aTokenOf('acme', [slug]) }),
  'another dialect': (slug: string) =>
    service.get('/jitsudo/v1/users', {
      token: clock.aTokenOf('acme', [slug]),
      headers: { 'x-tenant-id': tenantId.acme },
    }),
} as const;

describe.each(Object.entries(requests))('in %s', (name, request) => {
  const getSlug = (what: string) => `${what}-${name.split(' ')[1]}`;
  const all = ['users:read', 'roles:read'];

  /** Repeats the request once cached roles have expired. */
  const requestAfterExpiry = async (slug: string) => {
    clock.advanceBy(bound);
    return (await request(slug)).status;
  };

  it('a removed permission has no effect after 30 s', async () => {
    await createRole(getSlug('losing'), all);
    expect((await request(getSlug('losing'))).status).toBe(200);
    expect((await role('PATCH', getSlug('losing'), { permissions: [] })).status).toBe(200);
    expect(await requestAfterExpiry(getSlug('losing'))).toBe(403);
  });

  it('an added permission has an effect after 30 s', async () => {
    await createRole(getSlug('gaining'), []);
    expect((await request(getSlug('gaining'))).status).toBe(403);
    expect((await role('PATCH', getSlug('gaining'), { permissions: all })).status).toBe(200);
    expect(await requestAfterExpiry(getSlug('gaining'))).toBe(200);
  });

  it('a deleted role has no effect after 30 s', async () => {
    await createRole(getSlug('dying'), all);
    expect((await request(getSlug('dying'))).status).toBe(200);
    expect((await role('DELETE', getSlug('dying'))).status).toBe(204);
    expect(await requestAfterExpiry(getSlug('dying'))).toBe(403);
  });
});

describe('a deleted role', () => {
  it('remains on its users without permissions', async () => {
    await createRole('faded', ['users:read', 'users:delete']);
    const user = await inviteUser({
      password: goodPassword,
      roleIds: [toRoleId('faded'), toRoleId('user')],
    });
    await createRole('janitor', ['users:update']);
    const updateUser = () =>
      service.send('PATCH', `/v1/users/${user.id}`, {
        token: clock.aTokenOf('acme', ['janitor']),
        body: { name: 'Jo' },
      });
    expect((await updateUser()).status).toBe(403);
    await role('DELETE', 'faded');
    clock.advanceBy(bound);
    expect((await reads(user)).roleIds).toEqual([toRoleId('faded'), toRoleId('user')]);
    // The user no longer has more permissions than the caller.
    expect((await updateUser()).status).toBe(200);
  });

  it('cannot be assigned', async () => {
    await createRole('buried', []);
    await role('DELETE', 'buried');
    clock.advanceBy(bound);
    const user = await inviteUser();
    await expectNoWrites(service, async () => {
      const roleIds = [toRoleId('buried')];
      const create = await service.post(
        '/v1/users',
        { email: 'jo@x.example', roleIds },
        { token: admin() },
      );
      const change = await service.send('PATCH', `/cradl/v1/users/${user.id}`, {
        token: admin(),
        body: { roleIds },
      });
      expect([create, change].map(({ status, body }) => [status, body.code])).toEqual([
        [422, 'invalid_roles'],
        [404, 'not_found'],
      ]);
    });
  });

  it('is omitted when an invitation is accepted, while its other roles are granted [I26]', async () => {
    await createRole('fleeting', ['users:read']);
    const { guest, token } = await inviteAndReadToken({
      roleIds: [toRoleId('fleeting'), toRoleId('user')],
    });
    await role('DELETE', 'fleeting');
    clock.advanceBy(bound);
    expect(await acceptLink(token)).toMatchObject({
      status: 200,
      body: { refusedRoleIds: [toRoleId('fleeting')] },
    });
    expect((await reads(guest)).roleIds).toEqual([toRoleId('user')]);
  });
});

it('a role that has gained more permissions than the inviter is omitted on acceptance [R07]', async () => {
  await createRole('inviting', ['users:create']);
  await createRole('growing', []);
  const inviteGuest = async (): Promise<{ guest: InvitedAccount; token: string }> =>
    inviteAndReadToken(
      { roleIds: [toRoleId('growing')] },
      { token: clock.aTokenOf('acme', ['inviting']) },
    );
  const [early, late] = [await inviteGuest(), await inviteGuest()];
  expect((await acceptLink(early.token)).body.refusedRoleIds).toEqual([]);
  await role('PATCH', 'growing', { permissions: ['users:delete'] });
  clock.advanceBy(bound);
  expect((await acceptLink(late.token)).body.refusedRoleIds).toEqual([toRoleId('growing')]);
  expect((await reads(late.guest)).roleIds).toEqual([]);
});
