import { type EventFormat, toCloudEvent } from '../feed/cloud-event.ts';
import type { FeedEvent } from '../feed/feed-event.ts';
import type { BusEvent, EventBus } from '../kernel/event-bus.ts';
import type { DurationMs, Timestamp } from '../kernel/time.ts';
import { findRetryTime, listFirstRetries, maxRetries, toResourceKey } from './retries.ts';
import { getRetryTime, type Portion, type SinkDependencies } from './run-sink.ts';
import type { Retry, SinkState } from './sink-store.ts';

export interface BusDependencies extends SinkDependencies {
  readonly bus: Pick<EventBus, 'putAll'>;
  readonly format: EventFormat;
}

/** Events that one query reads. */
const pageSize = 100;
/** Limits of `PutEvents`. */
const maxBatchEvents = 10;
const maxBatchBytes = 256_000;
/** Progress is saved after this time, well before the end of the lease. */
const maxPortionMs: DurationMs = 10_000;

/**
 * Publishes the rejected events that are due, or else a page of new ones. An event waits while an
 * earlier one of the same resource does, and no request contains two of them, because the bus can
 * reject the first one alone.
 */
export async function exportToBus(state: SinkState, deps: BusDependencies): Promise<Portion> {
  const due = listFirstRetries(state.retries).filter(
    ({ dueAt }) => dueAt <= deps.now().toISOString(),
  );
  return due.length > 0
    ? publishAgain(state, due.slice(0, maxBatchEvents), deps)
    : publishPage(state, deps);
}

async function publishAgain(
  state: SinkState,
  due: readonly Retry[],
  deps: BusDependencies,
): Promise<Portion> {
  const events = await Promise.all(due.map(({ sequence }) => readEvent(state, sequence, deps)));
  const found = events.filter((event) => event !== undefined);
  if (found.length < due.length) deps.onProblem(state, { outcome: 'expired' });
  const rejected = found.length > 0 ? await publish(state, found, deps) : [];
  const retries = state.retries.flatMap((retry) => {
    if (!due.includes(retry)) return retry;
    if (!rejected.some(({ sequence }) => sequence === retry.sequence)) return [];
    const attempts = retry.attempts + 1;
    return { ...retry, attempts, dueAt: getRetryTime(deps.now(), attempts) };
  });
  return { state: withRetries(state, retries, deps.now()), hasMore: true };
}

async function readEvent(
  { tenantId }: SinkState,
  sequence: number,
  { feed }: BusDependencies,
): Promise<FeedEvent | undefined> {
  const page = await feed.readAfter(tenantId, sequence - 1, 1);
  return 'events' in page ? page.events.find((event) => event.sequence === sequence) : undefined;
}

async function publishPage(initial: SinkState, deps: BusDependencies): Promise<Portion> {
  const page = await deps.feed.readAfter(initial.tenantId, initial.cursor, pageSize);
  if ('expired' in page) {
    deps.onProblem(initial, { outcome: 'expired' });
    return { state: { ...initial, cursor: page.expired.oldest - 1 }, hasMore: true };
  }
  const endMs = deps.now().getTime() + maxPortionMs;
  let state = initial;
  for (let events = page.events; events.length > 0; ) {
    if (deps.now().getTime() > endMs) return { state, hasMore: true };
    const { ready, waiting } = selectBatch(state, events, deps.format);
    if (state.retries.length + ready.length + waiting.length > maxRetries)
      return { state, hasMore: false, error: new Error('the bus rejected too many events') };
    try {
      const rejected = ready.length > 0 ? await publish(state, ready, deps) : [];
      state = passEvents(state, { ready, waiting, rejected }, deps.now());
    } catch (error) {
      return { state, hasMore: false, error };
    }
    events = events.slice(ready.length + waiting.length);
  }
  return { state: withRetries(state, state.retries, deps.now()), hasMore: page.hasMore };
}

/** Selects the first events that one request can contain, and those that wait between them. */
function selectBatch(
  { tenantId, retries }: SinkState,
  events: readonly FeedEvent[],
  format: EventFormat,
): { readonly ready: readonly FeedEvent[]; readonly waiting: readonly FeedEvent[] } {
  const blocked = new Set(retries.map(({ resource }) => resource));
  const ready: FeedEvent[] = [];
  const waiting: FeedEvent[] = [];
  let bytes = 0;
  for (const event of events) {
    if (blocked.has(toResourceKey(event))) {
      waiting.push(event);
      continue;
    }
    bytes += Buffer.byteLength(JSON.stringify(toBusEvent(tenantId, event, format)));
    const isFull = ready.length === maxBatchEvents || bytes > maxBatchBytes;
    const hasResource = ready.some((other) => toResourceKey(other) === toResourceKey(event));
    if (ready.length > 0 && (isFull || hasResource)) break;
    ready.push(event);
  }
  return { ready, waiting };
}

/** Returns the events that the bus rejects. */
async function publish(
  { tenantId }: SinkState,
  events: readonly FeedEvent[],
  { bus, format }: BusDependencies,
): Promise<readonly FeedEvent[]> {
  const sent = events.map((event) => toBusEvent(tenantId, event, format));
  const rejected = await bus.putAll(sent);
  return events.filter((_, index) => rejected.includes(sent[index] as BusEvent));
}

const toBusEvent = (tenantId: string, event: FeedEvent, format: EventFormat): BusEvent => ({
  type: event.type,
  detail: toCloudEvent(tenantId, event, format),
  time: new Date(event.time),
});

/** Moves the cursor over a batch. Rejected and waiting events become retries. */
function passEvents(
  state: SinkState,
  {
    ready,
    waiting,
    rejected,
  }: Readonly<Record<'ready' | 'waiting' | 'rejected', readonly FeedEvent[]>>,
  now: Date,
): SinkState {
  const toRetry = (event: FeedEvent, attempts: number, dueAt: Timestamp): Retry => ({
    sequence: event.sequence,
    resource: toResourceKey(event),
    attempts,
    dueAt,
  });
  const retries = [
    ...state.retries,
    ...rejected.map((event) => toRetry(event, 1, getRetryTime(now, 1))),
    ...waiting.map((event) => toRetry(event, 0, now.toISOString())),
  ].toSorted((one, other) => one.sequence - other.sequence);
  const cursor = Math.max(...[...ready, ...waiting].map(({ sequence }) => sequence));
  return { ...withRetries(state, retries, now), cursor };
}

/** Saves a success. The sink is due with its next retry. */
function withRetries(state: SinkState, retries: readonly Retry[], now: Date): SinkState {
  const failingSince = retries.length > 0 ? (state.failingSince ?? now.toISOString()) : undefined;
  return { ...state, retries, attempts: 0, failingSince, dueAt: findRetryTime(retries) };
}
