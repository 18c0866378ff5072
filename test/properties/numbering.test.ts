/**
 * Sequencers that receive records repeatedly, in any order, at once and with crashes number each
 * change once, and a reader neither skips nor repeats a number.
 */
import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import * as fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { createSequencerDeps } from '../../lib/deps/events/sequencer-deps.ts';
import { createSequencer } from '../../lib/events/sequencer.ts';
import { createFeedReader } from '../../lib/store/feed/feed-reader.ts';
import { createFaultProxy, dropRequest, dropResponse } from '../support/faults/fault-proxy.ts';
import { readFeed } from '../support/feed/read-feed.ts';
import { buildRecord, type Entity, toInsertRecord } from '../support/feed/recorded-changes.ts';
import { captureLogs } from '../support/logs.ts';
import { scaleRuns } from '../support/property-runs.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { createTestService } from '../support/service.ts';

const clock = createTestClock();
const database = await createFaultProxy(inject('databaseEndpoint'));
const { environment, stored } = await createTestService({
  now: clock.now,
  databaseEndpoint: database.endpoint,
  environment: { AWS_MAX_ATTEMPTS: '1' },
});
const sequencers = [1, 2].map(() =>
  createSequencer(createSequencerDeps(environment, { now: clock.now })),
);
const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

/** Kinds whose changes have versions, and memberships, whose changes have times. */
const entities: readonly Entity[] = [
  { kind: 'user', id: 'u' },
  { kind: 'role', id: 'r' },
  { kind: 'tenant', id: 't' },
  { kind: 'membership', id: 'g' },
  { kind: 'membership', id: 'h' },
];
const maxVersion = 6;
const anyEntity = fc.nat(entities.length - 1);
/** A record that the stream shows. Earlier changes of the entity are committed. */
const anyRecord = fc.record({
  entity: anyEntity,
  version: fc.integer({ min: 1, max: maxVersion }),
});
const batch = fc.array(anyRecord, { minLength: 1, maxLength: 8 });
const step = fc.record({
  /** Batches of the two sequencers, at the same time. */
  batches: fc.tuple(batch, fc.option(batch)),
  /** Request at which both crash, before or after its effect. */
  crash: fc.option(fc.record({ at: fc.integer({ min: 1, max: 9 }), isAfter: fc.boolean() })),
  /** Limit of the page that the reader reads afterwards. */
  limit: fc.integer({ min: 1, max: 5 }),
  clockMs: fc.constantFrom(0, 1000, -3_600_000),
});

it('numbers each change once and in order, whatever the stream does [E1 E2 E3 E5 E7]', async () => {
  captureLogs();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      const tenant = randomUUID();
      const reader = createFeedReader(stored, () => 0);
      const histories = entities.map((entity) =>
        Array.from({ length: maxVersion }, (_, index) => buildRecord(tenant, entity, index + 1)),
      );
      await stored.putAll(histories.flat());
      const newest = new Map<number, number>();
      const consumed: string[] = [];
      let cursor = 0;
      const consume = async (limit: number) => {
        const page = await reader.readAfter(tenant, cursor, limit);
        if ('expired' in page) throw new Error('The cursor expired');
        consumed.push(...page.events.map(({ id }) => id));
        cursor = page.last;
        return page.hasMore;
      };

      for (const { batches, crash, limit, clockMs } of steps) {
        clock.advanceBy(clockMs);
        const deliveries = batches.map((records) =>
          (records ?? []).map(({ entity, version }) => {
            newest.set(entity, Math.max(newest.get(entity) ?? 0, version));
            return toInsertRecord(histories[entity]?.[version - 1] as never);
          }),
        );
        const deliver = () =>
          Promise.all(
            deliveries.map(async (Records, index) => sequencers[index]?.({ Records }, context)),
          );
        if (crash) {
          let hasCrashed = false;
          database.goesWrong((_sent, n) => {
            if (n < crash.at) return undefined;
            if (!hasCrashed) clock.advanceBy(60_000);
            const isFirst = !hasCrashed;
            hasCrashed = true;
            return isFirst && crash.isAfter ? dropResponse : dropRequest;
          });
          await deliver();
          database.isWell();
        }
        const results = await deliver();
        expect(results.flatMap((result) => result?.batchItemFailures)).toEqual([]);
        await consume(limit);
      }

      const events = await readFeed(stored, tenant);
      for (const [index, entity] of entities.entries()) {
        const numbered = events.filter(({ requestId }) => requestId.startsWith(`${entity.id} `));
        expect(numbered.map(({ requestId }) => requestId)).toEqual(
          Array.from({ length: newest.get(index) ?? 0 }, (_, at) => `${entity.id} ${at + 1}`),
        );
      }
      const times = events.map(({ numberedAt }) => numberedAt);
      expect(times).toEqual(times.toSorted());
      while (await consume(3));
      expect(consumed).toEqual(events.map(({ id }) => id));
    }),
    { numRuns: scaleRuns(8) },
  );
});
