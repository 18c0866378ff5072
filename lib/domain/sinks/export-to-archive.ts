import { formatSequence } from '../feed/feed-event.ts';
import type { Segment } from '../feed/feed-store.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Archive } from './archive.ts';
import type { Portion, SinkDependencies } from './run-sink.ts';
import type { SinkState } from './sink-store.ts';

export interface ArchiveDependencies extends SinkDependencies {
  readonly archive: Archive;
}

/** Size at which an object ends. It has at least one segment. */
const maxObjectBytes = 1_000_000;

/**
 * Stores the segments after the cursor in an object. First it saves the end of the object, so a
 * repetition after a crash stores the same object, also if the feed has grown meanwhile.
 */
export async function exportToArchive(
  state: SinkState,
  deps: ArchiveDependencies,
): Promise<Portion> {
  const { tenantId, cursor, objectEnd } = state;
  const lines: string[] = [];
  let bytes = 0;
  let last = cursor;
  let hasMore = false;
  for await (const segment of deps.feed.listSegments(tenantId, cursor + 1)) {
    const line = toLine(tenantId, segment);
    bytes += Buffer.byteLength(line);
    const isFull = objectEnd === undefined ? bytes > maxObjectBytes : last >= objectEnd;
    // The first segment can be missing because it expired.
    hasMore = segment.first !== last + 1 || (isFull && lines.length > 0);
    if (hasMore) break;
    lines.push(line);
    ({ last } = segment);
  }
  if (last === cursor) return findOldest(state, deps);
  if (objectEnd === undefined) return { state: { ...state, objectEnd: last }, hasMore: true };
  if (last !== objectEnd) throw new Error('The feed no longer contains the segments of the object');
  await deps.archive.put(toObjectKey(tenantId, cursor + 1, last), lines.join(''));
  return { state: toStored(state, last), hasMore };
}

/** Continues after expired events. Ends without any. */
async function findOldest(state: SinkState, deps: ArchiveDependencies): Promise<Portion> {
  const page = await deps.feed.readAfter(state.tenantId, state.cursor, 1);
  if (!('expired' in page)) return { state: toStored(state, state.cursor), hasMore: false };
  deps.onProblem(state, { outcome: 'expired' });
  return { state: toStored(state, page.expired.oldest - 1), hasMore: true };
}

const toStored = (state: SinkState, cursor: number): SinkState => ({
  ...state,
  cursor,
  objectEnd: undefined,
  attempts: 0,
  failingSince: undefined,
  dueAt: undefined,
});

/** Sorts in the order of the feed. */
const toObjectKey = (tenantId: Uuid, first: number, last: number): string =>
  `events/${tenantId}/${formatSequence(first)}-${formatSequence(last)}.ndjson`;

/** Builds a line from which the hash of the segment can be verified. `events` is the exact text. */
const toLine = (tenantId: Uuid, { first, last, previousHash, hash, events }: Segment): string =>
  `${JSON.stringify({ tenantId, first, last, previousHash, hash, events })}\n`;
