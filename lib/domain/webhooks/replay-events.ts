import { randomUUID } from 'node:crypto';
import { assertIfMatch } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { FeedEvent } from '../feed/feed-event.ts';
import type { FeedReader } from '../feed/feed-store.ts';
import { Failure, invalidInput } from '../kernel/failure.ts';
import type { DurationMs } from '../kernel/time.ts';
import { maxRetries, toResourceKey } from '../sinks/retries.ts';
import type { SinkState, SinkStore } from '../sinks/sink-store.ts';
import {
  authorizeWebhooks,
  changeWebhook,
  getTenantWebhook,
  type WebhookDependencies,
  type WebhookTarget,
} from './change-webhook.ts';
import { includesType, type Webhook } from './webhook.ts';

/** Events to send again: all after a number, or those from one number to another. */
export type ReplayRange =
  | { readonly after: number }
  | { readonly from: number; readonly to: number };

export interface ReplayDependencies extends WebhookDependencies {
  readonly feed: Pick<FeedReader, 'readAfter'>;
  readonly sinks: Pick<SinkStore, 'acquire' | 'release'>;
}

/** Maximum number of events in a range. Leaves half of the retries to failed events. */
export const maxReplayEvents = 50;
/** Maximum number of events by which a delivery goes back, some minutes of work for one process. */
const maxReplayDistance = 10_000;
const leaseMs: DurationMs = 10_000;
const maxLeaseAttempts = 4;
const leasePauseMs: DurationMs = 250;

/**
 * Sends events again, with their IDs. After a number, the delivery goes back and sends everything
 * since, in order. A range is sent beside new events; new events of the same resources wait for it.
 * Throws `forbidden`, `events_disabled`, `not_found`, `precondition_failed`, `invalid_input`,
 * `cursor_expired`, `replay_limit_reached`, or `unavailable` while a delivery runs.
 */
export async function replayEvents(
  { target, range }: { readonly target: WebhookTarget; readonly range: ReplayRange },
  context: RequestContext,
  deps: ReplayDependencies,
): Promise<Webhook> {
  authorizeWebhooks('writeWebhook', context, deps);
  const { webhookId, ifMatch } = target;
  const webhook = await getTenantWebhook(webhookId, context, deps);
  assertIfMatch(webhook, ifMatch);
  const change = await planReplay(webhook, range, deps);
  await withLease(webhook, deps, change);
  // The event of this change wakes the delivery. A later version does not prevent the record.
  const replay = () => ({ replayedAt: deps.now().toISOString() });
  return changeWebhook({ action: 'replay', target: { webhookId }, change: replay }, context, deps);
}

type ChangeState = (state: SinkState) => SinkState;

/** Reads the events and returns the change of the delivery's state. */
async function planReplay(
  webhook: Webhook,
  range: ReplayRange,
  { feed, now }: ReplayDependencies,
): Promise<ChangeState> {
  const isBack = 'after' in range;
  const [after, limit] = isBack ? [range.after, 1] : [range.from - 1, range.to - range.from + 1];
  const page = await feed.readAfter(webhook.tenantId, after, limit);
  if ('expired' in page) throw eventsExpired(page.expired.oldest);
  if (isBack) return (state) => goBack(state, range.after);
  const events = page.events.filter(
    (event) => event.sequence <= range.to && includesType(webhook, event),
  );
  const dueAt = now().toISOString();
  return (state) => addRetries(assertSent(state, range.to, 'to'), events, dueAt);
}

/** Moves the cursor back. Retries after it are sent in order again. */
function goBack(state: SinkState, cursor: number): SinkState {
  const oldest = state.cursor - maxReplayDistance;
  if (cursor < oldest)
    throw invalidInput({
      path: 'after',
      message: `must be at least ${oldest}, because at most ${maxReplayDistance} events are sent again`,
    });
  return {
    ...assertSent(state, cursor, 'after'),
    cursor,
    retries: state.retries.filter(({ sequence }) => sequence <= cursor),
  };
}

/** Adds retries that are due, in the order of the feed. */
function addRetries(state: SinkState, events: readonly FeedEvent[], dueAt: string): SinkState {
  const added = events.map((event) => ({
    sequence: event.sequence,
    resource: toResourceKey(event),
    attempts: 0,
    dueAt,
  }));
  const others = state.retries.filter((retry) =>
    added.every(({ sequence }) => sequence !== retry.sequence),
  );
  if (others.length + added.length > maxRetries) throw replayLimitReached();
  return { ...state, retries: [...others, ...added].toSorted((a, b) => a.sequence - b.sequence) };
}

/** Throws `invalid_input` unless the delivery has reached a number. */
function assertSent(state: SinkState, sequence: number, path: 'after' | 'to'): SinkState {
  if (sequence <= state.cursor) return state;
  throw invalidInput({
    path,
    message: `must be at most ${state.cursor}, because later events have not been sent yet`,
  });
}

/** Changes the state of the delivery while no delivery runs. */
async function withLease(
  { tenantId, webhookId, startAfter }: Webhook,
  { sinks, now }: ReplayDependencies,
  change: ChangeState,
): Promise<void> {
  const sink = { tenantId, sinkId: webhookId };
  const id = randomUUID();
  for (let attempt = 0; attempt < maxLeaseAttempts; attempt++) {
    if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, leasePauseMs));
    const nowMs = now().getTime();
    const state = await sinks.acquire(sink, { id, untilMs: nowMs + leaseMs }, startAfter);
    if (!state) continue;
    // Events that arrive during the lease wake no delivery, so the sweep takes up the sink.
    const dueAt = state.dueAt ?? new Date(nowMs).toISOString();
    let changed = state;
    try {
      changed = change(state);
    } finally {
      await sinks.release({ ...changed, dueAt }, id);
    }
    return;
  }
  throw new Failure('unavailable', 'A delivery to the webhook is running. Try again.');
}

const eventsExpired = (oldest: number): Failure =>
  new Failure('cursor_expired', 'The first of these events is older than the retention', {
    details: { oldest },
  });

const replayLimitReached = (): Failure =>
  new Failure(
    'replay_limit_reached',
    `At most ${maxRetries} events can wait for another attempt. Try again later.`,
  );
