/**
 * All routes. The stack, the local server, the OpenAPI document and the pipeline use this table. It
 * imports nothing.
 */
export type DialectName = 'native' | 'cradl' | 'jitsudo' | 'credible' | 'scim';
/** Dialects whose operations share handlers and differ in their codecs. */
export type CodecDialect = Exclude<DialectName, 'scim'>;
export type Operation =
  | 'createUser'
  | 'importUsers'
  | 'listUsers'
  | 'getUser'
  | 'getOrganizationUser'
  | 'updateUser'
  | 'assignUserRole'
  | 'removeUserRole'
  | 'approveCredentials'
  | 'requestCredentialConfirmation'
  | 'confirmCredential'
  | 'suspendUser'
  | 'reactivateUser'
  | 'setUserActive'
  | 'signOutUser'
  | 'deleteUser'
  | 'restoreUser'
  | 'eraseUser'
  | 'listErasures'
  | 'exportUser'
  | 'getSession'
  | 'getOwnUser'
  | 'updateOwnUser'
  | 'deleteOwnUser'
  | 'signOutOwnUser'
  | 'getProfile'
  | 'updateProfile'
  | 'changeOwnPassword'
  | 'requestOwnEmailVerification'
  | 'cancelOwnEmailVerification'
  | 'requestEmailChange'
  | 'requestUserEmailVerification'
  | 'listInvitations'
  | 'getInvitation'
  | 'resendInvitation'
  | 'revokeInvitation'
  | 'copyInvitationLink'
  | 'createRole'
  | 'listRoles'
  | 'listPermissions'
  | 'getRole'
  | 'updateRole'
  | 'deleteRole'
  | 'createGroup'
  | 'listGroups'
  | 'getGroup'
  | 'updateGroup'
  | 'assignGroupRole'
  | 'removeGroupRole'
  | 'deleteGroup'
  | 'restoreGroup'
  | 'listGroupMembers'
  | 'listAllGroupMembers'
  | 'addGroupMembers'
  | 'updateGroupMember'
  | 'removeGroupMember'
  | 'removeGroupMembers'
  | 'createLevel'
  | 'listLevels'
  | 'getLevel'
  | 'updateLevel'
  | 'deleteLevel'
  | 'createGroupToken'
  | 'listGroupTokens'
  | 'deleteGroupToken'
  | 'listUserGroups'
  | 'listOwnGroups'
  | 'inspectInvitation'
  | 'acceptInvitation'
  | 'createAppClient'
  | 'listAppClients'
  | 'getAppClient'
  | 'updateAppClient'
  | 'deleteAppClient'
  | 'revokeAppClient'
  | 'createAppClientSecret'
  | 'deleteAppClientSecret'
  | 'createTenant'
  | 'listTenants'
  | 'getTenant'
  | 'getOrganization'
  | 'listProjects'
  | 'updateTenant'
  | 'suspendTenant'
  | 'resumeTenant'
  | 'deleteTenant'
  | 'restoreTenant'
  | 'eraseTenant'
  | 'transferOwnership'
  | 'createDomain'
  | 'listDomains'
  | 'getDomain'
  | 'verifyDomain'
  | 'deleteDomain'
  | 'listEvents'
  | 'listAuditLog'
  | 'getAuditLogEntry'
  | 'getCheckpointProof'
  | 'listEventTypes'
  | 'getEventType'
  | 'createWebhook'
  | 'listWebhooks'
  | 'getWebhook'
  | 'updateWebhook'
  | 'deleteWebhook'
  | 'enableWebhook'
  | 'disableWebhook'
  | 'rotateWebhookSecret'
  | 'revokeWebhookSecret'
  | 'testWebhook'
  | 'replayWebhook'
  | 'listWebhookDeliveries'
  | 'createConnection'
  | 'listConnections'
  | 'getConnection'
  | 'updateConnection'
  | 'deleteConnection'
  | 'createConnectionToken'
  | 'deleteConnectionToken'
  | 'listConnectionLog'
  | 'getConnectionHealth'
  | 'releaseConnectionBrake'
  | 'approveConnectionUser'
  | 'releaseConnectionUser'
  | 'signIn'
  | 'getSignInMethods'
  | 'requestPasswordReset'
  | 'inspectPasswordReset'
  | 'completePasswordReset'
  | 'inspectEmailVerification'
  | 'completeEmailVerification'
  | 'getResetPage'
  | 'getConfirmPage'
  | 'getVerifyPage'
  | 'getOpenapi'
  | 'getDocs'
  | 'getDocsFile'
  | 'getAcceptPage'
  | 'getAcceptFile'
  | 'getLogo'
  | 'issueToken'
  | 'scimCreateUser'
  | 'scimListUsers'
  | 'scimSearchUsers'
  | 'scimList'
  | 'scimSearch'
  | 'scimGetUser'
  | 'scimReplaceUser'
  | 'scimPatchUser'
  | 'scimDeleteUser'
  | 'scimGetOwnUser'
  | 'scimReplaceOwnUser'
  | 'scimPatchOwnUser'
  | 'scimDeleteOwnUser'
  | 'scimBulk'
  | 'scimCreateGroup'
  | 'scimListGroups'
  | 'scimSearchGroups'
  | 'scimGetGroup'
  | 'scimReplaceGroup'
  | 'scimPatchGroup'
  | 'scimDeleteGroup'
  | 'scimGetServiceProviderConfig'
  | 'scimListResourceTypes'
  | 'scimGetResourceType'
  | 'scimListSchemas'
  | 'scimGetSchema'
  | 'getDiscovery'
  | 'getKeySet'
  | 'getHealth'
  | 'answerUnrouted';
