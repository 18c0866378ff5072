import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { anInvitingService, type Guest } from '../../support/scenarios/invitations.ts';
import { bound, roleIdOf } from '../../support/scenarios/roles.ts';
import { tenantId } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const { service, clock, admin, invites, invited, accepts, reads } = await anInvitingService();
const role = (method: string, slug: string, body?: object) =>
  service.send(method, `/v1/roles/${roleIdOf(slug)}`, { token: admin(), ...(body && { body }) });
const createRole = async (slug: string, permissions: readonly string[]) => {
  const { status } = await service.posts(
    '/v1/roles',
    { roleId: roleIdOf(slug), name: slug, permissions },
    { token: admin() },
  );
  expect(status).toBe(201);
  clock.leaps(bound);
};
/** Functions that check roles. Each has its own cache. */
const requests = {
  'the users function': (slug: string) =>
    service.gets('/v1/users', { token: clock.aTokenOf('acme', [slug]) }),
  'the tenants function': (slug: string) =>
    service.gets('/v1/roles', { token: clock.aTokenOf('acme', [slug]) }),
  'another dialect': (slug: string) =>
    service.gets('/jitsudo/v1/users', {
      token: clock.aTokenOf('acme', [slug]),
      headers: { 'x-tenant-id': tenantId.acme },
    }),
} as const;

describe.each(Object.entries(requests))('in %s', (name, request) => {
  const getSlug = (what: string) => `${what}-${name.split(' ')[1]}`;
  const all = ['users:read', 'roles:read'];

  /** Repeats the request once cached roles have expired. */
  const requestAfterExpiry = async (slug: string) => {
    clock.leaps(bound);
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
    const user = await invites({
      password: goodPassword,
      roleIds: [roleIdOf('faded'), roleIdOf('user')],
    });
    await createRole('janitor', ['users:update']);
    const updateUser = () =>
      service.send('PATCH', `/v1/users/${user.id}`, {
        token: clock.aTokenOf('acme', ['janitor']),
        body: { name: 'Jo' },
      });
    expect((await updateUser()).status).toBe(403);
    await role('DELETE', 'faded');
    clock.leaps(bound);
    expect((await reads(user)).roleIds).toEqual([roleIdOf('faded'), roleIdOf('user')]);
    // The user no longer has more permissions than the caller.
    expect((await updateUser()).status).toBe(200);
  });

  it('cannot be assigned', async () => {
    await createRole('buried', []);
    await role('DELETE', 'buried');
    clock.leaps(bound);
    const user = await invites();
    await withoutEffect(service, async () => {
      const roleIds = [roleIdOf('buried')];
      const create = await service.posts(
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
    const { guest, token } = await invited({ roleIds: [roleIdOf('fleeting'), roleIdOf('user')] });
    await role('DELETE', 'fleeting');
    clock.leaps(bound);
    expect(await accepts(token)).toMatchObject({
      status: 200,
      body: { refusedRoleIds: [roleIdOf('fleeting')] },
    });
    expect((await reads(guest)).roleIds).toEqual([roleIdOf('user')]);
  });
});

it('a role that has gained more permissions than the inviter is omitted on acceptance [R07]', async () => {
  await createRole('inviting', ['users:create']);
  await createRole('growing', []);
  const inviteGuest = async (): Promise<{ guest: Guest; token: string }> =>
    invited({ roleIds: [roleIdOf('growing')] }, { token: clock.aTokenOf('acme', ['inviting']) });
  const [early, late] = [await inviteGuest(), await inviteGuest()];
  expect((await accepts(early.token)).body.refusedRoleIds).toEqual([]);
  await role('PATCH', 'growing', { permissions: ['users:delete'] });
  clock.leaps(bound);
  expect((await accepts(late.token)).body.refusedRoleIds).toEqual([roleIdOf('growing')]);
  expect((await reads(late.guest)).roleIds).toEqual([]);
});
