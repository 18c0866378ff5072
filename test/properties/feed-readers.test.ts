/**
 * Readers of GET /v1/events that read at any speed, while callers change users and a sequencer
 * receives the records in any order and repeatedly, see every event once and in the same order.
 */
import type { DynamoDBRecord } from 'aws-lambda';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createUserIn, type UserRefs } from '../support/authenticated-routes.ts';
import { scaleRuns } from '../support/property-runs.ts';
import { adminToken, createTestService } from '../support/service.ts';

const service = await createTestService({ hasStream: true });
const token = adminToken('acme');
const users: readonly UserRefs[] = await Promise.all(
  [1, 2, 3].map(() => createUserIn(service, 'acme')),
);
await service.numberChanges();

interface Event {
  readonly sequence: number;
  readonly resource: { readonly id: string; readonly version: number };
}

/** Reader with a saved cursor. Each page is one request. */
function createReader(cursor: string) {
  let after = cursor;
  const events: Event[] = [];
  return {
    events,
    readPage: async (limit: number): Promise<boolean> => {
      const { status, body } = await service.get(`/v1/events?after=${after}&limit=${limit}`, {
        token,
      });
      expect(status).toBe(200);
      events.push(...body.events);
      after = body.nextCursor;
      return body.hasMore;
    },
  };
}

const readerCount = 3;
const anyStep = fc.record({
  /** Users to change at the same time, repeatedly. */
  changes: fc.array(fc.nat(users.length - 1), { maxLength: 5 }),
  /** Order of the records, and those that the stream shows only later. */
  order: fc.array(fc.nat(), { maxLength: 4 }),
  delayed: fc.nat(2),
  isRepeated: fc.boolean(),
  /** Readers that read at the same time, with the sizes of their pages. */
  reads: fc.uniqueArray(
    fc.record({ reader: fc.nat(readerCount - 1), limit: fc.integer({ min: 1, max: 4 }) }),
    { selector: ({ reader }) => reader },
  ),
});

let changeCount = 0;
const changeUser = async (index: number): Promise<void> => {
  const path = `/v1/users/${users[index]?.native}`;
  const body = { name: `Name ${++changeCount}` };
  expect((await service.send('PATCH', path, { token, body })).status).toBe(200);
};

/** Sends the records in another order. Returns the delayed ones. */
async function numberSome(
  records: readonly DynamoDBRecord[],
  { order, delayed, isRepeated }: { order: number[]; delayed: number; isRepeated: boolean },
): Promise<readonly DynamoDBRecord[]> {
  const remaining = [...records];
  const shuffled = order.flatMap((position) =>
    remaining.length > 0 ? remaining.splice(position % remaining.length, 1) : [],
  );
  const all = [...shuffled, ...remaining];
  const sent = all.slice(0, Math.max(0, all.length - delayed));
  await Promise.all(
    (isRepeated ? [sent, sent.toReversed()] : [sent]).map((batch) => service.on.changes(batch)),
  );
  return all.slice(sent.length);
}

it('returns every event once and in one order to readers of any speed [E1 E3]', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { minLength: 2, maxLength: 6 }), async (steps) => {
      const { body: latest } = await service.get('/v1/events?after=latest', { token });
      const readers = Array.from({ length: readerCount }, () => createReader(latest.nextCursor));
      let pending: readonly DynamoDBRecord[] = [];
      let expected = 0;
      for (const { changes, reads, ...delivery } of steps) {
        expected += changes.length;
        const before = pending;
        await Promise.all([
          ...changes.map(changeUser),
          ...reads.map(({ reader, limit }) => readers[reader]?.readPage(limit)),
          numberSome(before, delivery).then((left) => {
            pending = left;
          }),
        ]);
        pending = [...pending, ...((await service.readNewRecords()) as DynamoDBRecord[])];
      }
      await numberSome(pending, { order: [], delayed: 0, isRepeated: false });
      for (const reader of readers) while (await reader.readPage(3));

      const [first = createReader('')] = readers;
      expect(first.events).toHaveLength(expected);
      const start = first.events[0]?.sequence ?? 0;
      expect(first.events.map(({ sequence }) => sequence)).toEqual(
        first.events.map((_, index) => start + index),
      );
      for (const { native } of users) {
        const versions = first.events.flatMap(({ resource }) =>
          resource.id === native ? [resource.version] : [],
        );
        expect(versions).toEqual(versions.map((_, index) => (versions[0] ?? 0) + index));
      }
      for (const { events } of readers) expect(events).toEqual(first.events);
    }),
    { numRuns: scaleRuns(3) },
  );
});
