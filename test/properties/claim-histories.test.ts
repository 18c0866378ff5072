import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditTables } from '../support/database/table-audit.ts';
import {
  createFaultyService,
  cancelTransaction,
  truncateResponse,
  dropRequest,
  delayBy,
  dropResponse,
  failWith,
  passThrough,
} from '../support/faults/fault-proxy.ts';
import { assertLinearizable, type CompletedCall } from '../support/models/linearizability.ts';
import { systemToken } from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

describe('a history', () => {
  const create = (status: number, called: number, returned: number, who = 'u'): CompletedCall => ({
    did: 'create',
    name: 'a',
    who,
    status,
    called,
    returned,
  });
  const read = (status: number, called: number, returned: number, who?: string): CompletedCall => ({
    did: 'read',
    name: 'a',
    who,
    status,
    called,
    returned,
  });
  const rename = (status: number, called: number, returned: number): CompletedCall => ({
    did: 'rename',
    name: 'a',
    to: 'b',
    who: 'u',
    status,
    called,
    returned,
  });

  it.each<[string, readonly CompletedCall[]]>([
    ['with a read during a create', [create(201, 1, 4), read(404, 2, 3), read(200, 5, 6, 'u')]],
    ['with an unanswered create that took effect', [create(503, 1, 2), read(200, 3, 4, 'u')]],
    [
      'with an unanswered create that takes effect late',
      [create(503, 1, 2), read(404, 3, 4), read(200, 5, 6, 'u')],
    ],
    [
      'with an unanswered create without effect',
      [create(503, 1, 2), read(404, 3, 4), create(201, 5, 6, 'v'), read(200, 7, 8, 'v')],
    ],
    [
      'with a released name',
      [create(201, 1, 2), rename(200, 3, 6), create(201, 4, 5, 'v'), read(200, 7, 8, 'v')],
    ],
  ])('%s is linearizable', (_what, history) => {
    expect(() => assertLinearizable(history)).not.toThrow();
  });

  it.each<[string, readonly CompletedCall[]]>([
    ['with two owners of a name', [create(201, 1, 4), create(201, 2, 3, 'v')]],
    ['with a lost name', [create(201, 1, 2), read(404, 3, 4)]],
    ['with a conflict for a free name', [create(409, 1, 2)]],
    ['with a read of an earlier state', [create(201, 1, 6), read(200, 2, 3, 'u'), read(404, 4, 5)]],
    [
      'with a read by a released name',
      [create(201, 1, 2), rename(200, 3, 4), read(200, 5, 6, 'u')],
    ],
    ['with a user found by the name of another', [create(201, 1, 2), read(200, 3, 4, 'v')]],
  ])('%s is not linearizable', (_what, history) => {
    expect(() => assertLinearizable(history)).toThrow('No order');
  });
});

const names = fc.constantFrom('a', 'b');
const step = fc.oneof(
  fc.record({ did: fc.constant('create' as const), name: names }),
  fc.record({ did: fc.constant('read' as const), name: names }),
  fc.record({ did: fc.constant('rename' as const), name: names, to: names }),
  fc.record({ did: fc.constant('delete' as const), name: names }),
);
const clients = fc.array(fc.array(step, { minLength: 2, maxLength: 4 }), {
  minLength: 3,
  maxLength: 4,
});
const pace = fc.constantFrom(passThrough, passThrough, delayBy(3), delayBy(9));
const fault = fc.oneof(
  { weight: 8, arbitrary: pace },
  fc.constantFrom(
    dropRequest,
    dropResponse,
    truncateResponse,
    cancelTransaction((key) => (key.includes('EMAIL#') ? 'TransactionConflict' : 'None')),
    failWith('InternalServerError', { status: 500 }),
    failWith('TransactionInProgressException'),
  ),
);

describe('the addresses of a tenant, as emails or usernames [K03]', () => {
  it.each([
    ['in any order', pace, 12],
    ['with any faults', fault, 10],
  ] as const)('have a linearizable history %s', async (_what, each, numRuns) => {
    const { database, service } = await createFaultyService({
      attempts: 2,
      timeoutMs: 1400,
      warm: ['north'],
    });
    const token = systemToken('north');
    let run = 0;
    let users = 0;

    const property = fc.asyncProperty(
      clients,
      fc.array(each, { minLength: 8, maxLength: 40 }),
      async (all, faults) => {
        run++;
        let clock = 0;
        const history: CompletedCall[] = [];
        const address = (name: string) => `${name}.${run}@x.example`;
        const path = (name: string) => `/credible/api/v0/users/${address(name)}`;
        // Addresses are taken as email or as username. Every third run mixes both, without renames.
        const fields = [['email'], ['userName'], ['email', 'userName']][run % 3] ?? [];
        const perform = async ({
          did: wanted,
          name,
          to: next = name,
        }: Pick<CompletedCall, 'did' | 'name' | 'to'>): Promise<void> => {
          const did = wanted === 'rename' && fields.length > 1 ? 'read' : wanted;
          const to = did === 'rename' ? next : name;
          const called = ++clock;
          const user = `user-${++users}`;
          const field = fields[users % fields.length] ?? 'email';
          const draft = {
            userName: user,
            email: `${user}@x.example`,
            firstName: user,
            [field]: address(name),
          };
          const answer =
            did === 'create'
              ? await service.post('/credible/api/v0/users', draft, { token })
              : did === 'rename'
                ? await service.send('PATCH', path(name), { token, body: { [field]: address(to) } })
                : await service.send(did === 'read' ? 'GET' : 'DELETE', path(name), { token });
          if (answer.status === 200)
            expect([answer.body.email, answer.body.userName]).toContain(address(to));
          const who = did === 'create' ? user : answer.body?.firstName;
          history.push({ did, name, to, called, returned: ++clock, status: answer.status, who });
        };
        for (const name of ['a', 'b']) await perform({ did: 'create', name });
        database.goesWrong((_sent, n) => faults[n % faults.length]);
        await Promise.all(
          all.map(async (steps) => {
            for (const one of steps) await perform(one);
          }),
        );
        database.isWell();
        for (const name of ['a', 'b']) await perform({ did: 'read', name });
        assertLinearizable(history);
      },
    );
    await fc.assert(property, { numRuns: scaleRuns(numRuns), endOnFailure: true });
    const { missing, stray } = await auditTables(service);
    expect([missing, stray]).toEqual([[], []]);
  });
});
