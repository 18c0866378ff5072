import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import {
  createFaultProxy,
  dropRequest,
  dropResponse,
  faultsInOrder,
  leaveUnprocessed,
} from '../../support/faults/fault-proxy.ts';
import { scaleRuns } from '../../support/property-runs.ts';
import { createDeliveryService, hour, minute } from '../../support/webhooks/delivery-service.ts';

const database = await createFaultProxy(inject('databaseEndpoint'));
const setup = await createDeliveryService({ database });

/** First request about each event, in the order of their arrival. */
const listFirst = (sequences: readonly number[]): number[] => [...new Set(sequences)];

/** Numbers of the events of a user. */
const listNumbers = (users: readonly number[], user: number): number[] =>
  users.flatMap((each, index) => (each === user ? [index + 1] : []));

/** Requests that change something, so a lost request differs from a lost response. */
const writes = ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'];

it('loses no event if the process stops at any request to AWS', async () => {
  const operations: string[] = [];
  for (let n = 1; ; n++) {
    for (const fault of [dropResponse, dropRequest]) {
      await setup.startTenant();
      const receiver = await setup.createReceiver();
      const users = [1, 1, 2, 3, 2, 3];
      await setup.append(users);
      const findOperation = setup.stopAt(n, fault);
      await setup.advance().catch(() => {});
      setup.isWell();
      const operation = findOperation();
      if (operation === undefined) {
        expect(operations).toEqual(
          expect.arrayContaining(['Query', 'GenerateMac', 'PutItem', 'BatchWriteItem']),
        );
        return;
      }
      operations.push(operation);
      // Lambda repeats a failed event. The lease of the stopped process has ended.
      await setup.advanceAfter(minute);
      const received = listFirst(receiver.listSequences());
      for (const user of users)
        expect(
          received.filter((sequence) => users[sequence - 1] === user),
          `${n}: ${operation}`,
        ).toEqual(listNumbers(users, user));
      expect(received).toHaveLength(users.length);
      expect(await setup.findState(receiver.webhook)).toMatchObject({ cursor: 6, retries: [] });
      if (!writes.includes(operation)) break;
    }
  }
});

it('logs every attempt if the table is throttled', async () => {
  await setup.startTenant();
  const receiver = await setup.createReceiver();
  await setup.append([1, 2, 3]);
  database.goesWrong(faultsInOrder('BatchWriteItem', leaveUnprocessed, leaveUnprocessed));
  await setup.advance();
  setup.isWell();

  const attempts = await setup.listAttempts(receiver.webhook);
  expect(new Set(attempts.map(({ sequence }) => sequence))).toEqual(new Set([1, 2, 3]));
});

type Action =
  | { readonly type: 'append'; readonly users: readonly number[] }
  | { readonly type: 'advance' | 'sweep' | 'crash'; readonly n: number };

const action = fc.oneof(
  fc.record({
    type: fc.constant('append' as const),
    users: fc.array(fc.nat({ max: 4 }), { minLength: 1, maxLength: 8 }),
  }),
  fc.record({
    type: fc.constantFrom('advance' as const, 'sweep' as const, 'crash' as const),
    n: fc.integer({ min: 1, max: 20 }),
  }),
);

it('keeps the order of each resource, or of all events, whatever the endpoint does', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('resource' as const, 'strict' as const),
      fc.array(action, { minLength: 2, maxLength: 8 }),
      // Too few failures to disable the webhook, so every event is delivered at last.
      fc.array(fc.constantFrom(204, 204, 302, 404, 429, 500, 503), { maxLength: 5 }),
      async (order, actions, statuses) => {
        await setup.startTenant();
        const receiver = await setup.createReceiver({ order });
        const users: number[] = [];
        const accepted = new Set<number>();
        const faults: string[] = [];
        const remaining = [...statuses];
        receiver.respondWith(async (_request, response, { body }) => {
          const sequence = Number(JSON.parse(body).sequence);
          const isEarlier = (user: number, index: number) =>
            index + 1 < sequence && (order === 'strict' || user === users[sequence - 1]);
          for (const [index, user] of users.entries())
            if (isEarlier(user, index) && !accepted.has(index + 1))
              faults.push(`${sequence} before ${index + 1}`);
          const status = remaining.shift() ?? 204;
          // Responses to requests of the same time arrive in another order.
          for (let turns = (sequence * 5) % 4; turns > 0; turns--) await setImmediate();
          if (status === 204) accepted.add(sequence);
          response.writeHead(status).end();
        });
        const perform = async (next: Action) => {
          if (next.type === 'append') {
            users.push(...next.users);
            await setup.append(next.users);
          } else if (next.type === 'crash') {
            setup.stopAt(next.n, next.n % 2 === 0 ? dropRequest : dropResponse);
            await setup.advance().catch(() => {});
            setup.isWell();
          } else if (next.type === 'sweep') await setup.sweepAfter(next.n * 10 * minute);
          else await setup.advance();
        };
        for (const next of actions) await perform(next);
        await setup.advanceAfter(minute);
        for (let sweeps = 0; sweeps < 12; sweeps++) await setup.sweepAfter(20 * hour);

        expect(faults).toEqual([]);
        expect([...accepted].toSorted((a, b) => a - b)).toEqual(users.map((_, index) => index + 1));
        const isQuiet = { retries: [], attempts: 0, cursor: users.length };
        if (users.length > 0)
          expect(await setup.findState(receiver.webhook)).toMatchObject(isQuiet);
        expect(await setup.getWebhook(receiver.webhook)).toMatchObject({ status: 'enabled' });
      },
    ),
    { numRuns: scaleRuns(10) },
  );
});
