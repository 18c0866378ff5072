import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { auditOf } from '../support/table-audit.ts';
import {
  aFaultyService,
  isCancelled,
  isCutShort,
  isLost,
  isSlowBy,
  losesItsAnswer,
  meets,
  passes,
} from '../support/faults/fault-proxy.ts';
import { assertLinearizable, type Done } from '../support/models/linearizability.ts';
import { aSystemAdministrator } from '../support/service.ts';

describe('a history', () => {
  const create = (status: number, called: number, returned: number, who = 'u'): Done => ({
    did: 'create',
    name: 'a',
    who,
    status,
    called,
    returned,
  });
  const read = (status: number, called: number, returned: number, who?: string): Done => ({
    did: 'read',
    name: 'a',
    who,
    status,
    called,
    returned,
  });
  const rename = (status: number, called: number, returned: number): Done => ({
    did: 'rename',
    name: 'a',
    to: 'b',
    who: 'u',
    status,
    called,
    returned,
  });

  it.each<[string, readonly Done[]]>([
    [
      'in which a name is read while it is created',
      [create(201, 1, 4), read(404, 2, 3), read(200, 5, 6, 'u')],
    ],
    ['in which what was never answered has happened', [create(503, 1, 2), read(200, 3, 4, 'u')]],
    ['in which it happens late', [create(503, 1, 2), read(404, 3, 4), read(200, 5, 6, 'u')]],
    [
      'in which it never does',
      [create(503, 1, 2), read(404, 3, 4), create(201, 5, 6, 'v'), read(200, 7, 8, 'v')],
    ],
    [
      'in which a name is free again',
      [create(201, 1, 2), rename(200, 3, 6), create(201, 4, 5, 'v'), read(200, 7, 8, 'v')],
    ],
  ])('%s is one', (_what, history) => {
    expect(() => assertLinearizable(history)).not.toThrow();
  });

  it.each<[string, readonly Done[]]>([
    ['in which two get a name', [create(201, 1, 4), create(201, 2, 3, 'v')]],
    ['in which a name is lost', [create(201, 1, 2), read(404, 3, 4)]],
    ['in which a name is taken and nobody has it', [create(409, 1, 2)]],
    ['in which a read goes back', [create(201, 1, 6), read(200, 2, 3, 'u'), read(404, 4, 5)]],
    [
      'in which a name that was given up is still held',
      [create(201, 1, 2), rename(200, 3, 4), read(200, 5, 6, 'u')],
    ],
    [
      'in which a user is read by a name that is another’s',
      [create(201, 1, 2), read(200, 3, 4, 'v')],
    ],
  ])('%s is none', (_what, history) => {
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
const pace = fc.constantFrom(passes, passes, isSlowBy(3), isSlowBy(9));
const fault = fc.oneof(
  { weight: 8, arbitrary: pace },
  fc.constantFrom(
    isLost,
    losesItsAnswer,
    isCutShort,
    isCancelled((key) => (key.includes('EMAIL#') ? 'TransactionConflict' : 'None')),
    meets('InternalServerError', { status: 500 }),
    meets('TransactionInProgressException'),
  ),
);

describe('K03: what clients see of the addresses of a tenant, emails or user names', () => {
  it.each([
    ['in any order', pace, 12],
    ['whatever goes wrong on the way', fault, 10],
  ] as const)('is one history: %s', async (_what, each, numRuns) => {
    const { database, service } = await aFaultyService({
      attempts: 2,
      timeoutMs: 1400,
      warm: ['north'],
    });
    const token = aSystemAdministrator('north');
    let run = 0;
    let users = 0;

    const property = fc.asyncProperty(
      clients,
      fc.array(each, { minLength: 8, maxLength: 40 }),
      async (all, faults) => {
        run++;
        let clock = 0;
        const history: Done[] = [];
        const address = (name: string) => `${name}.${run}@x.example`;
        const path = (name: string) => `/credible/api/v0/users/${address(name)}`;
        // An address is taken as email or as user name: in one of three runs the users differ in that, and keep their names.
        const fields = [['email'], ['userName'], ['email', 'userName']][run % 3] ?? [];
        const does = async ({
          did: wanted,
          name,
          to: next = name,
        }: Pick<Done, 'did' | 'name' | 'to'>): Promise<void> => {
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
              ? await service.posts('/credible/api/v0/users', draft, { token })
              : did === 'rename'
                ? await service.send('PATCH', path(name), { token, body: { [field]: address(to) } })
                : await service.send(did === 'read' ? 'GET' : 'DELETE', path(name), { token });
          if (answer.status === 200)
            expect([answer.body.email, answer.body.userName]).toContain(address(to));
          const who = did === 'create' ? user : answer.body?.firstName;
          history.push({ did, name, to, called, returned: ++clock, status: answer.status, who });
        };
        for (const name of ['a', 'b']) await does({ did: 'create', name });
        database.goesWrong((_sent, n) => faults[n % faults.length]);
        await Promise.all(
          all.map(async (steps) => {
            for (const one of steps) await does(one);
          }),
        );
        database.isWell();
        for (const name of ['a', 'b']) await does({ did: 'read', name });
        assertLinearizable(history);
      },
    );
    await fc.assert(property, { numRuns, endOnFailure: true });
    const { missing, stray } = await auditOf(service);
    expect([missing, stray]).toEqual([[], []]);
  });
});