export type FunctionName =
  | 'users'
  | 'account'
  | 'bulk-users'
  | 'passwords'
  | 'invitation-links'
  | 'link-redemption'
  | 'app-clients'
  | 'tenants'
  | 'domains'
  | 'groups'
  | 'webhooks'
  | 'connections'
  | 'tokens'
  | 'sign-in'
  | 'feed'
  | 'logos'
  | 'scim'
  | 'documents';

interface CommonRoute {
  /** API Gateway route key: `METHOD /path/{parameter}`, or `$default`. */
  readonly route: string;
  readonly operation: Operation;
  /** Lambda function that serves the route: `functions/<function>.ts`. */
  readonly function: FunctionName;
  /** Dialect of the response, errors included. */
  readonly dialect: DialectName;
  /** Status of a successful response. */
  readonly status: 200 | 201 | 202 | 204 | 404;
  /** Operations parse forms and bodies of SCIM themselves. In SCIM, `none` ignores the body. */
  readonly body: 'json' | 'form' | 'scim' | 'none';
  /**
   * Accepted query parameters: none, those of the list, those that the operation names, or any.
   * Pages accept any, because links can carry tracking parameters. So do the token endpoint (RFC
   * 6749 §3.2) and SCIM.
   */
  readonly query?: 'list' | 'named' | 'any';
  /** Overrides the error format of the dialect. */
  readonly errorFormat?: 'oauth';
}

/**
 * `bearer` routes require a token or API key, and one policy decision. `public` routes state why
 * not.
 */
export type Route = CommonRoute &
  ({ readonly access: 'bearer' } | { readonly access: 'public'; readonly why: string });

