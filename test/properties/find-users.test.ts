/** Pages of the user list with any filter and order, compared with a plain search in memory. */
import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { User } from '../../lib/domain/users/user.ts';
import {
  readAllPages,
  readListPage,
  requestPage,
  seedUsers,
} from '../support/dialects/list-users.ts';
import { createUserIn } from '../support/authenticated-routes.ts';
import { requestTransition } from '../support/scenarios/user-states.ts';
import { adminToken, createTestService } from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

const service = await createTestService();
const token = adminToken('south');
const target = { slug: 'south', token } as const;

const pick = <Value>(values: readonly Value[], index: number): Value =>
  values[index % values.length] as Value;
const names = ['Ann Lee', 'Änn Ö', 'Bo', 'Łee Bo', undefined];
const times = ['2026-01-01', '2026-01-02', '2026-01-03'].map((day) => `${day}T00:00:00.000Z`);
/** Many users share a time, a name and a team. */
const crowd: User[] = [];
await seedUsers(service, 'south', 60, (index) => {
  const fields = {
    userId: randomUUID(),
    email: `${pick(['ann', 'bo', 'c'], index)}.${index}@${pick(['x', 'y'], index)}.example`,
    name: pick(names, index),
    status: pick(['active', 'inactive'] as const, index * 7),
    roles: index % 4 === 0 ? ['user'] : [],
    metadata: { team: pick(['red', 'blue', 3], index * 5) },
    createdAt: pick(times, index * 11),
    updatedAt: index % 3 === 0 ? pick(times, index * 13) : undefined,
  };
  crowd.push(fields as never);
  return fields;
});

const maybe = <Value>(...values: Value[]) =>
  fc.option(fc.constantFrom(...values), { nil: undefined });
const queries = fc.record({
  search: maybe('ann', 'lee', 'bo x', 'e ann', 'łee'),
  status: maybe('active', 'inactive'),
  roleId: maybe('cradl:role:user'),
  emailPrefix: maybe('ann', 'bo.1', 'c.'),
  'metadata.team': maybe('red', '3'),
  createdAfter: maybe(times[0]),
  createdBefore: maybe(times[2]),
  sort: maybe('email', '-email', 'createdTime', '-createdTime', 'updatedTime', '-updatedTime'),
});
type FindQuery = typeof queries extends fc.Arbitrary<infer Value> ? Value : never;

const fold = (text: string) =>
  text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase().replaceAll('ł', 'l');

function isMatch(user: User, query: FindQuery): boolean {
  const words = fold(`${user.name ?? ''} ${user.email}`).split(/[ .@]/);
  return (
    (query.search ?? '').split(' ').every((word) => words.some((w) => w.startsWith(fold(word)))) &&
    (query.status ?? user.status) === user.status &&
    (query.roleId === undefined || user.roles.length > 0) &&
    user.email?.startsWith(query.emailPrefix ?? '') === true &&
    (query['metadata.team'] ?? String(user.metadata?.['team'])) ===
      String(user.metadata?.['team']) &&
    (query.createdAfter === undefined || user.createdAt > query.createdAfter) &&
    (query.createdBefore === undefined || user.createdAt < query.createdBefore)
  );
}

function sortEmails(users: readonly User[], sort = 'email'): string[] {
  const field = sort.replace('-', '');
  const toKey = (user: User): string => {
    if (field === 'email') return user.email ?? '';
    const time = field === 'createdTime' ? user.createdAt : (user.updatedAt ?? user.createdAt);
    return `${time} ${user.userId}`;
  };
  const sorted = users.toSorted((a, b) => (toKey(a) < toKey(b) ? -1 : 1));
  return (sort.startsWith('-') ? sorted.toReversed() : sorted).map(({ email = '' }) => email);
}

it('any filters, order and page size return each matching user once, in order', async () => {
  await fc.assert(
    fc.asyncProperty(queries, fc.integer({ min: 1, max: 30 }), async (query, limit) => {
      const expected = sortEmails(
        crowd.filter((user) => isMatch(user, query)),
        query.sort,
      );
      const pages = await readAllPages(service, 'native', {
        ...target,
        query: { ...query, limit, count: 'true' },
      });
      expect(pages.flat()).toEqual(expected);
      const first = { ...query, limit: 1, count: 'true' };
      const { body } = await requestPage(service, 'native', { ...target, query: first });
      expect(body.count).toEqual({ value: expected.length, relation: 'exact' });
    }),
    { numRuns: scaleRuns(40) },
  );
});

it('writes between pages move no other user in any order', async () => {
  let created = 0;
  for (const sort of ['-email', '-createdTime', 'updatedTime']) {
    const pages = await readAllPages(
      service,
      'native',
      { ...target, query: { sort, limit: 13 } },
      async () => {
        const email = `${pick(['a', 'bz', 'z'], created++)}${randomUUID()}@passes.example`;
        const user = await createUserIn(service, 'south', { email });
        await requestTransition(service, 'DELETE', user, '', {}, 'south');
      },
    );
    const listed = pages.flat().filter((email) => !email.endsWith('@passes.example'));
    expect(listed).toEqual(sortEmails(crowd, sort));
  }
  const deleted = await readListPage(service, 'native', {
    ...target,
    query: { status: 'deleted', limit: 100 },
  });
  expect(deleted.emails).toEqual(deleted.emails.toSorted());
  expect(deleted.emails.length).toBeGreaterThan(3);
});
