/** K17: while others come, go and move, nobody who stays is skipped or shown twice. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { listDialects, readsAll } from '../support/dialects/list-users.ts';
import { aService, anAdminOf } from '../support/service.ts';

const service = await aService();
const token = anAdminOf('globex');
const creates = async (email: string): Promise<string> => {
  const userName = email.replace(/\W/g, '_');
  return (await service.posts('/v1/users', { email, name: email, userName }, { token })).body
    .userId;
};

/** Places in the order of e-mails. */
const place = fc.integer({ min: 0, max: 40 });
const places = (maxLength: number) => fc.uniqueArray(place, { minLength: 1, maxLength });
const passing = fc.record({
  what: fc.constantFrom('create', 'delete', 'erase', 'move'),
  from: place,
  to: place,
});

it('K17: a walk through a list, in every dialect', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...listDialects),
      fc.integer({ min: 1, max: 4 }),
      places(10),
      places(6),
      fc.array(fc.array(passing, { maxLength: 4 }), { minLength: 1, maxLength: 12 }),
      async (dialect, limit, stable, first, meanwhile) => {
        const email = (kind: string, at: number) =>
          `${String(at).padStart(2, '0')}.${kind}@x.example`;
        const stays = stable.map((at) => email('stays', at)).toSorted();
        const staying = await Promise.all(stays.map(creates));
        const passers = new Map<number, string>();
        for (const at of first) passers.set(at, await creates(email('passes', at)));

        const steps = meanwhile.values();
        const happens = async ({ what, from, to }: { what: string; from: number; to: number }) => {
          const id = passers.get(from);
          if (what === 'create' && id === undefined)
            passers.set(from, await creates(email('passes', from)));
          if (what === 'move' && id !== undefined && !passers.has(to)) {
            const body = { email: email('passes', to), name: email('passes', to) };
            expect((await service.send('PATCH', `/v1/users/${id}`, { token, body })).status).toBe(
              200,
            );
            passers.delete(from);
            passers.set(to, id);
          }
          if ((what === 'delete' || what === 'erase') && id !== undefined) {
            await (what === 'delete'
              ? service.send('DELETE', `/v1/users/${id}`, { token })
              : service.posts(`/v1/users/${id}/erase`, undefined, { token }));
            passers.delete(from);
          }
        };
        const walked = (
          await readsAll(service, dialect, { slug: 'globex', query: { limit } }, async () => {
            for (const each of steps.next().value ?? []) await happens(each);
          })
        ).flat();

        expect(walked.filter((each) => each.includes('stays'))).toEqual(stays);
        // Nor does the order ever turn back, whoever passes.
        expect(walked).toEqual([...new Set(walked)].toSorted());
        for (const id of [...staying, ...passers.values()])
          await service.posts(`/v1/users/${id}/erase`, undefined, { token });
      },
    ),
    { numRuns: 10 },
  );
}, 60_000);

it('K17: a walk beside which a crowd is added and removed at the same time', async () => {
  const stays = Array.from(
    { length: 30 },
    (_, index) => `${String(index * 10).padStart(3, '0')}.stays@x.example`,
  );
  const acme = anAdminOf('acme');
  for (const email of stays)
    await service.posts('/v1/users', { email, authProvider: 'oidc' }, { token: acme });
  let walking = true;
  const crowds = [1, 2, 3].map(async (lane) => {
    for (let round = 0; walking; round++) {
      const email = `${String((round * 37 + lane) % 300).padStart(3, '0')}.passes-${lane}@x.example`;
      const { body } = await service.posts(
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
      const walked = (await readsAll(service, 'native', { query })).flat();
      expect(walked.filter((email) => email.includes('stays'))).toEqual(stays);
      expect(walked).toEqual([...new Set(walked)].toSorted());
    }
  } finally {
    walking = false;
    await Promise.all(crowds);
  }
});
