import { changeEntity } from '../access/change-entity.ts';
import type { Permission } from '../access/permissions.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type Group, maxGroupRoles } from '../groups/group.ts';
import {
  assertHoldsGroupPermissions,
  type GroupDependencies,
  type GroupTarget,
  readGroup,
  writeGroup,
} from '../groups/manage-groups.ts';
import { invalidInput } from '../kernel/failure.ts';
import type { Slug } from '../kernel/ids.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { TenantWithRoles } from '../tenants/tenant.ts';
import {
  type ChangeDependencies,
  changeUser,
  noFieldChanges,
  type UserTarget,
} from '../users/change-user.ts';
import { getInviterFields } from '../users/invitation-fields.ts';
import { assertOwnerKeepsRoles } from '../users/update-user.ts';
import { maxUserRoles, type User } from '../users/user.ts';
import { roleNotFound } from './assert-roles.ts';
import { collectPermissions } from './role.ts';

/** Role to add to a user or group, or to remove. An undefined slug matches no role. */
export interface RoleAssignment {
  readonly slug: Slug | undefined;
  readonly isAssigned: boolean;
}

interface AssignmentDependencies extends ChangeDependencies {
  readonly policy: Policy;
  readonly tenants: TenantStore;
}

/**
 * Adds a role to a user or removes it, and keeps the other roles. Throws `forbidden`, `not_found`,
 * `invalid_input`, `owner_protected`, `precondition_failed` or `unavailable`.
 */
export async function assignUserRole(
  { assignment, ...target }: UserTarget & { readonly assignment: RoleAssignment },
  context: RequestContext,
  deps: AssignmentDependencies,
): Promise<User> {
  const { tenant } = context;
  deps.policy.authorize(context, 'updateUser', {
    ...noFieldChanges,
    grantedPermissions: collectAssignmentPermissions(assignment, tenant),
    assignsRoles: true,
  });
  const change = async (user: User) => {
    const roles = assignRole(user.roles, assignment, { ...tenant, maxRoles: maxUserRoles });
    await assertOwnerKeepsRoles({ user, roles }, context, deps);
    return { fields: { roles, ...(await getInviterFields({ user, roles }, context, deps)) } };
  };
  return changeUser({ action: 'update', ...target, change }, context, deps);
}

/**
 * Adds a role to a group or removes it, and keeps the other roles. Throws `forbidden`, `not_found`,
 * `invalid_input`, `precondition_failed` or `unavailable`.
 */
export async function assignGroupRole(
  { groupId, ifMatch, assignment }: GroupTarget & { readonly assignment: RoleAssignment },
  context: RequestContext,
  deps: GroupDependencies,
): Promise<Group> {
  const { tenant } = context;
  deps.policy.authorize(context, 'writeGroup', {
    grantedPermissions: collectAssignmentPermissions(assignment, tenant),
  });
  return changeEntity(
    {
      action: 'update',
      read: () => readGroup(groupId, context, deps),
      ifMatch,
      change: (group: Group): Partial<Group> => {
        assertHoldsGroupPermissions(group, context);
        return {
          roles: assignRole(group.roles, assignment, { ...tenant, maxRoles: maxGroupRoles }),
        };
      },
      write: (entityChange) => writeGroup(entityChange, deps),
    },
    context,
    deps.now,
  );
}

/** Collects the permissions that an assignment grants. */
const collectAssignmentPermissions = (
  { slug, isAssigned }: RoleAssignment,
  { roles }: Pick<TenantWithRoles, 'roles'>,
): readonly Permission[] =>
  isAssigned && slug !== undefined ? collectPermissions([slug], roles) : [];

/**
 * Adds a role to a list or removes it. Throws `not_found` if the role to add does not exist, or
 * `invalid_input` if the list would have more than `maxRoles`.
 */
function assignRole(
  assigned: readonly Slug[],
  { slug, isAssigned }: RoleAssignment,
  { roles, maxRoles }: Pick<TenantWithRoles, 'roles'> & { readonly maxRoles: number },
): readonly Slug[] {
  if (slug === undefined) throw roleNotFound();
  if (!isAssigned) return assigned.filter((other) => other !== slug);
  if (assigned.includes(slug)) return assigned;
  if (!roles.has(slug)) throw roleNotFound();
  if (assigned.length >= maxRoles)
    throw invalidInput({ path: 'roles', message: `must have at most ${maxRoles} items` });
  return [...assigned, slug];
}
