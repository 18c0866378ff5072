/** Users who stay are neither skipped nor repeated while others are created, deleted and moved. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { listDialects, readAllPages } from '../support/dialects/list-users.ts';
import { createTestService, adminToken } from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

const service = await createTestService();
const token = adminToken('globex');
const createUser = async (email: string): Promise<string> => {
  const userName = email.replace(/\W/g, '_');
  return (await service.post('/v1/users', { email, name: email, userName }, { token })).body.userId;
};

/** Positions in the order of emails. */
const place = fc.integer({ min: 0, max: 40 });
const places = (maxLength: number) => fc.uniqueArray(place, { minLength: 1, maxLength });
const change = fc.record({
  what: fc.constantFrom('create', 'delete', 'erase', 'move'),
  from: place,
  to: place,
});

it('a list in any dialect returns each remaining user once during changes [K17]', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...listDialects),
      fc.integer({ min: 1, max: 4 }),
      places(10),
      places(6),
      fc.array(fc.array(change, { maxLength: 4 }), { minLength: 1, maxLength: 12 }),
      async (dialect, limit, stable, first, meanwhile) => {
        const email = (kind: string, at: number) =>
          `${String(at).padStart(2, '0')}.${kind}@x.example`;
        const stableEmails = stable.map((at) => email('stays', at)).toSorted();
        const stableIds = await Promise.all(stableEmails.map(createUser));
        const transientIds = new Map<number, string>();
        for (const at of first) transientIds.set(at, await createUser(email('passes', at)));

        const steps = meanwhile.values();
        const applyChange = async ({
          what,
          from,
          to,
        }: {
          what: string;
          from: number;
          to: number;
        }) => {
          const id = transientIds.get(from);
          if (what === 'create' && id === undefined)
            transientIds.set(from, await createUser(email('passes', from)));
          if (what === 'move' && id !== undefined && !transientIds.has(to)) {
            const body = { email: email('passes', to), name: email('passes', to) };
            expect((await service.send('PATCH', `/v1/users/${id}`, { token, body })).status).toBe(
              200,
            );
            transientIds.delete(from);
            transientIds.set(to, id);
          }
          if ((what === 'delete' || what === 'erase') && id !== undefined) {
            await (what === 'delete'
              ? service.send('DELETE', `/v1/users/${id}`, { token })
              : service.post(`/v1/users/${id}/erase`, undefined, { token }));
            transientIds.delete(from);
          }
        };
        const listed = (
          await readAllPages(service, dialect, { slug: 'globex', query: { limit } }, async () => {
            for (const each of steps.next().value ?? []) await applyChange(each);
          })
        ).flat();

        expect(listed.filter((each) => each.includes('stays'))).toEqual(stableEmails);
        // The order never goes back, including the other users.
        expect(listed).toEqual([...new Set(listed)].toSorted());
        for (const id of [...stableIds, ...transientIds.values()])
          await service.post(`/v1/users/${id}/erase`, undefined, { token });
      },
    ),
    { numRuns: scaleRuns(10) },
  );
}, 60_000);

it('a list returns each remaining user once during concurrent creates and deletes [K17]', async () => {
  const stableEmails = Array.from(
    { length: 30 },
    (_, index) => `${String(index * 10).padStart(3, '0')}.stays@x.example`,
  );
  const acme = adminToken('acme');
  for (const email of stableEmails)
    await service.post('/v1/users', { email, authProvider: 'oidc' }, { token: acme });
  let isListing = true;
  const crowds = [1, 2, 3].map(async (lane) => {
    for (let round = 0; isListing; round++) {
      const email = `${String((round * 37 + lane) % 300).padStart(3, '0')}.passes-${lane}@x.example`;
      const { body } = await service.post(
        '/v1/users',
        { email, authProvider: 'oidc' },
        { token: acme },
      );
      await service.send('DELETE', `/v1/users/${body.userId}`, { token: acme });
    }
  });
  try {
    for (const query of [
      { limit: 3 },
      { limit: 7 },
      { limit: 2, status: 'active' },
      { limit: 5, authProvider: 'oidc' },
    ]) {
      const listed = (await readAllPages(service, 'native', { query })).flat();
      expect(listed.filter((email) => email.includes('stays'))).toEqual(stableEmails);
      expect(listed).toEqual([...new Set(listed)].toSorted());
    }
  } finally {
    isListing = false;
    await Promise.all(crowds);
  }
});
