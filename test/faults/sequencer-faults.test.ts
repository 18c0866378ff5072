import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { expect, inject, it } from 'vitest';
import { createSequencerDeps } from '../../lib/deps/events/sequencer-deps.ts';
import { createSequencer } from '../../lib/events/sequencer.ts';
import {
  cancelTransaction,
  createFaultProxy,
  dropRequest,
  dropResponse,
  type Fault,
  faultsInOrder,
  loseIdempotencyToken,
} from '../support/faults/fault-proxy.ts';
import { readFeed } from '../support/feed/read-feed.ts';
import { buildRecord, toInsertRecord } from '../support/feed/recorded-changes.ts';
import { captureLogs } from '../support/logs.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { aws, createTestService } from '../support/service.ts';

const clock = createTestClock();
const standIn = await aws();
const amazon = await createFaultProxy(standIn.endpoint);
const database = await createFaultProxy(inject('databaseEndpoint'));
const service = await createTestService({
  now: clock.now,
  databaseEndpoint: database.endpoint,
  environment: {
    ...Object.fromEntries(Object.keys(standIn.environment).map((name) => [name, amazon.endpoint])),
    AWS_MAX_ATTEMPTS: '1',
  },
});

/** Creates an instance without caches, which handles one batch. */
const run = (Records: readonly ReturnType<typeof toInsertRecord>[]) =>
  createSequencer(createSequencerDeps(service.environment, { now: clock.now }))(
    { Records: [...Records] },
    { getRemainingTimeInMillis: () => 60_000 } as Context,
  );

/** Writes changes of a new tenant. The stream shows the last one of each entity. */
async function recordChanges() {
  const tenant = randomUUID();
  const entities = [
    { kind: 'user', id: 'u' },
    { kind: 'role', id: 'r' },
    { kind: 'membership', id: 'g' },
  ] as const;
  const histories = entities.map((entity) =>
    [1, 2].map((version) => buildRecord(tenant, entity, version)),
  );
  await service.stored.putAll(histories.flat());
  return {
    tenant,
    records: histories.map((history) => toInsertRecord(history[1] as (typeof history)[0])),
    numbered: ['u 1', 'u 2', 'r 1', 'r 2', 'g 1', 'g 2'],
  };
}

const listFeed = async (tenant: string) =>
  (await readFeed(service.stored, tenant)).map(({ requestId }) => requestId);

/** Sequence of the last event that announced numbers of a tenant. */
const findAnnounced = (tenant: string) =>
  standIn.bus.events
    .map(({ detail }) => detail as { tenantId: string; sequence: number })
    .findLast(({ tenantId }) => tenantId === tenant)?.sequence;

it.each([
  ['before', dropRequest],
  ['after', dropResponse],
] as const)(
  'numbers each change once after a crash %s any request [E2]',
  async (_moment, fault) => {
    captureLogs();
    let isReached = true;
    let crashes = 0;
    for (let n = 1; isReached; n++) {
      const { tenant, records, numbered } = await recordChanges();
      isReached = false;
      let count = 0;
      const plan = (): Fault | undefined => {
        count++;
        if (count < n) return undefined;
        if (isReached) return dropRequest;
        // A stopped function has no time left and receives no responses.
        clock.advanceBy(60_000);
        isReached = true;
        return fault;
      };
      database.goesWrong(plan);
      amazon.goesWrong(plan);
      const { batchItemFailures } = await run(records);
      database.isWell();
      amazon.isWell();
      expect(batchItemFailures.length > 0, `request ${n}`).toBe(isReached);
      if (isReached) await run(records);
      expect(await listFeed(tenant), `request ${n}`).toEqual(numbered);
      expect(findAnnounced(tenant), `request ${n}`).toBe(numbered.length);
      crashes += isReached ? 1 : 0;
    }
    expect(crashes).toBeGreaterThan(6);
  },
);

it.each([
  ['a conflict with another transaction', cancelTransaction(() => 'TransactionConflict')],
  ['a lost response', dropResponse],
] as const)('repeats the transaction after %s', async (_case, fault) => {
  const { tenant, records, numbered } = await recordChanges();
  database.goesWrong(faultsInOrder('TransactWriteItems', fault));
  expect(await run(records)).toEqual({ batchItemFailures: [] });
  database.isWell();
  expect(await listFeed(tenant)).toEqual(numbered);
});

it('recognizes its own segment if DynamoDB forgot the idempotency token', async () => {
  const { tenant, records, numbered } = await recordChanges();
  const faults = faultsInOrder('TransactWriteItems', dropResponse, loseIdempotencyToken);
  database.goesWrong(faults);
  expect(await run(records)).toEqual({ batchItemFailures: [] });
  database.isWell();
  expect(await listFeed(tenant)).toEqual(numbered);
});
