import { changeEntity } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import { type Group, type MemberName, maxGroupRoles } from '../groups/group.ts';
import {
  assertHoldsGroupPermissions,
  type GroupDependencies,
  readGroup,
  writeGroup,
} from '../groups/manage-groups.ts';
import { Failure } from '../kernel/failure.ts';
import type { Slug } from '../kernel/ids.ts';
import { assertRoles } from '../roles/assert-roles.ts';
import { findLevel, type Level, replaceLevel, roleByLevel } from '../roles/level.ts';
import { collectPermissions } from '../roles/role.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { changeUser, noFieldChanges } from '../users/change-user.ts';
import { getInviterFields } from '../users/invitation-fields.ts';
import { assertOwnerKeepsRoles } from '../users/update-user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { User } from '../users/user.ts';
import { levelNotFound } from './read-levels.ts';

export interface LevelDependencies extends GroupDependencies {
  readonly users: UserStore;
  readonly tenants: TenantStore;
}

export interface LevelChange {
  readonly holder: MemberName;
  /** Undefined to remove the level. */
  readonly level: Level | undefined;
  /** True if the holder must not have a level yet. */
  readonly isNew?: boolean;
}

/**
 * Gives a user or group a level, which replaces the roles of the other levels, or removes it.
 * Throws `forbidden`, `not_found`, `invalid_roles`, `level_exists`, `owner_protected`,
 * `group_limit_reached` or `unavailable`.
 */
export const changeLevel = async (
  change: LevelChange,
  context: RequestContext,
  deps: LevelDependencies,
): Promise<User | Group> =>
  change.holder.kind === 'user'
    ? changeUserLevel({ ...change, email: change.holder.email }, context, deps)
    : changeGroupLevel({ ...change, name: change.holder.name }, context, deps);

async function changeUserLevel(
  { email, ...change }: Omit<LevelChange, 'holder'> & { readonly email: string },
  context: RequestContext,
  deps: LevelDependencies,
): Promise<User> {
  const { tenant } = context;
  deps.policy.authorize(context, 'updateUser', {
    ...noFieldChanges,
    grantedPermissions: collectPermissions(toRoles(change), tenant.roles),
    assignsRoles: true,
  });
  assertRoles(toRoles(change), tenant);
  const toFields = async (user: User) => {
    const roles = replaceRoles(user.roles, change);
    await assertOwnerKeepsRoles({ user, roles }, context, deps);
    return { fields: { roles, ...(await getInviterFields({ user, roles }, context, deps)) } };
  };
  return changeUser({ action: 'update', ref: { email }, change: toFields }, context, deps);
}

async function changeGroupLevel(
  { name, ...change }: Omit<LevelChange, 'holder'> & { readonly name: string },
  context: RequestContext,
  deps: LevelDependencies,
): Promise<Group> {
  const { tenant } = context;
  deps.policy.authorize(context, 'writeGroup', {
    grantedPermissions: collectPermissions(toRoles(change), tenant.roles),
  });
  assertRoles(toRoles(change), tenant);
  const groupId = await deps.groups.findId(tenant.tenantId, { name });
  if (groupId === undefined) throw levelNotFound();
  return changeEntity(
    {
      action: 'update',
      read: () => readGroup(groupId, context, deps),
      change: (group) => {
        assertHoldsGroupPermissions(group, context);
        const roles = replaceRoles(group.roles, change);
        if (roles.length > maxGroupRoles)
          throw new Failure(
            'group_limit_reached',
            `A group can have at most ${maxGroupRoles} roles`,
          );
        return { roles };
      },
      write: (entityChange) => writeGroup(entityChange, deps),
    },
    context,
    deps.now,
  );
}

export const levelExists = (): Failure =>
  new Failure('level_exists', 'The user or group already has a level');

const toRoles = ({ level }: Pick<LevelChange, 'level'>): readonly Slug[] =>
  level === undefined ? [] : [roleByLevel[level]];

function replaceRoles(
  roles: readonly Slug[],
  { level, isNew = false }: Pick<LevelChange, 'level' | 'isNew'>,
): readonly Slug[] {
  const current = findLevel(roles);
  if (isNew && current !== undefined) throw levelExists();
  if (!isNew && current === undefined) throw levelNotFound();
  return replaceLevel(roles, level);
}
