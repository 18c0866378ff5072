import type { Context, ScheduledEvent } from 'aws-lambda';
import { applyMemberJobs, type MemberJobDependencies } from '../domain/groups/apply-member-jobs.ts';
import { type CleanupDependencies, cleanUpGroups } from '../domain/groups/clean-up-groups.ts';
import type { GroupKey } from '../domain/groups/group-cleanup-store.ts';
import { getDeadline } from '../runtime/deadline.ts';
import { logEvent } from '../runtime/event-log.ts';

type Dependencies = Omit<CleanupDependencies & MemberJobDependencies, 'onCleanup' | 'onMemberJob'>;

/**
 * Continues large changes of members and removes the memberships of deleted groups. Logs each
 * group.
 */
export const createGroupCleanup =
  (deps: Dependencies) =>
  async (_event: ScheduledEvent, context: Context): Promise<void> => {
    const deadline = getDeadline(deps.now(), context.getRemainingTimeInMillis());
    const log =
      (operation: 'applyMemberJob' | 'cleanUpGroup') =>
      ({ tenantId, groupId }: GroupKey, outcome: string, error?: unknown): void => {
        const time = deps.now().getTime();
        const line = { outcome, tenant: tenantId, subject: groupId, time, metrics: {}, error };
        logEvent({ operation, ...line });
      };
    await applyMemberJobs(deadline, { ...deps, onMemberJob: log('applyMemberJob') });
    await cleanUpGroups(deadline, { ...deps, onCleanup: log('cleanUpGroup') });
  };
