import type { FeedEvent } from '../feed/feed-event.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { Retry } from './sink-store.ts';

/** Maximum number of events of a sink that others overtake. Above it, the cursor stands. */
export const maxRetries = 100;

/** Identifies the resource whose events a sink delivers in order. */
export const toResourceKey = ({ resource }: Pick<FeedEvent, 'resource'>): string =>
  `${resource.type}#${resource.id}`;

/** Lists the retries that no earlier one of the same resource precedes. */
export const listFirstRetries = (retries: readonly Retry[]): readonly Retry[] =>
  retries.filter(
    ({ resource }, index) => retries.findIndex((other) => other.resource === resource) === index,
  );

/** Finds the time at which the next retry is due. */
export const findRetryTime = (retries: readonly Retry[]): Timestamp | undefined =>
  listFirstRetries(retries)
    .map(({ dueAt }) => dueAt)
    .toSorted()[0];
