/** Pages of users by index and by cursor. */
import { expect, it } from 'vitest';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createScimClient } from '../../support/scim/scim-client.ts';
import { createScimUsers } from '../../support/scim/scim-users.ts';
import { createTestService, type TestResponse } from '../../support/service.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now, maxScannedUsers: 4 });

async function setUp(count: number) {
  const client = await createScimClient(service);
  const users = createScimUsers(service, client);
  const ids: string[] = [];
  for (let index = 1; index <= count; index++)
    ids.push(
      await users.create({ userName: `u${index}@x.org`, title: index % 2 ? 'odd' : 'even' }),
    );
  return { client, users, ids };
}

const listIds = ({ body }: TestResponse): string[] =>
  body.Resources.map(({ id }: { id: string }) => id);
const listFailure = { status: 400, body: { status: '400' } };

it('pages by index without skipping users', async () => {
  const { users, ids } = await setUp(7);
  const page = (startIndex: number, count = 2) =>
    users.list(`startIndex=${startIndex}&count=${count}`);
  const [u1 = '', u2 = '', u3 = '', u4 = '', u5 = '', u6 = '', u7 = ''] = ids;

  expect(listIds(await page(1))).toEqual([u1, u2]);
  // Users vanish before the next page and in it.
  await users.remove(u1);
  await users.remove(u3);
  const second = await page(3);
  expect(listIds(second)).toEqual([u4, u5]);
  // The total of a run is counted at most once a minute.
  expect(second.body).toMatchObject({ totalResults: 7, startIndex: 3, itemsPerPage: 2 });
  // A deactivated user stays in the list.
  await users.patch(u4, { active: false });
  clock.advanceBy(61_000);
  const third = await page(5);
  expect(listIds(third)).toEqual([u6, u7]);
  expect(third.body.totalResults).toBe(5);

  // A new run starts with the first page.
  expect(listIds(await page(1))).toEqual([u2, u4]);
  expect(listIds(await page(3))).toEqual([u5, u6]);
  // Without the position of an earlier page, users are counted.
  expect(listIds(await page(2))).toEqual([u4, u5]);
  clock.advanceBy(3_601_000);
  expect(listIds(await page(5))).toEqual([u7]);
  expect((await page(6)).body).toMatchObject({ totalResults: 5, Resources: [] });
  expect((await users.list('')).body).toMatchObject({ totalResults: 5, itemsPerPage: 5 });
  expect((await page(-4, -1)).body).toMatchObject({
    totalResults: 5,
    startIndex: 1,
    Resources: [],
  });
  expect((await users.list('startIndex=x')).body.scimType).toBe('invalidValue');
  expect((await users.list('sortBy=userName&sortOrder=descending&count=4')).status).toBe(400);
  expect(listIds(await users.list('sortBy=emails.value&sortOrder=descending&count=2'))).toEqual([
    u7,
    u6,
  ]);
});

it('pages by cursor [55 56 67]', async () => {
  const { client, users, ids } = await setUp(6);
  const [u1 = '', u2 = '', u3 = '', u4 = '', u5 = '', u6 = ''] = ids;
  const page = (cursor: string, more = 'count=2') => users.list(`cursor=${cursor}&${more}`);

  const first = await page('');
  expect(listIds(first)).toEqual([u1, u2]);
  expect(first.body).not.toHaveProperty('startIndex');
  const { nextCursor } = first.body;
  expect(nextCursor).toMatch(/^[\w.~-]+$/);
  await users.remove(u2);
  await users.remove(u3);
  const second = await page(nextCursor);
  expect(listIds(second)).toEqual([u4, u5]);
  const last = await page(second.body.nextCursor);
  expect(listIds(last)).toEqual([u6]);
  expect(last.body).not.toHaveProperty('nextCursor');

  const changed = `${nextCursor.slice(0, -2)}${nextCursor.endsWith('AA') ? 'BB' : 'AA'}`;
  const sibling = createScimUsers(service, await client.connect({}));
  for (const answer of [
    await page(changed),
    await page(nextCursor, 'count=3'),
    await page(nextCursor, 'count=2&filter=title pr'),
    await page(nextCursor, 'count=2&attributes=userName'),
    await sibling.list(`cursor=${nextCursor}&count=2`),
  ]) {
    expect(answer).toMatchObject(listFailure);
    expect(answer.body.scimType).toBe('invalidCursor');
  }
  for (const [query, scimType] of [
    ['cursor&count=0', 'invalidCount'],
    ['cursor&count=-1', 'invalidCount'],
    ['cursor&count=x', 'invalidCount'],
    ['cursor&startIndex=1', 'invalidValue'],
  ] as const)
    expect((await users.list(query)).body).toMatchObject({ status: '400', scimType });

  // A filter that reads too many users works in pages.
  const filter = 'filter=title co "o"';
  await users.create({ userName: 'u7@x.org', title: 'odd' });
  const refused = await users.list(filter);
  expect(refused).toMatchObject({ ...listFailure, body: { scimType: 'tooMany' } });
  expect(refused.body.detail).toContain('cursor');
  const found: string[] = [];
  let requests = 0;
  for (let cursor: string | undefined = ''; cursor !== undefined; requests++) {
    const { body } = await users.list(`${filter}&cursor=${cursor}`);
    found.push(...body.Resources.map(({ userName }: { userName: string }) => userName));
    cursor = body.nextCursor;
  }
  expect(found).toEqual(['u1@x.org', 'u5@x.org', 'u7@x.org']);
  expect(requests).toBeGreaterThan(1);
  clock.advanceBy(24 * 3_600_000 + 1000);
  expect((await page(nextCursor)).body).toMatchObject({ status: '400', scimType: 'expiredCursor' });
});
