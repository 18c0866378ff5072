import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type ActivityStore, requireEvents } from './activity.ts';
import { type EventFilter, matchesFilter } from './event-filter.ts';
import type { FeedEvent } from './feed-event.ts';
import type { FeedReader } from './feed-store.ts';

export interface FeedDependencies {
  readonly policy: Policy;
  readonly feed: FeedReader;
  /** Undefined if the deployment has no event feed. */
  readonly activity: Pick<ActivityStore, 'count'> | undefined;
}

interface EventQuery {
  /** Number of the last event that the caller read. Undefined starts at the oldest event. */
  readonly after: number | 'latest' | undefined;
  readonly limit: number;
  readonly filter: EventFilter;
}

interface EventPage {
  readonly events: readonly FeedEvent[];
  /** Number after which the next page starts. Includes events that the filter rejected. */
  readonly last: number;
  readonly hasMore: boolean;
}

/** Answer to a position that is older than the retention. */
export interface ExpiredCursor {
  /** Number after which the oldest event follows. */
  readonly oldestAfter: number;
}

/** Maximum number of events that one page reads. About 90 read units. */
export const maxScannedEvents = 1000;
/** Number of events to read next. Grows, because the filter rejected most events before. */
export const getScanSize = (limit: number, scanned: number): number =>
  Math.min(Math.max(limit, scanned * 2), maxScannedEvents - scanned);

/**
 * Lists the events after a number, oldest first. A page can be short or empty, and still moves on.
 * Throws `forbidden` or `events_disabled`.
 */
export async function listEvents(
  { after, limit, filter }: EventQuery,
  context: RequestContext,
  deps: FeedDependencies,
): Promise<EventPage | ExpiredCursor> {
  deps.policy.authorize(context, 'readEvents', {});
  requireEvents(deps);
  const { tenantId } = context.tenant;
  if (after === 'latest') {
    const { sequence } = await deps.feed.getHead(tenantId);
    return { events: [], last: sequence, hasMore: false };
  }
  const options = { limit, filter, tenantId, feed: deps.feed };
  const page = await scan(after ?? 0, options);
  return 'oldestAfter' in page && after === undefined ? scan(page.oldestAfter, options) : page;
}

interface ScanOptions extends Pick<EventQuery, 'limit' | 'filter'> {
  readonly tenantId: string;
  readonly feed: FeedReader;
}

/** Reads events until the page is full, the feed ends, or `maxScannedEvents` are read. */
async function scan(
  after: number,
  { limit, filter, tenantId, feed }: ScanOptions,
): Promise<EventPage | ExpiredCursor> {
  const events: FeedEvent[] = [];
  let last = after;
  let hasMore = true;
  while (hasMore && events.length < limit && last - after < maxScannedEvents) {
    const page = await feed.readAfter(tenantId, last, getScanSize(limit, last - after));
    if ('expired' in page) {
      if (last === after) return { oldestAfter: page.expired.oldest - 1 };
      break;
    }
    events.push(...page.events.filter((event) => matchesFilter(event, filter)));
    ({ last, hasMore } = page);
  }
  const excess = events[limit];
  return excess === undefined
    ? { events, last, hasMore }
    : { events: events.slice(0, limit), last: excess.sequence - 1, hasMore: true };
}
