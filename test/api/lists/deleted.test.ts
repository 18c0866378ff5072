/** The list of deleted users, from the deletion to the restoration or erasure. */
import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { readAllPages, readListPage } from '../../support/dialects/list-users.ts';
import { requestTransition } from '../../support/scenarios/user-states.ts';
import { createTestService, tenantId } from '../../support/service.ts';

const service = await createTestService();
const list = async (query: Record<string, string | number> = {}) =>
  (await readListPage(service, 'native', { query: { status: 'deleted', ...query } })).users;
const listIds = async (query: Record<string, string | number> = {}) =>
  (await list(query)).map(({ userId }) => userId);
const getEmail = ({ credible }: UserRefs) => `${credible}@example.com`;
const entryKey = (user: UserRefs) =>
  keys.deletedUser(tenantId.acme, `${getEmail(user)}#${user.jitsudo}`);
const transition = (method: string, user: UserRefs, path = '') =>
  requestTransition(service, method, user, path);

async function expectConsistentTables() {
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
}

describe('a deleted user', () => {
  it('is listed with the time of the deletion until restored [40]', async () => {
    const user = await createUserIn(service, 'acme', { metadata: { team: 'x'.repeat(900) } });
    const before = (await transition('GET', user)).body;
    expect([before.deletedTime, await listIds()]).toEqual([null, []]);

    await transition('DELETE', user);

    const [listed] = await list();
    const exported = (await transition('GET', user, '/export')).body.user;
    expect(listed).toEqual({ ...exported, avatar: null, lastSignInTime: undefined });
    const { deletion } = (await service.stored.item(keys.user(tenantId.acme, user.jitsudo))) ?? {};
    expect(listed).toMatchObject({ status: 'deleted', deletedTime: deletion.at });
    expect(listed.email).toBe(before.email);
    await expectConsistentTables();

    const restored = await transition('POST', user, '/restore');

    expect(restored.body).toMatchObject({ status: before.status, deletedTime: null });
    expect(await listIds()).toEqual([]);
    await expectConsistentTables();
  });

  it('is not listed once erased, and never if erased at once', async () => {
    const [tombstone, user] = [
      await createUserIn(service, 'acme'),
      await createUserIn(service, 'acme'),
    ];
    await transition('DELETE', tombstone);
    expect(await listIds()).toEqual([tombstone.native]);
    for (const each of [tombstone, user]) await transition('POST', each, '/erase');
    expect(await listIds()).toEqual([]);
    await expectConsistentTables();
  });

  it('is found by every filter, beside others with the same email', async () => {
    const email = 'again.and@deleted.example';
    const ids: string[] = [];
    for (const name of ['Ada', 'Bob', 'Cleo']) {
      const more = { email, name, userName: 'again', externalId: 'E#1', metadata: { n: 1 } };
      const { native, ...user } = await createUserIn(service, 'acme', more);
      await transition('DELETE', { native, ...user });
      ids.push(native);
    }
    const other = await createUserIn(service, 'acme', { email: `${email}.org` });
    await transition('DELETE', other);
    ids.sort();

    expect(await listIds({ email: email.toUpperCase() })).toEqual(ids);
    expect(await listIds({ userName: 'AGAIN' })).toEqual(ids);
    expect(await listIds({ externalId: 'E#1' })).toEqual(ids);
    expect(await listIds({ 'metadata.n': '1' })).toEqual(ids);
    expect(await listIds({ search: 'bob' })).toHaveLength(1);
    const query = { status: 'deleted', emailPrefix: 'again', limit: 1 };
    expect(await readAllPages(service, 'native', { query })).toEqual([
      [email],
      [email],
      [email],
      [`${email}.org`],
    ]);
    for (const sort of ['email', '-email', 'createdTime', '-updatedTime']) {
      const pages = await readAllPages(service, 'native', { query: { ...query, sort } });
      expect(pages.map(({ length }) => length)).toEqual([1, 1, 1, 1]);
    }
  });

  it('without an entry, as before this list existed, can be restored and erased', async () => {
    const users = [await createUserIn(service, 'acme'), await createUserIn(service, 'acme')];
    for (const user of users) {
      await transition('DELETE', user);
      const request = { TableName: service.stored.directory, Key: { ...entryKey(user) } };
      await service.stored.client.send(new DeleteCommand(request));
    }
    const [first, second] = users as [UserRefs, UserRefs];
    expect((await transition('POST', first, '/restore')).status).toBe(200);
    expect((await transition('POST', second, '/erase')).status).toBe(204);
    await expectConsistentTables();
  });
});
