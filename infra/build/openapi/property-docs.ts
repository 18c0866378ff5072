/**
 * Descriptions of properties whose codecs have none, because the name means the same everywhere.
 */
const propertyDocs: Readonly<Record<string, string>> = {
  active: 'True if the user is active.',
  appClientId: 'ID of the app client.',
  appClients: 'App clients on the page.',
  acceptUrl: 'Page that invitation links open. Null for `<origin>/accept`.',
  acceptedTime: 'Acceptance time. Null until then.',
  action: 'Name of the change.',
  administratorsSetPasswords: 'True if administrators can set passwords of other users.',
  alg: 'Signature algorithm.',
  authProvider: 'Sign-in method. Default: `local`.',
  auth_provider: 'Sign-in method. Default: `local`.',
  avatar: 'Image as a data URI.',
  avatar_base64: 'Image as a data URI.',
  businessRole: 'Role of the user in their company.',
  bytes: 'Size in bytes.',
  by: '`sub` of the token of the caller.',
  callbackUrls: 'URLs to return to after sign-in.',
  clientId: '`client_id` at the token endpoint.',
  confirmUrl: 'Page that confirmation links open. Null for `<origin>/confirm`.',
  createdAt: 'Creation time.',
  createdBy: '`sub` of the token that created the resource.',
  createdTime: 'Creation time.',
  created_at: 'Creation time.',
  created_by: '`sub` of the token that created the key.',
  creation: 'Creation of the user.',
  credentialLimits: 'Limits of credentials that another user set.',
  crv: 'Curve of the key.',
  data: 'Items on the page.',
  defaultLoginUrl: 'Default URL at which sign-in starts.',
  description: 'Free text.',
  displayName: 'Display name.',
  display_name: 'Display name.',
  email: 'Email of the user.',
  emailVerified: 'True if the email is verified.',
  email_verified: 'True if the email is verified.',
  erasedTime: 'Time of the erasure.',
  erasures: 'Erasures on the page, latest first.',
  expiresTime: 'Expiration time. Null for none.',
  expires_at: 'Expiration time. Null for none.',
  firstName: 'First name.',
  first_name: 'First name.',
  generateSecret: 'If false, the app client gets no secret. Default: true.',
  grant_types_supported: 'Supported grant types.',
  hasSecret: 'True if the app client has an active secret.',
  id: 'ID of the resource.',
  id_token_signing_alg_values_supported: 'Signature algorithms of tokens.',
  identity: 'Identity at another issuer that signs in as this user.',
  identity_provider_id: 'Not supported: null.',
  invitationDays: 'Lifetime of invitations in days. Null uses the setting of the deployment.',
  invitationId: 'ID of the invitation.',
  invitations: 'Invitations on the page.',
  issuer: '`iss` of the tokens of the identity.',
  issues: 'Problems with the input.',
  jwks_uri: 'URL of the public keys.',
  keys: 'Public keys.',
  kid: 'ID of the key.',
  kty: 'Type of the key.',
  lastName: 'Last name.',
  last_name: 'Last name.',
  last_used_at: 'Time of the last use, accurate to a minute.',
  locale: 'Language as a BCP 47 tag.',
  loginUrls: 'URLs at which sign-in starts.',
  logoutUrls: 'URLs to return to after sign-out.',
  message: 'Human-readable message.',
  metadata: 'Free-form JSON object.',
  name: 'Display name.',
  organizationId: 'ID of the organization.',
  organizations: 'Organizations on the page.',
  origin: 'Origin of all links in emails.',
  ownerName: 'Display name of the owner.',
  ownerUserId: 'ID of the owner. Null for none.',
  owner_email: 'Email of the owner. Null for none.',
  owner_name: 'Display name of the owner.',
  owner_user_id: 'ID of the owner. Null for none.',
  path: 'Path of the field in the request.',
  paymentMethodId: 'Not supported: null.',
  permissions: 'Permissions of the role.',
  planId: 'Not supported: null.',
  profileId: 'ID of the profile of the user.',
  requestId: 'ID of the request, also in the logs.',
  requireOwnPassword:
    'True if a password that another user set carries no roles until the user changes it.',
  resetUrl: 'Page that reset links open. Null for `<origin>/reset`.',
  response_types_supported: 'Supported response types.',
  revokedBy: '`sub` of the token that revoked it. Null until then.',
  revokedTime: 'Revocation time. Null until then.',
  revoked_at: 'Revocation time. Null until then.',
  revoked_by: '`sub` of the token that revoked it. Null until then.',
  roleId: 'ID of the role.',
  roleIds: 'IDs of the roles. Default: none.',
  roles: 'Names of the roles.',
  secretId: 'ID of the secret.',
  sender: 'Sender of emails. Null for the sender of the deployment.',
  setAt: 'Time of the change.',
  setBy: '`sub` of the token of the user who set the credential.',
  sha256: 'SHA-256 in hexadecimal digits.',
  slug: 'Label of the tenant in host names.',
  sso_region: 'Not supported: null.',
  sso_start_url: 'Not supported: null.',
  status: 'Status of the resource.',
  subject: '`sub` of the tokens of the identity.',
  subject_types_supported: 'Supported subject types.',
  tenant: 'Tenant of the account.',
  tenantId: 'ID of the tenant.',
  tenants: 'Tenants on the page.',
  time: 'Time of the change.',
  token: 'Access token.',
  tokenType: 'Type of the token.',
  token_endpoint: 'URL of the token endpoint.',
  token_endpoint_auth_methods_supported: 'Supported client authentication methods.',
  token_type: 'Type of the token.',
  tutorialStatus: 'Progress of the onboarding tutorials.',
  uniqueness: 'Scope in which emails and usernames are unique.',
  updatedBy: '`sub` of the token that made the last update. Null if never updated.',
  updatedTime: 'Time of the last update. Null if never updated.',
  updatedAt: 'Time of the last update, initially the creation time.',
  updated_at: 'Time of the last update, initially the creation time.',
  use: 'Use of the key.',
  userId: 'ID of the user.',
  userName: 'Username.',
  users: 'Users on the page.',
  version: 'Version after the change.',
  x: 'X coordinate of the key.',
  y: 'Y coordinate of the key.',

  // Members of `tutorialStatus`.
  projectTutorial: 'Flags of the project tutorial.',
  hasClickedCreateModel: 'True if the user has clicked "Create model".',
  doNotShowModelIntro: 'True if the model introduction is hidden.',
  doNotShowSchemaExplorerTip: 'True if the tip of the schema explorer is hidden.',
  doNotShowTutorialInHomePanel: 'True if the tutorial in the home panel is hidden.',

  // Members of permissions in the Cradl API.
  resourceId: 'Resource, such as `cradl:user:*`.',
  effect: 'Always `allow`, because everything else is denied.',
};

