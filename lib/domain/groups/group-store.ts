import type { AuditEntry } from '../kernel/change-record.ts';
import type { EntityChange } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { EpochMs } from '../kernel/time.ts';
import type { Group, Membership, MemberRef } from './group.ts';
import type { GroupsById } from './group-roles.ts';
import type {
  GroupWrite,
  MembersOutcome,
  MembersVersion,
  MembersVersionChange,
} from './members-version.ts';
import type { MemberJob } from './member-job.ts';

export interface GroupPage {
  readonly groups: readonly Group[];
  /** Canonical name after which the next page starts. Undefined on the last page. */
  readonly next: string | undefined;
}

/** Position of a member in the list of a group's members. */
export type MemberPosition = string;

export interface ListedMembership extends Membership {
  readonly position: MemberPosition;
}

/** Nesting of groups that the caller has checked. A concurrent change makes a write stale. */
export interface NestingVersion {
  readonly nestingVersion: number;
}

/** Nesting with the groups of the tenant, read after the version. Deleted groups are absent. */
export interface Nesting extends NestingVersion {
  readonly groups: GroupsById;
}

/** Groups of tenants. Reads are strongly consistent. */
export interface GroupStore {
  /** Gets a group or tombstone. */
  get(tenantId: Uuid, groupId: Uuid): Promise<Group | undefined>;
  findId(
    tenantId: Uuid,
    by: { readonly name: string } | { readonly externalId: string },
  ): Promise<Uuid | undefined>;
  /** Finds the IDs of groups by their ID in the identity provider of a connection. */
  findByScimId(tenantId: Uuid, connectionId: Uuid, externalId: string): Promise<readonly Uuid[]>;
  /** Finds the IDs of groups of a connection by display name, without regard to case. */
  findByScimName(tenantId: Uuid, connectionId: Uuid, displayName: string): Promise<readonly Uuid[]>;
  /** Gets the existing groups and tombstones of IDs. */
  getAll(tenantId: Uuid, groupIds: readonly Uuid[]): Promise<ReadonlyMap<Uuid, Group>>;
  /** Lists groups in the order of their canonical names. */
  list(
    tenantId: Uuid,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<GroupPage>;
  /**
   * Writes a change and the claims of name and external ID. Returns `stale` if the group changed
   * after `before`, the field that another group has, and `full` if the tenant reached its maximum.
   * A restored group needs its parents and the version of the nesting.
   */
  write(
    change: EntityChange<Group>,
    restored?: NestingVersion & { readonly parents: readonly Uuid[] },
  ): Promise<'written' | 'stale' | 'full' | 'name' | 'externalId'>;
  getNestingVersion(tenantId: Uuid): Promise<number>;
}

/** Change of one membership. `before` is undefined for a new member, `after` for a removed one. */
export interface MembershipChange {
  readonly before: Membership | undefined;
  readonly after: Membership | undefined;
}

/** Record of the change of a membership. */
export interface MembershipChangeRecord extends AuditEntry {
  readonly action: 'addMember' | 'updateMember' | 'removeMember';
  readonly groupId: Uuid;
  readonly status: Membership['status'];
}

/** Members of groups, stored in both directions. Reads are strongly consistent. */
export interface MembershipStore {
  get(tenantId: Uuid, groupId: Uuid, member: MemberRef): Promise<Membership | undefined>;
  /**
   * Gets the memberships that exist, by position of the member in `members`, after jobs that are
   * still to be applied.
   */
  getAll(
    tenantId: Uuid,
    groupId: Uuid,
    members: readonly MemberRef[],
    jobs?: readonly MemberJob[],
  ): Promise<readonly (Membership | undefined)[]>;
  /** Lists the members of a group: app clients, groups, users, each in the order of IDs. */
  listMembers(
    tenantId: Uuid,
    groupId: Uuid,
    page: {
      readonly kind?: MemberRef['kind'] | undefined;
      readonly after: MemberPosition | undefined;
      readonly limit: number;
    },
  ): Promise<{
    readonly memberships: readonly ListedMembership[];
    readonly next?: MemberPosition | undefined;
  }>;
  /** Lists the groups of a member in the order of IDs, including deleted groups. */
  listGroups(
    tenantId: Uuid,
    member: MemberRef,
    page: { readonly after: Uuid | undefined; readonly limit: number },
  ): Promise<{ readonly memberships: readonly Membership[]; readonly next: Uuid | undefined }>;
  /** Lists the IDs of all groups of a member. */
  listGroupIds(tenantId: Uuid, member: MemberRef): Promise<readonly Uuid[]>;
  /**
   * Writes all changes and a record of each in one transaction. Returns `stale` if a membership,
   * the group, a nested group or the nesting changed meanwhile, or a new member was deleted, `full`
   * if the group reached its maximum, and the field of `group` that another group has. Nested groups need the nesting. Throws `unavailable` if the outcome
   * is unknown at the deadline.
   */
  write(
    tenantId: Uuid,
    groupId: Uuid,
    options: {
      readonly changes: readonly MembershipChange[];
      readonly audit: AuditEntry;
      readonly nesting?: Nesting | undefined;
      readonly group?: GroupWrite | undefined;
      /** Change of the version, for a managed group. */
      readonly version?: MembersVersionChange | undefined;
      /** Number of stale tries before. The pause after another one grows with it. */
      readonly attempt: number;
      readonly deadline: EpochMs;
    },
  ): Promise<MembersOutcome>;
  getVersion(tenantId: Uuid, groupId: Uuid): Promise<MembersVersion>;
}

/** Memberships of a member that cannot become a member again. */
export interface EndedMembershipStore {
  /** Removes the member from all groups. Throws `unavailable` if some remain at the deadline. */
  removeAll(tenantId: Uuid, member: MemberRef, deadline: EpochMs): Promise<void>;
}
