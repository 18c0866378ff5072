/** No caller grants or removes permissions of others beyond their own, by any change of a group. */
import { describe, expect, it } from 'vitest';
import { permissions } from '../../../lib/domain/access/permissions.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createAppClient } from '../../support/scenarios/app-clients.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { toRoleId } from '../../support/scenarios/roles.ts';
import {
  adminToken,
  createTestService,
  issuer,
  systemToken,
  type TestRequest,
  type TestResponse,
  tenantId,
  userToken,
} from '../../support/service.ts';

const service = await createTestService();
const groups = createGroupRequests(service);
const { createGroup, addMember, deleteGroup, send, toMembers } = groups;
// All permissions of an administrator but one.
await service.putRole('acme', {
  slug: 'deputy',
  name: 'Deputy',
  permissions: permissions.filter(
    (permission) => permission !== 'tenant:update' && permission !== 'invitations:copy',
  ),
});
const deputy = userToken('acme', ['deputy'], 'deputy');
const createUser = async (more: object = {}): Promise<string> =>
  (await createUserIn(service, 'acme', { password: goodPassword, ...more })).native;
const admins = toRoleId('admin');

type Act = (token: string) => Promise<TestResponse>;
const request =
  (method: string, path: string, body?: object, headers: TestRequest['headers'] = {}): Act =>
  (token) =>
    send(method, path, { token, headers, ...(body && { body }) });

/** Expects the request to fail for a deputy, and to succeed for an administrator. */
async function expectBeyondDeputy(act: Act): Promise<void> {
  const refused = await expectNoWrites(service, () => act(deputy));
  expect(refused).toMatchObject({
    status: 403,
    body: { code: 'forbidden', notices: [expect.stringMatching(/you hold/)] },
  });
  expect((await act(adminToken('acme'))).status).toBeLessThan(300);
}

const createMembers = async (): Promise<readonly string[]> => [
  await createUser(),
  (await createAppClient(service, 'acme', { roleIds: [] })).appClientId,
  await createGroup(),
];

describe('a caller cannot grant permissions beyond their own', async () => {
  const top = await createGroup(['admin']);
  const middle = await createGroup();
  await addMember(top, middle);
  const [user, appClient, group] = await createMembers();
  const memberIds = { user, 'app client': appClient, group };

  it.each<[string, () => Promise<Act>]>([
    ['a new group', async () => request('POST', '/v1/groups', { name: 'Top', roleIds: [admins] })],
    [
      'a role of a group',
      async () => request('PATCH', `/v1/groups/${await createGroup()}`, { roleIds: [admins] }),
    ],
    ...Object.entries(memberIds).map(([kind, memberId]): [string, () => Promise<Act>] => [
      `the group of a group, for a ${kind}`,
      async () => request('POST', toMembers(middle), { members: [{ memberId }] }),
    ]),
    [
      'the status admin in a group',
      async () => request('PATCH', `${toMembers(middle)}/${user}`, { status: 'admin' }),
    ],
    [
      'a restored group',
      async () => {
        const deleted = await createGroup(['admin']);
        await deleteGroup(deleted);
        return request('POST', `/v1/groups/${deleted}/restore`);
      },
    ],
    [
      'a restored group in a group',
      async () => {
        const deleted = await createGroup();
        await addMember(middle, deleted);
        await deleteGroup(deleted);
        return request('POST', `/v1/groups/${deleted}/restore`);
      },
    ],
    [
      'a restored user in a group',
      async () => {
        const deleted = await createUser();
        await addMember(middle, deleted);
        await send('DELETE', `/v1/users/${deleted}`);
        return request('POST', `/v1/users/${deleted}/restore`);
      },
    ],
  ])('by %s', async (_what, prepare) => {
    await expectBeyondDeputy(await prepare());
  });
});

describe('a caller cannot take permissions that they lack', () => {
  it.each<[string, () => Promise<Act>]>([
    [
      'from the members of a group',
      async () => request('PATCH', `/v1/groups/${await createGroup(['admin'])}`, { roleIds: [] }),
    ],
    [
      'by the deletion of a group',
      async () => request('DELETE', `/v1/groups/${await createGroup(['admin'])}`),
    ],
    ...[0, 1, 2].map((index): [string, () => Promise<Act>] => [
      `from member ${index} of a group`,
      async () => {
        const group = await createGroup(['admin']);
        const member = (await createMembers())[index] ?? '';
        await addMember(group, member);
        return request('DELETE', `${toMembers(group)}/${member}`);
      },
    ]),
    ...[0, 1, 2].map((index): [string, () => Promise<Act>] => [
      `from member ${index}, who has more through another group`,
      async () => {
        const [low, high] = [await createGroup(['deputy']), await createGroup(['admin'])];
        const member = (await createMembers())[index] ?? '';
        await addMember(low, member);
        await addMember(high, member);
        return request('POST', `${toMembers(low)}/remove`, { memberIds: [member] });
      },
    ]),
  ])('%s', async (_what, prepare) => {
    await expectBeyondDeputy(await prepare());
  });
});