/** Descriptions of properties that mean something else in one schema. */
const schemaDocs: Readonly<Record<string, string>> = {
  'CradlRole.action': 'Action on the resource. `*` means all.',
  'CradlRoleCreate.action': 'Action on the resource. `*` means all.',
  'CradlRoleChange.action': 'Action on the resource. `*` means all.',
  'Discovery.issuer': 'URL of the issuer, the `iss` of its tokens.',
  'JitsudoActiveSwitch.active': 'False to suspend the user, true to reactivate.',
  'OpenLink.status': 'Always `pending`.',
  'OwnershipTransfer.userId': 'ID of the new owner.',
  'TenantChange.status': 'Status of the tenant.',
};

interface JsonSchema {
  readonly properties?: Readonly<Record<string, Record<string, unknown>>>;
}

/** Describes the properties of a schema that have no description, at any depth. */
export function describeProperties(id: string, schema: unknown): void {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [name, property] of Object.entries((schema as JsonSchema).properties ?? {})) {
    if (isDescribed(property)) continue;
    const text = schemaDocs[`${id}.${name}`] ?? propertyDocs[name];
    if (text !== undefined) property['description'] = text;
  }
  for (const part of Object.values(schema)) describeProperties(id, part);
}

/** True if the schema, a branch, or the schema that it refers to has a description. */
export const isDescribed = (property: Readonly<Record<string, unknown>>): boolean =>
  'description' in property ||
  '$ref' in property ||
  ['anyOf', 'oneOf', 'allOf'].some((key) =>
    ((property[key] ?? []) as Record<string, unknown>[]).some(isDescribed),
  );
