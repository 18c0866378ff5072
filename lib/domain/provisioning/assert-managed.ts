import type { RequestContext } from '../access/request-context.ts';
import type { Connection } from '../connections/connection.ts';
import { Failure } from '../kernel/failure.ts';
import { isOwner } from '../tenants/ownership.ts';
import type { TenantStore } from '../tenants/tenant-store.ts';
import { toCallerAccount } from '../users/caller-account.ts';
import { assertWithinCallerPermissions, userNotFound } from '../users/change-user.ts';
import type { User, UserWithGroups } from '../users/user.ts';

/** True if the connection manages the user. Callers without a connection manage the others. */
export const isManagedBy = (
  { managedBy }: Pick<User, 'managedBy'>,
  connection: Pick<Connection, 'connectionId'> | undefined,
): boolean => managedBy?.connectionId === connection?.connectionId;

/**
 * Throws `not_managed` for the owner, for the caller's own account, and for a user that the
 * connection does not manage, and `forbidden` for a user with more permissions than the connection.
 * Throws `not_found` for a user that the connection cannot read.
 */
export async function assertManaged(
  user: UserWithGroups,
  connection: Connection | undefined,
  context: RequestContext,
  deps: { readonly tenants: TenantStore },
): Promise<void> {
  const isManaged = isManagedBy(user, connection);
  if (!isManaged && connection?.visible === 'managed') throw userNotFound();
  await assertManageable(user, context, deps);
  if (toCallerAccount(user, context))
    throw new Failure('not_managed', 'Use /Me to change your own account');
  if (isManaged) return;
  if (!connection) throw new Failure('not_managed', 'The user is managed by a SCIM connection');
  throw new Failure('not_managed', 'The user is not managed by this connection', {
    notices: ['An administrator can let the connection manage this user.'],
  });
}

/** Throws `not_managed` for the owner, and `forbidden` for a user above the connection. */
export async function assertManageable(
  user: UserWithGroups,
  context: RequestContext,
  deps: { readonly tenants: TenantStore },
): Promise<void> {
  if (await isOwner(user, context, deps))
    throw new Failure('not_managed', 'The owner of the tenant is not managed by SCIM');
  assertWithinCallerPermissions(context, user);
}
