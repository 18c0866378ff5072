import type { FeedReader } from '../feed/feed-store.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, EpochMs, Timestamp } from '../kernel/time.ts';
import type { SinkKey, SinkState, SinkStore } from './sink-store.ts';

export interface SinkDependencies {
  readonly sinks: SinkStore;
  readonly feed: FeedReader;
  readonly now: () => Date;
  readonly createId: () => Uuid;
  /** Reports an error after which the delivery is repeated, and events that expired before it. */
  readonly onProblem: (
    sink: SinkKey,
    problem: { readonly outcome: 'failed' | 'expired'; readonly error?: unknown },
  ) => void;
}

/** Result of one portion of a delivery. */
export interface Portion {
  readonly state: SinkState;
  /** True if another portion can follow at once. */
  readonly hasMore: boolean;
  /** Error that ended the portion. */
  readonly error?: unknown;
}

/**
 * `waiting`: a failed delivery is repeated at `dueAt`. `leased`: another process delivers.
 * `unfinished`: the deadline came first.
 */
export interface SinkResult {
  readonly outcome: 'done' | 'waiting' | 'leased' | 'unfinished';
  readonly state?: SinkState;
}

const leaseMs: DurationMs = 30_000;
const minBackoffMs: DurationMs = 60_000;
/** Below the interval of the sweep, which reports the age of failures. */
const maxBackoffMs: DurationMs = 240_000;

/** Computes the time of the attempt after a number of failed ones. */
export const getRetryTime = (now: Date, attempts: number): Timestamp =>
  new Date(
    now.getTime() + Math.min(minBackoffMs * 2 ** (attempts - 1), maxBackoffMs),
  ).toISOString();

/**
 * Delivers to a sink portion by portion, until nothing is left, a delivery fails, or the deadline.
 * Throws `unavailable` without progress.
 */
export async function runSink(
  sink: SinkKey,
  deliver: (state: SinkState) => Promise<Portion>,
  deadline: EpochMs,
  deps: SinkDependencies,
): Promise<SinkResult> {
  const nowMs = (): EpochMs => deps.now().getTime();
  for (;;) {
    const id = deps.createId();
    const acquired = await deps.sinks.acquire(sink, { id, untilMs: nowMs() + leaseMs }, 0);
    if (!acquired) return { outcome: 'leased' };
    let portion: Portion = { state: acquired, hasMore: !isWaiting(acquired, deps.now()) };
    while (portion.hasMore && nowMs() < deadline) {
      const { state } = portion;
      portion = await deliver(state).catch((error: unknown) => ({ state, hasMore: false, error }));
      if (portion.error !== undefined) portion = fail(portion, deps);
      if (!portion.hasMore) break;
      if (!(await deps.sinks.save(portion.state, { id, untilMs: nowMs() + leaseMs })))
        return { outcome: 'leased' };
    }
    const { state, hasMore } = portion;
    // The sweep continues an unfinished delivery.
    const released = hasMore ? { ...state, dueAt: deps.now().toISOString() } : state;
    if (!(await deps.sinks.release(released, id))) return { outcome: 'leased' };
    if (hasMore) return { outcome: 'unfinished', state: released };
    if (isWaiting(state, deps.now())) return { outcome: 'waiting', state };
    // An event that arrived during the lease started no other delivery.
    const { sequence } = await deps.feed.getHead(sink.tenantId);
    if (sequence <= state.cursor) return { outcome: 'done', state };
  }
}

/** True while the cursor stands after a failed delivery. */
const isWaiting = ({ attempts, dueAt }: SinkState, now: Date): boolean =>
  attempts > 0 && dueAt !== undefined && dueAt > now.toISOString();

function fail({ state, error }: Portion, { now, onProblem }: SinkDependencies): Portion {
  onProblem(state, { outcome: 'failed', error });
  const attempts = state.attempts + 1;
  return {
    state: {
      ...state,
      attempts,
      failingSince: state.failingSince ?? now().toISOString(),
      dueAt: getRetryTime(now(), attempts),
    },
    hasMore: false,
  };
}
