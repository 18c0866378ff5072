import type { Operation } from '../routes.ts';

/**
 * Consistency of the tenant, the roles and the caller's permissions that an operation decides on.
 *
 * - `current`: strongly consistent. Required for permanent decisions: operations that grant, remove
 *   or deny permissions, set a credential, invite, or change a user, role, app client or tenant.
 * - `current-if-granting`: cached, and `current` if the request grants permissions.
 * - `cached`: up to 30 s old, because nothing permanent depends on it. A denial is decided again if
 *   the current permissions differ.
 * - `none`: the operation makes no decision.
 */
export const decisionState = {
  // A user without roles and credentials has no permissions, and acceptance checks the inviter.
  createUser: 'current-if-granting',
  updateUser: 'current',
  approveCredentials: 'current',
  requestCredentialConfirmation: 'current',
  confirmCredential: 'current',
  suspendUser: 'current',
  reactivateUser: 'current',
  setUserActive: 'current',
  deleteUser: 'current',
  restoreUser: 'current',
  eraseUser: 'current',
  changeOwnPassword: 'current',
  resendInvitation: 'current',
  revokeInvitation: 'current',
  copyInvitationLink: 'current',
  createRole: 'current',
  updateRole: 'current',
  deleteRole: 'current',
  createGroup: 'current',
  updateGroup: 'current',
  deleteGroup: 'current',
  restoreGroup: 'current',
  addGroupMembers: 'current',
  updateGroupMember: 'current',
  removeGroupMember: 'current',
  removeGroupMembers: 'current',
  createLevel: 'current',
  updateLevel: 'current',
  deleteLevel: 'current',
  createGroupToken: 'current',
  deleteGroupToken: 'current',
  createAppClient: 'current',
  updateAppClient: 'current',
  deleteAppClient: 'current',
  revokeAppClient: 'current',
  createAppClientSecret: 'current',
  deleteAppClientSecret: 'current',
  createTenant: 'current',
  updateTenant: 'current',
  suspendTenant: 'current',
  resumeTenant: 'current',
  transferOwnership: 'current',
  createDomain: 'current',
  verifyDomain: 'current',
  deleteDomain: 'current',

  // The operation reads the current tenant of the link after it verified the link.
  inspectInvitation: 'current',
  acceptInvitation: 'current',
  inspectPasswordReset: 'current',
  completePasswordReset: 'current',

  listUsers: 'cached',
  listErasures: 'cached',
  getUser: 'cached',
  getOrganizationUser: 'cached',
  exportUser: 'cached',
  getSession: 'cached',
  getOwnUser: 'cached',
  getProfile: 'cached',
  // Name, language, pictures and metadata of the profile. The user is always current, and the roles
  // are if the caller's identity has a limit.
  updateOwnUser: 'cached',
  updateProfile: 'cached',
  listInvitations: 'cached',
  getInvitation: 'cached',
  listRoles: 'cached',
  listPermissions: 'cached',
  getRole: 'cached',
  listGroups: 'cached',
  getGroup: 'cached',
  listGroupMembers: 'cached',
  listAllGroupMembers: 'cached',
  listGroupTokens: 'cached',
  listUserGroups: 'cached',
  listOwnGroups: 'cached',
  listLevels: 'cached',
  getLevel: 'cached',
  listAppClients: 'cached',
  getAppClient: 'cached',
  listTenants: 'cached',
  getTenant: 'cached',
  getOrganization: 'cached',
  listDomains: 'cached',
  getDomain: 'cached',
  listProjects: 'cached',
  // User, hash and secret are always current. The directory decides again at each use of the token.
  signIn: 'cached',
  getSignInMethods: 'cached',
  issueToken: 'cached',
  requestPasswordReset: 'cached',

  getResetPage: 'none',
  getConfirmPage: 'none',
  getOpenapi: 'none',
  getDocs: 'none',
  getDocsFile: 'none',
  getAcceptPage: 'none',
  getAcceptFile: 'none',
  getDiscovery: 'none',
  getKeySet: 'none',
  getHealth: 'none',
  answerUnrouted: 'none',
} as const satisfies Readonly<
  Record<Operation, 'current' | 'current-if-granting' | 'cached' | 'none'>
>;
