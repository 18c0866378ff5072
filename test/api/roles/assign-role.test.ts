import { describe, expect, it } from 'vitest';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  adminToken,
  createTestService,
  type TestRequest,
  tenantId,
  userToken,
} from '../../support/service.ts';

const service = await createTestService();
const admin = adminToken('acme');
const slugs = Array.from({ length: 12 }, (_, index) => `extra-${index}`);
for (const slug of slugs) await service.putRole('acme', { slug, name: slug, permissions: [] });
const clerk = userToken('acme', ['clerk']);
await service.putRole('acme', {
  slug: 'clerk',
  name: 'Clerk',
  permissions: ['groups:read', 'groups:write', 'users:create', 'users:read', 'users:update'],
});

const toRoleIds = (names: readonly string[]) => names.map((slug) => `cradl:role:${slug}`);
const createUser = async (roles: readonly string[] = []) => {
  const body = { email: `user-${unique()}@example.com`, roleIds: toRoleIds(roles) };
  const { userId } = (await service.post('/v1/users', body, { token: admin })).body;
  return `/v1/users/${userId}`;
};
const createGroup = async (roles: readonly string[] = []) => {
  const body = { name: `group-${unique()}`, roleIds: toRoleIds(roles) };
  const { groupId } = (await service.post('/v1/groups', body, { token: admin })).body;
  return `/v1/groups/${groupId}`;
};
const add = (target: string, slug: string, sent: TestRequest = {}) =>
  service.send('PUT', `${target}/roles/cradl:role:${slug}`, { token: admin, ...sent });
const remove = (target: string, slug: string, sent: TestRequest = {}) =>
  service.send('DELETE', `${target}/roles/cradl:role:${slug}`, { token: admin, ...sent });
const read = async (target: string) => (await service.get(target, { token: admin })).body;

describe.each([
  ['a user', createUser],
  ['a group', createGroup],
])('one role of %s', (_, create) => {
  it('is added and removed without the others, and repetitions change nothing', async () => {
    const target = await create(['user']);

    expect(await add(target, 'extra-1')).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { roleIds: toRoleIds(['user', 'extra-1']), version: 2 },
    });
    const again = await expectNoWrites(service, () => add(target, 'extra-1'));
    expect(again).toMatchObject({ status: 200, body: await read(target) });
    expect(await remove(target, 'user')).toMatchObject({
      status: 200,
      headers: { etag: '"3"' },
      body: { roleIds: toRoleIds(['extra-1']), version: 3 },
    });
    for (const slug of ['user', 'no-such-role'])
      expect(await expectNoWrites(service, () => remove(target, slug))).toMatchObject({
        status: 200,
        body: { version: 3 },
      });
  });

  it('survives concurrent changes of other roles', async () => {
    const target = await create(['user', 'approver']);
    const answers = await Promise.all([
      ...slugs.map((slug) => add(target, slug)),
      remove(target, 'user'),
      remove(target, 'approver'),
    ]);

    for (const { status } of answers) expect(status).toBe(200);
    const { roleIds, version } = await read(target);
    expect(roleIds.toSorted()).toEqual(toRoleIds(slugs).toSorted());
    expect(version).toBe(1 + slugs.length + 2);
  });

  it('honors If-Match', async () => {
    const target = await create();
    const headers = { 'if-match': '"1"' };
    expect((await add(target, 'user', { headers })).status).toBe(200);
    expect((await add(target, 'extra-0', { headers })).status).toBe(412);
    expect((await remove(target, 'user', { headers })).status).toBe(412);
    expect((await read(target)).version).toBe(2);
  });

  it('must exist to be added, in this tenant', async () => {
    const target = await create();
    await service.putRole('globex', { slug: 'elsewhere', name: 'Elsewhere', permissions: [] });
    const names = ['no-such-role', 'elsewhere', 'system_admin', 'owner', 'ADMIN'];
    for (const slug of names) {
      expect(await expectNoWrites(service, () => add(target, slug))).toMatchObject({
        status: 404,
        body: { code: 'not_found', message: 'The role does not exist in this tenant' },
      });
    }
    for (const id of ['user', 'cradl:user:user', 'x'.repeat(99)]) {
      for (const method of ['PUT', 'DELETE'])
        expect((await service.send(method, `${target}/roles/${id}`, { token: admin })).status).toBe(
          404,
        );
    }
    expect((await add(target, 'user', { token: adminToken('globex') })).status).toBe(404);
  });

  it('follows the granting rule', async () => {
    const target = await create(['user']);
    expect((await add(target, 'extra-0', { token: clerk })).status).toBe(200);
    expect(
      await expectNoWrites(service, () => add(target, 'admin', { token: clerk })),
    ).toMatchObject({
      status: 403,
      body: { notices: ['You can grant only permissions that you hold.'] },
    });
    const administrators = await create(['admin']);
    for (const change of [add, remove]) {
      expect(
        await expectNoWrites(service, () => change(administrators, 'extra-1', { token: clerk })),
      ).toMatchObject({ status: 403 });
    }
    const reader = userToken('acme', ['approver']);
    expect((await remove(target, 'extra-0', { token: reader })).status).toBe(403);
  });
});

it('deleted roles can be removed but not added again', async () => {
  const role = { roleId: 'cradl:role:short', name: 'Short', permissions: [] };
  await service.post('/v1/roles', role, { token: admin });
  const target = await createUser(['short']);
  await service.send('DELETE', '/v1/roles/cradl:role:short', { token: admin });

  expect(await add(target, 'short')).toMatchObject({ status: 200, body: { version: 1 } });
  expect(await remove(target, 'short')).toMatchObject({ status: 200, body: { roleIds: [] } });
  expect((await add(target, 'short')).status).toBe(404);
});

it('the owner of the tenant keeps the role that gives their permissions', async () => {
  const target = await createUser(['admin', 'user']);
  const { userId } = await read(target);
  const ownerUserId = userId
    .slice('cradl:user:'.length)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  await service.updateTenantItem('acme', { ownerUserId });

  expect(await expectNoWrites(service, () => remove(target, 'admin'))).toMatchObject({
    status: 409,
    body: { code: 'owner_protected', details: { field: 'roleIds' } },
  });
  expect((await remove(target, 'user')).status).toBe(200);
});

it('the caller who changes a role of an invited user becomes the inviter', async () => {
  const target = await createUser();
  const other = userToken('acme', ['admin'], 'other-administrator');
  await add(target, 'user', { token: other });
  const path = `${target}/invitation`;
  expect((await service.get(path, { token: admin })).body).toMatchObject({
    status: 'pending',
    roleIds: ['cradl:role:user'],
  });
  const userId = target.slice('/v1/users/cradl:user:'.length);
  const [item] = (await service.stored.all()).filter(
    ({ pk, sk }) =>
      sk === 'USER' &&
      pk.startsWith(`TENANT#${tenantId.acme}`) &&
      pk.replaceAll('-', '').includes(userId),
  );
  expect(item).toMatchObject({ invitation: { inviter: { subject: 'other-administrator' } } });
});

it('a user and a group have a limited number of roles', async () => {
  const groupRoles = [
    ...slugs,
    'user',
    'approver',
    'clerk',
    ...slugs.map((slug) => `more-${slug}`),
  ];
  for (const slug of slugs)
    await service.putRole('acme', { slug: `more-${slug}`, name: slug, permissions: [] });
  const group = await createGroup(groupRoles.slice(0, 20));
  expect(await add(group, groupRoles[20] ?? '')).toMatchObject({
    status: 400,
    body: { details: { issues: [{ path: 'roleIds', message: 'must have at most 20 items' }] } },
  });
});
