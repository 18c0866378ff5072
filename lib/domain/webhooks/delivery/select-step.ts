import type { FeedEvent } from '../../feed/feed-event.ts';
import type { Timestamp } from '../../kernel/time.ts';
import type { Retry, SinkState } from '../../sinks/sink-store.ts';
import { includesType, type Webhook } from '../webhook.ts';
import { findDueAt, findDueRetry, isBlocked, isDown, isFull } from './progress.ts';

/**
 * Next step of a delivery. `stand`: the event after the cursor cannot be sent until a time. `wait`:
 * no event follows the cursor.
 */
export type DeliveryStep =
  | { readonly type: 'send' | 'pass' | 'queue'; readonly event: FeedEvent }
  | { readonly type: 'resend'; readonly retry: Retry }
  | { readonly type: 'stand' | 'wait'; readonly until: Timestamp | undefined }
  | { readonly type: 'recover' };

type Settings = Pick<Webhook, 'types' | 'order'>;

/** Selects the next step. `event` follows the cursor. */
export function selectStep(
  state: SinkState,
  event: FeedEvent | undefined,
  { types, order, now }: Settings & { readonly now: Timestamp },
): DeliveryStep {
  if (isDown(state)) {
    if (state.dueAt !== undefined && state.dueAt > now)
      return { type: 'stand', until: state.dueAt };
    // The events for which the cursor stood expired, or the webhook no longer receives them.
    if (!event) return { type: 'recover' };
  } else {
    const retry = findDueRetry(state, now);
    if (retry) return { type: 'resend', retry };
  }
  const until = findDueAt(state);
  if (!event) return { type: 'wait', until };
  if (!includesType({ types }, event)) return { type: 'pass', event };
  if (order === 'strict' && state.retries.length > 0 && !isDown(state))
    return { type: 'stand', until };
  if (!isBlocked(state, event)) return { type: 'send', event };
  return isFull(state) ? { type: 'stand', until } : { type: 'queue', event };
}
