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

describe('a tenant [T09]', () => {
  const unknown = '11111111-1111-4111-8111-111111111111';

  it('that is unknown in the token returns 403 on every route', async () => {
    const token = issuer.mintAccessToken({ sub: 'eve', tenantId: unknown, roles: ['admin'] });
    await withoutEffect(service, async () => {
      for (const route of bearerRoutes) {
        const answer = await asks(service, route, { token, headers: { 'x-tenant-id': unknown } });
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
        expect(answer.body).not.toHaveProperty('notices');
      }
    });
  });

  it('that is unknown in the request of a system administrator returns 404 on every route', async () => {
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
    // System administrators can read and resume the tenant itself.
    ['a system administrator', aSystemAdministrator('acme'), elsewhere],
  ])('returns 403 to %s within 30 s of its suspension', async (_, token, blockedRoutes) => {
    let clock = Date.now();
    const tenantService = await aService({ now: () => new Date(clock) });
    const user = await aUserIn(tenantService, 'acme');
    await tenantService.hasTenant('acme', { status: 'suspended' });
    clock += 30_000;
    await withoutEffect(tenantService, async () => {
      for (const route of blockedRoutes) {
        const answer = await asks(tenantService, route, { token, user });
        expect(answer).toMatchObject({ status: 403, body: { code: 'tenant_suspended' } });
        expect(answer.body).not.toHaveProperty('notices');
      }
    });
    // Other tenants are not affected, and the tenant can be resumed.
    expect(
      (
        await tenantService.posts(
          '/v1/users',
          { email: 'jo@example.com' },
          { token: anAdminOf('globex') },
        )
      ).status,
    ).toBe(201);
    await tenantService.hasTenant('acme', { status: 'active' });
    clock += 30_000;
    expect((await tenantService.gets(`/v1/users/${user.native}`, { token })).status).toBe(200);
  });

  it.each(['a token', 'an API key'])(
    'can be resumed by its own app client with system access, using %s',
    async (credential) => {
      let clock = Date.now();
      const tenantService = await aService({ now: () => new Date(clock) });
      const systemClient = await anAppClient(tenantService, 'acme', {
        roles: [],
        systemAdministrator: true,
      });
      const clerk = await anAppClient(tenantService, 'acme');
      const sends = async (client: typeof systemClient): Promise<Sent> =>
        credential === 'an API key'
          ? { headers: client.key }
          : { token: (await asksForToken(tenantService, client)).body.access_token };
      const clerkCredentials = await sends(clerk);
      await tenantService.hasTenant('acme', { status: 'suspended' });
      clock += 30_000;

      // Obtains credentials after the suspension.
      const { headers = {}, ...sent } = await sends(systemClient);
      const naming = (slug: TenantSlug) => ({
        ...sent,
        headers: { ...headers, 'x-tenant-id': tenantId[slug] },
      });
      expect((await tenantService.gets('/v1/users', naming('globex'))).status).toBe(200);
      for (const route of elsewhere) {
        const answer = await withoutEffect(tenantService, () =>
          asks(tenantService, route, naming('acme')),
        );
        expect(answer, route.route).toMatchObject({
          status: 403,
          body: { message: 'This tenant is suspended' },
        });
      }
      expect((await tenantService.gets('/v1/users', { headers, ...sent })).status).toBe(403);
      expect((await tenantService.gets('/v1/users', clerkCredentials)).status).toBe(403);

      const path = `/v1/tenants/${tenantId.acme}`;
      expect((await tenantService.gets(path, { headers, ...sent })).body.status).toBe('suspended');
      expect(
        (await tenantService.posts(`${path}/resume`, undefined, { headers, ...sent })).status,
      ).toBe(200);
      clock += 30_000;
      for (const client of [systemClient, clerk])
        expect((await tenantService.gets('/v1/users', await sends(client))).status).toBe(200);
    },
  );

  it('applies the removal of a permission from a role within 30 s', async () => {
    let clock = Date.now();
    const tenantService = await aService({ now: () => new Date(clock) });
    const reader = { slug: 'reader', name: 'Reader' };
    await tenantService.hasRole('acme', { ...reader, permissions: ['users:read'] });
    const user = await aUserIn(tenantService, 'acme');
    const reads = () =>
      tenantService.gets(`/v1/users/${user.native}`, { token: aTokenOf('acme', ['reader']) });
    expect((await reads()).status).toBe(200);
    await tenantService.hasRole('acme', { ...reader, permissions: [] });
    clock += 30_000;
    expect((await reads()).status).toBe(403);
  });
});
