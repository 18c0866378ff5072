/** Filters of the native list, alone and combined. */
import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  requestPage,
  type Query,
  readAllPages,
  readListPage,
} from '../../support/dialects/list-users.ts';
import { createTestService, adminToken } from '../../support/service.ts';
import { scaleRuns } from '../../support/property-runs.ts';

const service = await createTestService();
const token = adminToken('acme');

/** Every combination of filterable values. Half of the users have no username. */
const users = ['oidc', 'saml', 'local'].flatMap((authProvider, provider) =>
  [[], ['user'], ['user', 'approver']].flatMap((roles, some) =>
    ['active', 'inactive', ...(authProvider === 'local' ? ['invite_pending'] : [])].map(
      (status, state) => {
        const label = `${provider}${some}${state}`;
        const email = `${['Ann', 'anna', 'Ｂo'][some]}.${label}@${state === 0 ? 'Example.COM' : 'x.example'}`;
        return {
          authProvider,
          roles,
          status,
          email,
          userName: state === 1 ? undefined : `User_${label}`,
        };
      },
    ),
  ),
);
const canonical = (email: string) => email.normalize('NFKC').toLowerCase();
const sortedUsers = users.toSorted((a, b) => (canonical(a.email) < canonical(b.email) ? -1 : 1));

beforeAll(async () => {
  await service.putRole('acme', { slug: 'auditor', name: 'Auditor', permissions: [] });
  for (const { roles, status, ...fields } of users) {
    const body = {
      ...fields,
      roleIds: roles.map((role) => `cradl:role:${role}`),
      ...(fields.authProvider === 'local' &&
        status !== 'invite_pending' && { password: 'tangled-orchard-7-lamps' }),
    };
    const created = await service.post('/v1/users', body, { token });
    if (status === 'inactive')
      await service.post(`/v1/users/${created.body.userId}/suspend`, undefined, { token });
  }
});

const findEmails = async (query: Query) =>
  (await readAllPages(service, 'native', { query })).flat();
const expectedEmails = (isMatch: (user: (typeof users)[number]) => boolean) =>
  sortedUsers.filter(isMatch).map(({ email }) => email);

