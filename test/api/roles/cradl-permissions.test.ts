import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cradlPermissions, toCradlPermissions } from '../../../lib/api/roles/cradl-permissions.ts';
import { permissions } from '../../../lib/domain/access/permissions.ts';
import { createRoleIn, createUserIn } from '../../support/authenticated-routes.ts';
import { toRoleId } from '../../support/scenarios/roles.ts';
import { adminToken, createTestService, systemToken, userToken } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { scaleRuns } from '../../support/property-runs.ts';

const service = await createTestService();
await service.putRole('acme', {
  slug: 'marshal',
  name: 'Marshal',
  permissions: ['roles:write', 'users:create', 'users:update'],
});
const token = adminToken('acme');
const allow = (resourceId: string, action: string) => ({ resourceId, effect: 'allow', action });
const createRole = (rolePermissions: readonly object[], by = token) =>
  service.post('/cradl/v1/roles', { permissions: rolePermissions }, { token: by });
const readNative = async (roleId: string) =>
  (await service.get(`/v1/roles/${roleId}`, { token })).body;

describe('Cradl permissions', () => {
  it('convert to native permissions and back without loss', () => {
    fc.assert(
      fc.property(
        fc.subarray([...permissions]),
        fc.constantFrom('cradl' as const, 'las' as const),
        (rolePermissions, prefix) => {
          const cradl = toCradlPermissions(rolePermissions, prefix);
          expect(new Set(cradlPermissions().parse(cradl))).toEqual(new Set(rolePermissions));
          // No permission is repeated.
          expect(cradlPermissions().parse(cradl)).toHaveLength(rolePermissions.length);
        },
      ),
      { numRuns: scaleRuns(300) },
    );
  });

  it.each<[string, string, readonly string[]]>([
    ['cradl:user:*', 'read', ['users:read']],
    ['cradl:user:*', 'write', ['users:create', 'users:delete', 'users:update']],
    ['cradl:user:*', '*', ['users:create', 'users:delete', 'users:read', 'users:update']],
    ['cradl:user:*:create', 'write', ['users:create']],
    ['cradl:user:*:update', '*', ['users:update']],
    ['las:user:*:delete', 'write', ['users:delete']],
    ['cradl:invitation:*', 'write', ['invitations:copy']],
    ['cradl:role:*', 'read', ['roles:read']],
    ['cradl:role:*', 'write', ['roles:write']],
    ['cradl:role:*', 'delegate', ['roles:delegate']],
    ['cradl:role:*', '*', ['roles:delegate', 'roles:read', 'roles:write']],
    ['cradl:group:*', 'read', ['groups:read']],
    ['cradl:group:*', 'write', ['groups:write']],
    ['cradl:app-client:*', 'read', ['appClients:read']],
    ['cradl:app-client:*', 'write', ['appClients:write']],
    ['cradl:organization:*', 'read', ['tenant:read']],
    ['las:organization:*', 'write', ['tenant:update']],
    ['cradl:event:*', 'read', ['events:read']],
    ['cradl:audit-log:*', 'read', ['audit:read']],
    ['cradl:webhook:*', 'read', ['webhooks:read']],
    ['cradl:webhook:*', 'write', ['webhooks:write']],
    ['cradl:connection:*', 'read', ['scim:read']],
    ['cradl:connection:*', 'write', ['scim:write']],
  ])('map %s with the action %s to %j', async (resourceId, action, rolePermissions) => {
    const { status, body } = await createRole([allow(resourceId, action)], systemToken('acme'));
    expect(status).toBe(200);
    expect((await readNative(body.roleId)).permissions).toEqual(rolePermissions);
  });

  it.each<[string, unknown]>([
    ['permissions.0.resourceId', allow('cradl:user:0123456789abcdef0123456789abcdef', 'read')],
    ['permissions.0.resourceId', allow('cradl:model:*', 'read')],
    ['permissions.0.resourceId', allow('*', '*')],
    ['permissions.0.resourceId', allow('', 'read')],
    ['permissions.0.resourceId', allow('other:user:*', 'read')],
    ['permissions.0.action', allow('cradl:user:*', 'delegate')],
    ['permissions.0.action', allow('cradl:user:*:create', 'read')],
    ['permissions.0.action', allow('cradl:user:*', 'rule')],
    ['permissions.0.effect', { ...allow('cradl:user:*', 'read'), effect: 'deny' }],
    ['permissions.0.effect', { resourceId: 'cradl:user:*', action: 'read' }],
    ['permissions.0.condition', { ...allow('cradl:user:*', 'read'), condition: 'always' }],
    ['permissions.0', 'users:read'],
  ])('return 400 with the path %s for %j', async (path, permission) => {
    const answer = await expectNoWrites(service, () => createRole([permission as object]));
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path }] } },
    });
  });

  it('can only be granted by callers who have the matching native permissions', async () => {
    const marshal = userToken('acme', ['marshal']);
    expect((await createRole([allow('cradl:user:*:create', 'write')], marshal)).status).toBe(200);
    expect(
      await expectNoWrites(service, () => createRole([allow('cradl:user:*', 'write')], marshal)),
    ).toMatchObject({
      status: 403,
      body: {
        notices: ['You can grant only permissions that you hold.'],
      },
    });
  });

  it('omit permissions that only a newer version knows', async () => {
    await service.putRole('acme', {
      slug: 'newer',
      name: 'Newer',
      permissions: ['users:read', 'users:rule'] as never,
    });
    expect(
      (await service.get('/cradl/v1/roles/cradl:role:newer', { token })).body.permissions,
    ).toEqual([allow('cradl:user:*', 'read')]);
    expect((await readNative('cradl:role:newer')).permissions).toEqual([
      'users:read',
      'users:rule',
    ]);
  });
});

