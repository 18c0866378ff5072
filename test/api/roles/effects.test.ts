import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { anInvitingService, type Guest } from '../../support/scenarios/invitations.ts';
import { bound, roleIdOf } from '../../support/scenarios/roles.ts';
import { tenantId } from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const { service, clock, admin, invites, invited, accepts, reads } = await anInvitingService();
const role = (method: string, slug: string, body?: object) =>
  service.send(method, `/v1/roles/${roleIdOf(slug)}`, { token: admin(), ...(body && { body }) });
const isRole = async (slug: string, permissions: readonly string[]) => {
  const { status } = await service.posts(
    '/v1/roles',
    { roleId: roleIdOf(slug), name: slug, permissions },
    { token: admin() },
  );
  expect(status).toBe(201);
  clock.leaps(bound);
};
/** Every function that has roles to decide by, each of which remembers for itself. */
const asks = {
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

describe.each(Object.entries(asks))('to %s', (name, ask) => {
  const slugOf = (what: string) => `${what}-${name.split(' ')[1]}`;
  const all = ['users:read', 'roles:read'];

  /** The last moment at which what was remembered may still count, and the first at which it does not. */
  const afterwards = async (slug: string) => {
    clock.leaps(bound);
    return (await ask(slug)).status;
  };

  it('a permission that a role has lost counts for nothing from thirty seconds on', async () => {
    await isRole(slugOf('losing'), all);
    expect((await ask(slugOf('losing'))).status).toBe(200);
    expect((await role('PATCH', slugOf('losing'), { permissions: [] })).status).toBe(200);
    expect(await afterwards(slugOf('losing'))).toBe(403);
  });

  it('one that it was given counts by then', async () => {
    await isRole(slugOf('gaining'), []);
    expect((await ask(slugOf('gaining'))).status).toBe(403);
    expect((await role('PATCH', slugOf('gaining'), { permissions: all })).status).toBe(200);
    expect(await afterwards(slugOf('gaining'))).toBe(200);
  });

  it('a deleted role counts for nothing by then', async () => {
    await isRole(slugOf('dying'), all);
    expect((await ask(slugOf('dying'))).status).toBe(200);
    expect((await role('DELETE', slugOf('dying'))).status).toBe(204);
    expect(await afterwards(slugOf('dying'))).toBe(403);
  });
});

describe('a deleted role, wherever it is still named', () => {
  it('is shown on the users who had it, and allows them nothing', async () => {
    await isRole('faded', ['users:read', 'users:delete']);
    const user = await invites({
      password: goodPassword,
      roleIds: [roleIdOf('faded'), roleIdOf('user')],
    });
    await isRole('janitor', ['users:update']);
    const changes = () =>
      service.send('PATCH', `/v1/users/${user.id}`, {
        token: clock.aTokenOf('acme', ['janitor']),
        body: { name: 'Jo' },
      });
    expect((await changes()).status).toBe(403);
    await role('DELETE', 'faded');
    clock.leaps(bound);
    expect((await reads(user)).roleIds).toEqual([roleIdOf('faded'), roleIdOf('user')]);
    // Whoever stands above nobody any more can be changed by others.
    expect((await changes()).status).toBe(200);
  });

  it('is given to nobody', async () => {
    await isRole('buried', []);
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

  it('I26: is left out when an invitation that names it is accepted, and the others are not', async () => {
    await isRole('fleeting', ['users:read']);
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

it('R07: a role that outgrew the inviter is left out, however it grew', async () => {
  await isRole('inviting', ['users:create']);
  await isRole('growing', []);
  const invites = async (): Promise<{ guest: Guest; token: string }> =>
    invited({ roleIds: [roleIdOf('growing')] }, { token: clock.aTokenOf('acme', ['inviting']) });
  const [early, late] = [await invites(), await invites()];
  expect((await accepts(early.token)).body.refusedRoleIds).toEqual([]);
  await role('PATCH', 'growing', { permissions: ['users:delete'] });
  clock.leaps(bound);
  expect((await accepts(late.token)).body.refusedRoleIds).toEqual([roleIdOf('growing')]);
  expect((await reads(late.guest)).roleIds).toEqual([]);
});