describe('a filter', () => {
  it.each(['active', 'inactive', 'invite_pending'])(
    'finds users with the status %s',
    async (status) => {
      expect(await findEmails({ status })).toEqual(
        expectedEmails((user) => user.status === status),
      );
    },
  );

  it.each(['cradl', 'las'])('finds users with a role by its %s ID', async (prefix) => {
    for (const role of ['user', 'approver', 'admin']) {
      expect(await findEmails({ roleId: `${prefix}:role:${role}` })).toEqual(
        expectedEmails(({ roles }) => roles.includes(role)),
      );
    }
  });

  it.each(['oidc', 'saml', 'local'])(
    'finds users with the authProvider %s',
    async (authProvider) => {
      expect(await findEmails({ authProvider })).toEqual(
        expectedEmails((user) => user.authProvider === authProvider),
      );
    },
  );

  it.each([
    ['ann', 'ann'],
    ['ANN', 'ann'],
    ['Ａnn', 'ann'],
    ['anna', 'anna'],
    ['Ann.', 'ann.'],
    ['bo', 'bo'],
    ['ＢＯ.1', 'bo.1'],
    ['ann.000@EX', 'ann.000@ex'],
    ['ann.000@example.com', 'ann.000@example.com'],
    ['ann.000@example.comm', '-'],
    ['nn', '-'],
    ['EMAIL#', '-'],
  ])(
    'finds users by the email prefix %j, regardless of case and width',
    async (emailPrefix, prefix) => {
      expect(await findEmails({ emailPrefix })).toEqual(
        expectedEmails(({ email }) => canonical(email).startsWith(prefix)),
      );
    },
  );

  it.each([
    // A sigma at the end of a word has another lowercase form.
    ['ΟΔΟΣ', 'οδοσα@x.example'],
    ['οδος', 'Οδοσα@x.example'],
    ['jo@BÜcher.ex', 'jo@bücher.example'],
    ['jo@bu\u0308cher.', 'jo@BÜCHER.example'],
    ['jo@xn--bcher', 'jo@bücher.example'],
    ['jo@ｂücher.ＥＸ', 'jo@bücher.example'],
    ['jo@1.２.ex', 'jo@1.2.example'],
    ['jo@12', 'jo@123.example'],
    ['straß', 'STRASSE@x.example'],
  ])('by the email prefix %s finds the user with the email %s', async (emailPrefix, email) => {
    const south = { slug: 'south', token: adminToken('south') } as const;
    const { body } = await service.post('/v1/users', { email }, south);
    expect(
      (await readListPage(service, 'native', { ...south, query: { emailPrefix } })).emails,
    ).toEqual([email]);
    await service.post(`/v1/users/${body.userId}/erase`, undefined, south);
  });

  it.each([
    ['email', 'ann.000@example.com', 'Ann.000@Example.COM'],
    ['email', 'ＡＮＮ.000@ＥＸＡＭＰＬＥ.com', 'Ann.000@Example.COM'],
    ['email', 'bo.020@example.com', 'Ｂo.020@Example.COM'],
    ['email', 'ann.000@example.co', undefined],
    ['email', 'ann.000@example.com ', 'Ann.000@Example.COM'],
    ['email', 'ann.000@example.com\u00A0', 'Ann.000@Example.COM'],
    ['userName', 'user_000', 'Ann.000@Example.COM'],
    ['userName', 'USER_020', 'Ｂo.020@Example.COM'],
    ['userName', 'user_00', undefined],
    ['userName', 'ann.000@example.com', undefined],
    ['userName', 'user_000\t', 'Ann.000@Example.COM'],
  ])('by %s returns only the exact match for %s', async (field, value, email) => {
    expect(await readListPage(service, 'native', { query: { [field]: value } })).toMatchObject({
      emails: email === undefined ? [] : [email],
      next: null,
    });
  });

  it.each([
    ['status', 'Active'],
    ['status', ''],
    ['roleId', 'user'],
    ['roleId', 'cradl:role:'],
    ['roleId', 'cradl:user:0123456789abcdef0123456789abcdef'],
    ['roleId', `cradl:role:${'x'.repeat(33)}`],
    ['authProvider', 'OIDC'],
    ['authProvider', 'ldap'],
    ['email', `${'x'.repeat(250)}@x.io`],
    ['emailPrefix', 'x'.repeat(255)],
    ['userName', 'x'.repeat(255)],
    ['roleId', 'cradl:role:ADMIN'],
    ['roleId', 'cradl:role:unknown'],
    ['email', 'not-an-address'],
    ['email', ''],
    ['email', ' '],
    ['email', ' tag@example.com'],
    ['email', 'user tag@example.com'],
    ['emailPrefix', ''],
    ['emailPrefix', 'user '],
    ['emailPrefix', 'a@b@'],
    ['emailPrefix', '%'],
    ['emailPrefix', '\u{10ffff}'],
    ['userName', ''],
    ['userName', 'a b'],
    ['userName', ' jo'],
    ['userName', 'a\u200Bb'],
  ])('by %s rejects the value %s', async (name, value) => {
    const answer = await requestPage(service, 'native', { query: { [name]: value } });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: name }] } },
    });
  });

  it('rejects a + decoded as a space, and suggests %2B [36a]', async () => {
    for (const query of [
      'email=user+tag@example.com',
      'email=+tag@example.com',
      'emailPrefix=user+',
      'userName=user+tag@example.com',
    ]) {
      const { status, body } = await requestPage(service, 'native', { query });
      expect([query, status, body.details.issues[0].message]).toEqual([
        query,
        400,
        expect.stringContaining('%2B'),
      ]);
    }
  });

  it('ignores whitespace after an email address [36c]', async () => {
    expect(
      (await readListPage(service, 'native', { query: 'email=ann.000@example.com%20' })).emails,
    ).toEqual(['Ann.000@Example.COM']);
  });

  it.each(['cradl', 'jitsudo', 'credible'] as const)(
    'is rejected by %s, which has no filters [42a-c]',
    async (dialect) => {
      for (const name of ['email', 'role', 'roleId', 'status', 'name']) {
        const answer = await requestPage(service, dialect, { query: `${name}=active` });
        expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
        expect(JSON.stringify(answer.body.details.issues)).toContain(name);
      }
    },
  );
});

describe('combined filters', () => {
  it('find the users who match all of them, in pages of any size', async () => {
    const maybe = <Value>(...values: Value[]) =>
      fc.option(fc.constantFrom(...values), { nil: undefined });
    const filters = fc.record({
      status: maybe('active', 'inactive', 'invite_pending'),
      role: maybe('user', 'approver'),
      authProvider: maybe('oidc', 'saml', 'local'),
      prefix: maybe('a', 'anna', 'bo', 'ann.1'),
      email: maybe('Ann.000@example.com', 'anna.110@example.com', 'Ｂo.222@x.example'),
      userName: maybe('user_000', 'USER_110', 'user_222'),
    });
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 9 }), async (filter, limit) => {
        const { role, prefix, ...plain } = filter;
        const query = {
          ...plain,
          roleId: role && `cradl:role:${role}`,
          emailPrefix: prefix,
          limit,
        };
        const { status, authProvider, email, userName } = filter;
        const isMatch = (user: (typeof users)[number]) =>
          (status === undefined || user.status === status) &&
          (role === undefined || user.roles.includes(role)) &&
          (authProvider === undefined || user.authProvider === authProvider) &&
          (prefix === undefined || canonical(user.email).startsWith(prefix)) &&
          (email === undefined || canonical(user.email) === canonical(email)) &&
          (userName === undefined || user.userName?.toLowerCase() === userName.toLowerCase());
        expect(await findEmails(query)).toEqual(expectedEmails(isMatch));
      }),
      { numRuns: scaleRuns(40) },
    );
  });
});
