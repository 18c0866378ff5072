/** Usernames that are email addresses. An address belongs to one user, as email or as username. */
import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  type TestResponse,
  adminToken,
  createTestService,
  systemToken,
  type TenantSlug,
} from '../../support/service.ts';

const service = await createTestService();
const address = () => `jo.${unique()}@example.com`;
const createUser = (body: object, slug: TenantSlug = 'acme'): Promise<TestResponse> =>
  service.post('/v1/users', body, { token: adminToken(slug) });
const requestUser = (
  method: string,
  { body: { userId } }: TestResponse,
  path = '',
  body?: object,
  slug: TenantSlug = 'acme',
) =>
  service.send(method, `/v1/users/${userId}${path}`, {
    token: adminToken(slug),
    ...(body && { body }),
  });
const requestByName = (name: string, method = 'GET', body?: object) =>
  service.send(method, `/credible/api/v0/users/${encodeURIComponent(name)}`, {
    token: systemToken('acme'),
    ...(body && { body }),
  });
const toConflict = (field: string) => ({
  status: 409,
  body: { code: 'user_exists', details: { field } },
});

describe('a username', () => {
  it.each([
    'firstname.lastname',
    'jürgen',
    'J.R.R_Tolkien-2',
    '李小龍',
    'οδυσσέας',
    'ユーザー名',
    'jo@corp.example',
    "o'brien@corp.example",
  ])('%s is accepted, and signs in regardless of case [22a 22b]', async (userName) => {
    const { status, body } = await createUser({
      email: address(),
      userName,
      password: goodPassword,
    });
    expect([status, body.userName]).toEqual([201, userName]);
    for (const typed of [userName, userName.toUpperCase(), ` ${userName}`]) {
      const answer = await service.post('/v1/auth/token', {
        tenant: 'acme',
        userName: typed,
        password: goodPassword,
      });
      expect([typed, answer.status, answer.body.userId]).toEqual([typed, 200, body.userId]);
    }
    const { body: list } = await service.get(
      `/v1/users?userName=${encodeURIComponent(userName.toUpperCase())}`,
      {
        token: adminToken('acme'),
      },
    );
    expect(list.users.map(({ userId }: { userId: string }) => userId)).toEqual([body.userId]);
  });

  it('of 250 four-byte letters is found', async () => {
    const userName = '𠮷'.repeat(250);
    const { body } = await createUser({ email: address(), userName });
    expect(
      (
        await service.get(`/v1/users?userName=${encodeURIComponent(userName)}`, {
          token: adminToken('acme'),
        })
      ).body.users,
    ).toHaveLength(1);
    expect((await requestUser('DELETE', { body } as TestResponse)).status).toBe(204);
  });

  it('with invalid characters is rejected, and the message lists the allowed ones', async () => {
    const { body } = await createUser({ email: address(), userName: 'j smith' });
    expect(body.details.issues[0]).toMatchObject({
      path: 'userName',
      message: expect.stringContaining('letters, digits'),
    });
  });
});

