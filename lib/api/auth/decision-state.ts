import type { Operation } from '../routes.ts';

/**
 * State that an operation decides on: the tenant with its settings and roles, and the rights of the caller.
 *
 * - `current`: read strongly in the same request. Required for permanent decisions: operations that grant, remove or refuse rights,
 *   sets a credential, invites, or changes an account, a role, an app client or a tenant.
 * - `current-if-granting`: the operation calls `readCurrentCall` if the request gives away rights.
 * - `cached`: up to 30 s old. The delay ends by itself, because nothing stays that was decided on it. A caller whom the policies refuse is
 *   read strongly, and decided on again with other rights.
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

  // The link names the tenant: the operation itself reads it strongly once the link is verified.
  inspectInvitation: 'current',
  acceptInvitation: 'current',
  inspectPasswordReset: 'current',
  completePasswordReset: 'current',

  listUsers: 'cached',
  listErasures: 'cached',
  getUser: 'cached',
  exportUser: 'cached',
  getOwnUser: 'cached',
  // Name and picture only. The status of the user is read strongly, and the roles if the caller's identity has a limit.
  updateOwnUser: 'cached',
  listInvitations: 'cached',
  getInvitation: 'cached',
  listRoles: 'cached',
  getRole: 'cached',
  listAppClients: 'cached',
  getAppClient: 'cached',
  listTenants: 'cached',
  getTenant: 'cached',
  // User, hash and secret are read strongly. The directory decides again whenever the token is used.
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
