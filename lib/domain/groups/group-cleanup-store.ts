import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs, Timestamp } from '../kernel/time.ts';
import type { Group } from './group.ts';

export interface GroupKey {
  readonly tenantId: Uuid;
  readonly groupId: Uuid;
}

/** Removal of the data of deleted groups. Each step can be repeated. */
export interface GroupCleanupStore {
  /**
   * Lists groups that were deleted before a time and still have members. Eventually consistent:
   * groups can be restored or clean.
   */
  listDeleted(before: Timestamp): AsyncIterable<GroupKey>;
  /** Prevents a deleted group from being restored. False if the group changed after it was read. */
  finalize(group: Group, deadline: EpochMs): Promise<boolean>;
  /**
   * Removes the memberships of a group in both directions: its members, and its own in other
   * groups. Throws `unavailable` if some remain at the deadline.
   */
  removeMemberships(key: GroupKey, deadline: EpochMs): Promise<void>;
  /**
   * Removes the counter of the members, and subtracts the group from those of the tenant. False if
   * another cleanup did.
   */
  finish(key: GroupKey, deadline: EpochMs): Promise<boolean>;
}
