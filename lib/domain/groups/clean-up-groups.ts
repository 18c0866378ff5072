import { Failure } from '../kernel/failure.ts';
import type { DurationMs, EpochMs, Timestamp } from '../kernel/time.ts';
import type { GroupCleanupStore, GroupKey } from './group-cleanup-store.ts';
import type { GroupStore } from './group-store.ts';
import type { MemberJobStore } from './member-job.ts';

export interface CleanupDependencies {
  readonly groups: Pick<GroupStore, 'get'>;
  readonly cleanups: GroupCleanupStore;
  readonly memberJobs: Pick<MemberJobStore, 'applyAll'>;
  /** Time after a deletion in which the group can be restored. */
  readonly restoreWindowMs: DurationMs;
  readonly now: () => Date;
  /** Reports the outcome for a group, with the error of a failed cleanup. */
  readonly onCleanup: (
    key: GroupKey,
    outcome: 'removed' | 'incomplete' | 'failed',
    error?: unknown,
  ) => void;
}

/** Longer than any request, which can still add members that it found before the deletion. */
const graceMs: DurationMs = 60_000;

/**
 * Removes the memberships of deleted groups that can no longer be restored. Stops at the deadline;
 * the next run continues. Throws the last error after all groups were tried.
 */
export async function cleanUpGroups(deadline: EpochMs, deps: CleanupDependencies): Promise<void> {
  const beforeMs = deps.now().getTime() - deps.restoreWindowMs - graceMs;
  const before = new Date(beforeMs).toISOString();
  let lastError: unknown;
  for await (const key of deps.cleanups.listDeleted(before)) {
    if (deps.now().getTime() >= deadline) break;
    try {
      const outcome = await cleanUpGroup(key, { before, deadline }, deps);
      if (outcome !== 'unchanged') deps.onCleanup(key, outcome);
    } catch (error) {
      lastError = error;
      deps.onCleanup(key, 'failed', error);
    }
  }
  if (lastError !== undefined) throw lastError;
}

async function cleanUpGroup(
  key: GroupKey,
  { before, deadline }: { readonly before: Timestamp; readonly deadline: EpochMs },
  { groups, cleanups, memberJobs, now }: CleanupDependencies,
): Promise<'removed' | 'incomplete' | 'unchanged'> {
  try {
    const group = await groups.get(key.tenantId, key.groupId);
    if (!group?.deletion || group.deletion.at >= before) return 'unchanged';
    // Before the first membership is removed, so a restored group has all its members.
    if (!group.deletion.isFinal && !(await cleanups.finalize(group, deadline))) return 'unchanged';
    await memberJobs.applyAll(key.tenantId, key.groupId, deadline);
    await cleanups.removeMemberships(key, deadline);
    return (await cleanups.finish(key, deadline)) ? 'removed' : 'unchanged';
  } catch (error) {
    const isLate = now().getTime() >= deadline;
    if (isLate && error instanceof Failure && error.code === 'unavailable') return 'incomplete';
    throw error;
  }
}
