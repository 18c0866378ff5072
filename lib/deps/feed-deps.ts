import { createAuditValueStore } from '../store/feed/audit-value-store.ts';
import { createAnchorStore } from '../store/feed/anchor-store.ts';
import { createFeedReader } from '../store/feed/feed-reader.ts';
import type { Environment } from './environment.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';

export type FeedDeps = ReturnType<typeof createFeedDeps>;

/** Dependencies of the authenticated HTTP function that reads the event feed and the audit log. */
export function createFeedDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    feed: createFeedReader(tables, nowMs),
    anchors: createAnchorStore(tables),
    auditValues: createAuditValueStore(tables, nowMs),
  };
}
