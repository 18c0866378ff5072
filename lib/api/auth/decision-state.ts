import type { Operation } from '../routes.ts';

/**
 * Consistency of the state that an operation decides on: tenant, roles and the caller's rights.
 *
 * - `current`: read strongly. Required for permanent decisions: operations that grant, remove or
 *   deny rights, set a credential, invite, or change an account, a role, an app client or a tenant.
 * - `current-if-granting`: the operation calls `readCurrentContext` if the request grants rights.
 * - `cached`: up to 30 s old, because nothing permanent depends on it. A denied caller is read
 *   strongly, and decided on again if the rights differ.
 * - `none`: nothing is decided.
 */
export const decisionState = {
  // A user without roles and credentials has no rights, and acceptance reads the inviter strongly.
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

  // The operation reads the tenant of the link strongly, after verifying the link.
  inspectInvitation: 'current',
  acceptInvitation: 'current',
  inspectPasswordReset: 'current',
  completePasswordReset: 'current',

  listUsers: 'cached',
  listErasures: 'cached',
  getUser: 'cached',
  exportUser: 'cached',
  getOwnUser: 'cached',
  // Name and picture only. The status of the user is read strongly, and the roles if the caller's
  // identity has a limit.
  updateOwnUser: 'cached',
  listInvitations: 'cached',
  getInvitation: 'cached',
  listRoles: 'cached',
  getRole: 'cached',
  listAppClients: 'cached',
  getAppClient: 'cached',
  listTenants: 'cached',
  getTenant: 'cached',
  // User, hash and secret are read strongly. The directory decides again whenever the token is
  // used.
  signIn: 'cached',
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
