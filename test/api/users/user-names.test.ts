/** User names that are addresses: nobody else can have that address, as email or as user name, whichever comes first. */
import { describe, expect, it } from 'vitest';
import { auditOf } from '../../support/table-audit.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  type Answer,
  anAdminOf,
  aService,
  aSystemAdministrator,
  type TenantSlug,
} from '../../support/service.ts';

const service = await aService();
const address = () => `jo.${unique()}@example.com`;
const creates = (body: object, slug: TenantSlug = 'acme'): Promise<Answer> =>
  service.posts('/v1/users', body, { token: anAdminOf(slug) });
const about = (
  method: string,
  { body: { userId } }: Answer,
  path = '',
  body?: object,
  slug: TenantSlug = 'acme',
) =>
  service.send(method, `/v1/users/${userId}${path}`, {
    token: anAdminOf(slug),
    ...(body && { body }),
  });
const named = (name: string, method = 'GET', body?: object) =>
  service.send(method, `/credible/api/v0/users/${encodeURIComponent(name)}`, {
    token: aSystemAdministrator('acme'),
    ...(body && { body }),
  });
const taken = (field: string) => ({
  status: 409,
  body: { code: 'user_exists', details: { field } },
});

describe('a user name', () => {
  it.each([
    'firstname.lastname',
    'jürgen',
    'J.R.R_Tolkien-2',
    '李小龍',
    'οδυσσέας',
    'ユーザー名',
    'jo@corp.example',
    "o'brien@corp.example",
  ])('%s is accepted, and signs in whatever its case [22a 22b]', async (userName) => {
    const { status, body } = await creates({ email: address(), userName, password: goodPassword });
    expect([status, body.userName]).toEqual([201, userName]);
    for (const typed of [userName, userName.toUpperCase(), ` ${userName}`]) {
      const answer = await service.posts('/v1/auth/token', {
        tenant: 'acme',
        userName: typed,
        password: goodPassword,
      });
      expect([typed, answer.status, answer.body.userId]).toEqual([typed, 200, body.userId]);
    }
    const { body: list } = await service.gets(
      `/v1/users?userName=${encodeURIComponent(userName.toUpperCase())}`,
      {
        token: anAdminOf('acme'),
      },
    );
    expect(list.users.map(({ userId }: { userId: string }) => userId)).toEqual([body.userId]);
  });

  it('of 254 letters of four bytes is found again', async () => {
    const userName = '𠮷'.repeat(250);
    const { body } = await creates({ email: address(), userName });
    expect(
      (
        await service.gets(`/v1/users?userName=${encodeURIComponent(userName)}`, {
          token: anAdminOf('acme'),
        })
      ).body.users,
    ).toHaveLength(1);
    expect((await about('DELETE', { body } as Answer)).status).toBe(204);
  });

  it('says what it may have', async () => {
    const { body } = await creates({ email: address(), userName: 'j smith' });
    expect(body.details.issues[0]).toMatchObject({
      path: 'userName',
      message: expect.stringContaining('letters, digits'),
    });
  });
});

