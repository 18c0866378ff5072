import type { Uuid } from '../kernel/ids.ts';
import type { FeedEvent, ResourceType } from './feed-event.ts';

/**
 * Entity whose changes the feed numbers. Memberships and activity have no versions, so each of their
 * records is an entity of its own with version 1.
 */
export interface NumberedEntity {
  readonly kind: ResourceType | 'membership' | 'activity';
  /** UUID, or the slug of a role. */
  readonly id: string;
}

/** Committed change or activity, as its record shows it. */
export interface RecordedChange extends NumberedEntity {
  readonly version: number;
  readonly event: Omit<FeedEvent, 'sequence' | 'id' | 'numberedAt'>;
  /** Subject of another issuer, which the feed has only as a keyed hash. */
  readonly subject?: { readonly issuer: string; readonly subject: string } | undefined;
}

/** Change with the tenant whose feed numbers it. */
export interface TenantChange {
  readonly tenantId: Uuid;
  readonly change: RecordedChange;
}

/** Reads records of changes that the stream did not show yet. Strongly consistent. */
export interface ChangeReader {
  /**
   * Reads the records of an entity between two versions, oldest first. `isComplete` is false if
   * there can be more records than `limit`. Throws `unavailable`.
   */
  readVersions(
    tenantId: Uuid,
    entity: NumberedEntity,
    versions: { readonly after: number; readonly before: number; readonly limit: number },
  ): Promise<{ readonly changes: readonly RecordedChange[]; readonly isComplete: boolean }>;
  /**
   * Reads the records of the same membership in the minute before a change, oldest first. Throws
   * `unavailable`.
   */
  readEarlierMemberships(
    tenantId: Uuid,
    change: RecordedChange,
  ): Promise<readonly RecordedChange[]>;
}
