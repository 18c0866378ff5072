import type { Timestamp } from '../kernel/time.ts';

/** Version of the members of a managed group. Each change of them increments it. */
export interface MembersVersion {
  readonly version: number;
  /** Absent before the first change. */
  readonly changedAt?: Timestamp | undefined;
}

export interface MembersVersionChange {
  readonly at: Timestamp;
  /** Version that the change requires. Another one makes the write stale. */
  readonly expected?: number | undefined;
}
