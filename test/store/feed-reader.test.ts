import type { QueryCommand } from '@aws-sdk/lib-dynamodb';
import { beforeAll, describe, expect, it } from 'vitest';
import type { FeedEvent } from '../../lib/domain/feed/feed-event.ts';
import { createFeedReader } from '../../lib/store/feed/feed-reader.ts';
import { keys } from '../../lib/store/keys.ts';
import { createTestTables } from '../support/database/tables.ts';
import { tenantId } from '../support/service.ts';

const now = Date.parse('2026-06-01T00:00:00Z');
const retained = now / 1000 + 1;

/** Writes segments with these numbers of events. */
async function createFeed(
  sizes: readonly number[],
  { expiredCount = 0 }: { readonly expiredCount?: number } = {},
) {
  const stored = await createTestTables({ hasOutboxIndex: false });
  let last = 0;
  const items = sizes.map((size, index) => {
    const first = last + 1;
    last += size;
    const events = Array.from({ length: size }, (_, offset) => ({ sequence: first + offset }));
    return {
      ...keys.feedSegment(tenantId.acme, first),
      first,
      last,
      hash: `hash-${last}`,
      events: JSON.stringify(events),
      ttl: index < expiredCount ? now / 1000 : retained,
    };
  });
  await stored.putAll(items);
  return { stored, reader: createFeedReader(stored, () => now), items, last };
}

const sequences = (events: readonly FeedEvent[]) => events.map(({ sequence }) => sequence);
const range = (first: number, last: number) =>
  Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);

describe('a feed with segments of different sizes', () => {
  let feed: Awaited<ReturnType<typeof createFeed>>;
  beforeAll(async () => {
    feed = await createFeed([1, 1, 1, 1, 1, 49, 3, 1, 49, 49, 1, 1]);
  });

  it('returns every number once, from every position and in pages of every size', async () => {
    const { reader, last } = feed;
    for (const limit of [1, 2, 48, 50, 500])
      for (const after of [0, 1, 4, 5, 6, 53, 54, 55, 57, 58, last - 1, last, last + 7]) {
        const end = Math.max(after, Math.min(after + limit, last));
        const page = await reader.readAfter(tenantId.acme, after, limit);
        expect(page, `${after} ${limit}`).toMatchObject({ last: end, hasMore: end < last });
        expect('events' in page && sequences(page.events)).toEqual(range(after + 1, end));
      }
  });

  it('returns the numbers before a position, newest first', async () => {
    const { reader, last } = feed;
    for (const limit of [1, 2, 48, 50, 500])
      for (const before of [1, 2, 6, 7, 55, 58, 59, last, last + 1, last + 7, Infinity]) {
        const newest = Math.min(before - 1, last);
        const oldest = Math.max(1, newest - limit + 1);
        const page = await reader.readBefore(tenantId.acme, before, limit);
        expect(sequences(page.events), `${before} ${limit}`).toEqual(
          range(oldest, newest).toReversed(),
        );
        expect(page).toMatchObject({
          last: newest < 1 ? before : oldest,
          hasMore: oldest > 1 && newest >= 1,
        });
      }
  });

  it('lists whole segments from the one that contains a number', async () => {
    const { reader, last, items } = feed;
    for (const first of [1, 2, 30, 58, last, last + 1]) {
      const listed = await Array.fromAsync(reader.listSegments(tenantId.acme, first));
      const expected = items.filter((item) => item.last >= first);
      expect(listed.map((segment) => segment.first)).toEqual(expected.map((item) => item.first));
    }
  });

  it('reports the head', async () => {
    const { reader, last } = feed;
    expect(await reader.getHead(tenantId.acme)).toEqual({ sequence: last, hash: `hash-${last}` });
    expect(await reader.getHead(tenantId.north)).toEqual({ sequence: 0, hash: '' });
    expect(await reader.readAfter(tenantId.north, 0, 10)).toEqual({
      events: [],
      last: 0,
      hasMore: false,
    });
  });
});

