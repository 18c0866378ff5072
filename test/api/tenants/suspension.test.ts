import { describe, expect, it } from 'vitest';
import type { Route } from '../../../lib/api/routes.ts';
import { asks, aUserIn, bearerRoutes, isAboutTenant } from '../../support/authenticated-routes.ts';
import { anAppClient, asksForToken } from '../../support/tokens/roster-tokens.ts';
import {
  aService,
  aSystemAdministrator,
  aTokenOf,
  anAdminOf,
  issuer,
  type Sent,
  tenantId,
  type TenantSlug,
} from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const service = await aService();

describe('T09: a tenant that is not there, or is not to be served, is refused before any write', () => {
  const unknown = '11111111-1111-4111-8111-111111111111';

  it('an unknown one in the token', async () => {
    const token = issuer.mintAccessToken({ sub: 'eve', tenantId: unknown, roles: ['admin'] });
    await withoutEffect(service, async () => {
      for (const route of bearerRoutes) {
        const answer = await asks(service, route, { token, headers: { 'x-tenant-id': unknown } });
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
        expect(answer.body).not.toHaveProperty('notices');
      }
    });
  });

  it('an unknown one that a system administrator names', async () => {
    await withoutEffect(service, async () => {
      for (const route of bearerRoutes) {
        const answer = await asks(service, route, {
          token: aSystemAdministrator(),
          headers: { 'x-tenant-id': unknown },
        });
        expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    });
  });

  const elsewhere = bearerRoutes.filter((route) => !isAboutTenant(route));

  it.each<[string, string, readonly Route[]]>([
    ['an administrator', anAdminOf('acme'), bearerRoutes],
    // Who still reaches the tenant itself, to look at it and to resume it.
    ['a system administrator', aSystemAdministrator('acme'), elsewhere],
  ])('a suspended one, within thirty seconds, even to %s', async (_, token, refused) => {
    let clock = Date.now();
    const at = await aService({ now: () => new Date(clock) });
    const user = await aUserIn(at, 'acme');
    await at.hasTenant('acme', { status: 'suspended' });
    clock += 30_000;
    await withoutEffect(at, async () => {
      for (const route of refused) {
        const answer = await asks(at, route, { token, user });
        expect(answer).toMatchObject({ status: 403, body: { code: 'tenant_suspended' } });
        expect(answer.body).not.toHaveProperty('notices');
      }
    });
    // Its neighbors notice nothing, and it comes back as it was.
    expect(
      (await at.posts('/v1/users', { email: 'jo@example.com' }, { token: anAdminOf('globex') }))
        .status,
    ).toBe(201);
    await at.hasTenant('acme', { status: 'active' });
    clock += 30_000;
    expect((await at.gets(`/v1/users/${user.native}`, { token })).status).toBe(200);
  });

  it.each(['a token', 'an API key'])(
    'a suspended one, but for who can resume it: an app client of its own above tenants, with %s',
    async (by) => {
      let clock = Date.now();
      const at = await aService({ now: () => new Date(clock) });
      const above = await anAppClient(at, 'acme', { roles: [], systemAdministrator: true });
      const clerk = await anAppClient(at, 'acme');
      const sends = async (client: typeof above): Promise<Sent> =>
        by === 'an API key'
          ? { headers: client.key }
          : { token: (await asksForToken(at, client)).body.access_token };
      const clerks = await sends(clerk);
      await at.hasTenant('acme', { status: 'suspended' });
      clock += 30_000;

      // Only now, when it is needed.
      const { headers = {}, ...sent } = await sends(above);
      const naming = (slug: TenantSlug) => ({
        ...sent,
        headers: { ...headers, 'x-tenant-id': tenantId[slug] },
      });
      expect((await at.gets('/v1/users', naming('globex'))).status).toBe(200);
      for (const route of elsewhere) {
        const answer = await withoutEffect(at, () => asks(at, route, naming('acme')));
        expect(answer, route.route).toMatchObject({
          status: 403,
          body: { message: 'This tenant is suspended' },
        });
      }
      expect((await at.gets('/v1/users', { headers, ...sent })).status).toBe(403);
      expect((await at.gets('/v1/users', clerks)).status).toBe(403);

      const path = `/v1/tenants/${tenantId.acme}`;
      expect((await at.gets(path, { headers, ...sent })).body.status).toBe('suspended');
      expect((await at.posts(`${path}/resume`, undefined, { headers, ...sent })).status).toBe(200);
      clock += 30_000;
      for (const client of [above, clerk])
        expect((await at.gets('/v1/users', await sends(client))).status).toBe(200);
    },
  );

  it('a role that loses a permission does so within thirty seconds', async () => {
    let clock = Date.now();
    const at = await aService({ now: () => new Date(clock) });
    const reader = { slug: 'reader', name: 'Reader' };
    await at.hasRole('acme', { ...reader, permissions: ['users:read'] });
    const user = await aUserIn(at, 'acme');
    const reads = () =>
      at.gets(`/v1/users/${user.native}`, { token: aTokenOf('acme', ['reader']) });
    expect((await reads()).status).toBe(200);
    await at.hasRole('acme', { ...reader, permissions: [] });
    clock += 30_000;
    expect((await reads()).status).toBe(403);
  });
});
