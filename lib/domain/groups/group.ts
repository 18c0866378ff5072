import type { ManagedBy } from '../connections/managed-by.ts';
import type { Entity } from '../kernel/entity.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';

interface GroupDeletion {
  readonly at: Timestamp;
  readonly by: string;
  /** True while and after the memberships are removed. The group can no longer be restored. */
  readonly isFinal?: boolean;
}

/** Users, app clients and other groups of a tenant that share roles. */
export interface Group extends Entity {
  readonly tenantId: Uuid;
  readonly groupId: Uuid;
  /** Unique in the tenant, without regard to case. */
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  /** ID in another system. Unique in the tenant. */
  readonly externalId?: string | undefined;
  /** SCIM connection that manages the group. */
  readonly managedBy?: ManagedBy | undefined;
  /** Slugs of the roles that every member has, without duplicates. */
  readonly roles: readonly Slug[];
  /** Marks a tombstone. A deleted group grants nothing, and its name is free. */
  readonly deletion?: GroupDeletion | undefined;
}

/** Direct member of a group. A user and a group have a UUID. */
export interface MemberRef {
  readonly kind: 'user' | 'appClient' | 'group';
  readonly id: string;
}

/** Reference to a member by the email of a user or the name of a group. */
export type MemberName =
  | { readonly kind: 'user'; readonly email: string }
  | { readonly kind: 'group'; readonly name: string };

/** An `admin` can also change the members of the group. */
export const membershipStatuses = ['member', 'admin'] as const;
export type MembershipStatus = (typeof membershipStatuses)[number];

export interface Membership {
  readonly groupId: Uuid;
  readonly member: MemberRef;
  readonly status: MembershipStatus;
  readonly joinedAt: Timestamp;
  /** Subject (`sub`) of the caller who added the member. */
  readonly addedBy: string;
}

/** Maximum groups of a tenant at a time. */
export const maxGroups = 1000;
/** Maximum groups of a tenant, including deleted ones that still have members. */
export const maxGroupsWithDeleted = 2000;
export const maxGroupRoles = 20;
export const maxMembers = 50_000;
/** Maximum members in a list without pages. */
export const maxListedMembers = 1000;
/** Maximum groups in a chain of nested groups. */
export const maxNesting = 5;
/** Maximum groups that a group is a member of. */
export const maxParents = 10;
/** Maximum members in one request. */
export const maxMemberChanges = 1000;
/** Maximum members that change in one transaction. */
export const maxTransactionChanges = 20;
/** Maximum groups among the members in one request. */
export const maxNestedGroupChanges = 10;