describe('a member with more permissions through a nested group', async () => {
  const top = await createGroup(['admin']);
  const group = await createGroup();
  await addMember(top, group);
  const createMember = async (): Promise<string> => {
    const user = await createUser();
    await addMember(group, user);
    return `/v1/users/${user}`;
  };
  const createClient = async (): Promise<string> => {
    const { appClientId } = await createAppClient(service, 'acme', { roleIds: [] });
    await addMember(group, appClientId);
    return `/v1/app-clients/${appClientId}`;
  };

  it.each<[string, () => Promise<string>, (path: string) => Act]>([
    ['changed', createMember, (path) => request('PATCH', path, { email: 'x@x.example' })],
    ['suspended', createMember, (path) => request('POST', `${path}/suspend`)],
    ['exported', createMember, (path) => request('GET', `${path}/export`)],
    ['deleted', createMember, (path) => request('DELETE', path)],
    ['erased', createMember, (path) => request('POST', `${path}/erase`)],
    [
      'approved',
      createMember,
      (path) => request('POST', `${path}/credentials/approve`, { email: true }),
    ],
    ['changed, as an app client', createClient, (path) => request('PATCH', path, { name: 'Jo' })],
    ['given a secret', createClient, (path) => request('POST', `${path}/secrets`, {})],
    ['revoked', createClient, (path) => request('DELETE', path)],
  ])('cannot be %s', async (_what, create, toAct) => {
    await expectBeyondDeputy(toAct(await create()));
  });
});

describe('an administrator of a group', async () => {
  const own = await createGroup();
  const other = await createGroup();
  const [userId, memberId] = [await createUser(), await createUser()];
  const token = issuer.mintAccessToken({ sub: userId, tenantId: tenantId.acme });
  await addMember(own, userId, 'admin');
  const call = async (method: string, path: string, body?: object) =>
    (await send(method, path, { token, ...(body && { body }) })).status;
  const member = { members: [{ memberId }] };
  const changes = (group: string): readonly (readonly [string, string, object?])[] => [
    ['GET', `/v1/groups/${group}`],
    ['GET', toMembers(group)],
    ['POST', toMembers(group), member],
    ['PATCH', `${toMembers(group)}/${memberId}`, { status: 'admin' }],
    ['PATCH', `/v1/groups/${group}`, { displayName: 'Ours', description: null }],
    ['POST', `${toMembers(group)}/remove`, { memberIds: [memberId] }],
  ];
  const answersIn = async (group: string): Promise<number[]> => {
    const answers: number[] = [];
    for (const change of changes(group)) answers.push(await call(...change));
    return answers;
  };

  it('describes the group and changes its members', async () => {
    expect(await answersIn(own)).toEqual([200, 200, 200, 200, 200, 204]);
  });

  it('has no rights in other groups, nested or not', async () => {
    const forbidden = changes(other).map(() => 403);
    expect(await answersIn(other)).toEqual(forbidden);
    await addMember(own, other);
    expect(await answersIn(other)).toEqual(forbidden);
    await groups.removeMember(own, other);
    await addMember(other, own, 'admin');
    expect(await answersIn(other)).toEqual(forbidden);
    await groups.removeMember(other, own);
  });

  it('cannot rename, delete or restore the group, nor change its roles', async () => {
    for (const body of [{ name: 'Ours' }, { roleIds: [] }, { externalId: '1' }])
      expect(await call('PATCH', `/v1/groups/${own}`, body)).toBe(403);
    expect(await call('DELETE', `/v1/groups/${own}`)).toBe(403);
    expect(await call('POST', `/v1/groups/${own}/restore`)).toBe(403);
    expect(await call('GET', '/v1/groups')).toBe(403);
    expect(await call('GET', `/v1/users/${memberId}/groups`)).toBe(403);
  });

  it('holds the permissions of the group, and cannot add it to a group with more', async () => {
    const [parent, powerful] = [await createGroup(['deputy']), await createGroup(['admin'])];
    await addMember(parent, own);
    expect(await call('POST', toMembers(own), member)).toBe(200);
    expect(await call('POST', toMembers(powerful), { members: [{ memberId: own }] })).toBe(403);
    await groups.removeMember(parent, own);
  });

  it('loses the status with the membership', async () => {
    await send('PATCH', `${toMembers(own)}/${userId}`, { body: { status: 'member' } });
    expect(await answersIn(own)).toEqual(changes(own).map(() => 403));
    await addMember(own, userId, 'admin');
    await deleteGroup(own);
    expect(await answersIn(own)).toEqual(changes(own).map(() => 404));
    await groups.restoreGroup(own);
    expect(await answersIn(own)).toEqual([200, 200, 200, 200, 200, 204]);
    await groups.removeMember(own, userId);
    expect(await answersIn(own)).toEqual(changes(own).map(() => 403));
    // A denial that is based on cached groups is decided again.
    await addMember(own, userId, 'admin');
    expect(await answersIn(own)).toEqual([200, 200, 200, 200, 200, 204]);
  });

  it('can be an app client with a secret that a system administrator created', async () => {
    const create = (by: string) => createAppClient(service, 'acme', { roleIds: [] }, by);
    const [unlimited, limited] = [await create(systemToken('acme')), await create(deputy)];
    await service.putRole('acme', {
      slug: 'issuer',
      name: 'Issuer',
      permissions: ['appClients:write'],
    });
    const weak = await create(userToken('acme', ['issuer']));
    const statuses: number[] = [];
    for (const { appClientId, secret } of [unlimited, limited, weak]) {
      await addMember(own, appClientId, 'admin');
      const headers = { 'x-api-key': secret };
      statuses.push((await service.post(toMembers(own), member, { headers })).status);
    }
    // A deputy has groups:write, so the secret carries the status.
    expect(statuses).toEqual([200, 200, 403]);
  });
});
