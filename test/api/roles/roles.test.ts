import { describe, expect, it } from 'vitest';
import { permissions } from '../../../lib/domain/access/permissions.ts';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { createRoleService, bound, toRoleId } from '../../support/scenarios/roles.ts';
import { systemToken, type TestResponse, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const {
  service,
  admin,
  createRole,
  readRole,
  updateRole,
  deleteRole,
  listRoles,
  listChangeRecords,
} = await createRoleService();
const withoutRequestId = ({ body }: TestResponse) => ({
  ...body,
  details: { ...body.details, requestId: undefined },
});
const exists = { status: 409, body: { code: 'role_exists', details: { field: 'roleId' } } };
const isBuiltIn = { status: 409, body: { code: 'role_built_in', details: { field: 'roleId' } } };
const missing = {
  status: 404,
  body: { code: 'not_found', message: 'The role does not exist in this tenant' },
};
const issue = (path: string) => ({
  status: 400,
  body: { code: 'invalid_input', details: { issues: [{ path }] } },
});

describe('creating a role', () => {
  it('uses the given ID and returns all fields', async () => {
    const fields = {
      name: 'Prüfer',
      description: 'Prüft.\n',
      permissions: ['users:read', 'roles:read'],
      metadata: { n: 1e21, deep: { empty: '' } },
    };
    const created = await createRole({ roleId: 'cradl:role:chosen', ...fields });
    const role = {
      roleId: 'cradl:role:chosen',
      ...fields,
      permissions: ['roles:read', 'users:read'],
      builtIn: false,
      version: 1,
      createdBy: 'admin-of-acme',
      updatedTime: null,
      updatedBy: null,
    };
    expect(created).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: '/v1/roles/cradl:role:chosen' },
      body: role,
    });
    expect((await service.get(created.headers['location']!, { token: admin() })).body).toEqual(
      created.body,
    );
    expect(await listChangeRecords('chosen')).toMatchObject([
      { version: 1, action: 'create', by: 'admin-of-acme', policies: ['write-role'], before: '{}' },
    ]);
  });

  it('generates an ID if none is given', async () => {
    const ids = await Promise.all(
      [createRole(), createRole()].map(async (created) => (await created).body.roleId),
    );
    for (const id of ids) expect(id).toMatch(/^cradl:role:[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it('accepts both prefixes of the ID', async () => {
    expect((await createRole({ roleId: 'las:role:older' })).body.roleId).toBe('cradl:role:older');
    expect((await readRole('las:role:older')).body.roleId).toBe('cradl:role:older');
  });

  it.each(['admin', 'approver', 'provisioner', 'user', 'owner', 'system_admin'])(
    'returns 409 for the reserved ID %s',
    async (slug) => {
      for (const token of [admin(), systemToken('acme')]) {
        expect(
          await expectNoWrites(service, () => createRole({ roleId: toRoleId(slug) }, { token })),
        ).toMatchObject(exists);
      }
    },
  );

  it('returns 409 for the ID of an existing or deleted role', async () => {
    await createRole({ roleId: 'cradl:role:once' });
    expect(
      await expectNoWrites(service, () => createRole({ roleId: 'cradl:role:once' })),
    ).toMatchObject(exists);
    expect((await deleteRole('cradl:role:once')).status).toBe(204);
    expect(
      await expectNoWrites(service, () => createRole({ roleId: 'cradl:role:once' })),
    ).toMatchObject(exists);
    // IDs are unique per tenant.
    expect(
      (await createRole({ roleId: 'cradl:role:once' }, { token: admin('globex') })).status,
    ).toBe(201);
  });

  it.each(['Auditor', 'a b', '', 'a'.repeat(33), 'é', 'a#b', 'a:b', '..'])(
    'rejects the ID %j',
    async (slug) => {
      expect(
        await expectNoWrites(service, () => createRole({ roleId: toRoleId(slug) })),
      ).toMatchObject(issue('roleId'));
    },
  );

  it.each<[string, object]>([
    ['name', { name: undefined }],
    ['name', { name: '' }],
    ['name', { name: 'x'.repeat(256) }],
    ['description', { description: 'x'.repeat(1025) }],
    ['permissions', { permissions: undefined }],
    ['permissions.1', { permissions: ['users:read', 'users:rule'] }],
    ['permissions.0', { permissions: [7] }],
    ['metadata', { metadata: { text: 'x'.repeat(2048) } }],
    ['metadata', { metadata: [] }],
    ['builtIn', { builtIn: true }],
  ])('rejects an invalid %s: %j', async (path, more) => {
    expect(await expectNoWrites(service, () => createRole(more))).toMatchObject(issue(path));
  });
});

describe('the built-in role', () => {
  it.each([
    ['admin', permissions.filter((permission) => permission !== 'invitations:copy')],
    ['approver', ['users:read']],
    ['user', []],
    [
      'provisioner',
      ['users:create', 'users:read', 'users:update', 'users:delete', 'groups:read', 'groups:write'],
    ],
  ])('%s exists and can be neither changed nor deleted', async (slug, expectedPermissions) => {
    const role = {
      roleId: toRoleId(slug),
      permissions: expectedPermissions,
      builtIn: true,
      version: 1,
      createdTime: null,
      createdBy: null,
    };
    expect(await readRole(toRoleId(slug))).toMatchObject({
      status: 200,
      headers: { etag: '"1"' },
      body: role,
    });
    for (const sent of [{}, { token: systemToken('acme') }, { headers: { 'if-match': '"7"' } }]) {
      expect(
        await expectNoWrites(service, () => updateRole(toRoleId(slug), { name: 'X' }, sent)),
      ).toMatchObject(isBuiltIn);
      expect(await expectNoWrites(service, () => deleteRole(toRoleId(slug), sent))).toMatchObject(
        isBuiltIn,
      );
    }
  });

  it.each(['owner', 'system_admin'])('%s does not exist', async (slug) => {
    for (const act of [readRole, deleteRole])
      expect(await act(toRoleId(slug))).toMatchObject(missing);
    expect(await updateRole(toRoleId(slug), { name: 'X' })).toMatchObject(missing);
  });
});

describe('updating a role', () => {
  it('changes only the given fields', async () => {
    const { body } = await createRole({
      description: 'Before',
      permissions: ['users:read'],
      metadata: { keep: 1, drop: 2 },
    });
    const changed = await updateRole(body.roleId, {
      metadata: { drop: null, add: 3 },
      description: null,
    });
    const after = {
      version: 2,
      description: null,
      metadata: { keep: 1, add: 3 },
      updatedBy: 'admin-of-acme',
    };
    expect(changed).toMatchObject({ status: 200, headers: { etag: '"2"' } });
    expect(changed.body).toEqual({ ...body, ...after, updatedTime: expect.any(String) });
    expect((await readRole(body.roleId)).body).toEqual(changed.body);
    const [, record] = await listChangeRecords(body.roleId.slice('cradl:role:'.length));
    expect(JSON.parse(record!['before'])).toEqual({
      description: 'Before',
      metadata: { drop: 2, add: null },
    });
  });

  it('writes nothing if nothing changes', async () => {
    const { body } = await createRole({ permissions: ['users:read', 'users:create'] });
    const same = {
      name: body.name,
      permissions: ['users:read', 'users:create', 'users:read'],
      description: null,
    };
    expect((await expectNoWrites(service, () => updateRole(body.roleId, same))).body).toEqual(body);
  });

  it('returns 412 for an outdated If-Match, as does deleting it', async () => {
    const { body } = await createRole();
    expect(
      (await updateRole(body.roleId, { name: 'Two' }, { headers: { 'if-match': '"1"' } })).status,
    ).toBe(200);
    for (const act of [
      () => updateRole(body.roleId, { name: 'X' }, { headers: { 'if-match': '"1"' } }),
      () => deleteRole(body.roleId, { headers: { 'if-match': '"1"' } }),
    ]) {
      expect(await expectNoWrites(service, act)).toMatchObject({
        status: 412,
        body: { code: 'precondition_failed', details: { version: 2 } },
      });
    }
    expect((await deleteRole(body.roleId, { headers: { 'if-match': '"2"' } })).status).toBe(204);
  });

  it('returns 400 if the merged metadata is too large', async () => {
    const { body } = await createRole({ metadata: { a: 'x'.repeat(1500) } });
    expect(
      await expectNoWrites(service, () =>
        updateRole(body.roleId, { metadata: { b: 'x'.repeat(1500) } }),
      ),
    ).toMatchObject(issue('metadata'));
  });

  it.each([{}, { name: null }, { roleId: 'cradl:role:other' }, { permissions: ['users:rule'] }])(
    'rejects %j',
    async (body) => {
      const role = await createRole();
      expect(await expectNoWrites(service, () => updateRole(role.body.roleId, body))).toMatchObject(
        {
          status: 400,
        },
      );
    },
  );
});

it('a deleted role is not found, and its change record contains its last values', async () => {
  const { body } = await createRole({
    roleId: 'cradl:role:gone',
    description: 'Was here',
    permissions: ['users:read'],
    metadata: { a: 1 },
  });
  expect(await deleteRole(body.roleId)).toMatchObject({ status: 204, text: '' });
  await expectNoWrites(service, async () => {
    for (const act of [readRole, deleteRole]) expect(await act(body.roleId)).toMatchObject(missing);
    expect(await updateRole(body.roleId, { name: 'X' })).toMatchObject(missing);
  });
  expect((await listRoles('?maxResults=100')).text).not.toContain('cradl:role:gone');
  const [, record] = await listChangeRecords('gone');
  expect(record).toMatchObject({
    version: 2,
    action: 'delete',
    by: 'admin-of-acme',
    policies: ['write-role'],
  });
  expect(JSON.parse(record!['before'])).toMatchObject({
    permissions: ['users:read'],
    description: 'Was here',
    metadata: { a: 1 },
  });
});

it('a role of another tenant gives the same responses as an unknown one [T05 T06]', async () => {
  const { body } = await createRole({ roleId: 'cradl:role:theirs' }, { token: admin('globex') });
  const acts = [readRole, deleteRole, (id: string) => updateRole(id, { name: 'X' })];
  await expectNoWrites(service, async () => {
    for (const act of acts) {
      const [other, unknown] = [await act(body.roleId), await act('cradl:role:unknown')];
      expect(other).toMatchObject(missing);
      expect(withoutRequestId(other)).toEqual(withoutRequestId(unknown));
      expect(Object.keys(other.headers)).toEqual(Object.keys(unknown.headers));
    }
  });
  expect((await listRoles('?maxResults=100')).text).not.toContain('theirs');
});

it.each([
  'Gone',
  'no-role-id',
  'cradl:user:x',
  '%23',
  'cradl:role:',
  `cradl:role:${'a'.repeat(33)}`,
  'las:role:A',
])('a role with the ID %s is not found', async (name) => {
  expect(await readRole(name)).toMatchObject(missing);
});

describe('the list of roles', async () => {
  const at = await createRoleService();
  const slugs = ['a', 'admin', 'approver', 'b-1', 'b_2', 'provisioner', 'user', 'z'];
  for (const slug of slugs) await at.createRole({ roleId: toRoleId(slug) });
  await at.createRole({ roleId: 'cradl:role:m' });
  await at.deleteRole('cradl:role:m');
  const ids = ({ body }: TestResponse): string[] =>
    body.roles.map(({ roleId }: { roleId: string }) => roleId);

  it('contains all roles including built-in ones, sorted by ID, in pages of any size', async () => {
    expect(ids(await at.listRoles())).toEqual(slugs.map(toRoleId));
    for (const size of [1, 2, 3, 7, 100]) {
      const found: string[] = [];
      for (let next: string | null = ''; next !== null; ) {
        const page = await at.listRoles(
          `?maxResults=${size}${next && `&nextToken=${encodeURIComponent(next)}`}`,
        );
        expect(page.body.roles.length).toBeLessThanOrEqual(size);
        found.push(...ids(page));
        next = page.body.nextToken;
      }
      expect(found).toEqual(slugs.map(toRoleId));
    }
  });

  it('contains roles as they are read individually', async () => {
    const [first] = (await at.listRoles('?maxResults=1')).body.roles;
    expect(first).toEqual((await at.readRole('cradl:role:a')).body);
  });

  it('accepts only its own cursors [J16]', async () => {
    const { nextToken } = (await at.listRoles('?maxResults=2')).body;
    const users = (await at.service.get('/v1/users?maxResults=1', { token: at.admin() })).body
      .nextToken;
    const query = (cursor: string) => `?nextToken=${encodeURIComponent(cursor)}`;
    const refused = {
      status: 400,
      body: {
        details: {
          issues: [
            {
              path: 'nextToken',
              message: 'must be a cursor that this list returned in the last 30 days',
            },
          ],
        },
      },
    };
    expect(await at.listRoles(query(`${nextToken}x`))).toMatchObject(refused);
    expect(await at.listRoles(query(users ?? 'none'))).toMatchObject(refused);
    expect(await at.listRoles(query(nextToken), { token: at.admin('globex') })).toMatchObject(
      refused,
    );
    expect(
      await at.service.get(`/cradl/v1/roles${query(nextToken)}`, { token: at.admin() }),
    ).toMatchObject(refused);
    expect(
      await at.service.get(`/v1/users${query(nextToken)}`, { token: at.admin() }),
    ).toMatchObject(refused);
    expect(ids(await at.listRoles(query(nextToken)))).toEqual(slugs.slice(2).map(toRoleId));
  });

  it.each(['?maxResults=0', '?maxResults=x', '?maxResults=1&maxResults=2'])(
    'rejects %s',
    async (query) => {
      expect(await at.listRoles(query)).toMatchObject(issue('maxResults'));
    },
  );
});

describe('the owner of a tenant', async () => {
  const at = await createRoleService();
  const [essential, spare] = ['cradl:role:essential', 'cradl:role:spare'];
  await at.createRole({ roleId: essential, permissions: ['users:read', 'users:create'] });
  await at.createRole({ roleId: spare, permissions: ['users:create'] });
  at.clock.advanceBy(bound);
  const owner = await createUserIn(at.service, 'acme', {
    roleIds: [essential, spare],
    authProvider: 'oidc',
  });
  await at.service.updateTenantItem('acme', { ownerUserId: owner.jitsudo });
  at.clock.advanceBy(bound);

  it('keeps the permissions of their roles, regardless of the caller', async () => {
    for (const token of [at.admin(), systemToken('acme')]) {
      for (const act of [
        () => at.updateRole(essential, { permissions: [] }, { token }),
        () => at.deleteRole(essential, { token }),
      ]) {
        expect(await expectNoWrites(at.service, act)).toMatchObject({
          status: 409,
          body: {
            code: 'owner_protected',
            message:
              'The owner of the tenant must keep their permissions. Transfer the ownership first.',
          },
        });
      }
    }
  });

  it('can lose permissions that another of their roles still gives', async () => {
    expect((await at.updateRole(essential, { permissions: ['users:read'] })).status).toBe(200);
    expect(
      (
        await at.updateRole(essential, {
          permissions: ['users:read', 'users:update'],
          name: 'More',
        })
      ).status,
    ).toBe(200);
    const { body } = await at.createRole({ permissions: ['users:read'] });
    expect((await at.deleteRole(body.roleId)).status).toBe(204);
  });
});

describe('a tenant can have', () => {
  /** Creates a service with a tenant that has these numbers of roles. */
  const createWithCounts = async (activeCount: number, totalCount: number) => {
    const at = await createRoleService();
    await at.createRole({ roleId: 'cradl:role:first' });
    await at.service.stored.put({
      ...keys.roleCount(tenantId.acme),
      activeCount,
      totalCount,
      schemaVersion,
    });
    return at;
  };
  const full = {
    status: 409,
    body: {
      code: 'role_limit_reached',
      message:
        'A tenant can have 200 custom roles at a time, and 1000 over time including deleted ones',
    },
  };

  it('200 custom roles at a time', async () => {
    const at = await createWithCounts(199, 199);
    expect((await at.createRole()).status).toBe(201);
    expect(await expectNoWrites(at.service, () => at.createRole())).toMatchObject(full);
    // A conflict is reported before the limit.
    expect(await at.createRole({ roleId: 'cradl:role:first' })).toMatchObject(exists);
    expect((await at.updateRole('cradl:role:first', { name: 'Changed' })).status).toBe(200);
    expect((await at.createRole({}, { token: at.admin('globex') })).status).toBe(201);
    expect((await at.deleteRole('cradl:role:first')).status).toBe(204);
    expect((await at.createRole()).status).toBe(201);
    expect(await at.createRole()).toMatchObject(full);
  });

  it('1,000 custom roles over time', async () => {
    const at = await createWithCounts(1, 999);
    const { body } = await at.createRole();
    expect((await at.deleteRole(body.roleId)).status).toBe(204);
    expect(await expectNoWrites(at.service, () => at.createRole())).toMatchObject(full);
  });
});
