import type { AuditEntry } from '../kernel/change-record.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { GroupWrite, MembersOutcome, MembersVersionChange } from './members-version.ts';
import type { DurationMs, EpochMs, Timestamp } from '../kernel/time.ts';

/**
 * Change of more members of a group than one transaction holds. It is committed as a whole, and a
 * function applies it to one member after the other. Until then, readers overlay it.
 */
export interface MemberJob {
  readonly tenantId: Uuid;
  readonly groupId: Uuid;
  readonly jobId: Uuid;
  /** Position among the jobs of the group. They are applied in this order. */
  readonly sequence: number;
  /** Number of leading bits of a user ID that select the part with the ID. */
  readonly partBits: number;
  readonly audit: AuditEntry;
  /** True after all members were changed. The job remains for a minute. */
  readonly isFinished?: boolean | undefined;
}

/** Users that a job adds with the status `member`, and removes. */
export interface MemberJobUsers {
  readonly added: readonly Uuid[];
  readonly removed: readonly Uuid[];
}

export interface DueMemberJob extends Pick<MemberJob, 'tenantId' | 'groupId' | 'sequence'> {
  readonly dueAt: Timestamp;
}

/** Time in which a request applies its own job. */
export const inlineMs: DurationMs = 2000;

export const isOpen = ({ isFinished = false }: MemberJob): boolean => !isFinished;

/** Large changes of members. Reads are strongly consistent. */
export interface MemberJobStore {
  /** Lists the jobs of a group that are not finished, in their order. */
  listOpen(tenantId: Uuid, groupId: Uuid): Promise<readonly MemberJob[]>;
  /**
   * Commits a change with one transaction. Returns `stale` if the group changed or another job was
   * committed meanwhile, `full` if the group reached its maximum, and the field of `group` that
   * another group has. Throws `unavailable` if the outcome is unknown at the deadline.
   */
  commit(
    job: Pick<MemberJob, 'tenantId' | 'groupId' | 'audit'> & {
      readonly group?: GroupWrite | undefined;
      /** Change of the version, for a managed group. */
      readonly version?: MembersVersionChange | undefined;
    },
    users: MemberJobUsers,
    deadline: EpochMs,
  ): Promise<MembersOutcome>;
  /** Applies jobs to some users. Throws `unavailable` at the deadline. */
  applyTo(jobs: readonly MemberJob[], userIds: readonly Uuid[], deadline: EpochMs): Promise<void>;
  /** Applies all jobs of a group. Throws `unavailable` at the deadline. */
  applyAll(tenantId: Uuid, groupId: Uuid, deadline: EpochMs): Promise<void>;
}

/** Jobs that requests have left to the function that continues them. */
export interface DueMemberJobStore {
  /** Lists jobs that no function applies. Eventually consistent: jobs can be finished. */
  listDue(before: Timestamp): AsyncIterable<DueMemberJob>;
  /** Delays a job for other functions. False if another function did. */
  lease(job: DueMemberJob, until: Timestamp): Promise<boolean>;
  /** Removes a job that was finished. */
  removeFinished(job: DueMemberJob): Promise<void>;
}