// biome-ignore format: one row per line.
export const routes = [
  { route: 'POST /v1/users',                                     operation: 'createUser',        function: 'users',     dialect: 'native',   status: 201, body: 'json', access: 'bearer' },
  { route: 'POST /v1/users/bulk',                                operation: 'importUsers',       function: 'bulk-users', dialect: 'native',  status: 200, body: 'json', access: 'bearer' },
  { route: 'GET /v1/users',                                      operation: 'listUsers',         function: 'users',     dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/users/{userId}',                             operation: 'getUser',           function: 'users',     dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /v1/users/{userId}',                           operation: 'updateUser',        function: 'users',     dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'PUT /v1/users/{userId}/roles/{roleId}',                 operation: 'assignUserRole',    function: 'users',    dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'DELETE /v1/users/{userId}/roles/{roleId}',              operation: 'removeUserRole',    function: 'users',    dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/suspend',                    operation: 'suspendUser',       function: 'users',     dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/reactivate',                 operation: 'reactivateUser',    function: 'users',     dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/sign-out',                   operation: 'signOutUser',       function: 'users',     dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'DELETE /v1/users/{userId}',                          operation: 'deleteUser',        function: 'users',     dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/restore',                    operation: 'restoreUser',       function: 'users',     dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/credentials/approve',        operation: 'approveCredentials', function: 'users',    dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /v1/users/me/credentials/confirmation',         operation: 'requestCredentialConfirmation', function: 'invitation-links', dialect: 'native', status: 204, body: 'json', access: 'bearer' },
  { route: 'POST /v1/users/me/credentials/confirm',              operation: 'confirmCredential', function: 'invitation-links',  dialect: 'native',   status: 204, body: 'json', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/erase',                      operation: 'eraseUser',         function: 'users',     dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'GET /v1/erasures',                                   operation: 'listErasures',      function: 'users',     dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/users/{userId}/export',                      operation: 'exportUser',        function: 'bulk-users', dialect: 'native',  status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/session',                                    operation: 'getSession',        function: 'account',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'GET /v1/users/me',                                   operation: 'getOwnUser',        function: 'account',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /v1/users/me',                                 operation: 'updateOwnUser',     function: 'account',   dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/users/me',                                operation: 'deleteOwnUser',     function: 'account',   dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/me/sign-out',                         operation: 'signOutOwnUser',    function: 'account',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/me/password',                         operation: 'changeOwnPassword', function: 'passwords', dialect: 'native',   status: 204, body: 'json', access: 'bearer' },

  { route: 'POST /v1/users/me/email',                            operation: 'requestEmailChange', function: 'account',  dialect: 'native',   status: 204, body: 'json', access: 'bearer' },
  { route: 'POST /v1/users/me/email/verification',               operation: 'requestOwnEmailVerification', function: 'account', dialect: 'native', status: 204, body: 'none', access: 'bearer' },
  { route: 'DELETE /v1/users/me/email/verification',             operation: 'cancelOwnEmailVerification', function: 'account', dialect: 'native', status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/email/verification',         operation: 'requestUserEmailVerification', function: 'account', dialect: 'native', status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/auth/email-verification/inspect',           operation: 'inspectEmailVerification', function: 'link-redemption', dialect: 'native', status: 200, body: 'json', access: 'public', why: 'the link in the body is the credential' },
  { route: 'POST /v1/auth/email-verification/complete',          operation: 'completeEmailVerification', function: 'link-redemption', dialect: 'native', status: 200, body: 'json', access: 'public', why: 'the link in the body is the credential' },
  { route: 'GET /verify',                                        operation: 'getVerifyPage',     function: 'documents', dialect: 'native',   status: 200, body: 'none', query: 'any', access: 'public', why: 'the link is the credential' },

  { route: 'GET /v1/invitations',                                operation: 'listInvitations',   function: 'invitation-links', dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/users/{userId}/invitation',                  operation: 'getInvitation',     function: 'invitation-links', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/invitation/resend',          operation: 'resendInvitation',  function: 'invitation-links', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/invitation/revoke',          operation: 'revokeInvitation',  function: 'invitation-links', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/users/{userId}/invitation/link',            operation: 'copyInvitationLink', function: 'invitation-links', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/invitations/inspect',                       operation: 'inspectInvitation', function: 'link-redemption', dialect: 'native',   status: 200, body: 'json', access: 'public', why: 'the link in the body is the credential' },
  { route: 'POST /v1/invitations/accept',                        operation: 'acceptInvitation',  function: 'link-redemption', dialect: 'native',   status: 200, body: 'json', access: 'public', why: 'the link in the body is the credential' },

  { route: 'POST /v1/auth/token',                                operation: 'signIn',            function: 'sign-in',   dialect: 'native',   status: 200, body: 'json', access: 'public', why: 'the password is the credential' },
  { route: 'GET /v1/auth/providers',                             operation: 'getSignInMethods',  function: 'sign-in',   dialect: 'native',   status: 200, body: 'none', query: 'named', access: 'public', why: 'shown before the sign-in' },
  { route: 'POST /jitsudo/v1/auth/login',                        operation: 'signIn',            function: 'sign-in',   dialect: 'jitsudo',  status: 200, body: 'json', access: 'public', why: 'the password is the credential' },
  { route: 'GET /jitsudo/v1/auth/providers',                     operation: 'getSignInMethods',  function: 'sign-in',   dialect: 'jitsudo',  status: 200, body: 'none', query: 'named', access: 'public', why: 'shown before the sign-in' },
  { route: 'POST /v1/auth/password-reset',                       operation: 'requestPasswordReset', function: 'link-redemption', dialect: 'native',  status: 202, body: 'json', access: 'public', why: 'the user cannot sign in; the response reveals nothing' },
  { route: 'POST /v1/auth/password-reset/inspect',               operation: 'inspectPasswordReset', function: 'link-redemption', dialect: 'native',  status: 200, body: 'json', access: 'public', why: 'the link in the body is the credential' },
  { route: 'POST /v1/auth/password-reset/complete',              operation: 'completePasswordReset', function: 'link-redemption', dialect: 'native', status: 200, body: 'json', access: 'public', why: 'the link in the body is the credential' },
  { route: 'POST /jitsudo/v1/auth/request-password-reset',       operation: 'requestPasswordReset', function: 'link-redemption', dialect: 'jitsudo', status: 202, body: 'json', access: 'public', why: 'the user cannot sign in; the response reveals nothing' },
  { route: 'POST /jitsudo/v1/auth/reset-password',               operation: 'completePasswordReset', function: 'link-redemption', dialect: 'jitsudo', status: 200, body: 'json', access: 'public', why: 'the link in the body is the credential' },
  { route: 'GET /reset',                                         operation: 'getResetPage',      function: 'documents', dialect: 'native',   status: 200, body: 'none', query: 'any', access: 'public', why: 'the user has no token yet' },
  { route: 'GET /confirm',                                       operation: 'getConfirmPage',    function: 'documents', dialect: 'native',   status: 200, body: 'none', query: 'any', access: 'public', why: 'the user signs in on the page' },

  { route: 'POST /cradl/v1/users',                               operation: 'createUser',        function: 'users',     dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'GET /cradl/v1/users',                                operation: 'listUsers',         function: 'users',     dialect: 'cradl',    status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /cradl/v1/users/{userId}',                       operation: 'getUser',           function: 'users',     dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /cradl/v1/users/{userId}',                     operation: 'updateUser',        function: 'users',     dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /cradl/v1/users/{userId}',                    operation: 'deleteUser',        function: 'users',     dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },

  { route: 'GET /cradl/v1/profiles/me',                          operation: 'getOwnUser',        function: 'account',   dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /cradl/v1/profiles/me',                        operation: 'updateOwnUser',     function: 'account',   dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'GET /cradl/v1/profiles/{profileId}',                 operation: 'getProfile',        function: 'account',   dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /cradl/v1/profiles/{profileId}',               operation: 'updateProfile',     function: 'account',   dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },

  { route: 'POST /v1/roles',                                     operation: 'createRole',        function: 'tenants',   dialect: 'native',   status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /v1/permissions',                                operation: 'listPermissions',   function: 'tenants',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'GET /v1/roles',                                      operation: 'listRoles',         function: 'tenants',   dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/roles/{roleId}',                             operation: 'getRole',           function: 'tenants',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /v1/roles/{roleId}',                           operation: 'updateRole',        function: 'tenants',   dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/roles/{roleId}',                          operation: 'deleteRole',        function: 'tenants',   dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/groups',                                     operation: 'createGroup',       function: 'groups',    dialect: 'native',   status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /v1/groups',                                      operation: 'listGroups',        function: 'groups',    dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/groups/{groupId}',                            operation: 'getGroup',          function: 'groups',    dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /v1/groups/{groupId}',                          operation: 'updateGroup',       function: 'groups',    dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/groups/{groupId}',                         operation: 'deleteGroup',       function: 'groups',    dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'PUT /v1/groups/{groupId}/roles/{roleId}',               operation: 'assignGroupRole',   function: 'groups',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'DELETE /v1/groups/{groupId}/roles/{roleId}',            operation: 'removeGroupRole',   function: 'groups',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/groups/{groupId}/restore',                   operation: 'restoreGroup',      function: 'groups',    dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'GET /v1/groups/{groupId}/members',                    operation: 'listGroupMembers',  function: 'groups',    dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'POST /v1/groups/{groupId}/members',                   operation: 'addGroupMembers',   function: 'groups',    dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /v1/groups/{groupId}/members/remove',            operation: 'removeGroupMembers', function: 'groups',    dialect: 'native',   status: 204, body: 'json', access: 'bearer' },
  { route: 'PATCH /v1/groups/{groupId}/members/{memberId}',       operation: 'updateGroupMember', function: 'groups',    dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/groups/{groupId}/members/{memberId}',      operation: 'removeGroupMember', function: 'groups',    dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'GET /v1/users/me/groups',                             operation: 'listOwnGroups',     function: 'groups',    dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/users/{userId}/groups',                       operation: 'listUserGroups',    function: 'groups',    dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'POST /jitsudo/v1/groups',                              operation: 'createGroup',       function: 'groups',    dialect: 'jitsudo',  status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /jitsudo/v1/groups',                               operation: 'listGroups',        function: 'groups',    dialect: 'jitsudo',  status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /jitsudo/v1/groups/{id}',                          operation: 'getGroup',          function: 'groups',    dialect: 'jitsudo',  status: 200, body: 'none', access: 'bearer' },
  { route: 'PUT /jitsudo/v1/groups/{id}',                          operation: 'updateGroup',       function: 'groups',    dialect: 'jitsudo',  status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /jitsudo/v1/groups/{id}',                       operation: 'deleteGroup',       function: 'groups',    dialect: 'jitsudo',  status: 204, body: 'none', access: 'bearer' },
  { route: 'GET /jitsudo/v1/groups/{id}/members',                  operation: 'listGroupMembers',  function: 'groups',    dialect: 'jitsudo',  status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'POST /jitsudo/v1/groups/{id}/members',                 operation: 'addGroupMembers',   function: 'groups',    dialect: 'jitsudo',  status: 201, body: 'json', access: 'bearer' },
  { route: 'DELETE /jitsudo/v1/groups/{id}/members/{memberId}',    operation: 'removeGroupMember', function: 'groups',    dialect: 'jitsudo',  status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /cradl/v1/roles',                               operation: 'createRole',        function: 'tenants',   dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'GET /cradl/v1/roles',                                operation: 'listRoles',         function: 'tenants',   dialect: 'cradl',    status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /cradl/v1/roles/{roleId}',                       operation: 'getRole',           function: 'tenants',   dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /cradl/v1/roles/{roleId}',                     operation: 'updateRole',        function: 'tenants',   dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /cradl/v1/roles/{roleId}',                    operation: 'deleteRole',        function: 'tenants',   dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },

  { route: 'POST /jitsudo/v1/users',                             operation: 'createUser',        function: 'users',     dialect: 'jitsudo',  status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /jitsudo/v1/users',                              operation: 'listUsers',         function: 'users',     dialect: 'jitsudo',  status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /jitsudo/v1/users/{id}',                         operation: 'getUser',           function: 'users',     dialect: 'jitsudo',  status: 200, body: 'none', access: 'bearer' },
  { route: 'PUT /jitsudo/v1/users/{id}',                         operation: 'updateUser',        function: 'users',     dialect: 'jitsudo',  status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /jitsudo/v1/users/{id}/suspend',                operation: 'setUserActive',     function: 'users',     dialect: 'jitsudo',  status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /jitsudo/v1/users/{id}',                      operation: 'eraseUser',         function: 'users',     dialect: 'jitsudo',  status: 204, body: 'none', access: 'bearer' },
  { route: 'GET /jitsudo/v1/users/me/profile',                   operation: 'getOwnUser',        function: 'account',   dialect: 'jitsudo',  status: 200, body: 'none', access: 'bearer' },
  { route: 'PUT /jitsudo/v1/users/me/profile',                   operation: 'updateOwnUser',     function: 'account',   dialect: 'jitsudo',  status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /jitsudo/v1/users/me/password',                 operation: 'changeOwnPassword', function: 'passwords', dialect: 'jitsudo',  status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /jitsudo/v1/auth/set-initial-password',         operation: 'acceptInvitation',  function: 'link-redemption', dialect: 'jitsudo',  status: 200, body: 'json', access: 'public', why: 'the link in the body is the credential' },

  { route: 'POST /credible/api/v0/users',                        operation: 'createUser',        function: 'users',     dialect: 'credible', status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /credible/api/v0/users',                         operation: 'listUsers',         function: 'users',     dialect: 'credible', status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /credible/api/v0/users/{userName}',              operation: 'getUser',           function: 'users',     dialect: 'credible', status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /credible/api/v0/users/{userName}',            operation: 'updateUser',        function: 'users',     dialect: 'credible', status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /credible/api/v0/users/{userName}',           operation: 'deleteUser',        function: 'users',     dialect: 'credible', status: 204, body: 'none', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/users/{userName}', operation: 'getOrganizationUser', function: 'users', dialect: 'credible', status: 200, body: 'none', access: 'bearer' },

  { route: 'POST /v1/app-clients',                                operation: 'createAppClient',   function: 'app-clients', dialect: 'native',   status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /v1/app-clients',                                 operation: 'listAppClients',    function: 'app-clients', dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/app-clients/{appClientId}',                   operation: 'getAppClient',      function: 'app-clients', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /v1/app-clients/{appClientId}',                 operation: 'updateAppClient',   function: 'app-clients', dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/app-clients/{appClientId}',                operation: 'deleteAppClient',   function: 'app-clients', dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/app-clients/{appClientId}/revoke',           operation: 'revokeAppClient',   function: 'app-clients', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/app-clients/{appClientId}/secrets',          operation: 'createAppClientSecret', function: 'app-clients', dialect: 'native',   status: 201, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/app-clients/{appClientId}/secrets/{secretId}', operation: 'deleteAppClientSecret', function: 'app-clients', dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /cradl/v1/appClients',                           operation: 'createAppClient',   function: 'app-clients', dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'GET /cradl/v1/appClients',                            operation: 'listAppClients',    function: 'app-clients', dialect: 'cradl',    status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /cradl/v1/appClients/{appClientId}',              operation: 'getAppClient',      function: 'app-clients', dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /cradl/v1/appClients/{appClientId}',            operation: 'updateAppClient',   function: 'app-clients', dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /cradl/v1/appClients/{appClientId}',           operation: 'deleteAppClient',   function: 'app-clients', dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /jitsudo/v1/api-keys',                           operation: 'createAppClient',   function: 'app-clients', dialect: 'jitsudo',  status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /jitsudo/v1/api-keys',                            operation: 'listAppClients',    function: 'app-clients', dialect: 'jitsudo',  status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'DELETE /jitsudo/v1/api-keys/{id}',                    operation: 'deleteAppClient',   function: 'app-clients', dialect: 'jitsudo',  status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/tenants',                                   operation: 'createTenant',      function: 'tenants',   dialect: 'native',   status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /v1/tenants',                                    operation: 'listTenants',       function: 'tenants',   dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/tenants/{tenantId}',                         operation: 'getTenant',         function: 'tenants',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /v1/tenants/{tenantId}',                       operation: 'updateTenant',      function: 'tenants',   dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /v1/tenants/{tenantId}/suspend',                operation: 'suspendTenant',     function: 'tenants',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/tenants/{tenantId}/resume',                 operation: 'resumeTenant',      function: 'tenants',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'DELETE /v1/tenants/{tenantId}',                      operation: 'deleteTenant',      function: 'tenants',   dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/tenants/{tenantId}/restore',                operation: 'restoreTenant',     function: 'tenants',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/tenants/{tenantId}/erase',                  operation: 'eraseTenant',       function: 'tenants',   dialect: 'native',   status: 202, body: 'none', access: 'bearer' },
  { route: 'POST /v1/tenants/{tenantId}/transfer-ownership',     operation: 'transferOwnership', function: 'tenants',   dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /cradl/v1/organizations',                       operation: 'createTenant',      function: 'tenants',   dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'GET /cradl/v1/organizations',                        operation: 'listTenants',       function: 'tenants',   dialect: 'cradl',    status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /cradl/v1/organizations/{organizationId}',       operation: 'getTenant',         function: 'tenants',   dialect: 'cradl',    status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /cradl/v1/organizations/{organizationId}',     operation: 'updateTenant',      function: 'tenants',   dialect: 'cradl',    status: 200, body: 'json', access: 'bearer' },
  { route: 'GET /jitsudo/v1/tenants',                            operation: 'listTenants',       function: 'tenants',   dialect: 'jitsudo',  status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'POST /jitsudo/v1/tenants',                           operation: 'createTenant',      function: 'tenants',   dialect: 'jitsudo',  status: 201, body: 'json', access: 'bearer' },
  { route: 'PUT /jitsudo/v1/tenants/{tenantId}',                 operation: 'updateTenant',      function: 'tenants',   dialect: 'jitsudo',  status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /credible/api/v0/organizations',                 operation: 'createTenant',      function: 'tenants',   dialect: 'credible', status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}',   operation: 'getOrganization',   function: 'tenants',   dialect: 'credible', status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /credible/api/v0/organizations/{organization}', operation: 'updateTenant',      function: 'tenants',   dialect: 'credible', status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /v1/domains',                                   operation: 'createDomain',      function: 'domains',   dialect: 'native',   status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /v1/domains',                                    operation: 'listDomains',       function: 'domains',   dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/domains/{domainId}',                         operation: 'getDomain',         function: 'domains',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/domains/{domainId}/verify',                 operation: 'verifyDomain',      function: 'domains',   dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'DELETE /v1/domains/{domainId}',                      operation: 'deleteDomain',      function: 'domains',   dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/webhooks',                                          operation: 'createWebhook',     function: 'webhooks', dialect: 'native',   status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /v1/webhooks',                                           operation: 'listWebhooks',      function: 'webhooks', dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/webhooks/{webhookId}',                               operation: 'getWebhook',        function: 'webhooks', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /v1/webhooks/{webhookId}',                             operation: 'updateWebhook',     function: 'webhooks', dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/webhooks/{webhookId}',                            operation: 'deleteWebhook',     function: 'webhooks', dialect: 'native',   status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/webhooks/{webhookId}/enable',                       operation: 'enableWebhook',     function: 'webhooks', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/webhooks/{webhookId}/disable',                      operation: 'disableWebhook',    function: 'webhooks', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/webhooks/{webhookId}/rotate-secret',                operation: 'rotateWebhookSecret', function: 'webhooks', dialect: 'native',   status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /v1/webhooks/{webhookId}/revoke-previous-secret',       operation: 'revokeWebhookSecret', function: 'webhooks', dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/webhooks/{webhookId}/test',                         operation: 'testWebhook',       function: 'webhooks', dialect: 'native',   status: 202, body: 'none', access: 'bearer' },
  { route: 'POST /v1/webhooks/{webhookId}/replay',                       operation: 'replayWebhook',     function: 'webhooks', dialect: 'native',   status: 202, body: 'json', access: 'bearer' },
  { route: 'GET /v1/webhooks/{webhookId}/deliveries',                    operation: 'listWebhookDeliveries', function: 'webhooks', dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'POST /v1/scim/connections', operation: 'createConnection', function: 'connections', dialect: 'native', status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /v1/scim/connections', operation: 'listConnections', function: 'connections', dialect: 'native', status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/scim/connections/{connectionId}', operation: 'getConnection', function: 'connections', dialect: 'native', status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /v1/scim/connections/{connectionId}', operation: 'updateConnection', function: 'connections', dialect: 'native', status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/scim/connections/{connectionId}', operation: 'deleteConnection', function: 'connections', dialect: 'native', status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /v1/scim/connections/{connectionId}/tokens', operation: 'createConnectionToken', function: 'connections', dialect: 'native', status: 201, body: 'json', access: 'bearer' },
  { route: 'DELETE /v1/scim/connections/{connectionId}/tokens/{secretId}', operation: 'deleteConnectionToken', function: 'connections', dialect: 'native', status: 204, body: 'none', access: 'bearer' },
  { route: 'GET /v1/scim/connections/{connectionId}/log', operation: 'listConnectionLog', function: 'connections', dialect: 'native', status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/scim/connections/{connectionId}/health', operation: 'getConnectionHealth', function: 'connections', dialect: 'native', status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /v1/scim/connections/{connectionId}/brake/release', operation: 'releaseConnectionBrake', function: 'connections', dialect: 'native', status: 204, body: 'none', access: 'bearer' },
  { route: 'PUT /v1/scim/connections/{connectionId}/users/{userId}', operation: 'approveConnectionUser', function: 'connections', dialect: 'native', status: 204, body: 'none', access: 'bearer' },
  { route: 'DELETE /v1/scim/connections/{connectionId}/users/{userId}', operation: 'releaseConnectionUser', function: 'connections', dialect: 'native', status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /jitsudo/v1/domains',                           operation: 'createDomain',      function: 'domains',   dialect: 'jitsudo',  status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /jitsudo/v1/domains',                            operation: 'listDomains',       function: 'domains',   dialect: 'jitsudo',  status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'POST /jitsudo/v1/domains/{id}/verify',               operation: 'verifyDomain',      function: 'domains',   dialect: 'jitsudo',  status: 200, body: 'none', access: 'bearer' },
  { route: 'DELETE /jitsudo/v1/domains/{id}',                    operation: 'deleteDomain',      function: 'domains',   dialect: 'jitsudo',  status: 204, body: 'none', access: 'bearer' },
  { route: 'POST /credible/api/v0/organizations/{organization}/permissions', operation: 'createLevel', function: 'groups', dialect: 'credible', status: 201, body: 'json', query: 'named', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/permissions', operation: 'listLevels', function: 'groups', dialect: 'credible', status: 200, body: 'none', query: 'named', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/permissions/{userGroupId}', operation: 'getLevel', function: 'groups', dialect: 'credible', status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /credible/api/v0/organizations/{organization}/permissions/{userGroupId}', operation: 'updateLevel', function: 'groups', dialect: 'credible', status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /credible/api/v0/organizations/{organization}/permissions/{userGroupId}', operation: 'deleteLevel', function: 'groups', dialect: 'credible', status: 204, body: 'none', query: 'named', access: 'bearer' },
  { route: 'POST /credible/api/v0/organizations/{organization}/groups', operation: 'createGroup', function: 'groups', dialect: 'credible', status: 201, body: 'json', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/groups', operation: 'listGroups', function: 'groups', dialect: 'credible', status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/groups/{groupName}', operation: 'getGroup', function: 'groups', dialect: 'credible', status: 200, body: 'none', access: 'bearer' },
  { route: 'PATCH /credible/api/v0/organizations/{organization}/groups/{groupName}', operation: 'updateGroup', function: 'groups', dialect: 'credible', status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /credible/api/v0/organizations/{organization}/groups/{groupName}', operation: 'deleteGroup', function: 'groups', dialect: 'credible', status: 204, body: 'none', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/groups/{groupName}/members', operation: 'listAllGroupMembers', function: 'groups', dialect: 'credible', status: 200, body: 'none', access: 'bearer' },
  { route: 'POST /credible/api/v0/organizations/{organization}/groups/{groupName}/members', operation: 'addGroupMembers', function: 'groups', dialect: 'credible', status: 200, body: 'json', access: 'bearer' },
  { route: 'DELETE /credible/api/v0/organizations/{organization}/groups/{groupName}/members', operation: 'removeGroupMembers', function: 'groups', dialect: 'credible', status: 200, body: 'json', access: 'bearer' },
  { route: 'PATCH /credible/api/v0/organizations/{organization}/groups/{groupName}/members/{memberName}', operation: 'updateGroupMember', function: 'groups', dialect: 'credible', status: 200, body: 'json', access: 'bearer' },
  { route: 'POST /credible/api/v0/organizations/{organization}/groups/{groupName}/tokens', operation: 'createGroupToken', function: 'app-clients', dialect: 'credible', status: 201, body: 'none', query: 'named', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/groups/{groupName}/tokens', operation: 'listGroupTokens', function: 'app-clients', dialect: 'credible', status: 200, body: 'none', access: 'bearer' },
  { route: 'DELETE /credible/api/v0/organizations/{organization}/groups/{groupName}/tokens/{tokenName}', operation: 'deleteGroupToken', function: 'app-clients', dialect: 'credible', status: 204, body: 'none', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/projects', operation: 'listProjects', function: 'tenants', dialect: 'credible', status: 200, body: 'none', access: 'bearer' },
  { route: 'GET /credible/api/v0/organizations/{organization}/environments', operation: 'listProjects', function: 'tenants', dialect: 'credible', status: 200, body: 'none', access: 'bearer' },
  { route: 'GET /v1/events',                                     operation: 'listEvents',        function: 'feed',      dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/audit-log',                                  operation: 'listAuditLog',      function: 'feed',      dialect: 'native',   status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /v1/audit-log/checkpoint',                       operation: 'getCheckpointProof', function: 'feed',     dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'GET /v1/audit-log/{eventId}',                        operation: 'getAuditLogEntry',  function: 'feed',      dialect: 'native',   status: 200, body: 'none', access: 'bearer' },
  { route: 'GET /jitsudo/v1/audit-log',                          operation: 'listAuditLog',      function: 'feed',      dialect: 'jitsudo',  status: 200, body: 'none', query: 'list', access: 'bearer' },
  { route: 'GET /jitsudo/v1/audit-log/{id}',                     operation: 'getAuditLogEntry',  function: 'feed',      dialect: 'jitsudo',  status: 200, body: 'none', access: 'bearer' },
  { route: 'GET /v1/event-types',                                operation: 'listEventTypes',    function: 'documents', dialect: 'native',   status: 200, body: 'none', access: 'public', why: 'describes the events; contains no data' },
  { route: 'GET /v1/event-types/{type}/{version}',               operation: 'getEventType',      function: 'documents', dialect: 'native',   status: 200, body: 'none', access: 'public', why: 'describes the events; contains no data' },

  { route: 'POST /oauth2/token',                                 operation: 'issueToken',        function: 'tokens',    dialect: 'native',   status: 200, body: 'form', query: 'any', errorFormat: 'oauth', access: 'public', why: 'the client secret is the credential' },
  { route: 'POST /token',                                        operation: 'issueToken',        function: 'tokens',    dialect: 'native',   status: 200, body: 'form', query: 'any', errorFormat: 'oauth', access: 'public', why: 'the client secret is the credential; path of older Cradl clients' },
  { route: 'GET /.well-known/openid-configuration',              operation: 'getDiscovery',      function: 'tokens',    dialect: 'native',   status: 200, body: 'none', access: 'public', why: 'public metadata (OpenID Connect Discovery)' },
  { route: 'GET /.well-known/oauth-authorization-server',        operation: 'getDiscovery',      function: 'tokens',    dialect: 'native',   status: 200, body: 'none', access: 'public', why: 'public metadata (RFC 8414)' },
  { route: 'GET /.well-known/jwks.json',                         operation: 'getKeySet',         function: 'tokens',    dialect: 'native',   status: 200, body: 'none', access: 'public', why: 'public keys' },

  { route: 'POST /scim/v2/Users',                                operation: 'scimCreateUser',    function: 'scim',      dialect: 'scim',     status: 201, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/Users',                                 operation: 'scimListUsers',     function: 'scim',      dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2',                                       operation: 'scimList',          function: 'scim',      dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'POST /scim/v2/.search',                              operation: 'scimSearch',        function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'POST /scim/v2/Users/.search',                        operation: 'scimSearchUsers',   function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/Users/{userId}',                        operation: 'scimGetUser',       function: 'scim',      dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'PUT /scim/v2/Users/{userId}',                        operation: 'scimReplaceUser',   function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'PATCH /scim/v2/Users/{userId}',                      operation: 'scimPatchUser',     function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'DELETE /scim/v2/Users/{userId}',                     operation: 'scimDeleteUser',    function: 'scim',      dialect: 'scim',     status: 204, body: 'none', query: 'any', access: 'bearer' },
  { route: 'POST /scim/v2/Groups',                                operation: 'scimCreateGroup',    function: 'scim',      dialect: 'scim',     status: 201, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/Groups',                                 operation: 'scimListGroups',     function: 'scim',      dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'POST /scim/v2/Groups/.search',                        operation: 'scimSearchGroups',   function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/Groups/{groupId}',                        operation: 'scimGetGroup',       function: 'scim',      dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'PUT /scim/v2/Groups/{groupId}',                        operation: 'scimReplaceGroup',   function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'PATCH /scim/v2/Groups/{groupId}',                      operation: 'scimPatchGroup',     function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'DELETE /scim/v2/Groups/{groupId}',                     operation: 'scimDeleteGroup',    function: 'scim',      dialect: 'scim',     status: 204, body: 'none', query: 'any', access: 'bearer' },

  { route: 'GET /scim/v2/Me',                                    operation: 'scimGetOwnUser',    function: 'scim',      dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'PUT /scim/v2/Me',                                    operation: 'scimReplaceOwnUser', function: 'scim',     dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'PATCH /scim/v2/Me',                                  operation: 'scimPatchOwnUser',  function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'DELETE /scim/v2/Me',                                 operation: 'scimDeleteOwnUser', function: 'scim',      dialect: 'scim',     status: 204, body: 'none', query: 'any', access: 'bearer' },
  { route: 'POST /scim/v2/Bulk',                                 operation: 'scimBulk',          function: 'scim',      dialect: 'scim',     status: 200, body: 'scim', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/ServiceProviderConfig',                 operation: 'scimGetServiceProviderConfig', function: 'scim', dialect: 'scim', status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/ResourceTypes',                         operation: 'scimListResourceTypes', function: 'scim',  dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/ResourceTypes/{name}',                  operation: 'scimGetResourceType', function: 'scim',    dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/Schemas',                               operation: 'scimListSchemas',   function: 'scim',      dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },
  { route: 'GET /scim/v2/Schemas/{urn}',                         operation: 'scimGetSchema',     function: 'scim',      dialect: 'scim',     status: 200, body: 'none', query: 'any', access: 'bearer' },

  { route: 'GET /v1/logos/{tenantId}/{version}',                 operation: 'getLogo',           function: 'logos',     dialect: 'native',   status: 200, body: 'none', access: 'public', why: 'browsers and mail clients load images without a token' },

  { route: 'GET /healthz',                                       operation: 'getHealth',         function: 'documents', dialect: 'native',   status: 200, body: 'none', access: 'public', why: 'uptime probes have no token; reads no data' },
  { route: 'GET /jitsudo/healthz',                               operation: 'getHealth',         function: 'documents', dialect: 'jitsudo',  status: 200, body: 'none', access: 'public', why: 'uptime probes have no token; reads no data' },
  { route: 'GET /openapi.json',                                  operation: 'getOpenapi',        function: 'documents', dialect: 'native',   status: 200, body: 'none', access: 'public', why: 'describes the API; contains no data' },
  { route: 'GET /docs',                                          operation: 'getDocs',           function: 'documents', dialect: 'native',   status: 200, body: 'none', query: 'any', access: 'public', why: 'API reference; contains no data' },
  { route: 'GET /docs/{file}',                                   operation: 'getDocsFile',       function: 'documents', dialect: 'native',   status: 200, body: 'none', query: 'any', access: 'public', why: 'scripts and styles' },
  { route: 'GET /accept',                                        operation: 'getAcceptPage',     function: 'documents', dialect: 'native',   status: 200, body: 'none', query: 'any', access: 'public', why: 'the user has no token yet' },
  { route: 'GET /accept/{file}',                                 operation: 'getAcceptFile',     function: 'documents', dialect: 'native',   status: 200, body: 'none', query: 'any', access: 'public', why: 'scripts and styles' },
  { route: '$default',                                           operation: 'answerUnrouted',    function: 'documents', dialect: 'native',   status: 404, body: 'none', query: 'any', access: 'public', why: 'reports an unknown path' },
] as const satisfies readonly Route[];

/** Dialects whose routes serve any of these operations. */
export type DialectsServing<Name extends Operation> = Extract<
  (typeof routes)[number],
  { readonly operation: Name }
>['dialect'];
