import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { getIdName, toUuid } from '../../../lib/domain/kernel/ids.ts';
import { keys } from '../../../lib/store/keys.ts';
import {
  adminToken,
  createTestService,
  type Service,
  systemToken,
  tenantId,
  type TestResponse,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

let service: Service;
beforeAll(async () => {
  service = await createTestService();
});

const path = '/credible/api/v0/organizations/acme/permissions';
const token = adminToken('acme');
const create = (userGroupId: string, permission: string, by = token) =>
  service.post(path, { userGroupId, permission }, { token: by });
const outcome = ({ status, body }: TestResponse) => [status, body?.code ?? body?.permission];
const createUser = async (fields: object = {}) => {
  const email = `u-${randomUUID()}@example.com`;
  const { body } = await service.post('/v1/users', { email, ...fields }, { token });
  return { email, userGroupId: `user:${email}`, userId: String(body.userId) };
};
const createGroup = async (fields: object = {}) => {
  const name = `g-${randomUUID()}`;
  const { body } = await service.post('/v1/groups', { name, ...fields }, { token });
  return { name, userGroupId: `group:${name}`, groupId: String(body.groupId) };
};
const getRoleIds = async ({ userId, groupId }: { userId?: string; groupId?: string }) => {
  const target = userId === undefined ? `/v1/groups/${groupId}` : `/v1/users/${userId}`;
  return (await service.get(target, { token })).body.roleIds;
};
/** Reads the change record of a version. */
const readRecord = async (
  { userId, groupId }: { userId?: string; groupId?: string },
  version: number,
) => {
  const uuid = toUuid(getIdName(userId ?? groupId ?? ''));
  const toKey = userId === undefined ? keys.groupChange : keys.userChange;
  const item = await service.stored.item(toKey(tenantId.acme, uuid, version));
  return { ...item, before: JSON.parse(String(item?.['before'])) };
};
const record = ({ headers }: TestResponse, policy: string, roles: readonly string[]) => ({
  action: 'update',
  by: 'admin-of-acme',
  requestId: headers['x-request-id'],
  policies: [policy],
  before: { roles },
});

describe.each([
  ['a user', createUser, 'update-user'],
  ['a group', createGroup, 'write-group'],
] as const)('the level of %s', (_, createHolder, policy) => {
  it('is one of the roles user and admin, beside other roles', async () => {
    const holder = await createHolder({ roleIds: ['cradl:role:approver'] });
    const one = `${path}/${holder.userGroupId}`;
    expect(outcome(await service.get(one, { token }))).toEqual([404, 'not_found']);
    expect(
      outcome(await service.send('PATCH', one, { token, body: { permission: 'admin' } })),
    ).toEqual([404, 'not_found']);
    expect(outcome(await service.send('DELETE', one, { token }))).toEqual([404, 'not_found']);

    const created = await create(holder.userGroupId, 'member');
    expect(created).toMatchObject({
      status: 201,
      body: {
        userGroupId: holder.userGroupId,
        permission: 'member',
        createdAt: expect.any(String),
      },
    });
    expect(outcome(await create(holder.userGroupId, 'admin'))).toEqual([409, 'level_exists']);
    expect((await service.get(path, { token })).body).toContainEqual(created.body);

    const changed = await service.send('PATCH', one, { token, body: { permission: 'admin' } });
    expect(outcome(changed)).toEqual([200, 'admin']);
    expect(await getRoleIds(holder)).toEqual(['cradl:role:approver', 'cradl:role:admin']);

    const removed = await service.send('DELETE', one, { token });
    expect(removed.status).toBe(204);
    const records = await Promise.all([2, 3, 4].map((version) => readRecord(holder, version)));
    expect(records).toMatchObject([
      record(created, policy, ['approver']),
      record(changed, policy, ['approver', 'user']),
      record(removed, policy, ['approver', 'admin']),
    ]);
    expect(await getRoleIds(holder)).toEqual(['cradl:role:approver']);
    expect(outcome(await service.get(one, { token }))).toEqual([404, 'not_found']);
    expect((await service.get(path, { token })).body).not.toContainEqual(
      expect.objectContaining({ userGroupId: holder.userGroupId }),
    );
  });

  it('can be given only by a caller who holds its permissions, and not above the caller', async () => {
    const permissions = ['users:read', 'users:update', 'groups:read', 'groups:write'];
    const { body: role } = await service.post('/v1/roles', { name: 'HR', permissions }, { token });
    const password = 'tangled-orchard-7-lamps';
    const caller = await createUser({ password, roleIds: [role.roleId] });
    const signedIn = await service.post('/v1/auth/token', {
      tenant: 'acme',
      email: caller.email,
      password,
    });
    const lower = String(signedIn.body.accessToken);
    const holder = await createHolder();
    await expectNoWrites(service, async () =>
      expect(outcome(await create(holder.userGroupId, 'admin', lower))).toEqual([403, 'forbidden']),
    );
    expect(outcome(await create(holder.userGroupId, 'member', lower))).toEqual([201, 'member']);
    const administrator = await createHolder({ roleIds: ['cradl:role:admin'] });
    const one = `${path}/${administrator.userGroupId}`;
    await expectNoWrites(service, async () => {
      for (const request of [
        { method: 'PATCH', body: { permission: 'member' } },
        { method: 'DELETE', body: undefined },
      ])
        expect(
          outcome(await service.send(request.method, one, { token: lower, body: request.body })),
        ).toEqual([403, 'forbidden']);
    });
  });

  it('modeler needs the role modeler, which organizations of Credible have', async () => {
    const holder = await createHolder();
    expect(outcome(await create(holder.userGroupId, 'modeler'))).toEqual([422, 'invalid_roles']);
  });
});

it('a level of an unknown user or group, or of another tenant, is 404', async () => {
  const foreign = `u-${randomUUID()}@example.com`;
  await service.post('/v1/users', { email: foreign }, { token: adminToken('globex') });
  for (const userGroupId of ['user:nobody@example.com', 'group:nothing', `user:${foreign}`]) {
    expect(outcome(await create(userGroupId, 'member'))).toEqual([404, 'not_found']);
    expect(outcome(await service.get(`${path}/${userGroupId}`, { token }))).toEqual([
      404,
      'not_found',
    ]);
  }
  expect(outcome(await service.get(`${path}/nonsense`, { token }))).toEqual([404, 'not_found']);
  const removed = await service.send('DELETE', `${path}/nonsense`, { token });
  expect(removed.body.message).toBe(
    'The user or group does not exist in this tenant, or has no level',
  );
});

it.each(['jsmith@example.com', 'user:jsmith', 'team:devs', 'group:', ''])(
  'the ID %j is rejected with the expected form',
  async (userGroupId) => {
    const { status, body } = await create(userGroupId, 'member');
    expect(status).toBe(400);
    expect(body.message).toMatch(/userGroupId (must be user:<email> or group:<name>|is required)/);
  },
);

it('the path may encode the ID, and names users in any case', async () => {
  const { email, userGroupId } = await createUser({ roleIds: ['cradl:role:user'] });
  const target = `${path}/${encodeURIComponent(`user:${email.toUpperCase()}`)}`;
  expect((await service.get(target, { token })).body).toMatchObject({ userGroupId });
});

it('a new organization has a modeler level, with which its holder can read levels', async () => {
  const name = `org-${randomUUID().slice(0, 8)}`;
  const system = systemToken('acme');
  await service.post('/credible/api/v0/organizations', { name }, { token: system });
  const levels = `/credible/api/v0/organizations/${name}/permissions`;
  const email = `${name}@example.com`;
  const headers = { host: `${name}.admin.localhost` };
  const created = await service.post(
    '/credible/api/v0/users',
    { email, userName: name },
    {
      token: system,
      headers,
      host: `${name}.admin.localhost`,
    },
  );
  expect(created.status).toBe(201);
  const given = await service.post(
    levels,
    { userGroupId: `user:${email}`, permission: 'modeler' },
    { token: system },
  );
  expect(outcome(given)).toEqual([201, 'modeler']);
  expect((await service.get(levels, { token: system })).body).toEqual([given.body]);
});

it('the owner keeps the level admin', async () => {
  const slug = `tenant-${randomUUID().slice(0, 8)}`;
  const ownerEmail = `owner@${slug}.example.com`;
  const system = systemToken('acme');
  await service.post('/v1/tenants', { slug, name: 'Initech', ownerEmail }, { token: system });
  const one = `/credible/api/v0/organizations/${slug}/permissions/user:${ownerEmail}`;
  const lower = { token: system, body: { permission: 'member' } };
  await expectNoWrites(service, async () => {
    expect(outcome(await service.send('PATCH', one, lower))).toEqual([409, 'owner_protected']);
    expect(outcome(await service.send('DELETE', one, { token: system }))).toEqual([
      409,
      'owner_protected',
    ]);
  });
});
