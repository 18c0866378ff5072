import { auditLogHandlers } from '../lib/api/audit-log/handlers.ts';
import { checkpointHandlers } from '../lib/api/checkpoints/handlers.ts';
import { feedHandlers } from '../lib/api/feed/handlers.ts';
import { authenticatedApi } from '../lib/api/http/api.ts';
import { createFeedDeps, type FeedDeps } from '../lib/deps/feed-deps.ts';

/** Event feed, audit log and checkpoints. Changes no resource. */
export const feedApi = (deps: FeedDeps) =>
  authenticatedApi(
    { ...feedHandlers(deps), ...auditLogHandlers(deps), ...checkpointHandlers(deps) },
    deps,
  );

export const handler = feedApi(createFeedDeps(process.env));
