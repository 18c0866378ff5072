import type { RequestContext } from '../../domain/access/request-context.ts';
import type { BuiltInPermission } from '../../domain/access/permissions.ts';
import type { Operation } from '../routes.ts';

/** Operations that stop a flood of requests, with the required permissions. */
const reservedOperations: Readonly<Partial<Record<Operation, BuiltInPermission>>> = {
  updateUser: 'users:update',
  removeUserRole: 'users:update',
  suspendUser: 'users:update',
  setUserActive: 'users:update',
  signOutUser: 'users:update',
  deleteUser: 'users:delete',
  eraseUser: 'users:erase',
  revokeInvitation: 'users:create',
  updateRole: 'roles:write',
  deleteRole: 'roles:write',
  updateLevel: 'users:update',
  deleteLevel: 'users:update',
  updateGroup: 'groups:write',
  removeGroupRole: 'groups:write',
  deleteGroup: 'groups:write',
  updateGroupMember: 'groups:write',
  removeGroupMember: 'groups:write',
  removeGroupMembers: 'groups:write',
  deleteGroupToken: 'groups:write',
  updateAppClient: 'appClients:write',
  deleteAppClient: 'appClients:write',
  revokeAppClient: 'appClients:write',
  createAppClientSecret: 'appClients:write',
  deleteAppClientSecret: 'appClients:write',
  updateConnection: 'scim:write',
  deleteConnection: 'scim:write',
  createConnectionToken: 'scim:write',
  deleteConnectionToken: 'scim:write',
  releaseConnectionBrake: 'scim:write',
  updateTenant: 'tenant:update',
};

/**
 * True if the operation may use the reserve of the tenant's rate limit and the caller has its
 * permission.
 */
export function usesReserve(
  operation: Operation,
  { permissions, systemAdministrator }: RequestContext['principal'],
): boolean {
  const permission = reservedOperations[operation];
  return permission !== undefined && (systemAdministrator || permissions.includes(permission));
}
