import { changeEntity } from '../access/change-entity.ts';
import { assertHoldsPermissions } from '../access/assert-holds-permissions.ts';
import { isReservedPermission, type Permission } from '../access/permissions.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import type { EntityChange, IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import type { Slug } from '../kernel/ids.ts';
import { applyMergePatch, type JsonObject, toChangedFields } from '../kernel/json-merge-patch.ts';
import {
  getCustomRole,
  maxMetadataBytes,
  type RoleDependencies,
  roleLimitReached,
  sortPermissions,
} from './manage-roles.ts';
import { assertOwnerKeepsPermissions } from './owner-protection.ts';
import { type CustomRole, findBuiltInRole, selectActivePermissions } from './role.ts';

/** Changes of a role as a merge patch (RFC 7396). Null clears a field. */
export interface UpdateRoleInput {
  readonly name?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly permissions?: readonly Permission[] | undefined;
  readonly metadata?: JsonObject | null | undefined;
}

/** Role that an operation changes. An undefined slug matches no role. */
export interface RoleTarget {
  readonly slug: Slug | undefined;
  readonly ifMatch: IfMatch;
}

interface RoleUpdate extends RoleTarget {
  readonly input: UpdateRoleInput;
  /** True to replace metadata instead of merging into it. */
  readonly replacesMetadata?: boolean | undefined;
  /** True if the client knows only permissions of Roster. The role keeps its other permissions. */
  readonly keepsDeclaredPermissions?: boolean | undefined;
}

/**
 * Updates a role. Throws `forbidden` for a permission that the caller lacks, before or after the
 * update, `not_found`, `role_built_in`, `owner_protected` or `precondition_failed`.
 */
export async function updateRole(
  { input, replacesMetadata, keepsDeclaredPermissions, ...target }: RoleUpdate,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  const { permissions, metadata, ...plain } = input;
  deps.policy.authorize(context, 'writeRole', { grantedPermissions: permissions ?? [] });
  const change = async (role: CustomRole): Promise<Partial<CustomRole>> => {
    const nextPermissions = permissions && [
      ...permissions,
      ...role.permissions.filter(
        (permission) => keepsDeclaredPermissions && !isReservedPermission(permission),
      ),
    ];
    if (nextPermissions)
      await assertOwnerKeepsPermissions({ role, permissions: nextPermissions }, context, deps);
    const mergeMetadata = (patch: JsonObject | null) =>
      applyMergePatch({
        field: 'metadata',
        target: role.metadata,
        patch,
        maxBytes: maxMetadataBytes,
      });
    return {
      ...toChangedFields(plain),
      ...(nextPermissions && { permissions: sortPermissions(nextPermissions) }),
      ...(metadata !== undefined && {
        metadata: replacesMetadata ? (metadata ?? undefined) : mergeMetadata(metadata),
      }),
    };
  };
  return changeRole({ ...target, action: 'update', change }, context, deps);
}

/**
 * Deletes a role and returns its last version. The role no longer grants
 * anything, and its slug is never reused. Throws like `updateRole`.
 */
export async function deleteRole(
  target: RoleTarget,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  deps.policy.authorize(context, 'writeRole', { grantedPermissions: [] });
  let lastVersion: CustomRole | undefined;
  const change = async (role: CustomRole): Promise<Partial<CustomRole>> => {
    await assertOwnerKeepsPermissions({ role, permissions: [] }, context, deps);
    lastVersion = role;
    const deletion = { at: deps.now().toISOString(), by: context.principal.subject };
    // The change record has the previous values.
    return { deletion, permissions: [], description: undefined, metadata: undefined };
  };
  const tombstone = await changeRole({ ...target, action: 'delete', change }, context, deps);
  return lastVersion ?? tombstone;
}

interface RoleChange extends RoleTarget {
  readonly action: ChangeAction<'role'>;
  readonly change: (role: CustomRole) => Promise<Partial<CustomRole>>;
}

async function changeRole(
  { slug, ...update }: RoleChange,
  context: RequestContext,
  deps: RoleDependencies,
): Promise<CustomRole> {
  assertCustomRole(slug);
  const { declaredPermissions } = context.tenant;
  const read = async () => {
    const role = await getCustomRole(slug, context, deps);
    // The users of the role share its permissions.
    assertHoldsPermissions(selectActivePermissions(role, declaredPermissions), context, {
      subject: 'The role',
      action: 'change or delete only roles',
    });
    return role;
  };
  const write = async (change: EntityChange<CustomRole>) => {
    const outcome = await deps.roles.write(change);
    if (outcome === 'full') throw roleLimitReached();
    return outcome;
  };
  return changeEntity({ ...update, read, write }, context, deps.now);
}

function assertCustomRole(slug: Slug | undefined): void {
  if (slug !== undefined && findBuiltInRole(slug))
    throw new Failure('role_built_in', 'A built-in role cannot be changed or deleted', {
      details: { field: 'roleId' },
    });
}
