/** Concurrent changes of groups, lost requests, and erasures of members that stop halfway. */
import { expect, it } from 'vitest';
import { parseGroupId, parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { maxMembers } from '../../../lib/domain/groups/group.ts';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { findGroupFaults } from '../../support/database/group-audit.ts';
import { isStrippedRecord } from '../../support/database/stripped-records.ts';
import {
  always,
  createFaultyService,
  deadlineAfterFaults,
  dropRequest,
  dropResponse,
  faultsInOrder,
  loseIdempotencyToken,
  passThrough,
} from '../../support/faults/fault-proxy.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { toRoleId } from '../../support/scenarios/roles.ts';
import { tenantId, type TestResponse } from '../../support/service.ts';

const { service, database } = await createFaultyService({
  ...deadlineAfterFaults,
  warm: ['acme'],
});
const groups = createGroupRequests(service);
const { send, toMembers, createGroup, addMember } = groups;
const createUser = async (): Promise<string> => (await createUserIn(service, 'acme')).native;
// Loads the functions.
await addMember(await createGroup(), await createUser());

const add = (group: string, memberId: string) =>
  send('POST', toMembers(group), { body: { members: [{ memberId }] } });
const remove = (group: string, memberId: string) =>
  send('DELETE', `${toMembers(group)}/${memberId}`);
const erase = (user: string) => send('POST', `/v1/users/${user}/erase`);
const sortStatuses = (answers: readonly TestResponse[]): number[] =>
  answers.map(({ status }) => status).toSorted((a, b) => a - b);
const assertConsistent = async (): Promise<void> =>
  expect(findGroupFaults(await service.stored.all())).toEqual([]);
const countKey = (group: string) => keys.groupMemberCount(tenantId.acme, parseGroupId(group) ?? '');
const readCount = async (group: string): Promise<unknown> =>
  (await service.stored.item(countKey(group)))?.['memberCount'];
const listItems = async (userId: string): Promise<string[]> =>
  (await service.stored.all())
    .filter((item) => !isStrippedRecord(item))
    .map(({ pk, sk }) => `${pk} ${sk}`)
    .filter((key) => key.includes(parseUserId(userId) ?? '') && !key.includes('#ERASURES'));

it('rejects one of the concurrent edges that would close a circle', async () => {
  for (let round = 0; round < 3; round++) {
    const [a, b, c] = [await createGroup(), await createGroup(), await createGroup()];
    const answers = await Promise.all([add(a, b), add(b, c), add(c, a)]);
    expect(sortStatuses(answers)).toEqual([200, 200, 409]);
  }
  await assertConsistent();
});

it('gives a deleted group no roles or parents in concurrent changes', async () => {
  for (let round = 0; round < 3; round++) {
    const [parent, child] = [await createGroup(['admin']), await createGroup(['user'])];
    const [nested, deleted, changed] = await Promise.all([
      add(parent, child),
      send('DELETE', `/v1/groups/${child}`),
      send('PATCH', `/v1/groups/${child}`, { body: { roleIds: [toRoleId('admin')] } }),
    ]);
    expect(nested.status).toBeOneOf([200, 400]);
    expect(deleted.status).toBe(204);
    expect(changed.status).toBeOneOf([200, 404]);
    await assertConsistent();
    const [restored, removed] = await Promise.all([
      send('POST', `/v1/groups/${child}/restore`),
      remove(parent, child),
    ]);
    expect(restored.status).toBe(200);
    expect(removed.status).toBe(nested.status === 200 ? 204 : 404);
    await assertConsistent();
  }
});

it('keeps roles and parents of a group in concurrent changes of both', async () => {
  const [parent, child] = [await createGroup(['admin']), await createGroup()];
  const roleIds = [toRoleId('approver')];
  const answers = await Promise.all([
    add(parent, child),
    send('PATCH', `/v1/groups/${child}`, { body: { roleIds } }),
  ]);
  expect(sortStatuses(answers)).toEqual([200, 200]);
  await assertConsistent();
});

it('leaves no membership of a user who is erased while groups add and remove them', async () => {
  for (let round = 0; round < 3; round++) {
    const [user, former] = [await createUser(), await createGroup()];
    await addMember(former, user);
    const news = [await createGroup(), await createGroup(), await createGroup()];
    const [erased, removed, ...added] = await Promise.all([
      erase(user),
      remove(former, user),
      ...news.map((group) => add(group, user)),
    ]);
    expect(erased.status).toBe(204);
    expect(removed.status).toBeOneOf([204, 404]);
    for (const { status } of added) expect(status).toBeOneOf([200, 400]);
    expect(await listItems(user)).toEqual([]);
  }
  await assertConsistent();
});

it('erases the record of a membership that another request removes meanwhile', async () => {
  const [user, group] = [await createUser(), await createGroup()];
  await addMember(group, user);
  const isReached = Promise.withResolvers<void>();
  const mayGoOn = Promise.withResolvers<void>();
  let isHeld = false;
  database.goesWrong(({ operation, text }) => {
    if (isHeld || operation !== 'DeleteItem' || !text.includes('MEMBER#')) return undefined;
    isHeld = true;
    return async (exchange) => {
      isReached.resolve();
      await mayGoOn.promise;
      await passThrough(exchange);
    };
  });
  const erasing = erase(user);
  await isReached.promise;
  expect((await remove(group, user)).status).toBe(204);
  mayGoOn.resolve();
  expect((await erasing).status).toBe(204);
  database.isWell();
  expect(await listItems(user)).toEqual([]);
  expect(await readCount(group)).toBe(0);
});

it('erases memberships completely when repeated after any lost request', async () => {
  const group = await createGroup(['admin']);
  for (let last = 1, isComplete = false; !isComplete; last++) {
    const [user, other] = [await createUser(), await createGroup()];
    for (const each of [group, other]) await addMember(each, user);
    let sent = 0;
    database.goesWrong(({ operation }) =>
      /^(Delete|Update|BatchWrite)Item$|^Transact/.test(operation) && ++sent > last
        ? dropRequest
        : undefined,
    );
    isComplete = (await erase(user)).status === 204;
    database.isWell();
    // The group loses its member first, so the other direction leads a repetition to the rest.
    for (const fault of findGroupFaults(await service.stored.all()))
      expect(fault).toMatch(/#USER#[^ ]+ MEMBEROF#[^ ]+$/);
    expect((await erase(user)).status).toBe(isComplete ? 404 : 204);
    expect(await listItems(user)).toEqual([]);
    await assertConsistent();
  }
});

it.each([
  ['added', 'addMember', 1],
  ['removed', 'removeMember', 0],
] as const)('a member is %s once if responses are lost', async (_what, action, count) => {
  const [user, group] = [await createUser(), await createGroup()];
  if (action === 'removeMember') await addMember(group, user);
  database.goesWrong(faultsInOrder('TransactWriteItems', dropResponse, loseIdempotencyToken));
  const answer = action === 'addMember' ? await add(group, user) : await remove(group, user);
  database.isWell();
  expect(answer.status).toBeLessThan(300);
  const records = (await service.stored.all()).filter(
    ({ pk, sk }) =>
      String(pk).endsWith(parseUserId(user) ?? '') && String(sk).startsWith('GROUPCHANGE#'),
  );
  expect(records.filter((record) => record['action'] === action)).toHaveLength(1);
  expect(await readCount(group)).toBe(count);
  await assertConsistent();
});

it('a change that does not arrive returns 503, and can be repeated', async () => {
  const [user, group] = [await createUser(), await createGroup()];
  database.goesWrong(always(dropRequest, 'TransactWriteItems'));
  expect(await add(group, user)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
  database.isWell();
  expect((await send('GET', toMembers(group))).body.members).toEqual([]);
  expect((await add(group, user)).status).toBe(200);
  // The count is too high, never too low.
  expect(await readCount(group)).toBe(2);
  await assertConsistent();
});

it('a removal succeeds without the count', async () => {
  const [user, group] = [await createUser(), await createGroup()];
  await addMember(group, user);
  database.goesWrong(({ operation, text }) =>
    operation === 'UpdateItem' && text.includes('memberCount') ? dropRequest : undefined,
  );
  expect((await remove(group, user)).status).toBe(204);
  database.isWell();
  expect(await readCount(group)).toBe(1);
});

it('counts the members of a full group again, every ten minutes', async () => {
  const [user, next, group] = [await createUser(), await createUser(), await createGroup()];
  await addMember(group, user);
  const item = await service.stored.item(countKey(group));
  await service.stored.put({ ...item, memberCount: maxMembers });
  expect((await add(group, next)).status).toBe(200);
  expect(await readCount(group)).toBe(2);
  await groups.removeMember(group, next);
  await service.stored.put({
    ...(await service.stored.item(countKey(group))),
    memberCount: maxMembers,
  });
  expect(await add(group, next)).toMatchObject({
    status: 409,
    body: { code: 'group_limit_reached' },
  });
  expect(await readCount(group)).toBe(maxMembers);
});
