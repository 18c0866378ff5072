import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { beforeAll, describe, expect, it } from 'vitest';
import { createSequencerDeps } from '../../lib/deps/events/sequencer-deps.ts';
import type { FeedEvent } from '../../lib/domain/feed/feed-event.ts';
import { maxSegmentBytes, maxSegmentEvents } from '../../lib/domain/feed/segment.ts';
import { createSequencer } from '../../lib/events/sequencer.ts';
import { createFeedReader } from '../../lib/store/feed/feed-reader.ts';
import { keys } from '../../lib/store/keys.ts';
import { readFeed } from '../support/feed/read-feed.ts';
import { buildRecord, type RecordItem, toInsertRecord } from '../support/feed/recorded-changes.ts';
import { captureLogs, getLogs } from '../support/logs.ts';
import { fillTenant } from '../support/scenarios/fill-tenant.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { aws, createTestService, type Service, tenantId } from '../support/service.ts';

const range = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/** Groups the events about versions by resource, in the order of the feed. */
const groupByResource = (events: readonly FeedEvent[]) =>
  Map.groupBy(
    events.filter(({ resource }) => resource.version !== undefined),
    ({ resource }) => `${resource.type} ${resource.id}`,
  );

describe('the changes of a tenant', () => {
  const clock = createTestClock();
  let service: Service;
  let events: readonly FeedEvent[];
  let records: Awaited<ReturnType<Service['readNewRecords']>>;

  beforeAll(async () => {
    service = await createTestService({ now: clock.now, hasStream: true });
    await fillTenant(service, clock, 'acme');
    records = await service.readNewRecords();
    await service.on.changes(records);
    events = await service.readFeed('acme');
  });

  it('have consecutive numbers, in the order of each resource [E1]', () => {
    const kinds = new Set(events.map(({ resource }) => resource.type));
    expect([...kinds].toSorted()).toEqual([
      'appClient',
      'connection',
      'domain',
      'group',
      'role',
      'tenant',
      'user',
      'webhook',
    ]);
    for (const [resource, ofResource] of groupByResource(events)) {
      // `fillTenant` leaves a record of version 9, as after an interrupted erasure.
      const versions = ofResource.flatMap(({ resource: { version = 9 } }) =>
        version === 9 ? [] : version,
      );
      expect(versions, resource).toEqual(versions.map((_, index) => index + 1));
    }
  });

  it('appear once if records are repeated in another order [E3]', async () => {
    await service.on.changes(records.toReversed());
    await service.on.changes(records);
    expect(await service.readFeed('acme')).toEqual(events);
  });

  it('are announced after each batch, also after repeated records', async () => {
    const { bus } = await aws();
    const announced = bus.events.length;
    await service.on.changes(records.slice(-1));
    expect(bus.events.slice(announced)).toMatchObject([
      {
        bus: 'roster',
        source: 'roster',
        'detail-type': 'Feed Advanced',
        detail: { tenantId: tenantId.acme, sequence: events.length },
      },
    ]);
  });

  it('appear without personal data and with a hash of a subject of another issuer', () => {
    const text = JSON.stringify(events);
    expect(text).not.toMatch(/acme\.example|admin-of|localhost|Ann|staff/);
    const { actor } = events.find(({ type }) => type === 'user.updated') ?? {};
    expect(actor).toEqual({ type: 'external', id: expect.stringMatching(/^[0-9a-f]{32}$/) });
  });

  it('name the changed fields, with a digest of the previous values', () => {
    const updated = events.find(({ type }) => type === 'user.updated');
    expect(updated).toMatchObject({
      changedFields: ['name'],
      policies: ['update-user'],
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    const added = events.find(({ type }) => type === 'group.member_added');
    expect(added).toMatchObject({ resource: { type: 'group' }, member: { type: 'user' } });
    expect(added?.resource.version).toBeUndefined();
  });
});

describe('numbering', async () => {
  const clock = createTestClock();
  const { environment, stored } = await createTestService({ now: clock.now });
  const createInstance = () => {
    const handler = createSequencer(createSequencerDeps(environment, { now: clock.now }));
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    return async (...items: readonly RecordItem[]) => {
      const Records = items.map(toInsertRecord);
      expect(await handler({ Records }, context)).toEqual({ batchItemFailures: [] });
    };
  };
  const number = createInstance();
  const role = (id: string) => ({ kind: 'role', id }) as const;
  const listFeed = async (tenant: string) =>
    (await readFeed(stored, tenant)).map(({ resource: { id, version } }) => `${id} ${version}`);
  const listSegments = (tenant: string) =>
    Array.fromAsync(createFeedReader(stored, () => 0).listSegments(tenant, 1));

  it('numbers lost and withheld changes before a later one of the resource [E3 E9 E13]', async () => {
    const tenant = randomUUID();
    const history = range(251).map((version) => buildRecord(tenant, role('a'), version));
    await stored.putAll(history);
    await number(...history.slice(-1));
    expect(await listFeed(tenant)).toEqual(range(251).map((version) => `a ${version}`));
    const segments = await listSegments(tenant);
    expect(segments.every(({ first, last }) => last - first < maxSegmentEvents)).toBe(true);
  });

  it('reads the creation of a user, and passes over versions without a record', async () => {
    const tenant = randomUUID();
    const user = { kind: 'user', id: 'u' } as const;
    const records = [1, 3].map((version) => buildRecord(tenant, user, version));
    await stored.putAll(records);
    await number(...records.slice(1));
    expect(await listFeed(tenant)).toEqual(['u 1', 'u 3']);
  });

  it('numbers earlier changes of a membership first', async () => {
    const tenant = randomUUID();
    const changes = range(3).map((n) => buildRecord(tenant, { kind: 'membership', id: 'g' }, n));
    await stored.putAll([...changes, buildRecord(tenant, { kind: 'membership', id: 'h' }, 2)]);
    const [first, second, third] = changes as [RecordItem, RecordItem, RecordItem];
    await number(third, first);
    await number(second);
    const events = await readFeed(stored, tenant);
    expect(events.map(({ requestId }) => requestId)).toEqual(['g 1', 'g 2', 'g 3']);
    expect(events).toMatchObject([{ type: 'group.member_updated' }, {}, {}]);
  });

  it('continues at the right number after another instance advanced the feed [E4 E5]', async () => {
    const tenant = randomUUID();
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    const records = ids.map((id) => buildRecord(tenant, role(id), 1));
    const other = createInstance();
    await number(...records.slice(0, 1));
    await other(...records.slice(1, 2));
    await other(...records.slice(2, 3));
    await number(...records.slice(3, 4));
    // Both write the same number.
    await Promise.all([number(...records.slice(4, 5)), other(...records.slice(5))]);
    expect((await listFeed(tenant)).toSorted()).toEqual(ids.map((id) => `${id} 1`));
  });

  it('never gives an event an earlier time than the one before [E7]', async () => {
    const tenant = randomUUID();
    await number(buildRecord(tenant, role('a'), 1));
    clock.advanceBy(-3_600_000);
    await number(buildRecord(tenant, role('b'), 1));
    // Without the cached end of the feed.
    await createInstance()(buildRecord(tenant, role('c'), 1));
    clock.advanceBy(3_600_000);
    const [first, ...others] = (await readFeed(stored, tenant)).map(({ numberedAt }) => numberedAt);
    expect(others).toEqual([first, first]);
  });

  it('splits long events into segments of 64 KiB [E12]', async () => {
    const tenant = randomUUID();
    const policies = range(100).map((n) => `a-policy-with-a-name-${n}`);
    const ids = range(60).map((n) => `r${n}`);
    await number(...ids.map((id) => buildRecord(tenant, role(id), 1, { policies })));
    expect(await listFeed(tenant)).toHaveLength(ids.length);
    const sizes = (await listSegments(tenant)).map(({ events }) => events.length);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(maxSegmentBytes);
    expect(sizes.length).toBeGreaterThan(2);
  });

  it('uses the type of updates for actions of later versions', async () => {
    const tenant = randomUUID();
    await number(buildRecord(tenant, role('a'), 1, { action: 'paint' }));
    expect(await readFeed(stored, tenant)).toMatchObject([{ type: 'role.updated' }]);
  });

  it('continues after the saved head if all segments have expired', async () => {
    const tenant = randomUUID();
    await stored.put({ ...keys.feedAnchor(tenant), sequence: 7, hash: 'saved' });
    await number(buildRecord(tenant, role('a'), 1));
    expect(await listSegments(tenant)).toMatchObject([{ first: 8, previousHash: 'saved' }]);
  });

  it('reports the first record of a tenant that failed, and numbers those of others', async () => {
    captureLogs();
    const [failing, other] = [randomUUID(), randomUUID()];
    // A segment with the next number and another schema makes reads fail.
    await stored.put({ ...keys.feedSegment(failing, 1), first: 1, last: 1, schemaVersion: 999 });
    const records = [other, failing, other, failing].map((tenant, index) =>
      toInsertRecord(buildRecord(tenant, role(`r${index}`), 1)),
    );
    const handler = createSequencer(createSequencerDeps(environment, { now: clock.now }));
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    expect(await handler({ Records: records }, context)).toEqual({
      batchItemFailures: [{ itemIdentifier: records[1]?.dynamodb?.SequenceNumber }],
    });
    expect(await listFeed(other)).toEqual(['r0 1', 'r2 1']);
    expect(getLogs.map((line) => JSON.parse(line))).toMatchObject([
      { operation: 'numberChanges', outcome: 'error', tenant: failing },
    ]);
  });

  it('reports only malformed records, and numbers all others and later changes', async () => {
    captureLogs();
    const tenant = randomUUID();
    const malformed = [
      buildRecord(tenant, role('a'), 2, { before: '{' }),
      buildRecord(tenant, role('b'), 1, { at: 'yesterday' }),
      buildRecord(tenant, { kind: 'membership', id: 'g' }, 1, { groupId: 7 }),
      { ...buildRecord(tenant, role('c'), 1), sk: 'CHANGE#first' },
      buildRecord(tenant, { kind: 'user', id: 'u' }, 1, { policies: [] }),
    ];
    Object.assign(malformed[4]!, { creation: undefined });
    const valid = [
      buildRecord(tenant, role('a'), 1),
      buildRecord(tenant, role('b'), 2),
      buildRecord(tenant, { kind: 'membership', id: 'g' }, 2),
      buildRecord(randomUUID(), role('a'), 1),
    ];
    await stored.putAll([...malformed, ...valid]);
    const records = [...malformed, ...valid].map(toInsertRecord);
    const handler = createSequencer(createSequencerDeps(environment, { now: clock.now }));
    const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
    const { batchItemFailures } = await handler({ Records: records }, context);

    expect(batchItemFailures).toEqual(
      records.slice(0, malformed.length).map(({ dynamodb }) => ({
        itemIdentifier: dynamodb?.SequenceNumber,
      })),
    );
    expect(await listFeed(tenant)).toEqual(['a 1', 'b 2', 'g undefined']);
    const lines = getLogs.map((line) => JSON.parse(line));
    const reported = lines.filter(({ outcome }) => outcome === 'malformed');
    expect(reported.map(({ subject }) => subject)).toEqual(
      expect.arrayContaining(malformed.map(({ pk, sk }) => `${pk} ${sk}`)),
    );

    // After Lambda gave up on the second version.
    const later = buildRecord(tenant, role('a'), 3);
    await stored.put(later);
    await number(later);
    expect((await listFeed(tenant)).at(-1)).toBe('a 3');
  });
});
