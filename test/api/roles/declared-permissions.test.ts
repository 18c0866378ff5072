import { describe, expect, it } from 'vitest';
import {
  maxDeclaredLength,
  maxDeclaredPermissions,
  permissions,
} from '../../../lib/domain/access/permissions.ts';
import { keys } from '../../../lib/store/keys.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { getClaims } from '../../support/scenarios/credentials.ts';
import {
  adminToken,
  createTestService,
  type Service,
  systemToken,
  tenantId,
  userToken,
} from '../../support/service.ts';
import { createTokenAppClient, requestAccessToken } from '../../support/tokens/roster-tokens.ts';

const declared = ['invoices:approve', 'invoices:read', 'reports:export'] as const;
const service = await createTestService({ environment: { PERMISSIONS: declared.join() } });
const admin = adminToken('acme');
const password = 'nine calm rivers bend';
await service.putRole('acme', {
  slug: 'accountant',
  name: 'Accountant',
  permissions: ['invoices:approve', 'users:read'],
});
await service.putRole('acme', {
  slug: 'clerk',
  name: 'Clerk',
  permissions: ['roles:read', 'roles:write', 'users:create', 'users:read', 'users:update'],
});
// `legacy:print` was declared before.
await service.putRole('acme', {
  slug: 'printer',
  name: 'Printer',
  permissions: ['legacy:print', 'users:read'],
});
const clerk = userToken('acme', ['clerk']);

const createRole = (permissionNames: readonly string[], token = admin) =>
  service.post('/v1/roles', { name: 'Role', permissions: permissionNames }, { token });
const createUser = async (fields: object = {}, token = admin) => {
  const email = `user-${unique()}@example.com`;
  const { body, status } = await service.post('/v1/users', { email, ...fields }, { token });
  return { ...body, email, status };
};
const readClaims = async (user: { email: string }, on: Service = service) => {
  const { body } = await on.post('/v1/auth/token', { tenant: 'acme', email: user.email, password });
  return getClaims(body.accessToken);
};
const cannotGrant = {
  status: 403,
  body: { notices: ['You can grant only permissions that you hold.'] },
};

describe('a permission that the deployment declares', () => {
  it('is listed beside those of Roster', async () => {
    const list = await service.get('/v1/permissions', { token: admin });

    expect(list.status).toBe(200);
    expect(list.body.permissions).toEqual(
      [...permissions, ...declared]
        .map((name) => ({ name, builtIn: !declared.includes(name as never) }))
        .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    );
    expect((await service.get('/v1/roles/cradl:role:admin', { token: admin })).body).toMatchObject({
      permissions: expect.arrayContaining([...declared]),
      undeclaredPermissions: [],
    });
    const { body } = await service.get('/v1/roles', { token: admin });
    expect(body.roles[1]).toMatchObject({
      roleId: 'cradl:role:admin',
      permissions: expect.arrayContaining([...declared]),
    });
  });

  it('can be part of a role, and an unknown one is 400 with the closest name', async () => {
    expect((await createRole(['invoices:read', 'users:read'])).body.permissions).toEqual([
      'invoices:read',
      'users:read',
    ]);
    expect(await createRole(['users:read', 'invoices:aprove', 'users:rule'])).toMatchObject({
      status: 400,
      body: {
        code: 'invalid_input',
        details: {
          issues: [
            {
              path: 'permissions.1',
              message: 'is not a known permission; did you mean invoices:approve?',
            },
            { path: 'permissions.2', message: expect.stringMatching(/^is not a known permission/) },
          ],
        },
      },
    });
    const path = '/v1/roles/cradl:role:accountant';
    const unknown = { token: admin, body: { permissions: ['invoices:rule'] } };
    expect((await service.send('PATCH', path, unknown)).status).toBe(400);
  });

  it('gives no rights in Roster', async () => {
    const token = userToken('acme', ['invoicer']);
    await service.putRole('acme', {
      slug: 'invoicer',
      name: 'Invoicer',
      permissions: [...declared],
    });
    for (const path of ['/v1/users', '/v1/roles', '/v1/permissions'])
      expect((await service.get(path, { token })).status).toBe(403);
  });

  it('can be granted only by callers who hold it', async () => {
    const roleIds = ['cradl:role:accountant'];
    const accountant = await createUser({ roleIds });
    expect(accountant.status).toBe(201);
    expect(await createRole(['invoices:approve'], clerk)).toMatchObject(cannotGrant);
    expect((await createUser({ roleIds }, clerk)).status).toBe(403);
    const target = `/v1/users/${accountant.userId}`;
    const change = { name: 'Ada' };
    expect(await service.send('PATCH', target, { token: clerk, body: change })).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/^The user has permissions that you do not have/) },
    });
    const both = userToken('acme', ['clerk', 'accountant']);
    expect((await service.send('PATCH', target, { token: both, body: change })).status).toBe(200);
    expect((await createRole(['invoices:approve'], both)).status).toBe(201);
    expect((await createRole(['reports:export'], both)).status).toBe(403);
    expect((await createRole(['reports:export'], systemToken('acme'))).status).toBe(201);
  });
});

