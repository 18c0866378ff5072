import { describe, expect, it } from 'vitest';
import { aUserIn } from '../../support/authenticated-routes.ts';
import { aSigner } from '../../support/tokens/token-signer.ts';
import { aService, issuer, tenantId } from '../../support/service.ts';

const signer = aSigner();
const scoped = aSigner({ issuer: 'https://scopes.example.com' });
const service = await aService({
  environment: {
    ISSUERS: JSON.stringify([
      issuer.settings,
      { ...signer.settings, system: true },
      { ...scoped.settings, rolesClaim: 'https://example.com/roles' },
    ]),
  },
});
await service.hasRole('acme', { slug: 'reader', name: 'Reader', permissions: ['users:read'] });
await service.hasRole('globex', { slug: 'lookout', name: 'Lookout', permissions: ['users:read'] });
// What a tenant may not have: its row is there, and counts for nothing.
await service.hasRole('acme', {
  slug: 'user',
  name: 'Everybody',
  permissions: ['users:create', 'users:read'],
});
await service.hasRole('acme', {
  slug: 'system_admin',
  name: 'Root',
  permissions: ['users:create', 'users:read'],
});
const user = await aUserIn(service, 'acme');

const reads = async (token: string): Promise<number> =>
  (await service.gets(`/v1/users/${user.native}`, { token })).status;

describe('roles are names or role ids, and what is no role of the tenant counts for nothing', () => {
  it.each<[string, unknown, number]>([
    ['a name', ['approver'], 200],
    ['a role id', ['cradl:role:approver'], 200],
    ['a role id as older clients write it', ['las:role:approver'], 200],
    ['a role of the tenant itself', ['reader'], 200],
    ['its role id', ['cradl:role:reader'], 200],
    [
      'a name among unknown ones',
      ['offline_access', 'default-roles', 'approver', 'cradl:role:nothing'],
      200,
    ],
    ['a name among what is no text', [7, null, {}, ['admin'], true, 'approver'], 200],
    ['names with a space between', 'openid approver', 200],
    ['a role without permissions', ['user'], 403],
    ['a role of another tenant', ['lookout'], 403],
    ['no claim', undefined, 403],
    ['null', null, 403],
    ['an empty list', [], 403],
    ['no text', '', 403],
    ['a number', 1, 403],
    ['true', true, 403],
    ['an object with the names', { admin: true, approver: true, 0: 'admin', length: 1 }, 403],
    ['a list in a list', [['admin']], 403],
    ['objects in a list', [{ name: 'admin' }], 403],
    ['names with commas between', 'admin,approver', 403],
    ['a list as text', '["admin"]', 403],
    ['other case', ['Admin', 'ADMIN', 'cradl:role:Admin'], 403],
    ['spaces around', [' admin', 'admin ', 'admin\n'], 403],
    ['a role id of another kind', ['cradl:user:admin', 'cradl:app-client:admin'], 403],
    [
      'a role id with another prefix',
      ['acme:role:admin', 'Cradl:role:admin', 'x:cradl:role:admin'],
      403,
    ],
    ['a role id in a role id', ['cradl:role:cradl:role:admin'], 403],
    ['the key of a role', ['ROLE#admin', 'admin#'], 403],
    [
      'the names that every object has',
      ['__proto__', 'constructor', 'toString', 'hasOwnProperty'],
      403,
    ],
    ['a wildcard', ['*', 'cradl:role:*', '.*'], 403],
    ['a permission', ['users:read', 'users:*'], 403],
  ])('%s', async (_, roles, status) => {
    expect(await reads(signer.signs({ roles }))).toBe(status);
  });

  it('the claim that an issuer is configured with, and no other, holds the roles', async () => {
    expect(await reads(scoped.signs({ roles: ['admin'] }))).toBe(403);
    expect(
      await reads(scoped.signs({ roles: [], 'https://example.com/roles': ['approver'] })),
    ).toBe(200);
    expect(await reads(scoped.signs({ roles: [], 'https://example.com/roles': 'approver' }))).toBe(
      200,
    );
  });
});

describe('system_admin stands above tenants, and only for an issuer marked system', () => {
  const elsewhere = { tenant_id: tenantId.globex };
  const readsInAcme = async (token: string): Promise<number> =>
    (
      await service.gets(`/v1/users/${user.native}`, {
        token,
        headers: { 'x-tenant-id': tenantId.acme },
      })
    ).status;

  it.each<[string, unknown, number]>([
    ['its name', ['system_admin'], 200],
    ['its name among others', ['user', 'system_admin'], 200],
    ['its name in a text', 'openid system_admin', 200],
    ['other case', ['System_Admin', 'SYSTEM_ADMIN'], 403],
    ['a hyphen', ['system-admin'], 403],
    ['a part of it', ['system', 'system_', 'system_administrator'], 403],
    ['a list in a list', [['system_admin']], 403],
    ['an object', { system_admin: true }, 403],
  ])('%s', async (_, roles, status) => {
    expect(await readsInAcme(signer.signs({ ...elsewhere, roles }))).toBe(status);
  });

  it.each([['system_admin'], ['cradl:role:system_admin']])(
    'from any other issuer %s is no role at all',
    async (role) => {
      const claim = { 'https://example.com/roles': [role] };
      expect(await readsInAcme(scoped.signs({ ...elsewhere, ...claim }))).toBe(403);
      expect(await reads(scoped.signs(claim))).toBe(403);
    },
  );

  it('is no role that a tenant has or hands out, whatever its rows say', async () => {
    const body = { email: 'root@example.com', roleIds: ['cradl:role:system_admin'] };
    const answer = await service.posts('/v1/users', body, {
      token: signer.signs({ roles: ['admin'] }),
    });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_roles' } });
  });
});