describe('expired segments', () => {
  it('reports the oldest retained number instead of skipping', async () => {
    const { reader, last } = await createFeed([1, 5, 1, 7, 2, 1], { expiredCount: 3 });
    for (const after of [0, 1, 4, 6])
      expect(await reader.readAfter(tenantId.acme, after, 10)).toEqual({ expired: { oldest: 8 } });
    expect(await reader.readAfter(tenantId.acme, 7, 10)).toMatchObject({ last });
    const newest = await reader.readBefore(tenantId.acme, Infinity, 100);
    expect(sequences(newest.events)).toEqual(range(8, last).toReversed());
    expect(newest.hasMore).toBe(false);
    const listed = await Array.fromAsync(reader.listSegments(tenantId.acme, 1));
    expect(listed.map(({ first }) => first)).toEqual([8, 15, 17]);
  });

  it('continues after the saved head once all segments have expired', async () => {
    const { reader, stored } = await createFeed([2, 1], { expiredCount: 2 });
    const key = keys.feedAnchor(tenantId.acme);
    await stored.put({ ...key, sequence: 3, hash: 'saved' });
    expect(await reader.readAfter(tenantId.acme, 1, 10)).toEqual({ expired: { oldest: 4 } });

    const deleted = await createFeed([]);
    await deleted.stored.put({ ...key, sequence: 3, hash: 'saved' });
    expect(await deleted.reader.getHead(tenantId.acme)).toEqual({ sequence: 3, hash: 'saved' });
    expect(await deleted.reader.readAfter(tenantId.acme, 1, 10)).toEqual({
      expired: { oldest: 4 },
    });
    expect(await deleted.reader.readAfter(tenantId.acme, 3, 10)).toMatchObject({ events: [] });
  });
});

it('never skips a segment that becomes visible after its successor [E6]', async () => {
  const { stored, last } = await createFeed([2, 3, 1, 4]);
  for (const hidden of [1, 3, 6]) {
    /** Creates a reader whose first query that finds the segment does not return it. */
    const createSlowReader = () => {
      let hasHidden = false;
      const client = {
        send: async (command: QueryCommand) => {
          const output = await stored.client.send(command);
          const Items = output.Items?.filter((item) => hasHidden || item['first'] !== hidden);
          hasHidden ||= Items?.length !== output.Items?.length;
          return { ...output, Items };
        },
      } as unknown as typeof stored.client;
      const reader = createFeedReader({ ...stored, client }, () => now);
      return { ...reader, hasHidden: () => hasHidden };
    };

    const forwards = createSlowReader();
    const read: number[] = [];
    for (let after = 0, hasMore = true; hasMore; ) {
      const page = await forwards.readAfter(tenantId.acme, after, 3);
      if ('expired' in page) throw new Error('expired');
      read.push(...sequences(page.events));
      ({ last: after, hasMore } = page);
    }
    expect(forwards.hasHidden()).toBe(true);
    expect(read).toEqual(range(1, last));

    const backwards = createSlowReader();
    const newestFirst: number[] = [];
    for (let before = Infinity, hasMore = true; hasMore; ) {
      const page = await backwards.readBefore(tenantId.acme, before, 3);
      newestFirst.push(...sequences(page.events));
      ({ last: before, hasMore } = page);
    }
    expect(backwards.hasHidden()).toBe(true);
    expect(newestFirst.toReversed()).toEqual(range(1, last));

    for (const first of [1, hidden]) {
      const lister = createSlowReader();
      const segments = await Array.fromAsync(lister.listSegments(tenantId.acme, first));
      expect(lister.hasHidden()).toBe(true);
      const listed = segments.flatMap((segment) => range(segment.first, segment.last));
      expect(listed, `${first} ${hidden}`).toEqual(range(first, listed.at(-1) ?? 0));
      expect(listed[0] ?? first).toBe(first);
    }
  }
});
