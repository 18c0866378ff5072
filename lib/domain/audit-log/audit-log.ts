import type { FeedEvent } from '../feed/feed-event.ts';
import type { OmittedValue } from '../kernel/change-record.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { JsonObject } from '../kernel/json-merge-patch.ts';

/** Values of an event outside the feed. An erasure removes them. */
export interface AuditValues {
  /** Subject (`sub`) and issuer of the caller. */
  readonly by?: string | undefined;
  readonly issuer?: string | undefined;
  /** Changed fields with their previous values, as in the change record. */
  readonly before?: JsonObject | undefined;
  readonly omitted?: Readonly<Record<string, OmittedValue>> | undefined;
  readonly after?: JsonObject | undefined;
  /** Facts about an event that changed no resource. */
  readonly details?: JsonObject | undefined;
  /** Number of equal events in the window of the event. */
  readonly count?: number | undefined;
}

export interface AuditLogEntry {
  readonly event: FeedEvent;
  /** Undefined if they are erased or expired. */
  readonly values: AuditValues | undefined;
}

/** Reads the values of events from the change records of their resources. */
export interface AuditValueStore {
  /**
   * Finds the values of events by their numbers. Strongly consistent. Erased values are missing.
   * Throws `unavailable`.
   */
  find(tenantId: Uuid, events: readonly FeedEvent[]): Promise<ReadonlyMap<number, AuditValues>>;
}
