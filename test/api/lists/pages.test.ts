/** J13, T19: pages of users, in every dialect. */
import { describe, expect, it } from 'vitest';
import { picture, unique } from '../../support/dialects/dialects.ts';
import {
  aCrowdIn,
  asksForPage,
  listDialects,
  listings,
  readsAll,
  readsPage,
} from '../../support/dialects/list-users.ts';
import {
  aService,
  aSystemAdministrator,
  anAdminOf,
  type TenantSlug,
} from '../../support/service.ts';

const service = await aService();
const token = anAdminOf('acme');
const creates = async (email: string, slug: TenantSlug = 'acme', more: object = {}) => {
  const body = { email, name: email, userName: `u${unique()}`, ...more };
  const answer = await service.posts('/v1/users', body, { token: anAdminOf(slug) });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return String(answer.body.userId);
};

// By the bytes of their canonical forms: neither as they were typed nor as any language sorts them.
const inOrder = [
  'a10@x.example',
  'A1@x.example',
  'a2@x.example',
  'a@x.example',
  'ＡＢ@x.example',
  'B@x.example',
  'b@x.example-y.org',
  'B@x.example.org',
  'z@x.example',
  'é@x.example',
];
for (const index of [3, 7, 9, 0, 5, 2, 8, 6, 4, 1]) await creates(inOrder[index]!);
const crowd = await aCrowdIn(service, 'globex', 130);

describe.each(listDialects)('a list of %s', (dialect) => {
  const { limit, cursor } = listings[dialect];

  it('is in the order of the canonical e-mails, and ends with no cursor', async () => {
    const { emails, next } = await readsPage(service, dialect);
    expect([emails, next]).toEqual([inOrder, null]);
  });

  it.each([1, 2, 3, 9, 10, 11])('comes whole in pages of %i', async (size) => {
    const pages = await readsAll(service, dialect, { query: { limit: size } });
    expect(pages.flat()).toEqual(inOrder);
    expect(pages.map(({ length }) => length)).toEqual(
      Array.from({ length: Math.ceil(inOrder.length / size) }, (_, page) =>
        Math.min(size, inOrder.length - page * size),
      ),
    );
  });

  it('has its own shape, and the users as they are read one by one', async () => {
    const first = await asksForPage(service, dialect, { query: { limit: 1 } });
    const last = await asksForPage(service, dialect);
    const users = expect.any(Array);
    const shapes =
      dialect === 'jitsudo'
        ? [
            { data: users, next_cursor: expect.any(String), has_more: true },
            { data: users, next_cursor: null, has_more: false },
          ]
        : [
            { users, nextToken: expect.any(String) },
            { users, nextToken: null },
          ];
    expect([first.body, last.body]).toEqual(shapes);
    expect(first.headers).toMatchObject({ 'cache-control': 'no-store' });
    const [user] = listings[dialect].usersOf(first.body);
    const path = `${listings[dialect].target}/${user.userId ?? user.id ?? user.userName}`;
    expect(
      (
        await service.gets(path, {
          token,
          headers: { 'x-tenant-id': '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0' },
        })
      ).body,
    ).toEqual(user);
  });

  it('has 50 users unless it is told, and never more than 100', async () => {
    const sizes = async (query: string) =>
      (await readsPage(service, dialect, { slug: 'globex', query })).emails;
    expect(await sizes('')).toEqual(crowd.slice(0, 50));
    for (const asked of ['100', '101', '1000', '0100', '9999999999999999']) {
      expect(await sizes(`${limit}=${asked}`), asked).toEqual(crowd.slice(0, 100));
    }
    expect(
      (await readsAll(service, dialect, { slug: 'globex', query: { limit: 100 } })).map(
        ({ length }) => length,
      ),
    ).toEqual([100, 30]);
  });

  it.each([
    '0',
    '00',
    '-1',
    '',
    '%20',
    '5%20',
    '+5',
    '1.5',
    '1e2',
    '0x10',
    'ten',
    '%D9%A3',
    '1,2',
    'null',
    'NaN',
  ])('refuses a page of %s users', async (size) => {
    expect(await asksForPage(service, dialect, { query: `${limit}=${size}` })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: limit }] } },
    });
  });

  it.each([
    [limit, `${limit}=1&${limit}=1000`],
    [limit, `${limit}=5&${limit}=5`],
    [limit, `${limit}=5&${limit}`],
    [cursor, `${cursor}=a&${cursor}=b`],
  ])('J13: refuses more than one %s: %s', async (name, query) => {
    expect(await asksForPage(service, dialect, { query })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: name }] } },
    });
  });

  it.each(['limit[]=1', 'Email=a@x.example', 'offset=3', '__proto__=1', 'status[]=active'])(
    'refuses a parameter that it does not have: %s',
    async (query) => {
      const answer = await asksForPage(service, dialect, { query });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
      expect(JSON.stringify(answer.body.details.issues)).toContain(query.split('=')[0]);
    },
  );

  it('T19: has the users of one tenant, and of no other', async () => {
    const { emails, next } = await readsPage(service, dialect, { slug: 'south' });
    expect([emails, next]).toEqual([[], null]);
    const system = await readsPage(service, dialect, {
      slug: 'globex',
      token: aSystemAdministrator(),
      query: { limit: 3 },
    });
    expect(system.emails).toEqual(crowd.slice(0, 3));
  });

  it('never has an avatar in it, nor who has been deleted', async () => {
    const there = await creates(`here.${dialect}@y.example`, 'north', { avatar: picture });
    const gone = await creates(`gone.${dialect}@y.example`, 'north', { avatar: picture });
    const deleted = await service.send('DELETE', `/v1/users/${gone}`, {
      token: anAdminOf('north'),
    });
    expect(deleted.status).toBe(204);
    const { status, text } = await asksForPage(service, dialect, { slug: 'north' });
    expect(status).toBe(200);
    expect(text).toContain(`here.${dialect}@y.example`);
    expect(text).not.toContain(`gone.${dialect}`);
    expect(text).not.toContain('data:image');
    const { body } = await service.gets(`/v1/users/${there}`, { token: anAdminOf('north') });
    expect(body.avatar).toBe(picture);
  });
});

describe('J13: a filter of the native list', () => {
  it.each([
    ['email', 'email=a@x.example&email=z@x.example'],
    ['userName', 'userName=jo&userName=jo'],
    ['emailPrefix', 'emailPrefix=a&emailPrefix=a'],
    ['emailPrefix', 'email%50refix=a&emailPrefix=b'],
    ['status', 'status=active&status=inactive'],
    ['roleId', 'roleId=cradl:role:user&roleId=cradl:role:admin'],
    ['authProvider', 'authProvider=oidc&authProvider=saml'],
  ])('stands there once: %s, in %s', async (name, query) => {
    expect(await asksForPage(service, 'native', { query })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: name }] } },
    });
  });
});
