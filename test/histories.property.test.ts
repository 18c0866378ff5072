import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { auditOf } from './audit.ts';
import { creates } from './creations.ts';
import { aFaultyService, isCancelled, isCutShort, isLost, isSlowBy, losesItsAnswer, meets, passes } from './faults.ts';
import { aSystemAdministrator, type Answer } from './steps.ts';

/** What a client did, between which two ticks of a clock that all of them share. */
interface Done {
  readonly what: 'create' | 'read';
  readonly key: string;
  readonly called: number;
  readonly returned: number;
  readonly answer: Answer;
}

const fault = fc.oneof(
  { weight: 6, arbitrary: fc.constant(passes) },
  fc.constantFrom(
    isLost,
    losesItsAnswer,
    isCutShort,
    isSlowBy(30),
    isCancelled((key) => (key.includes('EMAIL#') ? 'TransactionConflict' : 'None')),
    meets('InternalServerError', { status: 500 }),
    meets('TransactionInProgressException'),
  ),
);
const step = fc.record({ what: fc.constantFrom('create', 'create', 'read'), key: fc.constantFrom('a', 'b') });
const clients = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 5 });

/** Once somebody has been told that an address has a user, nobody is told later that it has none, or gets it. */
function assertLinear(history: readonly Done[]): void {
  for (const { what, key, called, answer } of history) {
    expect([200, 201, 404, 409, 503]).toContain(answer.status);
    const taken = history.some(
      (earlier) => earlier.key === key && earlier.returned < called && [200, 201, 409].includes(earlier.answer.status),
    );
    if (taken) expect(what === 'create' ? [409, 503] : [200, 503]).toContain(answer.status);
  }
}

it('K03: what clients see of an address is one history, whatever goes wrong on the way', async () => {
  const { database, service } = await aFaultyService({ attempts: 2, timeoutMs: 1500, warm: ['acme'] });
  let run = 0;

  const property = fc.asyncProperty(clients, fc.array(fault, { minLength: 8, maxLength: 40 }), async (all, faults) => {
    run++;
    let clock = 0;
    const history: Done[] = [];
    database.goesWrong((_sent, n) => faults[n % faults.length]);
    await Promise.all(
      all.map(async (steps) => {
        for (const { what, key } of steps) {
          const called = ++clock;
          const email = `${key}.${run}@x.example`;
          const answer =
            what === 'create'
              ? await creates(service, 'native', { email })
              : await service.gets(`/credible/api/v0/users/${email}`, { token: aSystemAdministrator('acme') });
          history.push({ what, key, called, returned: ++clock, answer });
        }
      }),
    );
    database.isWell();

    assertLinear(history);
    const { users, missing, stray } = await auditOf(service);
    expect([missing, stray]).toEqual([[], []]);
    for (const key of ['a', 'b']) {
      const owners = users.filter(({ email }) => email === `${key}.${run}@x.example`);
      const told = history.filter(({ key: asked, answer }) => asked === key && answer.status === 201);
      expect(owners.length).toBeLessThanOrEqual(1);
      // Who was told that it is theirs has it; of the others it is only known that they may.
      for (const { answer } of told)
        expect(owners.map(({ userId }) => `cradl:user:${userId.replaceAll('-', '')}`)).toEqual([answer.body.userId]);
      if (history.some(({ key: asked, answer }) => asked === key && [200, 409].includes(answer.status))) expect(owners).toHaveLength(1);
    }
  });
  await fc.assert(property, { numRuns: 12, endOnFailure: true });
});
