import { deliver, type DeliveryOptions } from './batches.ts';
import type { StreamRecord } from './streams.ts';

/** Part of a shard whose records a consumer receives in order, one batch at a time. */
export interface Lane {
  /** Adds records that the filters admit, and delivers full batches without waiting for them. */
  add(records: readonly StreamRecord[]): void;
  /** Number of records that are not yet in a batch. */
  readonly waitingCount: () => number;
  /** True if every record is finished. */
  readonly isIdle: () => boolean;
  /** Delivers the remaining records, at the end of a shard. Rejects if a delivery did. */
  end(): Promise<void>;
  /** Waits for the current batch and drops the others. */
  close(): Promise<void>;
}

/** Creates a lane. */
export function createLane(options: DeliveryOptions): Lane {
  const { mapping, stopping } = options;
  const waiting: StreamRecord[] = [];
  let fullAtMs = 0;
  let isEnding = false;
  let isClosed = false;
  let delivery: Promise<void> | undefined;

  const isDue = () =>
    waiting.length > 0 &&
    !stopping.aborted &&
    !isClosed &&
    (isEnding || waiting.length >= mapping.batchSize || performance.now() >= fullAtMs);

  const deliverDue = async (): Promise<void> => {
    while (isDue()) await deliver(waiting.splice(0, mapping.batchSize), options);
    delivery = undefined;
  };
  const start = () => {
    if (delivery !== undefined || !isDue()) return;
    delivery = deliverDue();
    // `end` reports it.
    delivery.catch(() => {});
  };

  return {
    add(records) {
      if (waiting.length === 0) fullAtMs = performance.now() + mapping.batchingWindowMs;
      waiting.push(...records);
      start();
    },
    waitingCount: () => waiting.length,
    isIdle: () => waiting.length === 0 && delivery === undefined,
    async end() {
      isEnding = true;
      start();
      await delivery;
    },
    async close() {
      isClosed = true;
      await delivery?.catch(() => {});
    },
  };
}