it('a role delete in Cradl returns the role, and a second one returns 404', async () => {
  const { body } = await createRole([allow('cradl:user:*', 'read')]);
  const path = `/cradl/v1/roles/${body.roleId}`;
  const deleteRole = () => service.send('DELETE', path, { token });
  expect(await deleteRole()).toMatchObject({ status: 200, body });
  expect(await deleteRole()).toMatchObject({ status: 404, body: { code: 'not_found' } });
});

describe('role assignment in Cradl', async () => {
  const rolePermissions = ['users:create', 'users:read', 'users:update'] as const;
  await service.putRole('acme', { slug: 'clerk', name: 'Clerk', permissions: rolePermissions });
  await service.putRole('acme', {
    slug: 'delegate',
    name: 'Delegate',
    permissions: ['roles:delegate'],
  });
  const clerk = userToken('acme', ['clerk']);
  const delegate = userToken('acme', ['clerk', 'delegate']);
  const user = await createUserIn(service, 'acme');
  let users = 0;
  const createWithRoles = (path: string, roleIds: readonly string[] | undefined, by: string) =>
    service.post(
      path,
      { email: `user-${++users}@x.example`, ...(roleIds && { roleIds }) },
      { token: by },
    );
  const updateUser = (path: string, body: object, by: string) =>
    service.send('PATCH', `${path}/${user.native}`, {
      token: by,
      body,
      headers: { 'if-match': '*' },
    });
  const refused = {
    status: 403,
    body: {
      code: 'forbidden',
      notices: [
        "Assigning roles through Cradl's API requires the permission roles:delegate in this tenant.",
      ],
    },
  };

  it('requires roles:delegate in addition to the permissions of the role', async () => {
    for (const roleIds of [
      ['cradl:role:user'],
      ['cradl:role:clerk'],
      ['cradl:role:clerk', 'cradl:role:no-such-role'],
    ]) {
      const answer = await expectNoWrites(service, () =>
        createWithRoles('/cradl/v1/users', roleIds, clerk),
      );
      expect(answer).toMatchObject(refused);
      expect(answer.body.message).not.toBe('Forbidden');
      expect(
        await expectNoWrites(service, () => updateUser('/cradl/v1/users', { roleIds }, clerk)),
      ).toMatchObject(refused);
    }
    expect((await createWithRoles('/cradl/v1/users', ['cradl:role:clerk'], delegate)).status).toBe(
      200,
    );
    expect(
      (await updateUser('/cradl/v1/users', { roleIds: ['cradl:role:clerk'] }, delegate)).status,
    ).toBe(200);
    expect(
      (await createWithRoles('/cradl/v1/users', ['cradl:role:clerk'], systemToken('acme'))).status,
    ).toBe(200);
    // roles:delegate does not replace the permissions of the role.
    expect(
      (await createWithRoles('/cradl/v1/users', ['cradl:role:admin'], delegate)).body.notices,
    ).toEqual(['You can grant only permissions that you hold.']);
  });

  it('requires roles:delegate to remove roles', async () => {
    expect(
      await expectNoWrites(service, () => updateUser('/cradl/v1/users', { roleIds: [] }, clerk)),
    ).toMatchObject(refused);
    expect((await updateUser('/cradl/v1/users', { roleIds: [] }, delegate)).status).toBe(200);
  });

  it('requires roles:delegate only if roles change', async () => {
    for (const roleIds of [undefined, []])
      expect((await createWithRoles('/cradl/v1/users', roleIds, clerk)).status).toBe(200);
    expect((await updateUser('/cradl/v1/users', { name: 'Jo' }, clerk)).status).toBe(200);
  });

  it('requires roles:delegate only in Cradl', async () => {
    expect((await createWithRoles('/v1/users', ['cradl:role:clerk'], clerk)).status).toBe(201);
    expect((await updateUser('/v1/users', { roleIds: ['cradl:role:clerk'] }, clerk)).status).toBe(
      200,
    );
  });

  it('first reports a missing permission to create or update users', async () => {
    const readNotices = async (by: string) =>
      (await createWithRoles('/cradl/v1/users', ['cradl:role:user'], by)).body.notices;
    expect(await readNotices(userToken('acme', ['delegate']))).toEqual([
      'Creating users requires the permission users:create in this tenant.',
    ]);
    expect(
      (await updateUser('/cradl/v1/users', { roleIds: [] }, userToken('acme', []))).body.notices,
    ).toEqual(['Changing users requires the permission users:update in this tenant.']);
  });
});

it('a role created in one API can be updated in the other', async () => {
  const role = await createRoleIn(service, 'acme', {
    roleId: toRoleId('shared'),
    permissions: ['users:read'],
  });
  const body = { permissions: [allow('cradl:role:*', 'read')], name: null };
  const changed = await service.send('PATCH', `/cradl/v1/roles/${role.cradl}`, {
    token,
    body,
    headers: { 'if-match': '"1"' },
  });
  expect(changed).toMatchObject({
    status: 200,
    body: { name: null, permissions: body.permissions },
  });
  expect(await readNative(role.native)).toMatchObject({
    version: 2,
    name: null,
    permissions: ['roles:read'],
  });
});
