import type { Permission } from '../access/permissions.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import { collectPermissions, type Role } from '../roles/role.ts';

/** Roles and parents of a group. Every decision in the tenant reads those of all groups. */
export interface GroupRoles {
  readonly roles: readonly Slug[];
  /** IDs of the groups that this group is a member of. */
  readonly parents: readonly Uuid[];
}

/** Groups by ID. Deleted groups, and groups without roles and parents, can be absent. */
export type GroupsById = ReadonlyMap<Uuid, GroupRoles>;

interface TenantRoles {
  readonly roles: ReadonlyMap<Slug, Role>;
  readonly groups: GroupsById;
}

/** Roles that a user or app client has directly, and the IDs of its groups. */
export interface RoleHolder {
  readonly roles: readonly Slug[];
  readonly groups: readonly Uuid[];
}

/** Collects groups and all groups above them. */
export function collectWithAncestors(groupIds: readonly Uuid[], groups: GroupsById): Set<Uuid> {
  const collected = new Set(groupIds);
  // The iteration visits parents that it adds.
  for (const groupId of collected)
    for (const parent of groups.get(groupId)?.parents ?? []) collected.add(parent);
  return collected;
}

/** Collects the roles of groups and of all groups above them. */
const collectGroupRoles = (groupIds: readonly Uuid[], groups: GroupsById): readonly Slug[] => [
  ...new Set(
    [...collectWithAncestors(groupIds, groups)].flatMap(
      (groupId) => groups.get(groupId)?.roles ?? [],
    ),
  ),
];

/** Collects the permissions that the members of a group have through it. */
export const collectGroupPermissions = (
  groupId: Uuid,
  { groups, roles }: TenantRoles,
): readonly Permission[] => collectPermissions(collectGroupRoles([groupId], groups), roles);

/** Collects the roles of a user or app client, including those of its groups. */
export const collectAssignedRoles = (
  { roles, groups }: RoleHolder,
  tenant: Pick<TenantRoles, 'groups'>,
): readonly Slug[] =>
  groups.length === 0
    ? roles
    : [...new Set([...roles, ...collectGroupRoles(groups, tenant.groups)])];

/** Collects the permissions of a user or app client, including those of its groups. */
export const collectAssignedPermissions = (
  holder: RoleHolder,
  tenant: TenantRoles,
): readonly Permission[] => collectPermissions(collectAssignedRoles(holder, tenant), tenant.roles);
