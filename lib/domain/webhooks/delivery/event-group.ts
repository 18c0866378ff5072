import type { FeedEvent } from '../../feed/feed-event.ts';
import type { EpochMs } from '../../kernel/time.ts';
import { maxRetries, toResourceKey } from '../../sinks/retries.ts';
import type { SinkState } from '../../sinks/sink-store.ts';
import { includesType, type Webhook } from '../webhook.ts';
import type { Attempt } from './attempt.ts';
import {
  isBlocked,
  isDelivered,
  isDown,
  isEndpointFailure,
  isFull,
  passEvent,
  queueEvent,
  saveDelivery,
  saveFailure,
  saveOvertakenFailure,
  standUntilRetries,
} from './progress.ts';

type Settings = Pick<Webhook, 'types' | 'order'>;

/** Events that follow each other in the feed, and whose requests run together. */
export interface EventGroup {
  readonly events: readonly FeedEvent[];
  /** Events to send. Those of a lane are sent in order, and the lanes at the same time. */
  readonly lanes: readonly (readonly FeedEvent[])[];
}

/** Selects the next events of a page that follows the cursor. */
export function selectGroup(
  state: SinkState,
  page: readonly FeedEvent[],
  { types, order, maxRequests }: Settings & { readonly maxRequests: number },
): EventGroup {
  // Each event of the group can become a retry.
  const max = isDown(state) ? 1 : Math.min(maxRequests, maxRetries - state.retries.length);
  const isIncluded = (event: FeedEvent) => includesType({ types }, event);
  let count = 0;
  const end = page.findIndex((event) => isIncluded(event) && ++count > Math.max(max, 1));
  const events = end === -1 ? page : page.slice(0, end);
  const sent = events.filter((event) => isIncluded(event) && !isBlocked(state, event));
  const toLane = order === 'strict' ? () => '' : toResourceKey;
  return { events, lanes: [...Map.groupBy(sent, toLane).values()] };
}

interface GroupOutcome extends Settings {
  readonly attempts: readonly Attempt[];
  readonly nowMs: EpochMs;
  readonly random: number;
}

/**
 * Saves the outcome of a group in the order of its events. A failure before the last delivery
 * becomes a retry, because the endpoint worked after it. A later one can stop the cursor.
 */
export function saveGroup(
  state: SinkState,
  { events }: EventGroup,
  { attempts, types, order, ...time }: GroupOutcome,
): SinkState {
  const results = new Map(attempts.map(({ event, result }) => [event.sequence, result]));
  const lastDelivered = events.findLastIndex(({ sequence }) => {
    const result = results.get(sequence);
    return result !== undefined && isDelivered(result);
  });
  let next = state;
  for (const [index, event] of events.entries()) {
    const result = results.get(event.sequence);
    const isOvertaken = index < lastDelivered;
    if (!includesType({ types }, event)) next = passEvent(next, event);
    else if (!result) {
      // It waits for an earlier event of its resource, or the time of its lane ended.
      if (!isOvertaken && (isFull(next) || !isBlocked(next, event))) break;
      next = queueEvent(next, event, new Date(time.nowMs).toISOString());
    } else if (isDelivered(result)) next = saveDelivery(next, event);
    else if (isOvertaken) next = saveOvertakenFailure(next, event, { result, ...time });
    else {
      next = saveFailure(next, event, { result, order, ...time });
      if (isDown(next)) break;
    }
  }
  const refused = attempts.filter(({ result }) => isEndpointFailure(result));
  return standUntilRetries(
    next,
    refused.map(({ event }) => event),
    time.nowMs,
  );
}
