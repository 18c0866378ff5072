/** Requests of users for a level, in the API of Credible. */
import { beforeAll, describe, expect, it } from 'vitest';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { keys } from '../../../lib/store/keys.ts';
import type { UserRefs } from '../../support/authenticated-routes.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createTestClock, requestTransition } from '../../support/scenarios/user-states.ts';
import { type Caller, createCaller } from '../../support/scenarios/self.ts';
import {
  createTestService,
  type Service,
  tenantId,
  type TestResponse,
} from '../../support/service.ts';

const clock = createTestClock();
let service: Service;
beforeAll(async () => {
  service = await createTestService({ now: clock.now });
});

const path = '/credible/api/v0/organizations/acme/permissions';
const query = '?requestPermission=true';
const token = clock.aTokenOf('acme', ['admin']);
const anyVersion = { 'if-match': '*' };
const toId = ({ credible }: UserRefs) => `user:${credible}@example.com`;
const createUser = async (more: object = {}): Promise<Caller> => {
  const user = await createCaller(service, { password: goodPassword, ...more });
  return { ...user, token: clock.aTokenOf('acme', [], user.native) };
};
const send = (by: string, body: object): Promise<TestResponse> =>
  service.post(`${path}${query}`, body, { token: by });
const request = (user: Caller, permission = 'member', more: object = {}) =>
  send(user.token, { userGroupId: toId(user), permission, ...more });
const list = async (by = token): Promise<TestResponse['body'][]> =>
  (await service.get(`${path}${query}`, { token: by })).body as never;
const decline = (user: UserRefs, by = token) =>
  service.send('DELETE', `${path}/${toId(user)}${query}`, { token: by });
const give = (user: UserRefs, permission: string) =>
  service.post(path, { userGroupId: toId(user), permission }, { token });
const listOwn = async (user: UserRefs) =>
  (await list()).filter(({ userGroupId }) => userGroupId === toId(user));
const outcome = ({ status, body }: TestResponse) => [status, body?.code ?? body?.permission];

describe('a request for a level', () => {
  it('is listed, exported and replaced, and gives no rights', async () => {
    const user = await createUser();
    const created = await request(user, 'admin', { message: 'Please,\n<b>me</b>' });
    expect(created).toMatchObject({
      status: 201,
      body: {
        userGroupId: toId(user),
        permission: 'admin',
        message: 'Please,\n<b>me</b>',
        createdAt: clock.now().toISOString(),
      },
    });
    expect(await listOwn(user)).toEqual([created.body]);
    expect((await service.get(`${path}/${toId(user)}`, { token })).status).toBe(404);
    expect((await service.get(path, { token: user.token })).status).toBe(403);
    const { body } = await requestTransition(service, 'GET', user, '/export', { token });
    expect(body.accessRequest).toEqual({
      level: 'admin',
      message: 'Please,\n<b>me</b>',
      requestedTime: created.body.createdAt,
    });

    clock.advanceBy(1000);
    const replaced = await request(user, 'member', { message: ' ' });
    expect(replaced.body).not.toHaveProperty('message');
    expect(await listOwn(user)).toEqual([replaced.body]);
    const email = `new-${user.credible}@example.com`;
    await requestTransition(service, 'PATCH', user, '', { token, body: { email } });
    expect(await list()).toContainEqual({ ...replaced.body, userGroupId: `user:${email}` });
    expect(await auditTables(service)).toMatchObject({ missing: [], stray: [] });
  });

  it.each([
    ['a level that an administrator gives', (user: UserRefs) => give(user, 'member')],
    [
      'roles of a level in another dialect',
      (user: UserRefs) =>
        requestTransition(service, 'PATCH', user, '', {
          token,
          headers: anyVersion,
          body: { roleIds: ['cradl:role:admin'] },
        }),
    ],
    ['a refusal', (user: UserRefs) => decline(user)],
    [
      'the deletion of the user',
      (user: UserRefs) => requestTransition(service, 'DELETE', user, '', { token }),
    ],
  ])('is settled by %s', async (_, settle) => {
    const user = await createUser({ roleIds: ['cradl:role:approver'] });
    await request(user);
    await requestTransition(service, 'PATCH', user, '', {
      token,
      headers: anyVersion,
      body: { name: 'Jo', roleIds: [] },
    });
    expect(await listOwn(user)).toHaveLength(1);

    expect((await settle(user)).status).toBeLessThan(300);

    expect(await listOwn(user)).toEqual([]);
    const stored = await service.stored.item(keys.user(tenantId.acme, user.jitsudo));
    expect(stored).not.toHaveProperty('accessRequest');
    expect((await decline(user)).status).toBe(404);
    const { body } = await requestTransition(service, 'GET', user, '/export', { token });
    expect(body.changes.at(-1).before).toMatchObject({ accessRequest: { level: 'member' } });
  });

  it('is settled by another level only', async () => {
    const user = await createUser({ roleIds: ['cradl:role:user'] });
    expect(outcome(await request(user))).toEqual([409, 'level_exists']);
    expect(outcome(await request(user, 'admin'))).toEqual([201, 'admin']);
    const one = `${path}/${toId(user)}`;
    const patch = (permission: string) =>
      service.send('PATCH', one, { token, body: { permission } });
    await patch('member');
    expect(await listOwn(user)).toHaveLength(1);
    await patch('admin');
    expect(await listOwn(user)).toEqual([]);
  });

  it('is rejected for others, for app clients and for invited and suspended users', async () => {
    const [user, other] = [await createUser(), await createUser()];
    const invited = await createUser({ password: undefined });
    const suspended = await createUser();
    await requestTransition(service, 'POST', suspended, '/suspend', { token });
    await expectNoWrites(service, async () => {
      for (const userGroupId of [toId(other), 'group:developers', 'user:unknown@example.com'])
        expect(outcome(await send(user.token, { userGroupId, permission: 'member' }))).toEqual([
          403,
          'forbidden',
        ]);
      expect(outcome(await request(invited))).toEqual([403, 'forbidden']);
      expect(outcome(await request(suspended))).toEqual([403, 'account_suspended']);
      expect(outcome(await request({ ...user, token }))).toEqual([404, 'not_found']);
      expect(outcome(await request(user, 'modeler'))).toEqual([422, 'invalid_roles']);
    });
  });

  it.each([
    ['a long message', query, { message: 'a'.repeat(1001) }, 'message must have at most 1000'],
    ['a hidden character', query, { message: 'a\u202Eb' }, 'message '],
    ['a message in a grant', '', { message: 'Hi' }, 'message is allowed only with'],
    ['an unknown value', '?requestPermission=yes', {}, 'requestPermission must be'],
    ['an unknown parameter', '?requestpermission=true', {}, 'requestpermission is not a known'],
  ])('rejects %s', async (_, search, fields, message) => {
    const user = await createUser();
    const body = { userGroupId: toId(user), permission: 'member', ...fields };
    const response = await service.post(`${path}${search}`, body, { token: user.token });
    expect(response.status).toBe(400);
    expect(response.body.message).toContain(message);
  });

  it('is limited to 10 a day, apart from other changes of the own account', async () => {
    const user = await createUser();
    for (let count = 1; count <= 10; count++) {
      clock.advanceBy(1000);
      expect((await request(user)).status).toBe(201);
    }
    const refused = await expectNoWrites(service, () => request(user, 'admin'));
    expect(refused).toMatchObject({ status: 429, body: { details: { limit: 'access_requests' } } });
    const own = { token: user.token, body: { name: 'Jo' } };
    expect((await service.send('PATCH', '/v1/users/me', own)).status).toBe(200);
  });
});

