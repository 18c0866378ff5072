import type { AuditEntry } from '../kernel/change-record.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { MembershipChange } from './group-store.ts';
import type { GroupWrite, MembersOutcome, MembersVersionChange } from './members-version.ts';
import {
  type DueMemberJob,
  type DueMemberJobStore,
  inlineMs,
  type MemberJob,
  type MemberJobStore,
} from './member-job.ts';

interface CommitDependencies {
  readonly memberJobs: MemberJobStore;
  readonly tenants: Pick<TenantStore, 'findCurrent'>;
  readonly now: () => Date;
}

interface JobCommit {
  readonly tenantId: Uuid;
  readonly groupId: Uuid;
  readonly audit: AuditEntry;
  readonly group?: GroupWrite | undefined;
  /** Change of the version, for a managed group. */
  readonly version?: MembersVersionChange | undefined;
  readonly deadline: EpochMs;
}

/** Commits a large change of users, and applies the part that fits in 2 s. */
export async function commitMemberJob(
  { deadline, ...job }: JobCommit,
  changes: readonly MembershipChange[],
  { memberJobs, tenants, now }: CommitDependencies,
): Promise<MembersOutcome> {
  const { tenantId, groupId } = job;
  const users = {
    added: changes.flatMap(({ before, after }) => (!before && after ? [after.member.id] : [])),
    removed: changes.flatMap(({ before, after }) => (before && !after ? [before.member.id] : [])),
  };
  const outcome = await memberJobs.commit(job, users, deadline);
  if (outcome !== 'written') return outcome;
  const untilMs = Math.min(deadline, now().getTime() + inlineMs);
  await ignoreUnavailable(memberJobs.applyAll(tenantId, groupId, untilMs));
  // The following requests to this process overlay the job.
  await ignoreUnavailable(tenants.findCurrent(tenantId));
  return outcome;
}

/** The change is committed: a function continues the job later. */
const ignoreUnavailable = (step: Promise<unknown>): Promise<unknown> =>
  step.catch((error: unknown) => {
    if (!(error instanceof Failure && error.code === 'unavailable')) throw error;
  });

export interface MemberJobDependencies {
  readonly memberJobs: Pick<MemberJobStore, 'listOpen' | 'applyAll'>;
  readonly dueMemberJobs: DueMemberJobStore;
  readonly now: () => Date;
  /** Reports the outcome for a job, with the error of a failed one. */
  readonly onMemberJob: (
    job: Pick<MemberJob, 'tenantId' | 'groupId'>,
    outcome: 'applied' | 'incomplete' | 'failed',
    error?: unknown,
  ) => void;
}

/**
 * Continues the jobs that no function applies. Stops at the deadline; the next run continues. Throws
 * the last error after all jobs were tried.
 */
export async function applyMemberJobs(
  deadline: EpochMs,
  { memberJobs, dueMemberJobs, now, onMemberJob }: MemberJobDependencies,
): Promise<void> {
  let lastError: unknown;
  const apply = async (job: DueMemberJob): Promise<void> => {
    const { tenantId, groupId, sequence } = job;
    if (!(await dueMemberJobs.lease(job, new Date(deadline).toISOString()))) return;
    const open = await memberJobs.listOpen(tenantId, groupId);
    if (!open.some((each) => each.sequence === sequence)) {
      await dueMemberJobs.removeFinished(job);
      return;
    }
    await memberJobs.applyAll(tenantId, groupId, deadline);
    onMemberJob(job, 'applied');
  };
  for await (const job of dueMemberJobs.listDue(now().toISOString())) {
    if (now().getTime() >= deadline) break;
    try {
      await apply(job);
    } catch (error) {
      const isLate = now().getTime() >= deadline;
      const isIncomplete = isLate && error instanceof Failure && error.code === 'unavailable';
      if (!isIncomplete) lastError = error;
      onMemberJob(job, isIncomplete ? 'incomplete' : 'failed', error);
    }
  }
  if (lastError !== undefined) throw lastError;
}
