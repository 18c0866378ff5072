import type { SentEvent } from '../../feed/cloud-event.ts';
import type { FeedEvent } from '../../feed/feed-event.ts';
import type { Timestamp } from '../../kernel/time.ts';
import type { SendResult } from '../webhook-sender.ts';
import type { DeliveryAttempt } from '../webhook.ts';
import { isDelivered } from './progress.ts';

/** One request about an event. */
export interface Attempt<Event extends SentEvent = FeedEvent> {
  readonly event: Event;
  readonly at: Timestamp;
  readonly result: SendResult;
}

/** Builds the entry of the delivery log. `nextAt` is for a failure. */
export const toLogEntry = (
  { event: { id: eventId, sequence, type }, at, result }: Attempt<SentEvent>,
  { number, nextAt }: { readonly number: number; readonly nextAt?: Timestamp | undefined },
): DeliveryAttempt => ({
  eventId,
  sequence,
  type,
  at,
  durationMs: result.durationMs,
  attempt: number,
  ...('status' in result ? { status: result.status } : { error: result.error }),
  ...(isDelivered(result) ? { outcome: 'delivered' } : { outcome: 'failed', nextAt }),
});
