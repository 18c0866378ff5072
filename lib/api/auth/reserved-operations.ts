import type { RequestContext } from '../../domain/access/request-context.ts';
import type { Permission } from '../../domain/access/permissions.ts';
import type { Operation } from '../routes.ts';

/** Operations by which administrators stop a flood, with the permission that each needs. */
const reservedOperations: Readonly<Partial<Record<Operation, Permission>>> = {
  updateUser: 'users:update',
  suspendUser: 'users:update',
  setUserActive: 'users:update',
  deleteUser: 'users:delete',
  eraseUser: 'users:erase',
  revokeInvitation: 'users:create',
  updateRole: 'roles:write',
  deleteRole: 'roles:write',
  updateAppClient: 'appClients:write',
  deleteAppClient: 'appClients:write',
  revokeAppClient: 'appClients:write',
  createAppClientSecret: 'appClients:write',
  deleteAppClientSecret: 'appClients:write',
  updateTenant: 'tenant:update',
};

/** True for an operation that may use the reserve of the tenant's share, by a caller who holds its permission. */
export function usesReserve(
  operation: Operation,
  { permissions, systemAdministrator }: RequestContext['principal'],
): boolean {
  const permission = reservedOperations[operation];
  return permission !== undefined && (systemAdministrator || permissions.includes(permission));
}
