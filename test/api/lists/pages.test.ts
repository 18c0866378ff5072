/** Pages of users in every dialect. */
import { describe, expect, it } from 'vitest';
import { picture, unique } from '../../support/dialects/dialects.ts';
import {
  seedUsers,
  requestPage,
  listDialects,
  listings,
  readAllPages,
  readListPage,
} from '../../support/dialects/list-users.ts';
import {
  createTestService,
  systemToken,
  adminToken,
  type TenantSlug,
} from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');
const createUser = async (email: string, slug: TenantSlug = 'acme', more: object = {}) => {
  const body = { email, name: email, userName: `u${unique()}`, ...more };
  const answer = await service.post('/v1/users', body, { token: adminToken(slug) });
  expect([answer.status, answer.text]).toEqual([201, answer.text]);
  return String(answer.body.userId);
};

// Sorted by the bytes of the canonical form, not as entered or by the rules of a language.
const sortedEmails = [
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
for (const index of [3, 7, 9, 0, 5, 2, 8, 6, 4, 1]) await createUser(sortedEmails[index]!);
const crowd = await seedUsers(service, 'globex', 130);

describe.each(listDialects)('the user list of %s', (dialect) => {
  const { limit, cursor } = listings[dialect];

  it('is sorted by canonical email, and ends without a cursor', async () => {
    const { emails, next } = await readListPage(service, dialect);
    expect([emails, next]).toEqual([sortedEmails, null]);
  });

  it.each([1, 2, 3, 9, 10, 11])('is complete in pages of %i', async (size) => {
    const pages = await readAllPages(service, dialect, { query: { limit: size } });
    expect(pages.flat()).toEqual(sortedEmails);
    expect(pages.map(({ length }) => length)).toEqual(
      Array.from({ length: Math.ceil(sortedEmails.length / size) }, (_, page) =>
        Math.min(size, sortedEmails.length - page * size),
      ),
    );
  });

  it('has the format of the dialect, and contains users as they are read individually', async () => {
    const first = await requestPage(service, dialect, { query: { limit: 1 } });
    const last = await requestPage(service, dialect);
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
        await service.get(path, {
          token,
          headers: { 'x-tenant-id': '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0' },
        })
      ).body,
    ).toEqual(dialect === 'native' ? { ...user, lastSignInTime: null } : user);
  });

  it('has 50 users by default and at most 100', async () => {
    const listEmails = async (query: string) =>
      (await readListPage(service, dialect, { slug: 'globex', query })).emails;
    expect(await listEmails('')).toEqual(crowd.slice(0, 50));
    for (const size of ['100', '101', '1000', '0100', '9999999999999999']) {
      expect(await listEmails(`${limit}=${size}`), size).toEqual(crowd.slice(0, 100));
    }
    expect(
      (await readAllPages(service, dialect, { slug: 'globex', query: { limit: 100 } })).map(
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
  ])('rejects the page size %s', async (size) => {
    expect(await requestPage(service, dialect, { query: `${limit}=${size}` })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: limit }] } },
    });
  });

  it.each([
    [limit, `${limit}=1&${limit}=1000`],
    [limit, `${limit}=5&${limit}=5`],
    [limit, `${limit}=5&${limit}`],
    [cursor, `${cursor}=a&${cursor}=b`],
  ])('rejects a repeated %s: %s [J13]', async (name, query) => {
    expect(await requestPage(service, dialect, { query })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: name }] } },
    });
  });

  it.each(['limit[]=1', 'Email=a@x.example', 'offset=3', '__proto__=1', 'status[]=active'])(
    'rejects the unknown parameter %s',
    async (query) => {
      const answer = await requestPage(service, dialect, { query });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
      expect(JSON.stringify(answer.body.details.issues)).toContain(query.split('=')[0]);
    },
  );

  it('contains the users of one tenant only [T19]', async () => {
    const { emails, next } = await readListPage(service, dialect, { slug: 'south' });
    expect([emails, next]).toEqual([[], null]);
    const system = await readListPage(service, dialect, {
      slug: 'globex',
      token: systemToken(),
      query: { limit: 3 },
    });
    expect(system.emails).toEqual(crowd.slice(0, 3));
  });

  it('contains neither avatars nor deleted users', async () => {
    const presentId = await createUser(`here.${dialect}@y.example`, 'north', { avatar: picture });
    const deletedId = await createUser(`gone.${dialect}@y.example`, 'north', { avatar: picture });
    const deleted = await service.send('DELETE', `/v1/users/${deletedId}`, {
      token: adminToken('north'),
    });
    expect(deleted.status).toBe(204);
    const { status, text } = await requestPage(service, dialect, { slug: 'north' });
    expect(status).toBe(200);
    expect(text).toContain(`here.${dialect}@y.example`);
    expect(text).not.toContain(`gone.${dialect}`);
    expect(text).not.toContain('data:image');
    const { body } = await service.get(`/v1/users/${presentId}`, { token: adminToken('north') });
    expect(body.avatar).toBe(picture);
  });
});

describe('a filter of the native list [J13]', () => {
  it.each([
    ['email', 'email=a@x.example&email=z@x.example'],
    ['userName', 'userName=jo&userName=jo'],
    ['emailPrefix', 'emailPrefix=a&emailPrefix=a'],
    ['emailPrefix', 'email%50refix=a&emailPrefix=b'],
    ['status', 'status=active&status=inactive'],
    ['roleId', 'roleId=cradl:role:user&roleId=cradl:role:admin'],
    ['authProvider', 'authProvider=oidc&authProvider=saml'],
  ])('by %s is rejected if it is repeated: %s', async (name, query) => {
    expect(await requestPage(service, 'native', { query })).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: name }] } },
    });
  });
});
