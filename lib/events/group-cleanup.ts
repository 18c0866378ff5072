import type { Context, ScheduledEvent } from 'aws-lambda';
import { type CleanupDependencies, cleanUpGroups } from '../domain/groups/clean-up-groups.ts';
import { getDeadline } from '../runtime/deadline.ts';
import { logEvent } from '../runtime/event-log.ts';

/** Removes the memberships of deleted groups, and logs each group. */
export const createGroupCleanup =
  (deps: Omit<CleanupDependencies, 'onCleanup'>) =>
  (_event: ScheduledEvent, context: Context): Promise<void> =>
    cleanUpGroups(getDeadline(deps.now(), context.getRemainingTimeInMillis()), {
      ...deps,
      onCleanup: ({ tenantId, groupId }, outcome, error) => {
        const time = deps.now().getTime();
        const line = { outcome, tenant: tenantId, subject: groupId, time, metrics: {}, error };
        logEvent({ operation: 'cleanUpGroup', ...line });
      },
    });
