import type { EntityChange } from '../kernel/entity.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { Group } from './group.ts';

/** Version of the members of a managed group. Each change of them increments it. */
export interface MembersVersion {
  readonly version: number;
  /** Absent before the first change. */
  readonly changedAt?: Timestamp | undefined;
}

export interface MembersVersionChange {
  readonly at: Timestamp;
  /** Version that the change requires. Another one makes the write stale. */
  readonly expected?: number | undefined;
}

/**
 * Change of a group together with its members, or the group that a change of the members requires
 * in its version.
 */
export type GroupWrite = { readonly change: EntityChange<Group> } | { readonly unchanged: Group };

/** Another group has the name or the external ID, or the group has too many members. */
export type MembersOutcome = 'written' | 'stale' | 'full' | 'name' | 'externalId';