describe('administrators', () => {
  it('alone read and decline requests, in their organization', async () => {
    const user = await createUser();
    await request(user, 'member', { message: 'Secret' });
    const reader = await service.post(
      '/v1/roles',
      { name: 'Reader', permissions: ['users:read', 'groups:read'] },
      { token },
    );
    const names = [[], [String(reader.body.roleId).split(':').at(-1) ?? '']];
    for (const by of names.map((roles) => clock.aTokenOf('acme', roles)))
      await expectNoWrites(service, async () => {
        const listed = await service.get(`${path}${query}`, { token: by });
        expect([listed.status, listed.text.includes('Secret')]).toEqual([403, false]);
        expect((await decline(user, by)).status).toBe(403);
      });
    const globex = path.replace('acme', 'globex');
    const foreign = clock.aTokenOf('globex', ['admin']);
    expect((await service.get(`${globex}${query}`, { token: foreign })).body).toEqual([]);
    expect((await service.get(`${path}${query}`, { token: foreign })).status).toBe(403);
    const declined = await service.send('DELETE', `${globex}/${toId(user)}${query}`, {
      token: foreign,
    });
    expect(declined.status).toBe(404);
    expect(await listOwn(user)).toHaveLength(1);
  });

  it('get up to 100 requests, oldest first', async () => {
    const template = { tenantId: tenantId.north, level: 'member', version: 2, schemaVersion };
    const times = Array.from({ length: 101 }, (_, index) =>
      new Date(Date.UTC(2026, 0, 1, 0, 0, (index * 37) % 101)).toISOString(),
    );
    await Promise.all(
      times.map((requestedAt, index) => {
        const userId = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
        const entry = { ...template, userId, email: `u${index}@example.com`, requestedAt };
        return service.stored.put({ ...keys.accessRequest(tenantId.north, userId), ...entry });
      }),
    );
    const north = path.replace('acme', 'north');
    const by = { token: clock.aTokenOf('north', ['admin']) };
    const { body } = await service.get(`${north}${query}`, by);

    expect(body.map(({ createdAt }: { createdAt: string }) => createdAt)).toEqual(
      times.slice(0, 100).toSorted(),
    );
  });
});
