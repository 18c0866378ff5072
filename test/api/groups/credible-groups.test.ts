import { randomUUID } from 'node:crypto';
import { BatchWriteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { parseGroupId } from '../../../lib/domain/kernel/ids.ts';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import {
  adminToken,
  createTestService,
  issuer,
  systemToken,
  tenantId,
  userToken,
} from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');
const groups = '/credible/api/v0/organizations/acme/groups';
const newName = (prefix = 'group') => `${prefix}_${randomUUID()}`;
const send = (method: string, path: string, body?: unknown, caller = token) =>
  service.send(method, `${groups}${path}`, { token: caller, body });

/** Creates a group and returns its name. */
async function createGroup(prefix?: string): Promise<string> {
  const groupName = newName(prefix);
  expect(await send('POST', '', { groupName })).toMatchObject({ status: 201 });
  return groupName;
}

/** An invited user administers no group, so administrators have a password. */
const active = { password: 'tangled-orchard-7-lamps' };

/** Creates a user and returns the token, the email and the ID. */
async function createUser(more: object = {}) {
  const user = await createUserIn(service, 'acme', more);
  const email = `${user.credible}@example.com`;
  const caller = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.acme, roles: [] });
  return { email, id: `user:${email}`, native: user.native, caller };
}

const addMembers = (group: string, ids: readonly string[], status = 'member', caller = token) =>
  send(
    'POST',
    `/${group}/members`,
    { members: ids.map((userGroupId) => ({ userGroupId, status })) },
    caller,
  );
const listMembers = async (group: string) => (await send('GET', `/${group}/members`)).body.members;
const getNative = async (name: string) =>
  (await service.get(`/v1/groups?name=${name}`, { token })).body.groups[0];

describe('groups of Credible', () => {
  it('are created, read, described and deleted by name', async () => {
    const groupName = newName('Billing.Team');
    const created = await send('POST', '', { groupName, organizationName: 'Acme' });
    expect(created).toMatchObject({ status: 201 });
    expect(created.body).toEqual({
      organizationName: 'acme',
      groupName,
      createdAt: expect.any(String),
      updatedAt: created.body.createdAt,
    });
    const path = `/${groupName.toUpperCase()}`;
    expect(await send('GET', path)).toMatchObject({ status: 200, body: created.body });
    const { body } = await send('PATCH', path, { description: 'Sends invoices.' });
    expect(body).toMatchObject({ groupName, description: 'Sends invoices.' });
    expect((await send('PATCH', path, {})).body).toEqual(body);
    expect((await send('PATCH', path, { description: null })).body).not.toHaveProperty(
      'description',
    );
    expect(await getNative(groupName)).toMatchObject({ roleIds: [], version: 3 });
    expect(await send('DELETE', path)).toMatchObject({ status: 204 });
    for (const [method, patch] of [['GET'], ['PATCH', {}], ['DELETE']] as const)
      expect(await send(method, path, patch)).toMatchObject({ status: 404 });
  });

  it('are listed page by page, whichever API created them', async () => {
    const name = `A native group ${randomUUID()}`;
    await service.post('/v1/groups', { name }, { token });
    const groupName = await createGroup();
    const names: string[] = [];
    let query = '?maxResults=1';
    for (let pages = 0; query !== ''; pages++) {
      expect(pages).toBeLessThan(100);
      const { body } = await send('GET', query);
      names.push(...body.groups.map((group: { groupName: string }) => group.groupName));
      query = body.nextToken ? `?maxResults=1&nextToken=${body.nextToken}` : '';
    }
    expect(names).toEqual(expect.arrayContaining([name, groupName]));
    expect(await send('GET', `/${encodeURIComponent(name)}`)).toMatchObject({ status: 200 });
  });

  it.each([
    [{ groupName: 'a b' }, 'groupName must have only letters, digits, ., _ and -'],
    [{ groupName: '..' }, 'groupName must have only letters, digits, ., _ and -'],
    [{}, 'groupName is required'],
    [
      { groupName: 'x', roles: [] },
      'roles is not a known field; the known fields are groupName, description, organizationName',
    ],
    [
      { groupName: 'x', organizationName: 'globex' },
      'organizationName must be the organization in the path',
    ],
  ])('rejects %j', async (input, message) => {
    expect(await send('POST', '', input)).toMatchObject({ status: 400, body: { message } });
  });

  it('have names that no other group has in any case', async () => {
    const groupName = await createGroup();
    const other = { groupName: groupName.toUpperCase() };
    expect(await send('POST', '', other)).toMatchObject({
      status: 409,
      body: { code: 'group_exists', details: { field: 'groupName' } },
    });
    expect(await service.post('/v1/groups', { name: 'a%62' }, { token })).toMatchObject({
      status: 400,
    });
  });

  it('free their names at once, without the former members', async () => {
    const groupName = await createGroup();
    const user = await createUser();
    await addMembers(groupName, [user.id]);
    await send('DELETE', `/${groupName}`);
    expect(await send('GET', `/${groupName}/members`)).toMatchObject({ status: 404 });
    expect(await send('POST', '', { groupName })).toMatchObject({ status: 201 });
    expect(await listMembers(groupName)).toEqual([]);
  });

  it('are described by modelers and group administrators, and changed by no others', async () => {
    const groupName = await createGroup();
    const admin = await createUser(active);
    await addMembers(groupName, [admin.id], 'admin');
    await service.putRole('acme', { slug: 'modeler', name: 'Modeler', permissions: [] });
    const modeler = userToken('acme', ['modeler']);
    const path = `/${groupName}`;
    for (const caller of [modeler, admin.caller])
      expect(await send('PATCH', path, { description: 'Ours' }, caller)).toMatchObject({
        status: 200,
      });
    expect(await send('GET', path, undefined, admin.caller)).toMatchObject({ status: 200 });
    const stranger = userToken('acme', ['user']);
    expect(await send('PATCH', path, { description: 'Mine' }, stranger)).toMatchObject({
      status: 403,
    });
    expect(await send('GET', path, undefined, stranger)).toMatchObject({ status: 403 });
    for (const caller of [modeler, admin.caller])
      expect(await send('DELETE', path, undefined, caller)).toMatchObject({ status: 403 });
  });

  it('are those of the organization in the path for a system administrator', async () => {
    const groupName = await createGroup();
    const system = systemToken('globex');
    expect(await send('GET', `/${groupName}`, undefined, system)).toMatchObject({
      body: { organizationName: 'acme', groupName },
    });
    const elsewhere = await service.get(
      `/credible/api/v0/organizations/globex/groups/${groupName}`,
      { token: system },
    );
    expect(elsewhere).toMatchObject({ status: 404 });
  });
});

