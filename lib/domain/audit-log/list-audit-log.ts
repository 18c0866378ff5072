import type { RequestContext } from '../access/request-context.ts';
import { buildActivity, requireEvents } from '../feed/activity.ts';
import { getEventIdKey, parseEventId } from '../feed/event-id.ts';
import { type EventFilter, matchesFilter, type NumberedPeriod } from '../feed/event-filter.ts';
import type { FeedEvent } from '../feed/feed-event.ts';
import type { FeedReader } from '../feed/feed-store.ts';
import { type FeedDependencies, getScanSize, maxScannedEvents } from '../feed/list-events.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Keyring } from '../kernel/keyring.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import type { AuditLogEntry, AuditValueStore } from './audit-log.ts';

export interface AuditLogDependencies extends FeedDependencies {
  readonly auditValues: AuditValueStore;
  readonly keyring: Keyring;
  readonly now: () => Date;
}

/** Time limit of the record of a read. */
const timeoutMs: DurationMs = 3000;

interface AuditLogQuery {
  readonly limit: number;
  /** Number of the last entry of the previous page. */
  readonly before: number | undefined;
  readonly filter: EventFilter;
  readonly period: NumberedPeriod;
}

interface AuditLogPage {
  readonly entries: readonly AuditLogEntry[];
  /** Number before which the next page starts. Undefined on the last page. */
  readonly next: number | undefined;
}

/**
 * Lists the events of the tenant with their previous values, newest first. A page can be short or
 * empty and still have a next one. Throws `forbidden` or `events_disabled`.
 */
export async function listAuditLog(
  { limit, before, filter, period }: AuditLogQuery,
  context: RequestContext,
  deps: AuditLogDependencies,
): Promise<AuditLogPage> {
  deps.policy.authorize(context, 'readAuditLog', {});
  await recordRead([...Object.keys(filter), ...Object.keys(period)], context, deps);
  const { feed, auditValues } = deps;
  const { tenantId } = context.tenant;
  const start = before ?? (await findStart(tenantId, period.to, feed));
  const { events, next } = await scan(start, { limit, filter, period, tenantId, feed });
  const values = await auditValues.find(tenantId, events);
  const entries = events.map((event) => ({ event, values: values.get(event.sequence) }));
  return { entries, next };
}

/** Gets an entry by the ID of its event. Throws `forbidden`, `events_disabled` or `not_found`. */
export async function getAuditLogEntry(
  eventId: Uuid | undefined,
  context: RequestContext,
  deps: AuditLogDependencies,
): Promise<AuditLogEntry> {
  deps.policy.authorize(context, 'readAuditLog', {});
  await recordRead(['eventId'], context, deps);
  const { tenantId } = context.tenant;
  const key = await getEventIdKey(tenantId, deps.keyring);
  const sequence = eventId === undefined ? undefined : parseEventId(eventId, key);
  const [event] =
    sequence === undefined ? [] : (await deps.feed.readBefore(tenantId, sequence + 1, 1)).events;
  if (event?.id !== eventId || event === undefined) throw entryNotFound();
  const values = await deps.auditValues.find(tenantId, [event]);
  return { event, values: values.get(event.sequence) };
}

const entryNotFound = (): Failure =>
  new Failure('not_found', 'The audit log of this tenant has no entry with this ID');

/**
 * Records the read before it happens, with the names of the filters. Reads by the same caller with
 * the same filters are one event a minute. Throws `events_disabled`.
 */
async function recordRead(
  filters: readonly string[],
  context: RequestContext,
  deps: AuditLogDependencies,
): Promise<void> {
  const activity = requireEvents(deps);
  const { tenantId } = context.tenant;
  const record = await buildActivity(
    {
      type: 'audit_log.read',
      resource: { type: 'tenant', id: tenantId },
      fields: filters.toSorted(),
    },
    context,
    deps,
  );
  await activity.count(tenantId, record, { count: 1, signal: AbortSignal.timeout(timeoutMs) });
}

/** Finds the first event that was numbered at a time or later, by halving the feed. */
async function findStart(
  tenantId: string,
  to: Timestamp | undefined,
  feed: FeedReader,
): Promise<number> {
  if (to === undefined) return Infinity;
  let [earlier, later] = [0, (await feed.getHead(tenantId)).sequence + 1];
  while (later - earlier > 1) {
    const middle = Math.floor((earlier + later) / 2);
    const [event] = (await feed.readBefore(tenantId, middle + 1, 1)).events;
    // Expired events are missing.
    if (event === undefined || event.numberedAt < to) earlier = middle;
    else later = middle;
  }
  return later;
}

interface ScanOptions extends Pick<AuditLogQuery, 'limit' | 'filter' | 'period'> {
  readonly tenantId: string;
  readonly feed: FeedReader;
}

/** Reads events backwards until the page is full, the period ends, or too many are read. */
async function scan(
  start: number,
  { limit, filter, period: { from = '' }, tenantId, feed }: ScanOptions,
): Promise<{ readonly events: readonly FeedEvent[]; readonly next: number | undefined }> {
  const events: FeedEvent[] = [];
  let position = start;
  let hasMore = true;
  for (let scanned = 0; hasMore && events.length < limit && scanned < maxScannedEvents; ) {
    const page = await feed.readBefore(tenantId, position, getScanSize(limit, scanned));
    const recent = page.events.filter(({ numberedAt }) => numberedAt >= from);
    events.push(...recent.filter((event) => matchesFilter(event, filter)));
    position = page.last;
    hasMore = page.hasMore && recent.length === page.events.length;
    scanned += page.events.length;
  }
  if (events.length > limit)
    return { events: events.slice(0, limit), next: events[limit - 1]?.sequence };
  return { events, next: hasMore ? position : undefined };
}
