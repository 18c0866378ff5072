import type { EntityChange } from '../kernel/entity.ts';
import type { Group } from './group.ts';

/**
 * Change of a group together with its members, or the group that a change of the members requires
 * in its version.
 */
export type GroupWrite = { readonly change: EntityChange<Group> } | { readonly unchanged: Group };

/** Another group has the name or the external ID, or the group has too many members. */
export type MembersOutcome = 'written' | 'stale' | 'full' | 'name' | 'externalId';
