import { describe, expect, it } from 'vitest';
import type { Route } from '../lib/http/routes.ts';
import { asks, aUserIn, bearerRoutes, isAboutTenant } from './bearer-routes.ts';
import { aService, aSystemAdministrator, aTokenOf, anAdminOf, issuer } from './steps.ts';
import { withoutEffect } from './without-effect.ts';

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
        const answer = await asks(service, route, { token: aSystemAdministrator(), headers: { 'x-tenant-id': unknown } });
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
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
        expect(answer.body).not.toHaveProperty('notices');
      }
    });
    // Its neighbours notice nothing, and it comes back as it was.
    expect((await at.posts('/v1/users', { email: 'jo@example.com' }, { token: anAdminOf('globex') })).status).toBe(201);
    await at.hasTenant('acme', { status: 'active' });
    clock += 30_000;
    expect((await at.gets(`/v1/users/${user.native}`, { token })).status).toBe(200);
  });

  it('a role that loses a permission does so within thirty seconds', async () => {
    let clock = Date.now();
    const at = await aService({ now: () => new Date(clock) });
    const reader = { slug: 'reader', name: 'Reader' };
    await at.hasRole('acme', { ...reader, permissions: ['users:read'] });
    const user = await aUserIn(at, 'acme');
    const reads = () => at.gets(`/v1/users/${user.native}`, { token: aTokenOf('acme', ['reader']) });
    expect((await reads()).status).toBe(200);
    await at.hasRole('acme', { ...reader, permissions: [] });
    clock += 30_000;
    expect((await reads()).status).toBe(403);
  });
});
