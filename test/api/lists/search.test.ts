/** Search, filters by time, metadata and identity, and the errors of unusable values. */
import { beforeAll, describe, expect, it } from 'vitest';
import { parseSearch } from '../../../lib/domain/users/lists/search.ts';
import { requestPage, readListPage } from '../../support/dialects/list-users.ts';
import { adminToken, createTestService } from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');

const users = [
  { email: 'jane.doe+news@example.com', name: 'Jane Müller-Lüdenscheidt', userName: 'jd_1' },
  { email: 'soren@straße.example', firstName: 'Søren', lastName: 'Kierkegård' },
  { email: 'lukasz@example.org', name: 'Łukasz Żółw', metadata: { team: 'Ä & B', level: 3 } },
  {
    email: 'a@example.net',
    name: 'ΟΔΥΣΣΕΥΣ Οδός',
    metadata: { team: 'true', admin: true, none: null, 'a.b': '1.5', list: ['x'] },
  },
  {
    email: 'b@example.net',
    authProvider: 'oidc',
    identity: { issuer: 'https://id.example.com/x+y', subject: 'auth0|1 2' },
    createdTime: '2020-06-01T12:00:00.500Z',
  },
] as const;
const [jane, soren, lukasz, odysseus, bob] = users.map(({ email }) => email) as [
  string,
  string,
  string,
  string,
  string,
];

beforeAll(async () => {
  for (const { email, ...more } of users) {
    const body = { email, createdTime: '2021-01-01T00:00:00Z', ...more };
    const { status, text } = await service.post('/v1/users', body, { token });
    expect([status, text]).toEqual([201, text]);
  }
});

const find = async (query: Record<string, string>) =>
  (await readListPage(service, 'native', { query, token })).emails;

describe('search', () => {
  it.each<[string, string[]]>([
    ['jane', [jane]],
    ['JAN mul', [jane]],
    ['müller', [jane]],
    ['ludenscheidt jane', [jane]],
    ['uller', []],
    ['doe', [jane]],
    ['news', [jane]],
    ['jane.doe+news@exam', [jane]],
    ['@example.com', [jane]],
    ['1', [jane]],
    ['soren kierk', [soren]],
    ['strasse', [soren]],
    ['STRAẞE', [soren]],
    ['lukasz zolw', [lukasz]],
    ['ŁUK', [lukasz]],
    ['οδυσσευς', [odysseus]],
    ['οδος', [odysseus]],
    ['example', [odysseus, bob, jane, lukasz, soren]],
    ['example example.net', [odysseus, bob]],
    ['jane soren', []],
    ['s so soren s', [soren]],
    ['a', [odysseus]],
  ])('for %j finds %j', async (search, emails) => {
    expect(await find({ search })).toEqual(emails);
  });

  it('finds the same users if a + is decoded as a space', async () => {
    const { emails } = await readListPage(service, 'native', { query: 'search=doe+news', token });
    expect(emails).toEqual([jane]);
  });

  it('compares a character of a name with at most one word', () => {
    // No word begins with another one, so at most one matches at any position.
    expect(parseSearch(Array(50).fill('a').join(' '))).toEqual(['a']);
    expect(parseSearch('s Jane ja SOREN so')).toEqual(['jane', 'soren']);
  });
});

describe('a filter', () => {
  it.each<[Record<string, string>, string[]]>([
    [{ 'metadata.team': 'Ä & B' }, [lukasz]],
    [{ 'metadata.team': 'ä & b' }, []],
    [{ 'metadata.team': 'true' }, [odysseus]],
    [{ 'metadata.level': '3' }, [lukasz]],
    [{ 'metadata.level': '3.0' }, []],
    [{ 'metadata.admin': 'true', 'metadata.none': 'null' }, [odysseus]],
    [{ 'metadata.admin': 'true', 'metadata.level': '3' }, []],
    [{ 'metadata.a.b': '1.5' }, [odysseus]],
    [{ 'metadata.list': '["x"]' }, []],
    [{ 'metadata.toString': 'x' }, []],
    [{ createdBefore: '2020-06-01T12:00:00.501Z' }, [bob]],
    [{ createdBefore: '2020-06-01T12:00:00.5001Z' }, [bob]],
    [{ createdBefore: '2020-06-01T14:00:00.500+02:00' }, []],
    [{ createdAfter: '2020-06-01T12:00:00.4999Z', createdBefore: '2020-12-31T23:59:59Z' }, [bob]],
    [{ createdAfter: '2020-06-01T12:00:00.500Z', authProvider: 'oidc' }, []],
    [{ createdAfter: '2020-06-01T12:00:00.499999Z', search: 'b@' }, [bob]],
    [{ 'identity.issuer': 'https://id.example.com/x+y', 'identity.subject': 'auth0|1 2' }, [bob]],
    [{ 'identity.issuer': 'https://id.example.com/x+y', 'identity.subject': 'auth0|1' }, []],
  ])('by %j finds %j', async (query, emails) => {
    expect(await find(query)).toEqual(emails);
  });

  it.each<[string, string, string]>([
    ['search=', 'search', 'blank'],
    ['search=%20', 'search', 'blank'],
    [`search=${'x'.repeat(101)}`, 'search', '100'],
    ['search=-.@', 'search', 'letter or digit'],
    ['createdAfter=', 'createdAfter', 'offset'],
    ['createdAfter=2026-01-31', 'createdAfter', 'offset'],
    ['createdAfter=2026-02-30T00:00:00Z', 'createdAfter', 'offset'],
    ['createdAfter=2026-01-31T25:00:00Z', 'createdAfter', 'offset'],
    ['createdBefore=2026-01-31T12:00:00', 'createdBefore', 'offset'],
    ['createdBefore=2026-01-31T12:00:00+02:00', 'createdBefore', '%2B'],
    [
      'createdAfter=2026-01-31T00:00:00Z&createdBefore=2026-01-31T00:00:00Z',
      'createdBefore',
      'later than createdAfter',
    ],
    ['identity.issuer=x', 'identity.subject', 'required with identity.issuer'],
    ['identity.subject=x', 'identity.issuer', 'required with identity.subject'],
    ['identity.issuer=a+b&identity.subject=x', 'identity.issuer', '%2B'],
    ['identity.issuer=a&identity.subject=%20x', 'identity.subject', '%2B'],
    ['metadata=x', 'metadata', 'metadata.<name>=<value>'],
    ['metadata=x&metadata.y=1', 'metadata', 'metadata.<name>=<value>'],
    ['metadata.=x', 'metadata.', 'must name a member'],
    ['metadata.__proto__=x', 'metadata.__proto__', 'must name a member'],
    ['metadata.team=', 'metadata.team', 'blank'],
    ['metadata.team=a&metadata.team=b', 'metadata.team', 'repeated'],
    ['metadta.team=a', 'metadta.team', 'did you mean metadata.team?'],
    ['Search=a', 'Search', 'did you mean search?'],
    ['identity.isuer=a', 'identity.isuer', 'did you mean identity.issuer?'],
    ['created=a', 'created', 'not a known parameter'],
    ['sort=name', 'sort', 'email, -email, createdTime'],
    ['sort=', 'sort', 'email'],
    ['count=1', 'count', 'true or false'],
  ])('in %s is rejected: %s', async (query, path, message) => {
    const { status, body } = await requestPage(service, 'native', { query, token });
    expect([status, body.details?.issues?.[0]]).toEqual([
      400,
      { path, message: expect.stringContaining(message) },
    ]);
  });
});
