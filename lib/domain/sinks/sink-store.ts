import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs, Timestamp } from '../kernel/time.ts';

/** Destination of a tenant's feed. */
export interface SinkKey {
  readonly tenantId: Uuid;
  /** `bus`, `archive`, or the ID of a webhook. */
  readonly sinkId: string;
}

/** Event whose delivery failed while later ones went on. */
export interface Retry {
  readonly sequence: number;
  /** Later events of the same resource wait behind it. `<type>#<id>`. */
  readonly resource: string;
  /** Failed attempts. */
  readonly attempts: number;
  readonly dueAt: Timestamp;
}

/** Progress of a sink. */
export interface SinkState extends SinkKey {
  /** Number of the last event that is delivered, or in `retries`. */
  readonly cursor: number;
  readonly retries: readonly Retry[];
  /** Last event of the archive object that starts after the cursor and may be stored already. */
  readonly objectEnd?: number | undefined;
  /** Failed attempts since the last success, while the cursor stands. */
  readonly attempts: number;
  readonly failingSince?: Timestamp | undefined;
  /** Time at which the sweep takes up the sink. Undefined if a new event wakes it. */
  readonly dueAt?: Timestamp | undefined;
}

/** Right of one process to deliver to a sink. */
export interface Lease {
  readonly id: Uuid;
  readonly untilMs: EpochMs;
}

/** Partition of the outbox index. */
export type SinkGroup = 'EXPORTS' | 'WEBHOOKS';

/**
 * Stores the progress of sinks. A process that stops leaves its lease until it expires, and an event
 * that arrives meanwhile wakes no other process. So after `release`, read the feed again.
 */
export interface SinkStore {
  /** Strongly consistent. Throws `unavailable`, like all operations. */
  get(sink: SinkKey): Promise<SinkState | undefined>;
  /**
   * Takes the lease, and creates a missing state with the cursor `startAt`. Undefined while another
   * process has the lease.
   */
  acquire(sink: SinkKey, lease: Lease, startAt: number): Promise<SinkState | undefined>;
  /** Saves the state and extends the lease. False if the lease is lost. */
  save(state: SinkState, lease: Lease): Promise<boolean>;
  /** Saves the state and ends the lease. False if the lease is lost. */
  release(state: SinkState, leaseId: Uuid): Promise<boolean>;
  remove(sink: SinkKey): Promise<void>;
  /** Yields the sinks of a group that are due at a time, the longest due ones first. */
  listDue(group: SinkGroup, now: Timestamp): AsyncIterable<SinkKey & { readonly dueAt: Timestamp }>;
}
