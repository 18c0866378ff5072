import type { FeedEvent } from '../../feed/feed-event.ts';
import type { EpochMs, Timestamp } from '../../kernel/time.ts';
import { findRetryTime, listFirstRetries, maxRetries, toResourceKey } from '../../sinks/retries.ts';
import type { Retry, SinkState } from '../../sinks/sink-store.ts';
import type { SendResult } from '../webhook-sender.ts';
import type { Webhook } from '../webhook.ts';
import { getNextAttemptAtMs, maxAttempts } from './schedule.ts';

/** Time and randomness of one attempt. */
interface Attempt {
  readonly result: SendResult;
  readonly nowMs: EpochMs;
  readonly random: number;
}

export const isDelivered = (result: SendResult): boolean =>
  'status' in result && result.status >= 200 && result.status < 300;

/** True for a failure of the endpoint that no other event can avoid. */
export const isEndpointFailure = (result: SendResult): boolean =>
  'status' in result
    ? result.status === 429 || result.retryAfter !== undefined
    : ['name', 'address_refused', 'tls'].includes(result.error);

export const isGone = (result: SendResult): boolean => 'status' in result && result.status === 410;

/** True while the endpoint counts as down: the cursor stands until an attempt succeeds. */
export const isDown = ({ attempts }: SinkState): boolean => attempts > 0;

export const isFull = ({ retries }: SinkState): boolean => retries.length >= maxRetries;

/** True if an earlier event of the same resource waits for a retry. */
export const isBlocked = ({ retries }: SinkState, event: FeedEvent): boolean =>
  retries.some(({ resource }) => resource === toResourceKey(event));

/** Finds the oldest retry that can be attempted at a time. */
export const findDueRetry = ({ retries }: SinkState, now: Timestamp): Retry | undefined =>
  listFirstRetries(retries).find(({ dueAt }) => dueAt <= now);

/** Time at which the sweep takes up the sink: that of the cursor, or of the next retry. */
export const findDueAt = (state: SinkState): Timestamp | undefined =>
  isDown(state) ? state.dueAt : findRetryTime(state.retries);

/** Moves the cursor over an event. */
export const passEvent = (state: SinkState, { sequence }: FeedEvent): SinkState => ({
  ...state,
  cursor: sequence,
});

/** Adds an event that waits for an earlier one of the same resource. */
export const queueEvent = (state: SinkState, event: FeedEvent, now: Timestamp): SinkState =>
  addRetry(state, event, { attempts: 0, dueAt: now });

const addRetry = (
  state: SinkState,
  event: FeedEvent,
  attempt: Pick<Retry, 'attempts' | 'dueAt'>,
): SinkState => ({
  ...passEvent(state, event),
  retries: [
    ...state.retries,
    { sequence: event.sequence, resource: toResourceKey(event), ...attempt },
  ],
});

/** A success ends the failure of the endpoint, unless the cursor stands behind too many retries. */
const recover = (state: SinkState): SinkState => ({
  ...state,
  attempts: 0,
  dueAt: undefined,
  failingSince: isFull(state) ? state.failingSince : undefined,
});

export const saveDelivery = (state: SinkState, event: FeedEvent): SinkState =>
  recover(passEvent(state, event));

export const saveRetryDelivery = (state: SinkState, retry: Retry): SinkState =>
  recover(removeRetry(state, retry));

/** Removes a retry that was delivered, expired or given up. */
export const removeRetry = (state: SinkState, { sequence }: Retry): SinkState => ({
  ...state,
  retries: state.retries.filter((other) => other.sequence !== sequence),
});

/**
 * Saves a failed attempt of the event after the cursor. If the endpoint worked before, other events
 * overtake it. A second failure without a success between them shows that the endpoint is down.
 */
export function saveFailure(
  state: SinkState,
  event: FeedEvent,
  { order, ...attempt }: Attempt & Pick<Webhook, 'order'>,
): SinkState {
  const { nowMs, result } = attempt;
  const attempts = state.attempts + 1;
  const failingSince = state.failingSince ?? toTimestamp(nowMs);
  const dueAt = getDueAt(attempts, attempt);
  const isFirst = isDown(state) ? state.retries.length === 0 : state.failingSince === undefined;
  const canPass = order === 'resource' && !isFull(state) && !isEndpointFailure(result);
  if (isFirst && canPass)
    return addRetry({ ...state, failingSince, attempts: 0, dueAt: undefined }, event, {
      attempts,
      dueAt,
    });
  return { ...state, failingSince, attempts, dueAt };
}

/** Saves a failed attempt of an event before one that was delivered. */
export const saveOvertakenFailure = (
  state: SinkState,
  event: FeedEvent,
  attempt: Attempt,
): SinkState => addRetry(state, event, { attempts: 1, dueAt: getDueAt(1, attempt) });

/** Lets the cursor stand until the retries of these events, because the endpoint refused them. */
export function standUntilRetries(
  state: SinkState,
  refused: readonly FeedEvent[],
  nowMs: EpochMs,
): SinkState {
  const sequences = new Set(refused.map(({ sequence }) => sequence));
  const times = state.retries.filter(({ sequence }) => sequences.has(sequence));
  const dueAt = times
    .map((retry) => retry.dueAt)
    .toSorted()
    .at(-1);
  if (dueAt === undefined || isDown(state)) return state;
  const { failingSince = toTimestamp(nowMs) } = state;
  return { ...state, failingSince, attempts: 1, dueAt };
}

/** Saves a failed attempt of a retry. Gives up after the last attempt, unless the endpoint is down. */
export function saveRetryFailure(state: SinkState, retry: Retry, attempt: Attempt): SinkState {
  const { nowMs, result } = attempt;
  const attempts = retry.attempts + 1;
  const failingSince = state.failingSince ?? toTimestamp(nowMs);
  if (attempts >= maxAttempts && !isDown(state) && !isEndpointFailure(result)) {
    const remaining = removeRetry(state, retry);
    const isFailing = remaining.retries.some((other) => other.attempts > 0);
    return { ...remaining, failingSince: isFailing ? failingSince : undefined };
  }
  const retries = state.retries.map((other) =>
    other.sequence === retry.sequence
      ? { ...other, attempts, dueAt: getDueAt(attempts, attempt) }
      : other,
  );
  if (!isEndpointFailure(result)) return { ...state, retries, failingSince };
  const failures = state.attempts + 1;
  return {
    ...state,
    retries,
    failingSince,
    attempts: failures,
    dueAt: getDueAt(failures, attempt),
  };
}

/** Notes that the cursor stands because the maximum of retries is reached. */
export const saveFullness = (state: SinkState, now: Timestamp): SinkState => ({
  ...state,
  failingSince: state.failingSince ?? now,
});

/** Makes everything due, so a disabled webhook continues at once when it is enabled. */
export const resetAttempts = (state: SinkState, now: Timestamp): SinkState => ({
  ...state,
  attempts: 0,
  dueAt: undefined,
  failingSince: undefined,
  retries: state.retries.map((retry) => ({ ...retry, dueAt: now })),
});

const getDueAt = (attempts: number, { result, nowMs, random }: Attempt): Timestamp => {
  const retryAfter = 'status' in result ? result.retryAfter : undefined;
  return toTimestamp(getNextAttemptAtMs({ attempts, retryAfter, nowMs, random }));
};

const toTimestamp = (ms: EpochMs): Timestamp => new Date(ms).toISOString();
