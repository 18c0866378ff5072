import { describe, expect, it } from 'vitest';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { createSigner } from '../../support/tokens/token-signer.ts';
import { createTestService, issuer, tenantId } from '../../support/service.ts';

const signer = createSigner();
const scoped = createSigner({ issuer: 'https://scopes.example.com' });
const service = await createTestService({
  environment: {
    ISSUERS: JSON.stringify([
      issuer.settings,
      { ...signer.settings, system: true },
      { ...scoped.settings, rolesClaim: 'https://example.com/roles' },
    ]),
  },
});
await service.putRole('acme', { slug: 'reader', name: 'Reader', permissions: ['users:read'] });
await service.putRole('globex', { slug: 'lookout', name: 'Lookout', permissions: ['users:read'] });
// Redefinitions of reserved roles have no effect.
await service.putRole('acme', {
  slug: 'user',
  name: 'Everybody',
  permissions: ['users:create', 'users:read'],
});
await service.putRole('acme', {
  slug: 'system_admin',
  name: 'Root',
  permissions: ['users:create', 'users:read'],
});
const user = await createUserIn(service, 'acme');

const reads = async (token: string): Promise<number> =>
  (await service.get(`/v1/users/${user.native}`, { token })).status;

describe('a roles claim', () => {
  it.each<[string, number, unknown]>([
    ['a name', 200, ['approver']],
    ['a role ID', 200, ['cradl:role:approver']],
    ['a role ID with the old prefix', 200, ['las:role:approver']],
    ['a custom role', 200, ['reader']],
    ['the ID of a custom role', 200, ['cradl:role:reader']],
    [
      'a name among unknown ones',
      200,
      ['offline_access', 'default-roles', 'approver', 'cradl:role:nothing'],
    ],
    ['a name among other types', 200, [7, null, {}, ['admin'], true, 'approver']],
    ['names separated by spaces', 200, 'openid approver'],
    ['a role without permissions', 403, ['user']],
    ['a role of another tenant', 403, ['lookout']],
    ['no value', 403, undefined],
    ['null', 403, null],
    ['an empty list', 403, []],
    ['an empty string', 403, ''],
    ['a number', 403, 1],
    ['true', 403, true],
    ['an object of names', 403, { admin: true, approver: true, 0: 'admin', length: 1 }],
    ['a list in a list', 403, [['admin']]],
    ['objects in a list', 403, [{ name: 'admin' }]],
    ['names separated by commas', 403, 'admin,approver'],
    ['a list in a string', 403, '["admin"]'],
    ['names in another case', 403, ['Admin', 'ADMIN', 'cradl:role:Admin']],
    ['names with whitespace around them', 403, [' admin', 'admin ', 'admin\n']],
    ['IDs of other types', 403, ['cradl:user:admin', 'cradl:app-client:admin']],
    [
      'role IDs with other prefixes',
      403,
      ['acme:role:admin', 'Cradl:role:admin', 'x:cradl:role:admin'],
    ],
    ['a nested role ID', 403, ['cradl:role:cradl:role:admin']],
    ['keys of a role', 403, ['ROLE#admin', 'admin#']],
    ['names of object properties', 403, ['__proto__', 'constructor', 'toString', 'hasOwnProperty']],
    ['a wildcard', 403, ['*', 'cradl:role:*', '.*']],
    ['permissions', 403, ['users:read', 'users:*']],
  ])('with %s returns %i', async (_, status, roles) => {
    expect(await reads(signer.signs({ roles }))).toBe(status);
  });

  it('is read only from the claim that the issuer is configured with', async () => {
    expect(await reads(scoped.signs({ roles: ['admin'] }))).toBe(403);
    expect(
      await reads(scoped.signs({ roles: [], 'https://example.com/roles': ['approver'] })),
    ).toBe(200);
    expect(await reads(scoped.signs({ roles: [], 'https://example.com/roles': 'approver' }))).toBe(
      200,
    );
  });
});

describe('a roles claim of an issuer with system access', () => {
  const elsewhere = { tenant_id: tenantId.globex };
  const readsInAcme = async (token: string): Promise<number> =>
    (
      await service.get(`/v1/users/${user.native}`, {
        token,
        headers: { 'x-tenant-id': tenantId.acme },
      })
    ).status;

  it.each<[string, number, unknown]>([
    ['system_admin', 200, ['system_admin']],
    ['system_admin among others', 200, ['user', 'system_admin']],
    ['system_admin in a string', 200, 'openid system_admin'],
    ['names in another case', 403, ['System_Admin', 'SYSTEM_ADMIN']],
    ['a hyphen in the name', 403, ['system-admin']],
    ['parts of the name', 403, ['system', 'system_', 'system_administrator']],
    ['a list in a list', 403, [['system_admin']]],
    ['an object', 403, { system_admin: true }],
  ])('with %s returns %i in another tenant', async (_, status, roles) => {
    expect(await readsInAcme(signer.signs({ ...elsewhere, roles }))).toBe(status);
  });

  it.each([['system_admin'], ['cradl:role:system_admin']])(
    'with %s has no effect if another issuer signed it',
    async (role) => {
      const claim = { 'https://example.com/roles': [role] };
      expect(await readsInAcme(scoped.signs({ ...elsewhere, ...claim }))).toBe(403);
      expect(await reads(scoped.signs(claim))).toBe(403);
    },
  );

  it('does not allow an administrator to grant system_admin', async () => {
    const body = { email: 'root@example.com', roleIds: ['cradl:role:system_admin'] };
    const answer = await service.post('/v1/users', body, {
      token: signer.signs({ roles: ['admin'] }),
    });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_roles' } });
  });
});
