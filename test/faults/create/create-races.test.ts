import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import {
  createUser,
  dialects,
  expectCreated,
  expectTaken,
  type Fields,
  readUser,
} from '../../support/dialects/create-user.ts';
import {
  type TestResponse,
  createTestService,
  type Service,
  type TenantSlug,
} from '../../support/service.ts';
import { scaleRuns } from '../../support/property-runs.ts';

const inOrder = async (service: Service) => {
  const { users, missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
  return users;
};

const isCreated = ({ status }: TestResponse): boolean => status === 200 || status === 201;

describe('100 concurrent creates [K01]', () => {
  it('of one email in every dialect and spelling give one user, and 409 for the others', async () => {
    const service = await createTestService();
    const spellings = ['jo@x.example', 'JO@x.example', 'Jo@X.Example', 'jO@x.EXAMPLE'];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        createUser(service, dialects[index % 4]!, { email: spellings[(index >> 2) % 4]! }),
      ),
    );
    expect(answers.filter(isCreated)).toHaveLength(1);
    for (const answer of answers.filter((answer) => !isCreated(answer)))
      expectTaken(answer, 'email');

    expect(await inOrder(service)).toHaveLength(1);
    const kinds = (await service.stored.all()).map(({ sk }) => sk);
    expect(kinds.filter((sk) => sk === 'USER')).toHaveLength(1);
    expect(kinds.filter((sk) => sk.startsWith('EMAIL#'))).toEqual(['EMAIL#jo@x.example']);
  });

  it('of one username with different emails give one user', async () => {
    const service = await createTestService();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        createUser(service, index % 2 ? 'native' : 'credible', {
          email: `u${index}@x.example`,
          userName: index % 3 ? 'Wanted' : 'wanted',
        }),
      ),
    );
    expect(answers.filter(isCreated)).toHaveLength(1);
    for (const answer of answers.filter((answer) => !isCreated(answer)))
      expectTaken(answer, 'userName');
    expect(await inOrder(service)).toHaveLength(1);
  });

  it('of one email in two tenants with a shared space give one user', async () => {
    const service = await createTestService();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        createUser(service, 'native', { email: 'jo@x.example' }, index % 2 ? 'north' : 'south'),
      ),
    );
    expect(answers.filter(isCreated)).toHaveLength(1);
    for (const answer of answers.filter((answer) => !isCreated(answer)))
      expectTaken(answer, 'email');
    expect(await inOrder(service)).toHaveLength(1);
  });

  it('of 100 emails give 100 users', async () => {
    const service = await createTestService();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        createUser(service, dialects[index % 4]!, { email: `u${index}@x.example` }),
      ),
    );
    expect(answers.filter(isCreated)).toHaveLength(100);
    expect(new Set((await inOrder(service)).map(({ userId }) => userId)).size).toBe(100);
  });
});

describe('concurrent creates with overlapping identifiers [K02]', () => {
  it.each(['acme', 'north'] as const)('in %s leave no claim without its user', async (slug) => {
    const service = await createTestService();
    const other = slug === 'north' ? 'south' : slug;
    for (let round = 0; round < 20; round++) {
      const [one, two] = [`one${round}`, `two${round}`] as [string, string];
      const email = (name: string) => `${name}@x.example`;
      const answers = await Promise.all([
        createUser(service, 'native', { email: email(one), userName: one }, slug),
        createUser(service, 'native', { email: email(two), userName: one }, other),
        createUser(service, 'native', { email: email(one), userName: two }, slug),
        createUser(service, 'native', { email: email(two), userName: two }, other),
      ]);
      // The four creates form a ring: the winner excludes its neighbors, and the opposite one can
      // succeed.
      const created = answers.map(isCreated);
      expect([
        created[0] !== created[1],
        created[0] !== created[2],
        created[3] === created[0],
      ]).toEqual([true, true, true]);
    }
    expect(await inOrder(service)).toHaveLength(40);
  });
});

describe('any concurrent creates [K05]', () => {
  const claimed = (fields: Fields, slug: TenantSlug, field: 'email' | 'userName'): string =>
    `${slug === 'south' ? 'north' : slug} ${field} ${fields[field]?.toLowerCase()}`;

  it('leave consistent tables and true responses', async () => {
    const service = await createTestService();
    let run = 0;
    const create = fc.record({
      dialect: fc.constantFrom('native', 'credible'),
      slug: fc.constantFrom('acme', 'globex', 'north', 'south'),
      email: fc.constantFrom('a', 'A', 'b', 'c'),
      userName: fc.constantFrom('u', 'U', 'v', 'w'),
    });
    const property = fc.asyncProperty(
      fc.array(create, { minLength: 2, maxLength: 16 }),
      async (wanted) => {
        run++;
        const all = await Promise.all(
          wanted.map(async ({ dialect, slug, email, userName }) => {
            const fields = { email: `${email}.${run}@x.example`, userName: `${userName}-${run}` };
            return {
              dialect,
              slug,
              fields,
              answer: await createUser(service, dialect, fields, slug),
            };
          }),
        );
        const claims = all
          .filter(({ answer }) => isCreated(answer))
          .flatMap(({ fields, slug }) => [
            claimed(fields, slug, 'email'),
            claimed(fields, slug, 'userName'),
          ]);
        expect(new Set(claims).size).toBe(claims.length);
        for (const { fields, slug, answer } of all.filter(({ answer }) => !isCreated(answer))) {
          expect(answer.status).toBe(409);
          expect(claims).toContain(claimed(fields, slug, answer.body.details.field));
        }
        for (const { dialect, slug, answer } of all.filter(({ answer }) => isCreated(answer))) {
          expect((await readUser(service, dialect, answer, slug)).body).toEqual(answer.body);
        }
      },
    );
    await fc.assert(property, { numRuns: scaleRuns(15) });
    await inOrder(service);
  });
});

describe('a created user is visible at once [K16]', () => {
  it.each(dialects)('in %s', async (dialect) => {
    const service = await createTestService();
    await Promise.all(
      Array.from({ length: 25 }, async (_, index) => {
        const created = await createUser(service, dialect, { email: `u${index}@x.example` });
        expectCreated(created, dialect);
        const read = await readUser(service, dialect, created);
        expect([read.status, read.body]).toEqual([200, created.body]);
      }),
    );
  });

  it('across all dialects', async () => {
    const service = await createTestService();
    for (const dialect of dialects) {
      const created = await createUser(service, dialect, {
        email: `${dialect}@x.example`,
        userName: dialect,
      });
      const item = (await service.stored.all()).find(
        ({ sk, email }) => sk === 'USER' && email === `${dialect}@x.example`,
      );
      const id = item?.['userId'] as string;
      const userPaths = {
        userId: `cradl:user:${id.replaceAll('-', '')}`,
        id,
        email: `${dialect}@x.example`,
      };
      for (const reader of dialects)
        expect([
          reader,
          (await readUser(service, reader, { ...created, body: userPaths })).status,
        ]).toEqual([reader, 200]);
    }
  });
});
