import { createFeedExportDeps } from '../../lib/deps/events/feed-export-deps.ts';
import { createFeedExport } from '../../lib/events/feed-export.ts';

/** Exports feeds to the event bus and the archive. */
export const handler = createFeedExport(createFeedExportDeps(process.env));