describe('an access token', () => {
  it('lists the declared permissions of roles and groups', async () => {
    const user = await createUser({ password, roleIds: ['cradl:role:accountant'] });
    await service.putRole('acme', {
      slug: 'exporter',
      name: 'Exporter',
      permissions: ['reports:export'],
    });
    const { body: group } = await service.post(
      '/v1/groups',
      { name: `group-${unique()}`, roleIds: ['cradl:role:exporter'] },
      { token: admin },
    );
    const members = { members: [{ memberId: user.userId }] };
    await service.post(`/v1/groups/${group.groupId}/members`, members, { token: admin });
    const client = await createTokenAppClient(service, 'acme', { roles: ['admin', 'printer'] });
    const grant = await requestAccessToken(service, client);

    expect((await readClaims(user)).permissions).toEqual(['invoices:approve', 'reports:export']);
    expect(getClaims(grant.body.access_token).permissions).toEqual([...declared]);
    expect((await readClaims(await createUser({ password }))).permissions).toEqual([]);
  });

  it('lists only permissions within the limit of the credential', async () => {
    const user = await createUser({ password }, clerk);
    const headers = { 'if-match': '"1"' };
    const body = { roleIds: ['cradl:role:accountant'] };
    const target = `/v1/users/${user.userId}`;
    const updated = await service.send('PATCH', target, { token: admin, headers, body });

    expect(updated.body.inactivePermissions).toEqual(['invoices:approve']);
    expect(await readClaims(user)).toMatchObject({ roles: [], permissions: [] });
  });

  it('has no permissions in a deployment that declares none', async () => {
    const plain = await createTestService();
    const client = await createTokenAppClient(plain, 'acme', { roles: ['admin'] });
    const { body } = await requestAccessToken(plain, client);
    expect(getClaims(body.access_token)).not.toHaveProperty('permissions');
  });

  it('is accepted with the longest permissions of a deployment and 50 roles', async () => {
    const length = maxDeclaredLength / maxDeclaredPermissions;
    const names = Array.from({ length: maxDeclaredPermissions }, (_, index) =>
      `res:a${index}`.padEnd(length, 'x'),
    );
    const large = await createTestService({ environment: { PERMISSIONS: names.join() } });
    const roles = Array.from({ length: 50 }, (_, index) => `${index}`.padStart(32, 'r'));
    for (const slug of roles) await large.putRole('acme', { slug, name: slug, permissions: [] });
    const client = await createTokenAppClient(large, 'acme', { roles: ['admin', ...roles] });
    const { access_token: token } = (await requestAccessToken(large, client)).body;

    expect(getClaims(token)).toMatchObject({ permissions: names.toSorted() });
    expect(token.length).toBeLessThan(8192);
    expect((await large.get('/v1/permissions', { token })).body.permissions).toHaveLength(
      maxDeclaredPermissions + permissions.length,
    );
  });
});

describe('a permission that is no longer declared', () => {
  const path = '/v1/roles/cradl:role:printer';

  it('has no effect, and the role shows it apart', async () => {
    expect((await service.get(path, { token: admin })).body).toMatchObject({
      permissions: ['users:read'],
      undeclaredPermissions: ['legacy:print'],
    });
    const user = await createUser({ password, roleIds: ['cradl:role:printer'] }, clerk);
    expect(user).toMatchObject({ status: 201, inactivePermissions: [] });
    expect(await readClaims(user)).toMatchObject({ roles: ['printer'], permissions: [] });
    expect((await createRole(['legacy:print'])).status).toBe(400);
  });

  it('stays until the permissions of the role change', async () => {
    const update = async (body: object) =>
      (await service.send('PATCH', path, { token: clerk, body })).body;
    const ownerUserId = (await createUser({ roleIds: ['cradl:role:printer'] })).userId;
    const ownerUuid = ownerUserId.slice('cradl:user:'.length);
    await service.updateTenantItem('acme', {
      ownerUserId: ownerUuid.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
    });

    expect(await update({ name: 'Printers' })).toMatchObject({
      undeclaredPermissions: ['legacy:print'],
    });
    // The owner keeps all permissions that have an effect.
    expect(await update({ permissions: ['users:read'] })).toMatchObject({
      permissions: ['users:read'],
      undeclaredPermissions: [],
    });
    expect(await service.stored.item(keys.role(tenantId.acme, 'printer'))).toMatchObject({
      permissions: ['users:read'],
    });
  });
});

it("Cradl's API omits declared permissions, and its updates keep them", async () => {
  const path = '/cradl/v1/roles/cradl:role:accountant';
  const readUsers = [{ resourceId: 'cradl:user:*', effect: 'allow', action: 'read' }];
  expect((await service.get(path, { token: admin })).body.permissions).toEqual(readUsers);
  const update = (list: readonly object[]) =>
    service.send('PATCH', path, { token: admin, body: { permissions: list } });

  expect((await update([])).body.permissions).toEqual([]);
  const native = await service.get('/v1/roles/cradl:role:accountant', { token: admin });
  expect(native.body.permissions).toEqual(['invoices:approve']);
  expect((await update(readUsers)).body.permissions).toEqual(readUsers);
});
