import { randomUUID } from 'node:crypto';
import { DeleteCommand, PutCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { keys, type Key } from '../../lib/store/keys.ts';
import type { EntryDifference } from '../../lib/store/users/entry-differences.ts';
import {
  createEntryMigration,
  type MigrationPage,
  type PageOptions,
} from '../../lib/store/users/entry-migration.ts';
import { createUserIn, type UserRefs } from '../support/authenticated-routes.ts';
import { readListPage } from '../support/dialects/list-users.ts';
import { requestTransition } from '../support/scenarios/user-states.ts';
import { adminToken, createTestService, systemToken, tenantId } from '../support/service.ts';

type Item = Record<string, unknown>;
type Total = Pick<MigrationPage, 'users' | 'rewritten' | 'differences'>;

const service = await createTestService();
const { stored } = service;
const createUser = (more: object = {}) => createUserIn(service, 'acme', more);
const email = ({ credible }: UserRefs) => `${credible}@example.com`;
const emailKey = (user: UserRefs) => keys.emailClaim(tenantId.acme, email(user));
const patch = (user: UserRefs, body: object) =>
  requestTransition(service, 'PATCH', user, '', { body, token: adminToken('acme') });
const differences = async () => (await migrate({ mode: 'verify' })).differences;

/** Migrates all pages. Calls `afterPage` after each. */
async function migrate(
  { mode = 'rewrite', limit = 1000, after: start }: Partial<PageOptions> = {},
  { afterPage = async () => {}, client = stored.client }: Hooks = {},
): Promise<Total> {
  const migratePage = createEntryMigration({ client, directory: stored.directory }, Date.now);
  const total = { users: 0, rewritten: 0, differences: [] as MigrationPage['differences'] };
  let after = start;
  do {
    const deadline = Date.now() + 60_000;
    const page = await migratePage({ after, limit, mode, deadline });
    total.users += page.users;
    total.rewritten += page.rewritten;
    total.differences = [...total.differences, ...page.differences];
    after = page.next;
    await afterPage(page);
  } while (after);
  return total;
}

interface Hooks {
  readonly afterPage?: (page: MigrationPage) => Promise<void>;
  readonly client?: typeof stored.client;
}

/** Client that performs a change before its first write. */
function createRacingClient(change: () => Promise<unknown>): typeof stored.client {
  let hasChanged = false;
  const send = async (command: object, ...options: never[]) => {
    if (command instanceof PutCommand && !hasChanged) {
      hasChanged = true;
      await change();
    }
    return (stored.client.send as Function).call(stored.client, command, ...options);
  };
  return { send } as never;
}

const changeEntry = async (user: UserRefs, change: (entry: Item) => Item) =>
  stored.put(change({ ...(await stored.item(emailKey(user))) }));
const toKey = ({ pk, sk }: Item): Key => ({ pk: String(pk), sk: String(sk) });
const remove = ({ pk, sk }: Key) =>
  stored.client.send(new DeleteCommand({ TableName: stored.directory, Key: { pk, sk } }));

/** Entries without a view, as older versions wrote them. Lists read their users. */
const withoutView = ({ view: _view, version: _version, ...entry }: Item): Item => entry;
const withOnlyVersion = ({ view: _view, ...entry }: Item): Item => entry;
const withOtherName = ({ view, ...entry }: Item): Item => ({
  ...entry,
  view: String(view).replace(/"firstName":"[^"]*"/, '"firstName":"Planted"'),
});

/** Asserts that the list has each user once, with the fields that a get returns. */
async function expectCorrectList(): Promise<void> {
  const token = systemToken('acme');
  const listed: Item[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = { limit: 7, ...(cursor !== '' && { cursor }) };
    const { users, next } = await readListPage(service, 'native', { query, token });
    listed.push(...users);
    cursor = next;
  }
  const ids = listed.map(({ userId }) => String(userId));
  expect(ids.toSorted()).toEqual([...activeIds].toSorted());
  for (const user of listed) {
    const { body } = await service.get(`/v1/users/${String(user['userId'])}`, { token });
    expect(user).toEqual({ ...body, avatar: null, lastSignInTime: undefined });
  }
}

const crowd: UserRefs[] = [];
for (let index = 0; index < 12; index++) crowd.push(await createUser({ firstName: `U${index}` }));
const [first, second, third] = crowd as [UserRefs, UserRefs, UserRefs];
await patch(first, { lastName: 'Changed' });
crowd.push(
  await createUser({ metadata: { text: 'x'.repeat(2000) } }),
  await createUser({ userName: 'other-address@example.org' }),
);
const activeIds = crowd.map(({ native }) => native);
const tombstone = await createUser();
await requestTransition(service, 'DELETE', tombstone);
const userCount = crowd.length + 1;

/** Removes the view from two thirds of the entries. */
async function downgradeEntries(): Promise<number> {
  for (const [index, user] of crowd.entries())
    if (index % 3 < 2) await changeEntry(user, index % 3 === 0 ? withoutView : withOnlyVersion);
  return crowd.filter((_, index) => index % 3 < 2).length;
}

describe('a migration', () => {
  it('changes nothing if each entry equals its user', async () => {
    const before = await stored.all();
    expect(await migrate()).toEqual({ users: userCount, rewritten: 0, differences: [] });
    expect(await stored.all()).toEqual(before);
  });

  it('rewrites entries of an older format once, between lists and writes', async () => {
    const before = await stored.all();
    const count = await downgradeEntries();
    await expectCorrectList();

    let pages = 0;
    const afterPage = async () => {
      if (++pages % 3 !== 0) return;
      await patch(second, { lastName: `Changed ${pages}` });
      await expectCorrectList();
    };
    const total = await migrate({ limit: 10 }, { afterPage });

    expect(pages).toBeGreaterThan(5);
    expect(total).toMatchObject({ differences: [] });
    // The change of a user has rewritten one of them, or not.
    expect([count, count - 1]).toContain(total.rewritten);
    expect(await differences()).toEqual([]);
    expect(await migrate()).toEqual({ users: userCount, rewritten: 0, differences: [] });
    await expectCorrectList();
    const parse = (items: readonly Item[]) =>
      items
        .filter(({ userId }) => userId !== second.jitsudo)
        .map(({ view, ...item }) => ({
          ...item,
          view: typeof view === 'string' && JSON.parse(view),
        }));
    expect(parse(await stored.all())).toEqual(parse(before));
  });

  it('continues after a crash', async () => {
    const count = await downgradeEntries();
    let position: Key | undefined;
    const crash = async ({ next, rewritten }: MigrationPage) => {
      position = next;
      if (rewritten > 0) throw new Error('crash');
    };
    await expect(migrate({ limit: 10 }, { afterPage: crash })).rejects.toThrow('crash');
    await expectCorrectList();
    const remaining = (await differences()).length;
    expect(remaining).toBeLessThan(count);
    expect(remaining).toBeGreaterThan(0);

    expect(await migrate({ limit: 10, after: position })).toMatchObject({
      rewritten: remaining,
      differences: [],
    });
    expect(await differences()).toEqual([]);
  });

  it('adds the entry of a user deleted before the list of deleted users existed', async () => {
    const key = keys.deletedUser(tenantId.acme, `${email(tombstone)}#${tombstone.jitsudo}`);
    await remove(key);
    expect(await differences()).toMatchObject([{ userId: tombstone.jitsudo, problem: 'missing' }]);

    expect(await migrate()).toMatchObject({ rewritten: 1, differences: [] });

    expect(await differences()).toEqual([]);
    const token = systemToken('acme');
    const { emails } = await readListPage(service, 'native', {
      query: { status: 'deleted' },
      token,
    });
    expect(emails).toEqual([email(tombstone)]);
    await remove(key);
    // The user is restored before the entry is written.
    let isRestored = false;
    const send = async (command: object, ...options: never[]) => {
      if (command instanceof TransactWriteCommand && !isRestored) {
        isRestored = true;
        await requestTransition(service, 'POST', tombstone, '/restore');
      }
      return (stored.client.send as Function).call(stored.client, command, ...options);
    };
    expect(await migrate({}, { client: { send } as never })).toMatchObject({ differences: [] });
    expect([isRestored, await stored.item(key)]).toEqual([true, undefined]);
    await requestTransition(service, 'DELETE', tombstone);
  });

  it('repairs a view that differs from its user', async () => {
    await changeEntry(third, withOtherName);
    expect(await migrate()).toMatchObject({ rewritten: 1, differences: [] });
    await expectCorrectList();
  });

  it('counts entries to rewrite without a write', async () => {
    await changeEntry(first, withoutView);
    const before = await stored.all();
    expect(await migrate({ mode: 'count' })).toEqual({
      users: userCount,
      rewritten: 0,
      differences: [expect.objectContaining({ userId: first.jitsudo, problem: 'outdated' })],
    });
    expect(await stored.all()).toEqual(before);
    await migrate();
  });
});

describe('a change between the read and the write of a migration', () => {
  it.each([
    ['of a name', (user: UserRefs) => patch(user, { firstName: 'New' })],
    [
      'of the email',
      (user: UserRefs) => patch(user, { email: `new-${user.credible}@example.com` }),
    ],
    [
      'of the email, which becomes the username',
      (user: UserRefs) =>
        patch(user, {
          email: `next-${user.credible}@example.com`,
          userName: `${user.credible}@example.com`,
        }),
    ],
    ['of the status', (user: UserRefs) => requestTransition(service, 'DELETE', user)],
  ])('%s is kept', async (_what, change) => {
    const user = await createUser();
    await changeEntry(user, withoutView);

    const client = createRacingClient(() => change(user));
    const total = await migrate({}, { client });

    expect(total).toMatchObject({ rewritten: 0, differences: [] });
    expect(await differences()).toEqual([]);
    await requestTransition(service, 'DELETE', user);
  });

  it('that makes an alias an entry is kept', async () => {
    const address = `${randomUUID()}@example.org`;
    const user = await createUser({ userName: address });
    const alias = keys.emailClaim(tenantId.acme, address);
    const { alias: _alias, ...unmarked } = (await stored.item(alias))!;
    await stored.put(unmarked);

    const client = createRacingClient(() => patch(user, { email: address, userName: null }));

    expect(await migrate({}, { client })).toMatchObject({ rewritten: 0, differences: [] });
    expect(await stored.item(alias)).toMatchObject({ view: expect.stringContaining(address) });
  });

  it('by another user of the address is kept', async () => {
    const user = await createUser();
    await changeEntry(user, withoutView);

    const client = createRacingClient(async () => {
      await requestTransition(service, 'DELETE', user);
      await createUser({ email: `${user.credible}@example.com`, userName: undefined });
    });

    expect(await migrate({}, { client })).toMatchObject({ rewritten: 0, differences: [] });
    expect(await differences()).toEqual([]);
  });
});

describe('entries that a migration cannot repair', () => {
  it('are reported and unchanged', async () => {
    const [user, other] = [await createUser(), await createUser()];
    const entry = (await stored.item(emailKey(user)))!;
    const cases: readonly (readonly [Item, readonly EntryDifference['problem'][]])[] = [
      [{ ...entry, userId: other.jitsudo }, ['released', 'of another user']],
      [{ ...entry, sk: 'EMAIL#released@example.com' }, ['released']],
    ];
    for (const [item, problems] of cases) {
      await stored.put(item);
      const found = await differences();
      expect(found.map(({ problem }) => problem).toSorted()).toEqual(problems.toSorted());
      // Only a verification looks for released addresses.
      expect(await migrate()).toMatchObject({
        rewritten: 0,
        differences: found
          .filter(({ problem }) => problem !== 'released')
          .map(({ userId, problem }) => ({ userId, problem })),
      });
      expect(await stored.item(toKey(item))).toEqual(item);
      await stored.put(entry);
    }
    await remove({ ...toKey(entry), sk: 'EMAIL#released@example.com' });
    await remove(emailKey(user));
    expect((await migrate()).differences).toMatchObject([
      { userId: user.jitsudo, tenantId: tenantId.acme, problem: 'missing' },
    ]);
    expect(await stored.item(emailKey(user))).toBeUndefined();
    await stored.put(entry);
    expect(await differences()).toEqual([]);
  });

  it('fail a change without another attempt', async () => {
    const [user, other] = [await createUser(), await createUser()];
    const entry = (await stored.item(emailKey(user)))!;
    const faults = [
      () => remove(emailKey(user)),
      () => stored.put({ ...entry, userId: other.jitsudo }),
    ];
    for (const breakEntry of faults) {
      await breakEntry();
      for (const body of [{ name: 'New' }, { email: 'new@example.com' }])
        expect(await patch(user, body)).toMatchObject({ status: 503 });
    }
    await stored.put(entry);
    expect(await patch(user, { name: 'New' })).toMatchObject({ status: 200 });
  });
});
