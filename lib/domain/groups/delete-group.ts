import { changeEntity } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import { assertUnlocked } from '../connections/managed-lock.ts';
import { Failure } from '../kernel/failure.ts';
import type { DurationMs } from '../kernel/time.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import type { Group } from './group.ts';
import {
  assertHoldsGroupPermissions,
  type GroupDependencies,
  groupNotFound,
  type GroupTarget,
  readGroup,
  writeGroup,
} from './manage-groups.ts';
import { nest } from './nesting.ts';

/**
 * Deletes a group. Its members lose its roles at once, and its name is free. The memberships remain
 * until the group can no longer be restored. Throws `forbidden`, `not_found`,
 * `managed_by_connection` or `precondition_failed`.
 */
export async function deleteGroup(
  { groupId, ifMatch }: GroupTarget,
  context: RequestContext,
  deps: GroupDependencies,
): Promise<Group> {
  deps.policy.authorize(context, 'writeGroup', { grantedPermissions: [] });
  return changeEntity(
    {
      action: 'delete',
      read: () => readGroup(groupId, context, deps),
      ifMatch,
      change: async (group) => {
        await assertUnlocked({ managedBy: group.managedBy, field: 'status' }, context, deps);
        assertHoldsGroupPermissions(group, context);
        return { deletion: { at: deps.now().toISOString(), by: context.principal.subject } };
      },
      write: (change) => writeGroup(change, deps),
    },
    context,
    deps.now,
  );
}

interface RestoreDependencies extends GroupDependencies {
  readonly tenants: Pick<TenantStore, 'findCurrent'>;
  /** Time after a deletion in which the group can be restored. */
  readonly restoreWindowMs: DurationMs;
}

/**
 * Restores a deleted group with its members and parents. Throws `forbidden` for a permission that
 * the caller lacks, `not_found`, `restore_expired`, `group_exists` if another group has the name or
 * external ID, `invalid_nesting` or `group_limit_reached`.
 */
export async function restoreGroup(
  { groupId, ifMatch }: GroupTarget,
  context: RequestContext,
  deps: RestoreDependencies,
): Promise<Group> {
  deps.policy.authorize(context, 'writeGroup', { grantedPermissions: [] });
  const { tenantId } = context.tenant;
  let restored: Parameters<typeof writeGroup>[2];
  return changeEntity(
    {
      action: 'restore',
      read: async () => {
        const group = groupId === undefined ? undefined : await deps.groups.get(tenantId, groupId);
        if (!group?.deletion) throw groupNotFound();
        return group;
      },
      ifMatch,
      change: async ({ groupId: id, roles, deletion }) => {
        const endMs = Date.parse(deletion?.at ?? '') + deps.restoreWindowMs;
        if (!deletion || deletion.isFinal || deps.now().getTime() > endMs)
          throw new Failure('restore_expired', 'The group can no longer be restored');
        // In this order: a nesting that changes after it was read makes the write stale.
        const nestingVersion = await deps.groups.getNestingVersion(tenantId);
        const tenant = await deps.tenants.findCurrent(tenantId);
        if (!tenant) throw groupNotFound();
        const parents = await deps.memberships.listGroupIds(tenantId, { kind: 'group', id });
        const groups = nest(id, parents, new Map(tenant.groups).set(id, { roles, parents: [] }));
        assertHoldsGroupPermissions(
          { groupId: id, roles },
          { ...context, tenant: { ...tenant, groups } },
        );
        restored = { nestingVersion, parents };
        return { deletion: undefined };
      },
      write: (change) => writeGroup(change, deps, restored),
    },
    context,
    deps.now,
  );
}
