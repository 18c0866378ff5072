/** Usernames that only SCIM connections set. Every dialect shows, finds and keeps them. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { provisionUser } from '../../support/scim/managed-users.ts';
import { adminToken, createTestService, systemToken } from '../../support/service.ts';

const service = await createTestService({ hasOutboxIndex: true });
const token = adminToken('acme');
const system = systemToken('acme');
const connectionId = randomUUID();

/** Creates a user with a password, and gives it these names as a connection does. */
async function createManaged(userName: string, email?: string) {
  const user = await createUserIn(service, 'acme', { password: goodPassword }, system);
  await provisionUser(service, user, { userName, email, managedBy: { connectionId } });
  return user;
}

const signIn = (userName: string) =>
  service.post('/v1/auth/token', { tenant: 'acme', userName, password: goodPassword });
const findByName = async (userName: string) => {
  const query = new URLSearchParams({ userName });
  return (await service.get(`/v1/users?${query.toString()}`, { token })).body.users;
};

it.each([
  (id: string) => `ann(fabrikam)#EXT#${id}@contoso.onmicrosoft.example`,
  (id: string) => `CORP\\ann.${id}`,
  (id: string) => `o'hara|${id}!`,
  (id: string) => `${id}@not-an-address`,
  (id: string) => `${id}@example.com/ann`,
  (id: string) => `${'ﷺ'.repeat(40)}${id}`,
  (id: string) => `${'ﷺ'.repeat(40)}@${id}`,
])('a username of SCIM can be read, found, sent back and used to sign in (%#)', async (toName) => {
  const userName = toName(unique());
  const user = await createManaged(userName);
  const path = `/v1/users/${user.native}`;

  const { body } = await service.get(path, { token });
  expect(body).toMatchObject({ userName, email: null });
  const found = await findByName(userName.toUpperCase());
  expect(found).toMatchObject([{ userId: user.native, userName, email: null }]);
  expect((await signIn(userName)).status).toBe(200);

  const { email, metadata } = body;
  const native = { email, userName, metadata, firstName: 'Ann' };
  const answer = await service.send('PATCH', path, { token, body: native });
  expect([answer.status, answer.body]).toMatchObject([200, { ...native, version: 3 }]);
  const other = await createUserIn(service, 'acme');
  for (const [target, changes] of [
    [user, { userName: `${userName}x` }],
    [other, { userName }],
    [other, { email }],
    [user, { userName: null }],
  ] as const) {
    const refused = await service.send('PATCH', `/v1/users/${target.native}`, {
      token,
      body: changes,
    });
    expect([refused.status, refused.body.code]).toEqual([400, 'invalid_input']);
  }
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
});

it('Credible addresses a user by such a name and accepts its response', async () => {
  const userName = `CORP ann ${unique()}`;
  await createManaged(userName);
  const path = `/credible/api/v0/users/${encodeURIComponent(userName)}`;
  const { status, body } = await service.get(path, { token: system });
  expect([status, body]).toMatchObject([200, { userName, email: userName }]);
  const changes = { ...body, firstName: 'Ann' };
  const answer = await service.send('PATCH', path, { token: system, body: changes });
  expect([answer.status, answer.body]).toEqual([200, changes]);
  const refused = await service.send('PATCH', path, {
    token: system,
    body: { email: `${userName}x` },
  });
  expect(refused).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
});

it('a username that begins with an address is not this address', async () => {
  const id = unique();
  const address = `${id}@example.com`;
  await createManaged(`${address}#EXT#`);
  expect(await findByName(address)).toEqual([]);
  expect((await signIn(address)).status).toBe(401);
  const created = await service.post('/v1/users', { email: address, userName: address }, { token });
  expect(created.status).toBe(201);
});
