import { collectWithAncestors, type RoleHolder } from '../groups/group-roles.ts';
import type { GroupStore } from '../groups/group-store.ts';
import type { Slug, Uuid } from '../kernel/ids.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import { findCallerAccount, representsHolder } from '../users/caller-account.ts';
import type { UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import type { Permission } from '../access/permissions.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';

/** Role that gives the caller a permission: directly, or as a role of a group. */
export interface PermissionSource {
  readonly role: Slug;
  readonly groupId: Uuid | undefined;
}

/** Permission, with the roles that give it. */
export interface SourcedPermission {
  readonly permission: Permission;
  /** Not empty. */
  readonly sources: readonly PermissionSource[];
}

/** Rules that make an assigned permission inactive. */
export const inactiveReasons = ['must_change_password', 'credential_limit'] as const;

/** Rights of the caller. */
export interface Session {
  /** The caller's own account, if there is one. */
  readonly user: User | undefined;
  /** Roles of the tenant that the caller has, also through groups. */
  readonly roles: readonly Slug[];
  /** Groups that the caller is a member of, also through other groups. */
  readonly groups: readonly Uuid[];
  /** Permissions that decisions use, in alphabetical order. */
  readonly permissions: readonly SourcedPermission[];
  /** Assigned permissions that decisions do not use. */
  readonly inactivePermissions: readonly (SourcedPermission & {
    readonly reason: (typeof inactiveReasons)[number];
  })[];
}

interface Dependencies {
  readonly policy: Policy;
  readonly users: Pick<UserStore, 'getWithGroups'>;
  readonly groups: Pick<GroupStore, 'getAll'>;
}

/** Gets the rights of the caller, as decisions see them. Throws `forbidden`. */
export async function getSession(context: RequestContext, deps: Dependencies): Promise<Session> {
  deps.policy.authorize(context, 'readSession', {});
  const { principal, tenant } = context;
  const [account, groups] = await Promise.all([
    findCallerAccount(context, deps),
    listGroups(context, deps),
  ]);
  const isOwn = account?.user.status === 'active' && representsHolder(account, context);
  const assigned = collectSources(principal.assigned, tenant);
  const active = new Set<Permission>(principal.permissions);
  const reason = principal.mustChangePassword ? 'must_change_password' : 'credential_limit';
  return {
    user: isOwn ? account.user : undefined,
    roles: [...new Set(principal.roles)].filter((role) => tenant.roles.has(role)),
    groups,
    permissions: assigned.filter(({ permission }) => active.has(permission)),
    inactivePermissions: assigned
      .filter(({ permission }) => !active.has(permission))
      .map((each) => ({ ...each, reason })),
  };
}

/** Lists the existing groups of the caller, who can be a member of deleted ones. */
async function listGroups(
  { principal, tenant }: RequestContext,
  { groups }: Dependencies,
): Promise<readonly Uuid[]> {
  if (principal.tenantId !== tenant.tenantId) return [];
  const groupIds = [...collectWithAncestors(principal.assigned.groups, tenant.groups)];
  const unknownIds = groupIds.filter((groupId) => !tenant.groups.has(groupId));
  const found = await groups.getAll(tenant.tenantId, unknownIds);
  const isExisting = (groupId: Uuid): boolean => {
    const group = found.get(groupId);
    return tenant.groups.has(groupId) || (group !== undefined && !group.deletion);
  };
  return groupIds.filter(isExisting);
}

/** Collects the assigned permissions with the roles that contain them, in alphabetical order. */
function collectSources(
  holder: RoleHolder,
  { roles, groups }: TenantWithRoles,
): readonly SourcedPermission[] {
  const assignments: readonly PermissionSource[] = [
    ...[...new Set(holder.roles)].map((role) => ({ role, groupId: undefined })),
    ...[...collectWithAncestors(holder.groups, groups)].flatMap((groupId) =>
      (groups.get(groupId)?.roles ?? []).map((role) => ({ role, groupId })),
    ),
  ];
  const byPermission = new Map<Permission, PermissionSource[]>();
  for (const source of assignments) {
    for (const permission of new Set(roles.get(source.role)?.permissions)) {
      const sources = byPermission.get(permission) ?? [];
      byPermission.set(permission, [...sources, source]);
    }
  }
  return [...byPermission]
    .map(([permission, sources]) => ({ permission, sources }))
    .toSorted((one, other) => (one.permission < other.permission ? -1 : 1));
}
