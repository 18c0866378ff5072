import { createGroupCleanupDeps } from '../../lib/deps/events/group-cleanup-deps.ts';
import { createGroupCleanup } from '../../lib/events/group-cleanup.ts';

/** Removes the memberships of deleted groups that can no longer be restored. */
export const handler = createGroupCleanup(createGroupCleanupDeps(process.env));
