import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs, Timestamp } from '../kernel/time.ts';
import type { FeedHead, Segment } from './feed-store.ts';
import type { NumberedEntity } from './recorded-change.ts';

/** End of a feed, with the time of its last event. */
export interface FeedEnd extends FeedHead {
  readonly numberedAt?: Timestamp | undefined;
}

/** Change of the version up to which the feed has the changes of an entity. 0 for none. */
export interface VersionChange {
  readonly entity: NumberedEntity;
  readonly before: number;
  readonly after: number;
}

/** Appends to feeds. Only a segment that follows the last one can be written. */
export interface FeedWriter {
  /** Gets the end of a feed. It can be some minutes old. Throws `unavailable`. */
  getEnd(tenantId: Uuid): Promise<FeedEnd>;
  /**
   * Reads the versions up to which the feed has the changes of entities, in their order. Strongly
   * consistent. Throws `unavailable`.
   */
  getVersions(tenantId: Uuid, entities: readonly NumberedEntity[]): Promise<readonly number[]>;
  /**
   * Writes a segment and the versions of its entities in one transaction. Returns `stale` if the
   * feed does not end before the segment, or a version is not `before`. Throws `unavailable`.
   */
  append(
    tenantId: Uuid,
    segment: Segment & Pick<FeedEnd, 'numberedAt'>,
    options: { readonly versions: readonly VersionChange[]; readonly deadline: EpochMs },
  ): Promise<'written' | 'stale'>;
}
