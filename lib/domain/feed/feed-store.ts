import type { Uuid } from '../kernel/ids.ts';
import type { EpochSeconds } from '../kernel/time.ts';
import type { FeedEvent } from './feed-event.ts';

/** End of a feed. `sequence` is 0 and `hash` empty before the first event. */
export interface FeedHead {
  readonly sequence: number;
  /** Hash of the last segment, hexadecimal. */
  readonly hash: string;
}

/** Item with 1 to 49 consecutive events. Never changes. */
export interface Segment {
  readonly first: number;
  readonly last: number;
  /** Hash of the segment before, hexadecimal. Empty in the first segment. */
  readonly previousHash: string;
  /** Hash of this segment, which covers the exact text of `events`. */
  readonly hash: string;
  /** JSON array of `FeedEvent`. */
  readonly events: string;
  /** End of the retention. */
  readonly ttl: EpochSeconds;
}

export interface FeedPage {
  readonly events: readonly FeedEvent[];
  /** Number of the last event that was read, or the given one. The next page starts after it. */
  readonly last: number;
  readonly hasMore: boolean;
}

/** Position before the oldest event that is retained. */
export interface ExpiredPosition {
  readonly oldest: number;
}

/** Reads feeds. Strongly consistent. Throws `unavailable`. */
export interface FeedReader {
  getHead(tenantId: Uuid): Promise<FeedHead>;
  /** Reads the events after a number, oldest first. Never skips a number. */
  readAfter(
    tenantId: Uuid,
    after: number,
    limit: number,
  ): Promise<FeedPage | { readonly expired: ExpiredPosition }>;
  /** Reads the events before a number, newest first. `Infinity` begins at the end. */
  readBefore(tenantId: Uuid, before: number, limit: number): Promise<FeedPage>;
  /** Yields whole segments from the one that contains `first`. */
  listSegments(tenantId: Uuid, first: number): AsyncIterable<Segment>;
}
