/** Memberships of members that are deleted, restored, erased or revoked. */
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { parseGroupId, parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { isStrippedRecord } from '../../support/database/stripped-records.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { createAppClient } from '../../support/scenarios/app-clients.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { createTestService, tenantId } from '../../support/service.ts';

const service = await createTestService();
const groups = createGroupRequests(service);
const { createGroup, addMember, deleteGroup, send, toMembers } = groups;
const createUser = async (): Promise<string> => (await createUserIn(service, 'acme')).native;
const createClient = async (): Promise<string> =>
  (await createAppClient(service, 'acme', { roleIds: [] })).appClientId;

const listMembers = async (group: string): Promise<string[]> =>
  (await send('GET', toMembers(group))).body.members.map(({ memberId }: any) => memberId);
const listItems = async (id: string): Promise<string[]> =>
  (await service.stored.all())
    .filter((item) => !isStrippedRecord(item))
    .filter(({ pk, sk }) => `${pk} ${sk}`.includes(id) && /MEMBER|GROUPCHANGE/.test(String(sk)))
    .map(({ sk }) => String(sk).split('#')[0] ?? '');
const readCount = async (group: string): Promise<unknown> =>
  (await service.stored.item(keys.groupMemberCount(tenantId.acme, parseGroupId(group) ?? '')))?.[
    'memberCount'
  ];

describe('the membership of a user', () => {
  it('is hidden while the user is deleted, and returns with the user', async () => {
    const [group, user] = [await createGroup(), await createUser()];
    await addMember(group, user, 'admin');
    const add = () => send('POST', toMembers(group), { body: { members: [{ memberId: user }] } });
    const change = () =>
      send('PATCH', `${toMembers(group)}/${user}`, { body: { status: 'member' } });

    await send('DELETE', `/v1/users/${user}`);
    expect(await listMembers(group)).toEqual([]);
    expect((await send('GET', `/v1/users/${user}/groups`)).status).toBe(404);
    // As for an unknown user.
    expect((await add()).status).toBe(400);
    expect((await change()).status).toBe(404);

    await send('POST', `/v1/users/${user}/restore`);
    expect(await listMembers(group)).toEqual([user]);
    expect((await send('GET', `/v1/users/${user}/groups`)).body.groups).toMatchObject([
      { groupId: group, status: 'admin' },
    ]);
    await send('DELETE', `/v1/users/${user}`);
    expect((await send('DELETE', `${toMembers(group)}/${user}`)).status).toBe(204);
    await send('POST', `/v1/users/${user}/restore`);
    expect(await listMembers(group)).toEqual([]);
  });

  it('is removed from both collections by an erasure', async () => {
    const [first, second, deleted, user, other] = [
      await createGroup(['admin']),
      await createGroup(),
      await createGroup(),
      await createUser(),
      await createUser(),
    ];
    for (const group of [first, second, deleted]) {
      await addMember(group, user);
      await addMember(group, other);
    }
    await deleteGroup(deleted);
    const uuid = parseUserId(user) ?? '';
    expect((await listItems(uuid)).toSorted()).toEqual([
      ...Array.from({ length: 3 }, () => 'GROUPCHANGE'),
      ...Array.from({ length: 3 }, () => 'MEMBER'),
      ...Array.from({ length: 3 }, () => 'MEMBEROF'),
    ]);

    expect((await send('POST', `/v1/users/${user}/erase`)).status).toBe(204);
    expect(await listItems(uuid)).toEqual([]);
    for (const group of [first, second, deleted]) expect(await readCount(group)).toBe(1);
    expect(await listMembers(first)).toEqual([other]);
  });

  it('is in the export, in each state of the user and the group', async () => {
    const [group, deleted, user] = [await createGroup(), await createGroup(), await createUser()];
    await addMember(group, user, 'admin');
    await addMember(deleted, user);
    await deleteGroup(deleted);
    const expected = [
      { groupId: group, status: 'admin' },
      { groupId: deleted, status: 'member' },
    ].toSorted((a, b) => a.groupId.localeCompare(b.groupId));
    const readGroups = async () => (await send('GET', `/v1/users/${user}/export`)).body.groups;
    const exported = await readGroups();
    expect(exported).toMatchObject(expected);
    expect(exported[0]).toEqual({
      groupId: expect.any(String),
      name: expect.stringMatching(/^Group \d+$/),
      status: expect.any(String),
      joinedTime: expect.any(String),
      addedBy: 'admin-of-acme',
    });
    await send('DELETE', `/v1/users/${user}`);
    expect(await readGroups()).toEqual(exported);
  });
});

describe('the membership of an app client', () => {
  it('ends with its revocation', async () => {
    const [first, second, appClient] = [
      await createGroup(),
      await createGroup(),
      await createClient(),
    ];
    for (const group of [first, second]) await addMember(group, appClient);
    const path = `/v1/app-clients/${appClient}`;
    expect((await send('DELETE', path)).status).toBeLessThan(300);
    expect(await listMembers(first)).toEqual([]);
    expect(await readCount(second)).toBe(0);
    const name = appClient.split(':')[2] ?? '';
    expect(new Set(await listItems(name))).toEqual(new Set(['GROUPCHANGE']));
    const add = { body: { members: [{ memberId: appClient }] } };
    expect((await send('POST', toMembers(first), add)).status).toBe(400);
    // A repetition finds nothing to remove.
    expect((await send('DELETE', path)).status).toBeLessThan(300);
  });
});

describe('the membership of a group', () => {
  it('is hidden while the group is deleted, and can end meanwhile', async () => {
    const [parent, group] = [await createGroup(['admin']), await createGroup()];
    await addMember(parent, group);
    await deleteGroup(group);
    expect(await listMembers(parent)).toEqual([]);
    const add = { body: { members: [{ memberId: group }] } };
    expect((await send('POST', toMembers(parent), add)).status).toBe(400);
    await groups.removeMember(parent, group);
    const uuid = parseGroupId(group) ?? '';
    // A deleted group has no item among those that decisions read.
    expect(await service.stored.item(keys.groupRoles(tenantId.acme, uuid))).toBeUndefined();
    await groups.restoreGroup(group);
    expect(await listMembers(parent)).toEqual([]);
  });
});

it('has no membership in one direction only', async () => {
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
});
