import { describe, expect, it } from 'vitest';
import type { Route } from '../../../lib/api/routes.ts';
import {
  requestRoute,
  createUserIn,
  authenticatedRoutes,
} from '../../support/authenticated-routes.ts';
import { createTokenAppClient, requestAccessToken } from '../../support/tokens/roster-tokens.ts';
import {
  createTestService,
  systemToken,
  userToken,
  adminToken,
  issuer,
  type TestRequest,
  tenantId,
  type TenantSlug,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createTestService();

describe('a tenant [T09]', () => {
  const unknown = '11111111-1111-4111-8111-111111111111';

  it('that is unknown in the token returns 403 on every route', async () => {
    const token = issuer.mintAccessToken({ sub: 'eve', tenantId: unknown, roles: ['admin'] });
    await expectNoWrites(service, async () => {
      for (const route of authenticatedRoutes) {
        const answer = await requestRoute(service, route, {
          token,
          headers: { 'x-tenant-id': unknown },
        });
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
        expect(answer.body).not.toHaveProperty('notices');
      }
    });
  });

  it('that is unknown in the request of a system administrator returns 404 on every route', async () => {
    await expectNoWrites(service, async () => {
      for (const route of authenticatedRoutes) {
        const answer = await requestRoute(service, route, {
          token: systemToken(),
          headers: { 'x-tenant-id': unknown },
        });
        expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
      }
    });
  });

  const ofTenant =
    /\{(tenantId|organizationId|organization)\}(\/(suspend|resume|restore|erase|transfer-ownership))?$/;
  const elsewhere = authenticatedRoutes.filter(({ route }) => !ofTenant.test(route));

  it.each<[string, string, readonly Route[]]>([
    ['an administrator', adminToken('acme'), authenticatedRoutes],
    // System administrators can read and resume the tenant itself.
    ['a system administrator', systemToken('acme'), elsewhere],
  ])('returns 403 to %s within 30 s of its suspension', async (_, token, blockedRoutes) => {
    let clock = Date.now();
    const tenantService = await createTestService({ now: () => new Date(clock) });
    const user = await createUserIn(tenantService, 'acme');
    await tenantService.updateTenantItem('acme', { status: 'suspended' });
    clock += 30_000;
    await expectNoWrites(tenantService, async () => {
      for (const route of blockedRoutes) {
        const answer = await requestRoute(tenantService, route, { token, user });
        expect(answer).toMatchObject({ status: 403, body: { code: 'tenant_suspended' } });
        expect(answer.body).not.toHaveProperty('notices');
      }
    });
    // Other tenants are not affected, and the tenant can be resumed.
    expect(
      (
        await tenantService.post(
          '/v1/users',
          { email: 'jo@example.com' },
          { token: adminToken('globex') },
        )
      ).status,
    ).toBe(201);
    await tenantService.updateTenantItem('acme', { status: 'active' });
    clock += 30_000;
    expect((await tenantService.get(`/v1/users/${user.native}`, { token })).status).toBe(200);
  });

  it.each(['a token', 'an API key'])(
    'can be resumed by its own app client with system access, using %s',
    async (credential) => {
      let clock = Date.now();
      const tenantService = await createTestService({ now: () => new Date(clock) });
      const systemClient = await createTokenAppClient(tenantService, 'acme', {
        roles: [],
        systemAdministrator: true,
      });
      const clerk = await createTokenAppClient(tenantService, 'acme');
      const sends = async (client: typeof systemClient): Promise<TestRequest> =>
        credential === 'an API key'
          ? { headers: client.key }
          : { token: (await requestAccessToken(tenantService, client)).body.access_token };
      const clerkCredentials = await sends(clerk);
      await tenantService.updateTenantItem('acme', { status: 'suspended' });
      clock += 30_000;

      // Obtains credentials after the suspension.
      const { headers = {}, ...sent } = await sends(systemClient);
      const naming = (slug: TenantSlug) => ({
        ...sent,
        headers: { ...headers, 'x-tenant-id': tenantId[slug] },
      });
      expect((await tenantService.get('/v1/users', naming('globex'))).status).toBe(200);
      for (const route of elsewhere) {
        const answer = await expectNoWrites(tenantService, () =>
          requestRoute(tenantService, route, naming('acme')),
        );
        expect(answer, route.route).toMatchObject({
          status: 403,
          body: { message: 'This tenant is suspended' },
        });
      }
      expect((await tenantService.get('/v1/users', { headers, ...sent })).status).toBe(403);
      expect((await tenantService.get('/v1/users', clerkCredentials)).status).toBe(403);

      const path = `/v1/tenants/${tenantId.acme}`;
      expect((await tenantService.get(path, { headers, ...sent })).body.status).toBe('suspended');
      expect(
        (await tenantService.post(`${path}/resume`, undefined, { headers, ...sent })).status,
      ).toBe(200);
      clock += 30_000;
      for (const client of [systemClient, clerk])
        expect((await tenantService.get('/v1/users', await sends(client))).status).toBe(200);
    },
  );

  it('applies the removal of a permission from a role within 30 s', async () => {
    let clock = Date.now();
    const tenantService = await createTestService({ now: () => new Date(clock) });
    const reader = { slug: 'reader', name: 'Reader' };
    await tenantService.putRole('acme', { ...reader, permissions: ['users:read'] });
    const user = await createUserIn(tenantService, 'acme');
    const reads = () =>
      tenantService.get(`/v1/users/${user.native}`, { token: userToken('acme', ['reader']) });
    expect((await reads()).status).toBe(200);
    await tenantService.putRole('acme', { ...reader, permissions: [] });
    clock += 30_000;
    expect((await reads()).status).toBe(403);
  });
});