describe.each(['acme', 'south'] as const)('an address in %s', (slug) => {
  /** A tenant of the same uniqueness space. */
  const other: TenantSlug = slug === 'south' ? 'north' : 'acme';

  it('that is a username cannot be the email or username of another user', async () => {
    const name = address();
    expect((await createUser({ email: address(), userName: name }, slug)).status).toBe(201);
    const upperCase = name.toUpperCase();
    expect(await createUser({ email: upperCase }, other)).toMatchObject(toConflict('email'));
    expect(await createUser({ email: address(), userName: upperCase }, other)).toMatchObject(
      toConflict('userName'),
    );
    const user = await createUser({ email: address() }, other);
    expect(await requestUser('PATCH', user, '', { email: upperCase }, other)).toMatchObject(
      toConflict('email'),
    );
    expect(await requestUser('PATCH', user, '', { userName: upperCase }, other)).toMatchObject(
      toConflict('userName'),
    );
  });

  it('that is an email cannot be the username of another user', async () => {
    const email = address();
    await createUser({ email }, slug);
    expect(
      await createUser({ email: address(), userName: email.toUpperCase() }, other),
    ).toMatchObject(toConflict('userName'));
    const user = await createUser({ email: address() }, other);
    expect(await requestUser('PATCH', user, '', { userName: email }, other)).toMatchObject(
      toConflict('userName'),
    );
  });

  it('can be the email and the username of one user, and move between them', async () => {
    const [one, two] = [address(), address()];
    const user = await createUser({ email: one, userName: one.toUpperCase() }, slug);
    expect(user.status).toBe(201);
    const update = async (body: object) =>
      expect((await requestUser('PATCH', user, '', body, slug)).status).toBe(200);
    await update({ email: two });
    expect(await createUser({ email: one }, other)).toMatchObject(toConflict('email'));
    await update({ email: one, userName: two });
    expect(await createUser({ email: address(), userName: two }, other)).toMatchObject(
      toConflict('userName'),
    );
    await update({ email: two });
    expect((await createUser({ email: one }, other)).status).toBe(201);
    await update({ userName: `plain-${unique()}` });
    expect(await createUser({ email: two }, other)).toMatchObject(toConflict('email'));
  });

  it('is free after a delete, and taken again after a restore', async () => {
    const name = address();
    const user = await createUser({ email: address(), userName: name }, slug);
    expect((await requestUser('DELETE', user, '', undefined, slug)).status).toBe(204);
    const next = await createUser({ email: name }, other);
    expect(next.status).toBe(201);
    expect(await requestUser('POST', user, '/restore', undefined, slug)).toMatchObject(
      toConflict('userName'),
    );
    expect((await requestUser('DELETE', next, '', undefined, other)).status).toBe(204);
    expect((await requestUser('POST', user, '/restore', undefined, slug)).status).toBe(200);
    expect(await createUser({ email: name }, other)).toMatchObject(toConflict('email'));
  });

  it('that is a username is found by the userName filter and not by email filters', async () => {
    const mark = `list-${unique()}`;
    const user = await createUser(
      { email: `${mark}.a@example.com`, userName: `${mark}.b@example.com` },
      slug,
    );
    await createUser({ email: `${mark}.c@example.com` }, slug);
    const listEmails = async (query: string) =>
      (await service.get(`/v1/users?${query}`, { token: adminToken(slug) })).body.users.map(
        ({ email }: { email: string }) => email,
      );
    expect(await listEmails(`emailPrefix=${mark}`)).toEqual([
      `${mark}.a@example.com`,
      `${mark}.c@example.com`,
    ]);
    expect(await listEmails(`email=${mark}.b@example.com`)).toEqual([]);
    expect(await listEmails(`userName=${mark}.b@example.com`)).toEqual([`${mark}.a@example.com`]);
    expect(user.status).toBe(201);
  });
});

describe('Credible', () => {
  it('finds a user by email, and by a username that is an address', async () => {
    const [email, userName] = [address(), address()];
    await createUser({ email, userName });
    for (const name of [email, userName.toUpperCase(), ` ${userName}`]) {
      expect([name, await requestByName(name)]).toMatchObject([
        name,
        { status: 200, body: { email, userName } },
      ]);
    }
    expect(await requestByName(userName, 'PATCH', { firstName: 'Jo' })).toMatchObject({
      status: 200,
      body: { firstName: 'Jo' },
    });
    expect((await requestByName(userName, 'DELETE')).status).toBe(204);
    expect((await requestByName(email)).status).toBe(404);
  });

  it('rejects usernames that a path cannot contain', async () => {
    const { post } = service;
    for (const userName of ['.', '..', 'zoë@example.com', "o'brien@example.com"]) {
      const answer = await post(
        '/credible/api/v0/users',
        { email: address(), userName },
        { token: systemToken('acme') },
      );
      expect(answer).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path: 'userName' }] } },
      });
    }
  });
});

it('an address that is only a username cannot sign in as an email', async () => {
  const [email, userName] = [address(), address()];
  await createUser({ email, userName, password: goodPassword });
  expect(
    (
      await service.post('/v1/auth/token', {
        tenant: 'acme',
        email: userName,
        password: goodPassword,
      })
    ).status,
  ).toBe(401);
});

it('every claim belongs to a user, and every user has its claims', async () => {
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
});