describe('members of Credible groups', () => {
  it('are added, listed, updated and removed by email and name', async () => {
    const [group, inner] = [await createGroup(), await createGroup('inner')];
    const [a, b] = [await createUser(), await createUser()];
    const added = await addMembers(group, [b.id, `group:${inner.toUpperCase()}`, a.id]);
    expect(added).toMatchObject({ status: 200, body: { code: 'ok', message: 'Members added' } });
    expect(await addMembers(group, [a.id.toUpperCase().replace('USER', 'user')])).toMatchObject({
      status: 200,
    });
    const path = `/${group}/members`;
    for (const name of [a.email, inner, encodeURIComponent(b.id)])
      expect(await send('PATCH', `${path}/${name}`, { status: 'admin' })).toMatchObject({
        status: 200,
        body: { code: 'ok', message: 'Member updated' },
      });
    expect(await addMembers(group, [b.id])).toMatchObject({ status: 200 });
    const users = [
      { userGroupId: a.id, status: 'admin' },
      { userGroupId: b.id, status: 'member' },
    ];
    const nested = { userGroupId: `group:${inner}`, status: 'admin' };
    expect(await listMembers(group)).toEqual([
      nested,
      ...users.toSorted((one, other) => (one.userGroupId < other.userGroupId ? -1 : 1)),
    ]);
    const removed = await send('DELETE', path, {
      members: [{ userGroupId: a.id, status: 'member' }, { userGroupId: nested.userGroupId }],
    });
    expect(removed).toMatchObject({ status: 200, body: { message: 'Members removed' } });
    expect(await listMembers(group)).toEqual([users[1]]);
  });

  it('are users and groups, not app clients or deleted users', async () => {
    const group = await createGroup();
    const [user, { body: client }] = [
      await createUser(),
      await service.post('/v1/app-clients', { name: 'Import' }, { token }),
    ];
    const { groupId } = await getNative(group);
    const memberIds = [user.native, client.appClientId].map((memberId) => ({ memberId }));
    await service.post(`/v1/groups/${groupId}/members`, { members: memberIds }, { token });
    expect(await listMembers(group)).toEqual([{ userGroupId: user.id, status: 'member' }]);
    await service.send('DELETE', `/v1/users/${user.native}`, { token });
    expect(await listMembers(group)).toEqual([]);
    // The email belongs to no user any longer, so there is nothing to remove.
    const members = [{ userGroupId: user.id }];
    expect(await send('DELETE', `/${group}/members`, { members })).toMatchObject({ status: 200 });
  });

  it('must exist, and must be members to be updated', async () => {
    const group = await createGroup();
    const { id, email } = await createUser();
    for (const unknown of ['user:nobody@example.com', `group:${newName()}`]) {
      expect(await addMembers(group, [id, unknown])).toMatchObject({
        status: 404,
        body: { code: 'not_found', details: { field: 'members.1.userGroupId' } },
      });
      const members = [{ userGroupId: unknown }];
      expect(await send('DELETE', `/${group}/members`, { members })).toMatchObject({ status: 200 });
    }
    for (const name of [email, 'nobody@example.com', 'nogroup', 'user:', '%20'])
      expect(await send('PATCH', `/${group}/members/${name}`, { status: 'admin' })).toMatchObject({
        status: 404,
      });
    expect(await listMembers(group)).toEqual([]);
  });

  it('are limited to 20 in a request, with at most 10 groups, each named once', async () => {
    const group = await createGroup();
    const { id } = await createUser();
    const ids = (count: number, kind = 'user:x') =>
      Array.from({ length: count }, (_, index) => `${kind}${index}@example.com`);
    const reject = async (list: readonly string[], message: string) =>
      expect(await addMembers(group, list)).toMatchObject({ status: 400, body: { message } });
    await reject(ids(21), 'members must have at most 20 items');
    await reject(ids(11, 'group:x'), 'members can name at most 10 groups');
    await reject([], 'members must have at least 1 item');
    await reject([id, id], 'members.1.userGroupId must name each member once');
    await reject(
      ['jsmith@example.com', 'user:jsmith'],
      'members.0.userGroupId must be user:<email> or group:<name>, such as user:jsmith@example.com (and 1 more)',
    );
  });

  it('are managed by administrators of the group within their own permissions', async () => {
    const [group, other] = [await createGroup(), await createGroup()];
    const [admin, user] = [await createUser(active), await createUser()];
    await addMembers(group, [admin.id], 'admin');
    expect(await addMembers(group, [user.id], 'member', admin.caller)).toMatchObject({
      status: 200,
    });
    expect(await addMembers(other, [user.id], 'member', admin.caller)).toMatchObject({
      status: 403,
    });
    // Unknown groups and members are not revealed.
    for (const name of [other, newName()])
      expect(
        await addMembers(name, ['user:nobody@example.com'], 'member', admin.caller),
      ).toMatchObject({ status: 403 });
    const { groupId } = await getNative(group);
    const body = { roleIds: ['cradl:role:admin'] };
    await service.send('PATCH', `/v1/groups/${groupId}`, { token, body });
    await service.putRole('acme', { slug: 'grouper', name: 'G', permissions: ['groups:write'] });
    const outsider = await createUser();
    expect(
      await addMembers(group, [outsider.id], 'member', userToken('acme', ['grouper'])),
    ).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await listMembers(group)).toHaveLength(2);
  });

  it('are listed at once up to 1,000', async () => {
    const group = await createGroup();
    const { id } = await createUser();
    await addMembers(group, [id]);
    const { groupId } = await getNative(group);
    const [{ acme }, uuid] = [tenantId, parseGroupId(groupId) ?? ''];
    const toItem = (index: number) => {
      const memberId = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
      const key = keys.groupMember(acme, uuid, { kind: 'USER', id: memberId });
      return {
        ...key,
        tenantId: acme,
        groupId: uuid,
        memberKind: 'user',
        memberId,
        status: 'member',
      };
    };
    const { client, directory } = service.stored;
    const seed = (from: number, count: number) =>
      client.send(
        new BatchWriteCommand({
          RequestItems: {
            [directory]: Array.from({ length: count }, (_, index) => ({
              PutRequest: { Item: toItem(from + index) },
            })),
          },
        }),
      );
    for (let from = 0; from < 975; from += 25) await seed(from, 25);
    await seed(975, 24);
    expect(await listMembers(group)).toEqual([{ userGroupId: id, status: 'member' }]);
    await seed(999, 1);
    expect(await send('GET', `/${group}/members`)).toMatchObject({
      status: 422,
      body: { code: 'too_many_results' },
    });
    const page = await service.get(`/v1/groups/${groupId}/members`, { token });
    expect(page).toMatchObject({ status: 200 });
  });
});
