import { createDueMemberJobStore } from '../../store/groups/due-member-jobs.ts';
import { createGroupCleanupStore } from '../../store/groups/group-cleanup-store.ts';
import { createGroupStore } from '../../store/groups/group-store.ts';
import { createMemberJobStore } from '../../store/groups/member-job-store.ts';
import { restoreDaysSchema } from '../settings.ts';
import { createTables, type Environment, parseEnvironment, tablesSchema } from '../environment.ts';
import type { TestOverrides } from '../http-deps.ts';

const environmentSchema = tablesSchema.extend({ RESTORE_DAYS: restoreDaysSchema });

/** Dependencies of the function that cleans up deleted groups. It needs no tokens and policies. */
export function createGroupCleanupDeps(
  env: Environment,
  { now = () => new Date(), memberRate }: Pick<TestOverrides, 'now' | 'memberRate'> = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const tables = createTables(environment, env);
  const nowMs = () => now().getTime();
  return {
    now,
    restoreWindowMs: environment.RESTORE_DAYS * 24 * 3600 * 1000,
    groups: createGroupStore(tables, nowMs),
    cleanups: createGroupCleanupStore(tables, nowMs),
    dueMemberJobs: createDueMemberJobStore(tables, nowMs),
    memberJobs: createMemberJobStore(tables, nowMs, memberRate),
  };
}