describe.each(['acme', 'south'] as const)('an address in %s', (slug) => {
  /** Tenants of one space, where an address belongs to one user of all of them. */
  const other: TenantSlug = slug === 'south' ? 'north' : 'acme';

  it('that is a user name cannot be an email or a user name of another user', async () => {
    const name = address();
    expect((await creates({ email: address(), userName: name }, slug)).status).toBe(201);
    const spelled = name.toUpperCase();
    expect(await creates({ email: spelled }, other)).toMatchObject(taken('email'));
    expect(await creates({ email: address(), userName: spelled }, other)).toMatchObject(
      taken('userName'),
    );
    const user = await creates({ email: address() }, other);
    expect(await about('PATCH', user, '', { email: spelled }, other)).toMatchObject(taken('email'));
    expect(await about('PATCH', user, '', { userName: spelled }, other)).toMatchObject(
      taken('userName'),
    );
  });

  it('that is an email cannot be a user name of another user', async () => {
    const email = address();
    await creates({ email }, slug);
    expect(await creates({ email: address(), userName: email.toUpperCase() }, other)).toMatchObject(
      taken('userName'),
    );
    const user = await creates({ email: address() }, other);
    expect(await about('PATCH', user, '', { userName: email }, other)).toMatchObject(
      taken('userName'),
    );
  });

  it('can be both the email and the user name of one user, and changes between them', async () => {
    const [one, two] = [address(), address()];
    const user = await creates({ email: one, userName: one.toUpperCase() }, slug);
    expect(user.status).toBe(201);
    const changes = async (body: object) =>
      expect((await about('PATCH', user, '', body, slug)).status).toBe(200);
    await changes({ email: two });
    expect(await creates({ email: one }, other)).toMatchObject(taken('email'));
    await changes({ email: one, userName: two });
    expect(await creates({ email: address(), userName: two }, other)).toMatchObject(
      taken('userName'),
    );
    await changes({ email: two });
    expect((await creates({ email: one }, other)).status).toBe(201);
    await changes({ userName: `plain-${unique()}` });
    expect(await creates({ email: two }, other)).toMatchObject(taken('email'));
  });

  it('is free after the user is deleted, and taken again when it is restored', async () => {
    const name = address();
    const user = await creates({ email: address(), userName: name }, slug);
    expect((await about('DELETE', user, '', undefined, slug)).status).toBe(204);
    const next = await creates({ email: name }, other);
    expect(next.status).toBe(201);
    expect(await about('POST', user, '/restore', undefined, slug)).toMatchObject(taken('userName'));
    expect((await about('DELETE', next, '', undefined, other)).status).toBe(204);
    expect((await about('POST', user, '/restore', undefined, slug)).status).toBe(200);
    expect(await creates({ email: name }, other)).toMatchObject(taken('email'));
  });

  it('is listed once, at the email', async () => {
    const mark = `list-${unique()}`;
    const user = await creates(
      { email: `${mark}.a@example.com`, userName: `${mark}.b@example.com` },
      slug,
    );
    await creates({ email: `${mark}.c@example.com` }, slug);
    const lists = async (query: string) =>
      (await service.gets(`/v1/users?${query}`, { token: anAdminOf(slug) })).body.users.map(
        ({ email }: { email: string }) => email,
      );
    expect(await lists(`emailPrefix=${mark}`)).toEqual([
      `${mark}.a@example.com`,
      `${mark}.c@example.com`,
    ]);
    expect(await lists(`email=${mark}.b@example.com`)).toEqual([]);
    expect(await lists(`userName=${mark}.b@example.com`)).toEqual([`${mark}.a@example.com`]);
    expect(user.status).toBe(201);
  });
});

describe('a path of Credible', () => {
  it('names a user by an address that is a user name, and by the email', async () => {
    const [email, userName] = [address(), address()];
    await creates({ email, userName });
    for (const name of [email, userName.toUpperCase(), ` ${userName}`]) {
      expect([name, await named(name)]).toMatchObject([
        name,
        { status: 200, body: { email, userName } },
      ]);
    }
    expect(await named(userName, 'PATCH', { firstName: 'Jo' })).toMatchObject({
      status: 200,
      body: { firstName: 'Jo' },
    });
    expect((await named(userName, 'DELETE')).status).toBe(204);
    expect((await named(email)).status).toBe(404);
  });

  it('creates no user name that a path cannot name', async () => {
    const { posts } = service;
    for (const userName of ['.', '..', 'zoë@example.com', "o'brien@example.com"]) {
      const answer = await posts(
        '/credible/api/v0/users',
        { email: address(), userName },
        { token: aSystemAdministrator('acme') },
      );
      expect(answer).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path: 'userName' }] } },
      });
    }
  });
});

it('an address that is only a user name gets no link for a new password', async () => {
  const [email, userName] = [address(), address()];
  await creates({ email, userName, password: goodPassword });
  expect(
    (
      await service.posts('/v1/auth/token', {
        tenant: 'acme',
        email: userName,
        password: goodPassword,
      })
    ).status,
  ).toBe(401);
});

it('every claim belongs to a user, and every user has theirs', async () => {
  const { missing, stray } = await auditOf(service);
  expect([missing, stray]).toEqual([[], []]);
});
