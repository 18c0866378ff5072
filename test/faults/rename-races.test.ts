/** Renames that compete for identifiers [K04]. */
import { beforeEach, describe, expect, it } from 'vitest';
import { auditTables } from '../support/database/table-audit.ts';
import { createUserIn } from '../support/authenticated-routes.ts';
import { updateUser } from '../support/dialects/update-user.ts';
import {
  type TestResponse,
  createTestService,
  adminToken,
  type Service,
  type TenantSlug,
} from '../support/service.ts';

// Audits of few users take less time.
let service: Service;
beforeEach(async () => {
  service = await createTestService();
});

const creates = (body: object, slug: TenantSlug) =>
  service.post('/v1/users', body, { token: adminToken(slug) });

/** Users with these emails and their count. Also asserts that claims and records are consistent. */
const holders = async (...emails: string[]) => {
  const { users, missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
  return emails.map((email) => users.filter((user) => user.email?.toLowerCase() === email).length);
};
const statuses = (answers: readonly TestResponse[]) => answers.map(({ status }) => status);

describe.each(['acme', 'north'] as const)('concurrent renames in %s', (slug) => {
  const other = slug === 'north' ? 'south' : slug;

  it('from a to b, a create of b, and a create of a give b to one user', async () => {
    for (let round = 0; round < 12; round++) {
      const [a, b] = [`a${round}.${slug}@x.example`, `b${round}.${slug}@x.example`];
      const user = await createUserIn(service, slug, { email: a });
      const [moved, createdB, createdA] = await Promise.all([
        updateUser(service, 'native', user, { email: b }, { slug }),
        creates({ email: b.toUpperCase() }, other),
        creates({ email: a }, other),
      ]);
      // b has one user, whichever request was first. a is free only if it was released before the
      // create.
      expect(`${moved?.status} ${createdB?.status}`).toBeOneOf(['200 409', '409 201']);
      const gotA = createdA?.status === 201;
      if (moved?.status === 409) expect(gotA).toBe(false);
      expect(await holders(a, b)).toEqual([moved?.status === 409 || gotA ? 1 : 0, 1]);
    }
  });

  it('of many users to one name succeed once', async () => {
    const users = await Promise.all(Array.from({ length: 12 }, () => createUserIn(service, slug)));
    const targetEmail = `wanted.${slug}@x.example`;
    const answers = await Promise.all(
      users.map((user) => updateUser(service, 'native', user, { email: targetEmail }, { slug })),
    );
    expect(statuses(answers).toSorted((x, y) => x - y)).toEqual([
      200,
      ...Array.from({ length: 11 }, () => 409),
    ]);
    const called = await Promise.all(
      users.map((user, index) =>
        updateUser(
          service,
          'native',
          user,
          { userName: index % 2 ? `wanted-${slug}` : `Wanted-${slug}` },
          { slug },
        ),
      ),
    );
    expect(statuses(called).toSorted((x, y) => x - y)).toEqual([
      200,
      ...Array.from({ length: 11 }, () => 409),
    ]);
    expect(await holders(targetEmail)).toEqual([1]);
  });

  it('that swap names fail', async () => {
    for (let round = 0; round < 5; round++) {
      const [a, b] = [`swap-a${round}.${slug}@x.example`, `swap-b${round}.${slug}@x.example`];
      const [one, two] = [
        await createUserIn(service, slug, { email: a }),
        await createUserIn(service, other, { email: b }),
      ];
      const answers = await Promise.all([
        updateUser(service, 'native', one, { email: b }, { slug }),
        updateUser(service, 'native', two, { email: a }, { slug: other }),
      ]);
      expect(statuses(answers)).toEqual([409, 409]);
      expect(await holders(a, b)).toEqual([1, 1]);
    }
  });

  it('can take a name that another user releases', async () => {
    for (let round = 0; round < 8; round++) {
      const [a, b, c] = ['a', 'b', 'c'].map(
        (name) => `chain-${name}${round}.${slug}@x.example`,
      ) as [string, string, string];
      const [one, two] = [
        await createUserIn(service, slug, { email: a }),
        await createUserIn(service, other, { email: b }),
      ];
      const [follows, leaves] = await Promise.all([
        updateUser(service, 'native', one, { email: b }, { slug }),
        updateUser(service, 'native', two, { email: c }, { slug: other }),
      ]);
      expect(leaves?.status).toBe(200);
      expect(follows?.status).toBeOneOf([200, 409]);
      expect(await holders(a, b, c)).toEqual(follows?.status === 200 ? [0, 1, 1] : [1, 0, 1]);
    }
  });

  it('of one user to many names end with one', async () => {
    const user = await createUserIn(service, slug);
    const places = Array.from({ length: 8 }, (_, index) => `place-${index}.${slug}@x.example`);
    const answers = await Promise.all(
      places.map((email) => updateUser(service, 'native', user, { email }, { slug })),
    );
    expect(statuses(answers)).toEqual(places.map(() => 200));
    const holderCounts = await holders(...places);
    expect(holderCounts.filter((count) => count > 0)).toEqual([1]);
    // All other names are free.
    for (const [index, email] of places.entries())
      expect((await creates({ email }, other)).status).toBe(holderCounts[index] === 1 ? 409 : 201);
  });

  it('and a delete of the same user leave no claims', async () => {
    for (let round = 0; round < 8; round++) {
      const [a, b] = [`gone-a${round}.${slug}@x.example`, `gone-b${round}.${slug}@x.example`];
      const user = await createUserIn(service, slug, { email: a });
      const [moved, deleted] = await Promise.all([
        updateUser(service, 'native', user, { email: b }, { slug }),
        service.send('DELETE', `/v1/users/${user.native}`, { token: adminToken(slug) }),
      ]);
      expect(deleted?.status).toBe(204);
      expect(moved?.status).toBeOneOf([200, 404]);
      for (const email of [a, b]) expect((await creates({ email }, other)).status).toBe(201);
      await holders();
    }
  });
});
