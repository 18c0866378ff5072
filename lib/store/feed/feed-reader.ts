import type { FeedEvent } from '../../domain/feed/feed-event.ts';
import type { FeedHead, FeedReader, Segment } from '../../domain/feed/feed-store.ts';
import { maxSegmentEvents } from '../../domain/feed/segment.ts';
import type { Uuid } from '../../domain/kernel/ids.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { queryPage } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { type Key, keys, segmentPrefix } from '../keys.ts';

const emptyHead: FeedHead = { sequence: 0, hash: '' };

/** Parses the last item of a feed: a segment, or the saved head after all segments expired. */
const toHead = (item: Record<string, unknown>): FeedHead =>
  'sequence' in item
    ? { sequence: Number(item['sequence']), hash: String(item['hash']) }
    : { sequence: Number(item['last']), hash: String(item['hash']) };

const isSegment = ({ sk }: Record<string, unknown>): boolean =>
  String(sk).startsWith(segmentPrefix);

const toSegment = (item: Record<string, unknown>): Segment =>
  toAttributes(item) as unknown as Segment;

const parseEvents = ({ events }: Segment): FeedEvent[] => JSON.parse(events) as FeedEvent[];

/**
 * Reads the last segment that starts at or before a number, or the saved head without one. `before`
 * is exclusive.
 */
export async function readLastFeedItem(
  { client, directory }: Directory,
  tenantId: Uuid,
  before?: number,
): Promise<Record<string, unknown> | undefined> {
  const { pk } = keys.feedAnchor(tenantId);
  const after = before === undefined ? undefined : keys.feedSegment(tenantId, before);
  const { items } = await queryPage(client, directory, { pk, after, limit: 1, isDescending: true });
  return items[0];
}

/**
 * Creates the reader of feeds. It returns only numbers that follow each other, because a query can
 * show a segment and miss an earlier one.
 */
