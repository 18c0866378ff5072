import type { RequestContext } from '../access/request-context.ts';
import type { Uuid } from '../kernel/ids.ts';
import { isOwner, ownerProtected } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { changeUser } from '../users/change-user.ts';
import type { UserStore } from '../users/user-store.ts';
import type { UserWithGroups } from '../users/user.ts';
import {
  authorizeConnectionWrite,
  type ConnectionDependencies,
  readConnection,
} from './change-connection.ts';
import type { ManagedLock } from './managed-lock.ts';

interface UserApproval {
  readonly connectionId: Uuid | undefined;
  readonly userId: Uuid | undefined;
  /** False to end the management. */
  readonly isManaged: boolean;
}

type Dependencies = ConnectionDependencies & {
  readonly users: UserStore;
  readonly tenants: TenantStore;
  readonly managedLock: ManagedLock;
};

/**
 * Lets a connection manage an existing user, also one of another connection, or ends it. No effect
 * if nothing changes. Throws `forbidden` for a user or connection with more permissions than the
 * caller, `not_found`, or `owner_protected`.
 */
export async function setManagedUser(
  { connectionId, userId, isManaged }: UserApproval,
  context: RequestContext,
  deps: Dependencies,
): Promise<void> {
  authorizeConnectionWrite([], context, deps.policy);
  const { connection } = await readConnection(connectionId, context, deps);
  const change = async (user: UserWithGroups) => {
    const isCurrent = user.managedBy?.connectionId === connection.connectionId;
    if (isCurrent === isManaged) return { fields: {} };
    if (!isManaged) return { fields: { managedBy: undefined } };
    if (await isOwner(user, context, deps)) throw ownerProtected();
    return { fields: { managedBy: { connectionId: connection.connectionId } } };
  };
  const ref = userId === undefined ? undefined : { userId };
  await changeUser({ action: 'update', ref, change }, context, deps);
}
