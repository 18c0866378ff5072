import { changeEntity } from '../access/change-entity.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import { Failure } from '../kernel/failure.ts';
import type { DurationMs } from '../kernel/time.ts';
import { getPathTenant } from './read-tenants.ts';
import type { Tenant } from './tenant.ts';
import { invalidTransition } from './transitions.ts';
import type { TenantDependencies, TenantTarget } from './update-tenant.ts';

export interface DeletionDependencies
  extends Pick<TenantDependencies, 'policy' | 'tenantAdminStore' | 'now'> {
  /** Time after a deletion in which the tenant can be restored. */
  readonly restoreWindowMs: DurationMs;
}

/**
 * Deletes a tenant. Requests in it fail as if it did not exist, and its slug stays reserved. After
 * the restore window, its data is erased. Throws `forbidden`, `not_found`, `self_protected` for the
 * tenant of the caller, `invalid_transition` or `precondition_failed`.
 */
export function deleteTenant(
  target: TenantTarget,
  context: RequestContext,
  deps: DeletionDependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'deleteTenant', {});
  const { subject, tenantId: homeTenantId } = context.principal;
  const change = (tenant: Tenant): Partial<Tenant> => {
    const { status } = tenant;
    if (status === 'deleted') throw invalidTransition(tenant, 'delete', deps.now());
    if (tenant.tenantId === homeTenantId)
      throw new Failure('self_protected', 'Callers cannot delete their own tenant');
    const now = deps.now();
    const eraseAfter = new Date(now.getTime() + deps.restoreWindowMs).toISOString();
    const deletion = { at: now.toISOString(), by: subject, eraseAfter, status };
    return { status: 'deleted', deletion };
  };
  return changeTenant({ ...target, action: 'delete', change }, context, deps);
}

/**
 * Restores a deleted tenant to its previous status. Throws `forbidden`, `not_found`,
 * `invalid_transition`, `restore_expired` after the restore window, or `precondition_failed`.
 */
export function restoreTenant(
  target: TenantTarget,
  context: RequestContext,
  deps: DeletionDependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'deleteTenant', {});
  const change = (tenant: Tenant): Partial<Tenant> => {
    const { deletion } = tenant;
    if (!deletion) throw invalidTransition(tenant, 'restore', deps.now());
    if (deps.now().toISOString() >= deletion.eraseAfter)
      throw new Failure('restore_expired', 'The tenant can no longer be restored');
    return { status: deletion.status, deletion: undefined };
  };
  return changeTenant({ ...target, action: 'restore', change }, context, deps);
}

/**
 * Ends the restore window of a deleted tenant, so its data is erased without waiting. Has no effect
 * after the window. Throws `forbidden`, `not_found`, `invalid_transition` or `precondition_failed`.
 */
export function eraseTenant(
  target: TenantTarget,
  context: RequestContext,
  deps: DeletionDependencies,
): Promise<Tenant> {
  deps.policy.authorize(context, 'deleteTenant', {});
  const change = (tenant: Tenant): Partial<Tenant> => {
    const { deletion } = tenant;
    if (!deletion) throw invalidTransition(tenant, 'erase', deps.now());
    const eraseAfter = deps.now().toISOString();
    if (eraseAfter >= deletion.eraseAfter) return {};
    return { deletion: { ...deletion, eraseAfter, erasedBy: context.principal.subject } };
  };
  return changeTenant({ ...target, action: 'requestErasure', change }, context, deps);
}

interface DeletionChange extends TenantTarget {
  readonly action: ChangeAction<'tenant'>;
  readonly change: (tenant: Tenant) => Partial<Tenant>;
}

const changeTenant = (
  { tenantId, ifMatch, action, change }: DeletionChange,
  context: RequestContext,
  { tenantAdminStore, now }: DeletionDependencies,
): Promise<Tenant> =>
  changeEntity<Tenant>(
    {
      action,
      ifMatch,
      change,
      read: () => getPathTenant(tenantId, context, { tenantAdminStore }),
      write: (tenantChange) => tenantAdminStore.write(tenantChange),
    },
    context,
    now,
  );
