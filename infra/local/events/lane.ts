import { deliver, type DeliveryOptions } from './batches.ts';
import type { StreamRecord } from './streams.ts';

/** Part of a shard whose records a consumer receives in order, one batch at a time. */
export interface Lane {
  /** Adds records, and starts to deliver full batches. */
  add(records: readonly StreamRecord[]): void;
  /** Number of records that are not yet in a batch. */
  readonly waitingCount: () => number;
  /** True if every added record was delivered or given up. */
  readonly isIdle: () => boolean;
  /** Delivers the remaining records, at the end of a shard. Rejects if a delivery did. */
  end(): Promise<void>;
  /** Waits for the current batch and drops the remaining records. */
  close(): Promise<void>;
}

export function createLane(options: DeliveryOptions): Lane {
  const { mapping, stopping } = options;
  const waiting: StreamRecord[] = [];
  let windowEndsAtMs = 0;
  let isEnding = false;
  let isClosed = false;
  let delivery: Promise<void> | undefined;

  const isDue = () =>
    waiting.length > 0 &&
    !stopping.aborted &&
    !isClosed &&
    (isEnding || waiting.length >= mapping.batchSize || performance.now() >= windowEndsAtMs);

  const deliverDue = async (): Promise<void> => {
    while (isDue()) await deliver(waiting.splice(0, mapping.batchSize), options);
    delivery = undefined;
  };
  const start = () => {
    if (delivery !== undefined || !isDue()) return;
    delivery = deliverDue();
    // `end` rejects with this error.
    delivery.catch(() => {});
  };

  return {
    add(records) {
      if (waiting.length === 0) windowEndsAtMs = performance.now() + mapping.batchingWindowMs;
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
