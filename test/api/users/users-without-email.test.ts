/** Users without an email, whom only SCIM connections create, in every dialect. */
import { expect, it } from 'vitest';
import { readAllPages, seedUsers } from '../../support/dialects/list-users.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { adminToken, createTestService, tenantId } from '../../support/service.ts';

const service = await createTestService({ hasOutboxIndex: true });
const token = adminToken('acme');
const headers = { 'x-tenant-id': tenantId.acme };
const longName = 'ﷺ'.repeat(40);

await seedUsers(service, 'acme', 4, (index) => ({
  ...(index % 2 === 1 && { email: undefined, name: undefined }),
  userName: index === 3 ? longName : `user${index}`,
}));

const list = async () => (await service.get('/v1/users?maxResults=100', { token })).body;
const find = async (userName: string) => {
  const { users } = await list();
  return users.find((user: { userName: string | null }) => user.userName === userName);
};

it('lists users without an email last and counts them', async () => {
  const { users } = await list();
  const added = users.filter(({ userName }: { userName: string | null }) => userName !== null);
  expect(added.map(({ email }: { email: string | null }) => email)).toEqual([
    'user-0000@example.com',
    'user-0002@example.com',
    null,
    null,
  ]);
  const pages = await readAllPages(service, 'native', { query: { limit: 1 } });
  expect(pages.filter((page) => page.length > 0)).toHaveLength(users.length);
  const counted = await service.get('/v1/users?maxResults=1&count=true', { token });
  expect(counted.body.count).toEqual({ value: users.length, relation: 'exact' });
  const prefixed = await service.get('/v1/users?emailPrefix=u', { token });
  expect(prefixed.body.users).toHaveLength(2);
});

it('shows the username where a dialect requires an email', async () => {
  const { userId } = await find('user1');
  const uuid = userId.split(':')[2].replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const jitsudo = await service.get(`/jitsudo/v1/users/${uuid}`, { token, headers });
  expect(jitsudo.body).toMatchObject({ email: 'user1', name: 'user1' });
  const credible = await service.get('/credible/api/v0/users/user1', { token });
  expect([credible.status, credible.body.email]).toEqual([200, 'user1']);
});

it('sends no mail and refuses an invitation', async () => {
  const { userId } = await find('user1');
  const verification = await service.post(`/v1/users/${userId}/email/verification`, undefined, {
    token,
  });
  expect([verification.status, verification.body.code]).toEqual([409, 'not_verifiable']);
  const reset = await service.post('/v1/auth/password-reset', {
    userName: 'user1',
    tenant: tenantId.acme,
  });
  expect(reset.status).toBeLessThan(300);
  expect(await service.deliverPendingMail()).toEqual([]);
});

it('suspends, gets an email, deletes and restores', async () => {
  const { userId } = await find(longName);
  const path = `/v1/users/${userId}`;
  const change = (method: 'post' | 'patch', suffix: string, body?: object) =>
    service.send(method.toUpperCase(), `${path}${suffix}`, { token, body });
  expect((await change('post', '/suspend')).body.status).toBe('inactive');
  expect((await change('post', '/reactivate')).body.status).toBe('active');
  expect((await change('patch', '', { firstName: 'Ann' })).body.email).toBeNull();
  expect((await service.send('DELETE', path, { token })).status).toBe(204);
  const deleted = await service.get('/v1/users?status=deleted', { token });
  expect(deleted.body.users).toMatchObject([{ userId, email: null }]);
  expect((await change('post', '/restore')).body.status).toBe('active');
  expect((await change('patch', '', { email: 'ann@example.com' })).body.email).toBe(
    'ann@example.com',
  );
  expect((await service.get('/v1/users?email=ann@example.com', { token })).body.users).toHaveLength(
    1,
  );
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
});
