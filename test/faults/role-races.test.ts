/** Concurrent changes of roles. No change is lost, and every change has a record. */
import { describe, expect, it } from 'vitest';
import {
  always,
  createFaultyService,
  faultsInOrder,
  dropRequest,
  dropResponse,
  type Fault,
  passThrough,
} from '../support/faults/fault-proxy.ts';
import { createRoleService } from '../support/scenarios/roles.ts';
import { adminToken, type TestResponse, userToken } from '../support/service.ts';

const { createRole, readRole, updateRole, deleteRole, listRoles, listChangeRecords } =
  await createRoleService();
const statuses = (answers: readonly TestResponse[]) =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b);
const getSlug = (roleId: string) => roleId.slice('cradl:role:'.length);

/** Asserts that versions and records of a role are consecutive. */
const inOrder = async (roleId: string): Promise<number> => {
  const records = await listChangeRecords(getSlug(roleId));
  expect(records.map(({ version }) => version)).toEqual(
    Array.from(records, (_, index) => index + 1),
  );
  return records.length;
};

it('creates one role from concurrent creates with one ID, and returns 409 for the others', async () => {
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, n) =>
      createRole({ roleId: 'cradl:role:wanted', name: `Role ${n}` }),
    ),
  );
  expect(statuses(answers)).toEqual([201, ...Array.from({ length: 11 }, () => 409)]);
  const winner = answers.find(({ status }) => status === 201)!;
  expect((await readRole('cradl:role:wanted')).body).toEqual(winner.body);
  expect(await inOrder('cradl:role:wanted')).toBe(1);
});

it('creates all roles from concurrent creates with different IDs', async () => {
  const created = await Promise.all(Array.from({ length: 12 }, () => createRole()));
  expect(statuses(created)).toEqual(Array.from({ length: 12 }, () => 201));
  const { text } = await listRoles('?maxResults=100');
  for (const { body } of created) expect(text).toContain(body.roleId);
});

it('applies concurrent updates of different fields one after another', async () => {
  const { body } = await createRole();
  const edits = [
    { name: 'Changed' },
    { description: 'Changed' },
    { permissions: ['users:read'] },
    { metadata: { a: 1 } },
    { metadata: { b: 2 } },
  ];
  expect(statuses(await Promise.all(edits.map((edit) => updateRole(body.roleId, edit))))).toEqual([
    200, 200, 200, 200, 200,
  ]);
  const role = (await readRole(body.roleId)).body;
  const all = {
    name: 'Changed',
    description: 'Changed',
    permissions: ['users:read'],
    metadata: { a: 1, b: 2 },
    version: 6,
  };
  expect(role).toMatchObject(all);
  expect(await inOrder(body.roleId)).toBe(6);
});

it('applies one of several concurrent updates with the same If-Match', async () => {
  const { body } = await createRole();
  const headers = { 'if-match': '"1"' };
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, n) =>
      updateRole(body.roleId, { name: `Role ${n}` }, { headers }),
    ),
  );
  expect(statuses(answers)).toEqual([200, ...Array.from({ length: 7 }, () => 412)]);
  expect((await readRole(body.roleId)).body).toEqual(
    answers.find(({ status }) => status === 200)!.body,
  );
});

it('deletes a role during a concurrent update and leaves no permissions', async () => {
  for (let round = 0; round < 6; round++) {
    const { body } = await createRole();
    const [edited, deleted, again] = await Promise.all([
      updateRole(body.roleId, { permissions: ['users:read'] }),
      deleteRole(body.roleId),
      deleteRole(body.roleId),
    ]);
    expect([200, 404]).toContain(edited.status);
    expect(statuses([deleted, again])).toEqual([204, 404]);
    expect((await readRole(body.roleId)).status).toBe(404);
    const records = await listChangeRecords(getSlug(body.roleId));
    expect(records.map(({ action }) => action)).toEqual(
      edited.status === 200 ? ['create', 'update', 'delete'] : ['create', 'delete'],
    );
  }
});

it('applies either an update or a delete with the same If-Match', async () => {
  for (let round = 0; round < 4; round++) {
    const { body } = await createRole();
    const sent = { headers: { 'if-match': '"1"' } };
    const [edited, deleted] = await Promise.all([
      updateRole(body.roleId, { name: 'Changed' }, sent),
      deleteRole(body.roleId, sent),
    ]);
    expect([edited.status, deleted.status]).toBeOneOf([
      [200, 412],
      [404, 204],
    ]);
    expect(await inOrder(body.roleId)).toBe(2);
  }
});

describe('a role write', async () => {
  const { service, database } = await createFaultyService({ timeoutMs: 3000, warm: ['acme'] });
  const token = adminToken('acme');
  await service.get('/v1/roles', { token });
  const reads = async (roleId: string) =>
    (await service.get(`/v1/roles/${roleId}`, { token })).body;

  it('with a lost response took effect once and returns the role', async () => {
    database.goesWrong(faultsInOrder('TransactWriteItems', dropResponse));
    const created = await service.post(
      '/v1/roles',
      { roleId: 'cradl:role:unheard', name: 'Unheard', permissions: [] },
      { token },
    );
    database.isWell();
    expect(created.status).toBe(201);
    expect(await reads('cradl:role:unheard')).toEqual(created.body);
  });

  it('with a lost request has no effect and returns 503', async () => {
    const { body } = await service.post(
      '/v1/roles',
      { name: 'Auditor', permissions: [] },
      { token },
    );
    database.goesWrong(always(dropRequest, 'TransactWriteItems'));
    const changed = await service.send('PATCH', `/v1/roles/${body.roleId}`, {
      token,
      body: { name: 'Changed' },
    });
    database.isWell();
    expect(changed).toMatchObject({ status: 503, body: { code: 'unavailable' } });
    expect(await reads(body.roleId)).toEqual(body);
  });
});

it.each([
  ['PATCH', '/v1/groups/{groupId}', { roleIds: [] }],
  ['DELETE', '/v1/groups/{groupId}', undefined],
  ['DELETE', '/credible/api/v0/organizations/acme/permissions/group:devs', undefined],
])(
  '%s %s is 403 if the group meanwhile gets permissions that the caller lacks',
  async (method, path, body) => {
    const { service, database } = await createFaultyService();
    database.isWell();
    const group = { name: 'devs', roleIds: ['cradl:role:user'] };
    const { groupId } = (await service.post('/v1/groups', group, { token: adminToken('acme') }))
      .body;
    const permissions = ['groups:write'] as const;
    await service.putRole('acme', { slug: 'grouper', name: 'Grouper', permissions });
    const raise: Fault = async (exchange) => {
      const raised = { token: adminToken('acme'), body: { roleIds: ['cradl:role:admin'] } };
      expect((await service.send('PATCH', `/v1/groups/${groupId}`, raised)).status).toBe(200);
      await passThrough(exchange);
    };
    database.goesWrong(faultsInOrder('TransactWriteItems', raise));
    const token = userToken('acme', ['grouper']);
    const answer = await service.send(method, path.replace('{groupId}', groupId), { token, body });
    expect(answer).toMatchObject({
      status: 403,
      body: { notices: ['You can change only groups whose permissions you hold.'] },
    });
  },
);
