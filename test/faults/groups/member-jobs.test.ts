/** Large changes of members that stop anywhere: each read shows all of a change, or nothing. */
import { afterEach, expect, it } from 'vitest';
import { parseGroupId } from '../../../lib/domain/kernel/ids.ts';
import type { User } from '../../../lib/domain/users/user.ts';
import { keys } from '../../../lib/store/keys.ts';
import { seedUsers } from '../../support/dialects/list-users.ts';
import { findGroupFaults } from '../../support/database/group-audit.ts';
import {
  createFaultyService,
  deadlineAfterFaults,
  dropRequest,
  dropResponse,
} from '../../support/faults/fault-proxy.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { tenantId, type TestRequest } from '../../support/service.ts';

const clock = createTestClock();
const { service, database } = await createFaultyService({
  ...deadlineAfterFaults,
  now: clock.now,
  warm: ['acme'],
  hasOutboxIndex: true,
});
const adminToken = () => clock.aTokenOf('acme', ['admin']);
const send = (method: string, path: string, sent: TestRequest = {}) =>
  service.send(method, path, { token: adminToken(), ...sent });
const { toMembers } = createGroupRequests(service);

const users: string[] = [];
await seedUsers(service, 'acme', 30, (): Partial<User> => {
  const userId = crypto.randomUUID();
  users.push(`cradl:user:${userId.replaceAll('-', '')}`);
  return { userId };
});
users.sort();

let groups = 0;
const createGroup = async (roleIds: readonly string[] = []): Promise<string> =>
  (await send('POST', '/v1/groups', { body: { name: `Job ${++groups}`, roleIds } })).body.groupId;
const change = (group: string, memberIds: readonly string[], isRemoval: boolean) =>
  isRemoval
    ? send('POST', `${toMembers(group)}/remove`, { body: { memberIds } })
    : send('POST', toMembers(group), {
        body: { members: memberIds.map((memberId) => ({ memberId })) },
      });

/** Lists all members of a group, with pages of different sizes. */
async function listMembers(group: string, pageSize: number): Promise<string[]> {
  const ids: string[] = [];
  let token: string | null = '';
  while (token !== null) {
    const next: string = token === '' ? '' : `&nextToken=${encodeURIComponent(token)}`;
    const { body } = await send('GET', `${toMembers(group)}?maxResults=${pageSize}${next}`);
    ids.push(...body.members.map(({ memberId }: { memberId: string }) => memberId));
    token = body.nextToken;
  }
  return ids;
}

const listGroups = async (user: string): Promise<string[]> =>
  (await send('GET', `/v1/users/${user}/groups`)).body.groups.map(
    ({ groupId }: { groupId: string }) => groupId,
  );

/** Expects that every reader shows the same members, and returns them. */
async function readMembers(group: string): Promise<string[]> {
  const members = await listMembers(group, 100);
  expect(await listMembers(group, 11)).toEqual(members);
  expect(members).toEqual(members.toSorted());
  // A cached tenant can be 30 s old.
  clock.advanceBy(31_000);
  for (const user of [users[0], users[15], users[29]] as string[])
    expect([user, (await listGroups(user)).includes(group)]).toEqual([
      user,
      members.includes(user),
    ]);
  return members;
}

/** Stops the job after the commit. */
const stopJob = (): void =>
  database.goesWrong(({ operation, text }) =>
    operation === 'TransactWriteItems' && text.includes('GROUPCHANGE#') ? dropRequest : undefined,
  );

/** Applies all jobs, and removes them a minute later. */
async function sweep(): Promise<void> {
  for (let runs = 0; runs < 2; runs += 1) {
    clock.advanceBy(10 * 60_000);
    await service.on.groupCleanup();
  }
}

