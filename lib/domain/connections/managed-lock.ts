import type { RequestContext } from '../access/request-context.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { ManagedBy } from './managed-by.ts';

/** Setting `lockManaged` of connections. Strongly consistent. */
export interface ManagedLock {
  /** False for a connection that no longer exists. */
  isLocked(tenantId: Uuid, connectionId: Uuid): Promise<boolean>;
}

export interface LockDependencies {
  readonly managedLock: ManagedLock;
}

interface LockedChange {
  readonly managedBy: ManagedBy | undefined;
  /** Changed field that a connection writes. Undefined for none. */
  readonly field: string | undefined;
}

/**
 * Throws `managed_by_connection` if the connection of a user or group locks the field. The identity
 * provider would undo a change by another caller.
 */
export async function assertUnlocked(
  { managedBy, field }: LockedChange,
  { principal, tenant }: RequestContext,
  { managedLock }: LockDependencies,
): Promise<void> {
  if (!managedBy || field === undefined) return;
  const { connectionId } = managedBy;
  if (principal.appClient?.connectionId === connectionId) return;
  if (!(await managedLock.isLocked(tenant.tenantId, connectionId))) return;
  throw new Failure(
    'managed_by_connection',
    `A SCIM connection manages ${field}. Change it in the identity provider.`,
    { details: { field } },
  );
}