export function createFeedReader(tables: Directory, now: () => EpochMs): FeedReader {
  const { client, directory } = tables;

  /** DynamoDB deletes expired items late. */
  const isRetained = ({ ttl }: Segment): boolean => ttl * 1000 > now();

  /** Reads segments that start after a number, or before it in descending order. */
  const query = async (
    tenantId: Uuid,
    from: number | undefined,
    { limit, isDescending }: { readonly limit?: number; readonly isDescending?: boolean },
  ): Promise<{ readonly segments: readonly Segment[]; readonly next: Key | undefined }> => {
    const { items, next } = await queryPage(client, directory, {
      pk: keys.feedAnchor(tenantId).pk,
      prefix: segmentPrefix,
      after: from === undefined ? undefined : keys.feedSegment(tenantId, from),
      ...(limit !== undefined && { limit }),
      isDescending,
    });
    return { segments: items.map(toSegment), next };
  };

  /** Finds the retained segment that contains a number. */
  const findSegment = async (tenantId: Uuid, sequence: number): Promise<Segment | undefined> =>
    selectSegment(await readLastFeedItem(tables, tenantId, sequence + 1), sequence);

  /** Parses an item if it is the retained segment that contains a number. */
  const selectSegment = (
    item: Record<string, unknown> | undefined,
    sequence: number,
  ): Segment | undefined => {
    if (!item || !isSegment(item)) return undefined;
    const segment = toSegment(item);
    return segment.last >= sequence && isRetained(segment) ? segment : undefined;
  };

  const getHead = async (tenantId: Uuid): Promise<FeedHead> => {
    const item = await readLastFeedItem(tables, tenantId);
    return item ? toHead(item) : emptyHead;
  };

  /** Finds the first number after `expired` that is retained, or follows the head. */
  const findOldest = async (
    tenantId: Uuid,
    expired: number,
    { sequence }: FeedHead,
  ): Promise<number> => {
    let [gone, retained] = [expired, sequence + 1];
    while (retained - gone > 1) {
      const middle = Math.floor((gone + retained) / 2);
      const segment = await findSegment(tenantId, middle);
      if (segment) retained = Math.max(segment.first, gone + 1);
      else gone = middle;
    }
    return retained;
  };

  return {
    getHead,

    async readAfter(tenantId, after, limit) {
      let { segments, next } = await query(tenantId, after, {
        limit: Math.ceil(limit / maxSegmentEvents) + 1,
      });
      const [firstSegment] = segments;
      if (firstSegment?.first !== after + 1 || !isRetained(firstSegment)) {
        // The second query sees every segment before one that the first query saw.
        const item = await readLastFeedItem(tables, tenantId, after + 2);
        const segment = selectSegment(item, after + 1);
        // The usual answer to a reader who has read everything.
        if (!firstSegment && item && toHead(item).sequence === after)
          return { events: [], last: after, hasMore: false };
        if (segment) segments = [segment, ...segments.filter(({ first }) => first > segment.first)];
        else {
          const head = await getHead(tenantId);
          if (head.sequence > after)
            return { expired: { oldest: await findOldest(tenantId, after + 1, head) } };
          return { events: [], last: after, hasMore: false };
        }
      }
      const events: FeedEvent[] = [];
      let last = after;
      let segmentCount = 0;
      let hasGap = false;
      for (;;) {
        for (const segment of segments) {
          hasGap ||= segment.first > last + 1;
          if (hasGap) break;
          events.push(...parseEvents(segment).filter(({ sequence }) => sequence > last));
          last = segment.last;
        }
        segmentCount += segments.length;
        if (hasGap || !next || events.length > limit) break;
        const average = events.length / segmentCount;
        const missing = limit + 1 - events.length;
        ({ segments, next } = await query(tenantId, last, { limit: Math.ceil(missing / average) }));
      }
      const page = events.slice(0, limit);
      return {
        events: page,
        last: page.at(-1)?.sequence ?? after,
        hasMore: hasGap || events.length > limit,
      };
    },

    async readBefore(tenantId, before, limit) {
      const events: FeedEvent[] = [];
      let oldest: number | undefined;
      let from = Number.isFinite(before) ? before : undefined;
      let hasMore = false;
      let segmentCount = 0;
      let pageLimit = Math.ceil(limit / maxSegmentEvents) + 1;
      for (;;) {
        const { segments, next } = await query(tenantId, from, {
          limit: pageLimit,
          isDescending: true,
        });
        let isComplete = next === undefined;
        for (const segment of segments) {
          // The next query sees a segment that this one missed.
          const hasGap = oldest !== undefined && segment.last + 1 < oldest;
          hasMore = hasGap && isRetained(segment);
          isComplete ||= hasGap || !isRetained(segment);
          if (hasGap || !isRetained(segment)) break;
          const newestFirst = parseEvents(segment).toReversed();
          events.push(...newestFirst.filter(({ sequence }) => sequence < before));
          oldest = from = segment.first;
        }
        segmentCount += segments.length;
        if (isComplete || events.length > limit) break;
        // The events of a segment can all follow `before`.
        const average = Math.max(events.length, 1) / segmentCount;
        pageLimit = Math.ceil((limit + 1 - events.length) / average);
      }
      const page = events.slice(0, limit);
      return {
        events: page,
        last: page.at(-1)?.sequence ?? before,
        hasMore: hasMore || events.length > limit,
      };
    },

    async *listSegments(tenantId, first) {
      const start = await findSegment(tenantId, first);
      if (start) yield start;
      let last = start?.last;
      let from: number | undefined = last ?? first - 1;
      while (from !== undefined) {
        const { segments, next } = await query(tenantId, from, {});
        for (const segment of segments.filter(isRetained)) {
          if (last === undefined) {
            // This search sees every segment before one that the query saw.
            const missed = segment.first > first ? await findSegment(tenantId, first) : undefined;
            if (missed) yield missed;
            last = missed?.last ?? segment.first - 1;
          }
          if (segment.first !== last + 1) return;
          yield segment;
          last = segment.last;
        }
        from = next && Number(next.sk.slice(segmentPrefix.length));
      }
    },
  };
}