async function assertSwept(): Promise<void> {
  const items = await service.stored.all();
  expect(items.filter(({ sk }) => /^(ROLES#JOB|JOBPART)#/.test(sk))).toEqual([]);
  expect(findGroupFaults(items)).toEqual([]);
}

afterEach(() => database.isWell());

it('shows all of a change or nothing, wherever it stops', async () => {
  const group = await createGroup();
  let isRemoval = false;
  for (let last = 0, isComplete = false; !isComplete; last += 1) {
    const before = isRemoval ? users : [];
    const after = isRemoval ? [] : users;
    let writes = 0;
    let hasFault = false;
    database.goesWrong(({ operation }) => {
      if (!/^(Delete|Update|Put)Item$|^Transact/.test(operation) || ++writes <= last)
        return undefined;
      hasFault = true;
      return writes === last + 1 && last % 2 === 1 ? dropResponse : dropRequest;
    });
    const { status } = await change(group, users, isRemoval);
    database.isWell();
    isComplete = !hasFault;
    const members = await readMembers(group);
    if (status < 300) expect(members).toEqual(after);
    else expect([before, after]).toContainEqual(members);
    await sweep();
    expect(await readMembers(group)).toEqual(members);
    isRemoval = members.length > 0;
  }
  await assertSwept();
});

it('applies later changes after the job, and shows permissions at once', async () => {
  const group = await createGroup(['cradl:role:admin']);
  const [first = '', second = '', third = ''] = users;
  stopJob();
  expect((await change(group, users, false)).status).toBe(200);
  // Another function, with a cached tenant.
  const deleteNoRole = async (user: string): Promise<number> => {
    const token = clock.aTokenOf('acme', [], user);
    return (await service.send('DELETE', '/v1/roles/cradl:role:none', { token })).status;
  };
  expect(await deleteNoRole(second)).toBe(404);
  database.isWell();
  // The job has not reached them.
  expect((await send('DELETE', `${toMembers(group)}/${first}`)).status).toBe(204);
  const status = { body: { status: 'admin' } };
  expect((await send('PATCH', `${toMembers(group)}/${second}`, status)).status).toBe(200);
  expect(await readMembers(group)).toEqual(users.slice(1));
  expect(await deleteNoRole(second)).toBe(404);
  stopJob();
  expect((await change(group, users.slice(0, 22), true)).status).toBe(204);
  expect(await deleteNoRole(second)).toBe(403);
  expect(await deleteNoRole(users[22] ?? '')).toBe(404);
  database.isWell();
  expect((await change(group, [third], false)).status).toBe(200);
  const expected = [third, ...users.slice(22)];
  expect(await readMembers(group)).toEqual(expected);
  await sweep();
  await assertSwept();
  expect(await readMembers(group)).toEqual(expected);
  const records = (await service.stored.all()).filter(
    ({ sk, groupId }) => sk.startsWith('GROUPCHANGE#') && groupId === parseGroupId(group),
  );
  // 30 added, 22 removed including one removed before, one updated, one added again.
  expect(records).toHaveLength(30 + 22 + 2);
});

it('follows members and groups that are deleted during a job', async () => {
  const [deleted = '', erased = ''] = users;
  const group = await createGroup();
  stopJob();
  expect((await change(group, users, false)).status).toBe(200);
  database.isWell();
  expect((await send('DELETE', `/v1/users/${deleted}`)).status).toBe(204);
  expect((await send('POST', `/v1/users/${erased}/erase`)).status).toBe(204);
  expect((await send('DELETE', `/v1/groups/${group}`)).status).toBe(204);
  await sweep();
  expect((await send('POST', `/v1/groups/${group}/restore`)).status).toBe(200);
  expect(await listMembers(group, 100)).toEqual(users.slice(2));
  expect((await send('POST', `/v1/users/${deleted}/restore`)).status).toBe(200);
  expect(await listMembers(group, 100)).toEqual([deleted, ...users.slice(2)]);
  expect(
    await service.stored.item(
      keys.groupMember(tenantId.acme, parseGroupId(group) ?? '', {
        kind: 'USER',
        id: erased.slice(-32),
      }),
    ),
  ).toBeUndefined();
});
