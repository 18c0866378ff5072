/**
 * Every route with a token, each with a request that succeeds, so a rule that holds for all covers
 * new routes too.
 */
import { randomUUID } from 'node:crypto';
import { parseDomainId, parseUserId } from '../../lib/domain/kernel/ids.ts';
import type { PolicyContexts } from '../../lib/domain/access/policy.ts';
import {
  type CodecDialect,
  type DialectName,
  type Operation,
  type Route,
  routes,
} from '../../lib/api/routes.ts';
import { allDialects } from '../../lib/api/scim/conventions.ts';
import { keys } from '../../lib/store/keys.ts';
import { getLogs } from './logs.ts';
import { appendEvents, createdUser, writeAnchor } from './feed/write-feed.ts';
import { connectionInput, createConnection } from './scim/create-connection.ts';
import {
  type TestResponse,
  adminToken,
  systemToken,
  issuer,
  type TestRequest,
  type Service,
  type TenantSlug,
  tenantId,
} from './service.ts';

export const authenticatedRoutes: readonly Route[] = routes.filter(
  ({ access }) => access === 'bearer',
);

/**
 * One route per function and dialect. A function verifies tokens in one place, and a dialect
 * rejects them in one format.
 */
export const oneRoutePerOperation: readonly Route[] = [
  ...new Map(
    authenticatedRoutes.map((route) => [`${route.function} ${route.dialect}`, route]),
  ).values(),
];

/** Policy action of each operation. */
export const getAction: Readonly<Partial<Record<Operation, keyof PolicyContexts>>> = {
  createUser: 'createUser',
  importUsers: 'createUser',
  listUsers: 'getUser',
  getUser: 'getUser',
  updateUser: 'updateUser',
  assignUserRole: 'updateUser',
  removeUserRole: 'updateUser',
  approveCredentials: 'updateUser',
  requestCredentialConfirmation: 'useOwnAccount',
  confirmCredential: 'useOwnAccount',
  requestOwnEmailVerification: 'useOwnAccount',
  cancelOwnEmailVerification: 'useOwnAccount',
  requestEmailChange: 'useOwnAccount',
  requestUserEmailVerification: 'updateUser',
  suspendUser: 'updateUser',
  reactivateUser: 'updateUser',
  setUserActive: 'updateUser',
  exportUser: 'updateUser',
  signOutUser: 'updateUser',
  deleteUser: 'deleteUser',
  restoreUser: 'deleteUser',
  eraseUser: 'eraseUser',
  listErasures: 'eraseUser',
  listInvitations: 'getUser',
  getInvitation: 'getUser',
  resendInvitation: 'inviteUser',
  revokeInvitation: 'inviteUser',
  copyInvitationLink: 'copyInvitationLink',
  getSession: 'readSession',
  getOwnUser: 'useOwnAccount',
  updateOwnUser: 'useOwnAccount',
  deleteOwnUser: 'useOwnAccount',
  signOutOwnUser: 'useOwnAccount',
  getProfile: 'getUser',
  updateProfile: 'useOwnAccount',
  changeOwnPassword: 'useOwnAccount',

  createAppClient: 'writeAppClient',
  listAppClients: 'readAppClient',
  getAppClient: 'readAppClient',
  updateAppClient: 'writeAppClient',
  deleteAppClient: 'writeAppClient',
  revokeAppClient: 'writeAppClient',
  createAppClientSecret: 'writeAppClient',
  deleteAppClientSecret: 'writeAppClient',
  createRole: 'writeRole',
  listRoles: 'readRole',
  listPermissions: 'readRole',
  getRole: 'readRole',
  updateRole: 'writeRole',
  deleteRole: 'writeRole',
  createGroup: 'writeGroup',
  listGroups: 'readGroup',
  getGroup: 'readGroup',
  updateGroup: 'describeGroup',
  assignGroupRole: 'writeGroup',
  removeGroupRole: 'writeGroup',
  deleteGroup: 'writeGroup',
  restoreGroup: 'writeGroup',
  listGroupMembers: 'readGroup',
  listAllGroupMembers: 'readGroup',
  addGroupMembers: 'changeGroupMembers',
  updateGroupMember: 'changeGroupMembers',
  removeGroupMember: 'changeGroupMembers',
  removeGroupMembers: 'changeGroupMembers',
  createLevel: 'updateUser',
  listLevels: 'readLevel',
  getLevel: 'readLevel',
  updateLevel: 'updateUser',
  deleteLevel: 'updateUser',
  createGroupToken: 'changeGroupMembers',
  listGroupTokens: 'readGroup',
  deleteGroupToken: 'changeGroupMembers',
  listUserGroups: 'readGroup',
  listOwnGroups: 'useOwnAccount',
  createTenant: 'createTenant',
  listTenants: 'listTenants',
  getTenant: 'readTenant',
  getOrganization: 'readOrganization',
  listProjects: 'readOrganization',
  getOrganizationUser: 'readOrganization',
  updateTenant: 'updateTenant',
  suspendTenant: 'suspendTenant',
  resumeTenant: 'suspendTenant',
  deleteTenant: 'deleteTenant',
  restoreTenant: 'deleteTenant',
  eraseTenant: 'deleteTenant',
  transferOwnership: 'transferOwnership',
  createDomain: 'updateTenant',
  listDomains: 'readTenant',
  getDomain: 'readTenant',
  verifyDomain: 'updateTenant',
  deleteDomain: 'updateTenant',
  listEvents: 'readEvents',
  listAuditLog: 'readAuditLog',
  getAuditLogEntry: 'readAuditLog',
  createWebhook: 'writeWebhook',
  updateWebhook: 'writeWebhook',
  deleteWebhook: 'writeWebhook',
  enableWebhook: 'writeWebhook',
  disableWebhook: 'writeWebhook',
  rotateWebhookSecret: 'writeWebhook',
  revokeWebhookSecret: 'writeWebhook',
  testWebhook: 'writeWebhook',
  replayWebhook: 'writeWebhook',
  listWebhooks: 'readWebhook',
  getWebhook: 'readWebhook',
  listWebhookDeliveries: 'readWebhook',
  createConnection: 'writeConnection',
  updateConnection: 'writeConnection',
  deleteConnection: 'writeConnection',
  createConnectionToken: 'writeConnection',
  deleteConnectionToken: 'writeConnection',
  releaseConnectionBrake: 'writeConnection',
  approveConnectionUser: 'writeConnection',
  releaseConnectionUser: 'writeConnection',
  listConnectionLog: 'readConnection',
  getConnectionHealth: 'readConnection',
  listConnections: 'readConnection',
  getConnection: 'readConnection',
  getCheckpointProof: 'readAuditLog',
  scimCreateUser: 'createUser',
  scimListUsers: 'getUser',
  scimSearchUsers: 'getUser',
  scimList: 'getUser',
  scimSearch: 'getUser',
  scimGetUser: 'getUser',
  scimReplaceUser: 'updateUser',
  scimPatchUser: 'updateUser',
  scimDeleteUser: 'deleteUser',
  scimBulk: 'readSession',
  scimGetOwnUser: 'useOwnAccount',
  scimReplaceOwnUser: 'useOwnAccount',
  scimPatchOwnUser: 'useOwnAccount',
  scimDeleteOwnUser: 'useOwnAccount',
  scimCreateGroup: 'writeGroup',
  scimListGroups: 'readGroup',
  scimSearchGroups: 'readGroup',
  scimGetGroup: 'readGroup',
  scimReplaceGroup: 'writeGroup',
  scimPatchGroup: 'writeGroup',
  scimDeleteGroup: 'writeGroup',
  scimGetServiceProviderConfig: 'readSession',
  scimListResourceTypes: 'readSession',
  scimGetResourceType: 'readSession',
  scimListSchemas: 'readSession',
  scimGetSchema: 'readSession',
};

/** Gets the action of a route. Callers who list only their own tenant read it. */
export const getRouteAction = (
  { operation, dialect }: Route,
  isSystemAdministrator: boolean,
): keyof PolicyContexts | undefined =>
  operation === 'listTenants' &&
  (dialect === 'cradl' || (dialect === 'jitsudo' && !isSystemAdministrator))
    ? 'readTenant'
    : getAction[operation];

/**
 * True if the path names the tenant. A system administrator then acts in that tenant, suspended or
 * not.
 */
export const addressesTenant = ({ route }: Route): boolean =>
  /\{(tenantId|organizationId|organization)\}/.test(route);

/** True for operations of system administrators that suspend, delete or erase a tenant. */
export const changesTenantStatus = (operation: Operation): boolean =>
  ['suspendTenant', 'deleteTenant'].includes(getAction[operation] ?? '');

/** True if tenant administrators need ownership as well. */
export const requiresMoreThanAdmin = ({ operation, dialect }: Route): boolean =>
  changesTenantStatus(operation) ||
  ['createTenant', 'transferOwnership'].includes(operation) ||
  (operation === 'listTenants' && dialect === 'native');

/** True for routes that every caller of the tenant can call. */
export const isOpenToTenant = ({ operation }: Route): boolean =>
  ['readOrganization', 'readSession'].includes(getAction[operation] ?? '');

/** True for routes about the caller. Callers without an account get 404. */
export const isSelfRoute = ({ operation }: Route): boolean =>
  getAction[operation] === 'useOwnAccount';

/**
 * Path parameters of a user in each dialect. As a token subject, `native` makes the user the
 * caller. `tenant` is for paths about another tenant than the caller's.
 */
export type UserRefs = Readonly<Record<DialectName, string>> & {
  readonly tenant?: string;
  readonly profile?: string;
  readonly secretId?: string;
  readonly link?: string;
  readonly memberId?: string;
  readonly memberEmail?: string;
  readonly tokenName?: string;
  readonly domain?: string;
};

const hex = '00000000000040008000000000000000';
/** Identifiers of no user. */
export const unknownUser: UserRefs = {
  native: `cradl:user:${hex}`,
  cradl: `cradl:user:${hex}`,
  jitsudo: '00000000-0000-4000-8000-000000000000',
  scim: '00000000-0000-4000-8000-000000000000',
  credible: 'nobody-at-all',
  profile: `cradl:profile:${hex}`,
};

const password = 'tangled-orchard-7-lamps';

/** Creates a user with these additional fields as an administrator of the tenant. */
export async function createUserIn(
  service: Service,
  slug: TenantSlug,
  more: object = {},
  token = adminToken(slug),
): Promise<UserRefs> {
  const credible = `user-${randomUUID()}`;
  const fields = { email: `${credible}@example.com`, userName: credible, ...more };
  const { body } = await service.post('/v1/users', fields, { token });
  const jitsudo = String(body.userId).replace(
    /^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
  return {
    native: body.userId,
    cradl: body.userId,
    jitsudo,
    scim: jitsudo,
    credible,
    profile: body.profileId,
    tenant: tenantId[slug],
  };
}

/** ID of a user in levels of Credible's API. */
const toUserGroupId = ({ credible }: UserRefs): string => `user:${credible}@example.com`;

const unknownEmail = 'nobody-at-all@example.com';

/** Members of a group in Credible's API. */
const toCredibleMembers = ({ memberEmail = unknownEmail }: UserRefs) => ({
  members: [{ userGroupId: `user:${memberEmail}` }],
});

/** Makes a user with unlimited credentials eligible for ownership. */
export async function verifyEmail(
  { stored }: Service,
  tenant: string,
  userId: string,
): Promise<void> {
  const item = await stored.item(keys.user(tenant, userId));
  await stored.put({ ...item, emailVerified: true, emailVerifiedBy: 'holder' });
}

/**
 * Creates a user or role that the route can address: an invited, suspended or deleted user if it
 * needs one.
 */
export async function createUserForRoute(
  { operation }: Route,
  service: Service,
  slug: TenantSlug,
): Promise<UserRefs> {
  if (operation === 'getAuditLogEntry') {
    const eventId = await appendEvents(service, tenantId[slug], [createdUser()]);
    return { ...unknownUser, native: eventId, jitsudo: eventId };
  }
  if (operation === 'getCheckpointProof') {
    await writeAnchor(service, slug);
    return unknownUser;
  }
  if (/AppClient/.test(operation)) return createAppClientIn(service, slug);
  if (/(create|get|update|delete)Role$/.test(operation)) return createRoleIn(service, slug);
  if (/Domain/.test(operation)) return createDomainIn(service, slug);
  if (/Webhook/.test(operation)) return createWebhookIn(service, slug);
  if (/Connection/.test(operation)) {
    const connection = await createConnectionForRoute(service, slug);
    if (!operation.endsWith('ConnectionUser')) return connection;
    return { ...connection, memberId: (await createUserIn(service, slug, {})).native };
  }
  if (/(get|update|delete)Level/.test(operation))
    return createUserIn(service, slug, { roleIds: ['cradl:role:user'] });
  if (/Group/.test(operation) && !/(User|Own)Groups$/.test(operation))
    return createGroupForRoute(operation, service, slug);
  if (changesTenantStatus(operation) || operation === 'transferOwnership')
    return newAdministratorElsewhere(operation, service);
  const user = await createUserIn(service, slug, /Invitation/.test(operation) ? {} : { password });
  const token = adminToken(slug);
  if (operation === 'reactivateUser')
    await service.send('POST', `/v1/users/${user.native}/suspend`, { token });
  if (operation === 'restoreUser')
    await service.send('DELETE', `/v1/users/${user.native}`, { token });
  if (/Credential/.test(operation)) {
    const body = { email: `moved-${randomUUID()}@example.com` };
    await service.send('PATCH', `/v1/users/${user.native}`, { token, body });
    if (operation === 'confirmCredential')
      return { ...user, link: await requestConfirmationLink(service, slug, user, body.email) };
  }
  if (operation === 'cancelOwnEmailVerification')
    await service.send('POST', `/v1/users/${user.native}/email/verification`, { token });
  if (operation === 'resendInvitation') await allowResend(service, slug, user);
  return user;
}

/** Gets the token of the link by which a user confirms their email. */
async function requestConfirmationLink(
  service: Service,
  slug: TenantSlug,
  { native }: UserRefs,
  email: string,
): Promise<string> {
  const token = issuer.mintAccessToken({ sub: native, tenantId: tenantId[slug] });
  await service.post('/v1/users/me/credentials/confirmation', { credential: 'email' }, { token });
  const text =
    (await service.deliverPendingMail()).findLast(({ to }) => to.includes(email))?.text ?? '';
  return /#token=([\w-]+)/.exec(text)?.[1] ?? '';
}

/** Creates a group with a member as an administrator of the tenant. */
async function createGroupIn(
  service: Service,
  slug: TenantSlug,
  more: object = {},
): Promise<UserRefs> {
  const token = adminToken(slug);
  const { body } = await service.post(
    '/v1/groups',
    { name: `group-${randomUUID()}`, ...more },
    { token },
  );
  const { native: memberId, credible } = await createUserIn(service, slug);
  await service.post(`/v1/groups/${body.groupId}/members`, { members: [{ memberId }] }, { token });
  const jitsudo = String(body.groupId).replace(
    /^cradl:group:(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
  return {
    ...unknownUser,
    native: body.groupId,
    scim: jitsudo,
    jitsudo,
    credible: body.name,
    memberId,
    memberEmail: `${credible}@example.com`,
  };
}

async function createGroupForRoute(
  operation: Operation,
  service: Service,
  slug: TenantSlug,
): Promise<UserRefs> {
  const group = await createGroupIn(service, slug);
  const token = adminToken(slug);
  if (operation === 'restoreGroup')
    await service.send('DELETE', `/v1/groups/${group.native}`, { token });
  if (operation === 'deleteGroupToken') {
    const tokenName = `token-${randomUUID()}`;
    const tokens = `/credible/api/v0/organizations/${slug}/groups/${group.credible}/tokens`;
    await service.send('POST', `${tokens}?name=${tokenName}`, { token });
    return { ...group, tokenName };
  }
  return group;
}

/** Creates an app client as an administrator of the tenant. */
export async function createAppClientIn(
  service: Service,
  slug: TenantSlug,
  more: object = {},
): Promise<UserRefs> {
  const { body } = await service.post(
    '/v1/app-clients',
    { name: 'Nightly import', ...more },
    { token: adminToken(slug) },
  );
  const jitsudo = String(body.appClientId).replace(
    /^cradl:app-client:(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
  return {
    ...unknownUser,
    native: body.appClientId,
    cradl: body.appClientId,
    jitsudo,
    secretId: body.secrets[0]?.secretId,
  };
}

/** Creates a role as an administrator of the tenant. The native and the Cradl API have roles. */
export async function createRoleIn(
  service: Service,
  slug: TenantSlug,
  more: object = {},
): Promise<UserRefs> {
  const { body } = await service.post(
    '/v1/roles',
    { name: 'Somebody', permissions: [], ...more },
    { token: adminToken(slug) },
  );
  return { ...unknownUser, native: body.roleId, cradl: body.roleId };
}

/** Creates a domain as an administrator of the tenant, with its DNS record. */
export async function createDomainIn(
  service: Service,
  slug: TenantSlug,
  domain = `${randomUUID()}.example`,
): Promise<UserRefs> {
  const { body } = await service.post('/v1/domains', { domain }, { token: adminToken(slug) });
  service.dnsRecords.set(body.dnsRecord, [body.dnsValue]);
  const jitsudo = parseDomainId(body.domainId) ?? '';
  return { ...unknownUser, native: body.domainId, jitsudo, domain };
}

/** Creates the only webhook of the tenant, because a tenant can have few. */
export async function createWebhookIn(service: Service, slug: TenantSlug): Promise<UserRefs> {
  const token = adminToken(slug);
  const { webhooks } = (await service.get('/v1/webhooks', { token })).body;
  for (const { webhookId } of webhooks)
    await service.send('DELETE', `/v1/webhooks/${webhookId}`, { token });
  const { body } = await service.post('/v1/webhooks', webhookInput, { token });
  return { ...unknownUser, native: body.webhookId };
}

/** Creates the only connection of the tenant, because a tenant can have few. */
export async function createConnectionForRoute(
  service: Service,
  slug: TenantSlug,
): Promise<UserRefs> {
  const token = adminToken(slug);
  const { connections } = (await service.get('/v1/scim/connections', { token })).body;
  for (const { connectionId } of connections)
    await service.send('DELETE', `/v1/scim/connections/${connectionId}`, { token });
  const { body } = await createConnection(service, slug);
  return { ...unknownUser, native: body.connectionId, secretId: body.tokens[0].secretId };
}

export const webhookInput = { url: 'https://hooks.example.com/roster' };

let tenants = 0;
/** Input of a new tenant with a unique slug. */
export const tenantInput = (more: object = {}) => {
  const slug = `tenant-${++tenants}-${randomUUID().slice(0, 8)}`;
  return { slug, name: 'Initech', ownerEmail: `owner@${slug}.example.com`, ...more };
};

/**
 * Creates a tenant and its administrator, for routes that suspend, delete or transfer a tenant.
 */
async function newAdministratorElsewhere(
  operation: Operation,
  service: Service,
): Promise<UserRefs> {
  const token = systemToken('acme');
  const { body } = await service.post('/v1/tenants', tenantInput(), { token });
  const headers = { 'x-tenant-id': body.tenantId };
  const draft = { email: 'admin@example.com', password, roleIds: ['cradl:role:admin'] };
  const { userId } = (await service.post('/v1/users', draft, { token, headers })).body;
  await verifyEmail(service, body.tenantId, parseUserId(userId) ?? '');
  if (operation === 'resumeTenant')
    await service.send('POST', `/v1/tenants/${body.tenantId}/suspend`, { token });
  if (operation === 'restoreTenant' || operation === 'eraseTenant')
    await service.send('DELETE', `/v1/tenants/${body.tenantId}`, { token });
  return { ...unknownUser, native: userId, tenant: body.tenantId };
}

/** A resend is possible once a minute. */
export async function allowResend(
  { stored }: Service,
  slug: TenantSlug,
  { jitsudo }: UserRefs,
): Promise<void> {
  const item = await stored.item(keys.user(tenantId[slug], jitsudo));
  const { invitation, createdAt } = item as Record<string, any>;
  const { invitedAt = createdAt } = invitation;
  const earlier = new Date(Date.parse(invitedAt) - 120_000).toISOString();
  await stored.put({ ...item, invitation: { ...invitation, invitedAt: earlier } });
}

const drafts: Readonly<Record<CodecDialect, (email: string) => object>> = {
  native: (email) => ({ email }),
  cradl: (email) => ({ email }),
  jitsudo: (email) => ({ email, name: 'Jo Smith', password, roles: ['user'] }),
  credible: (email) => ({ email, userName: email.split('@')[0] }),
};
const name = { name: 'Jo Smith' };
const nextPassword = 'seven-lamps-in-an-orchard';

const bodies: Readonly<
  Partial<Record<Operation, (dialect: DialectName, user: UserRefs) => object>>
> = {
  createUser: (dialect) => drafts[dialect as CodecDialect](`user-${randomUUID()}@example.com`),
  importUsers: () => ({ users: [{ email: `user-${randomUUID()}@example.com` }] }),
  updateUser: (dialect) => (dialect === 'credible' ? { businessRole: 'Analyst' } : name),
  approveCredentials: () => ({ email: true }),
  requestCredentialConfirmation: () => ({ credential: 'email' }),
  requestEmailChange: () => ({ email: `new-${randomUUID()}@example.com` }),
  confirmCredential: (_, { link = 'A'.repeat(92) }) => ({ token: link }),
  setUserActive: () => ({ active: false }),
  updateOwnUser: (dialect) =>
    ({ native: name, cradl: { givenName: 'Jo' }, jitsudo: { display_name: 'Jo Smith' } })[
      dialect as 'native' | 'cradl' | 'jitsudo'
    ],
  updateProfile: () => ({ givenName: 'Jo' }),
  changeOwnPassword: (dialect) =>
    dialect === 'jitsudo'
      ? { current_password: password, new_password: nextPassword }
      : { currentPassword: password, newPassword: nextPassword },

  createAppClient: () => name,
  updateAppClient: () => name,
  createAppClientSecret: () => ({ overlapSeconds: 60 }),
  createRole: (dialect) => (dialect === 'cradl' ? name : { ...name, permissions: [] }),
  updateRole: () => name,
  createLevel: (_, user) => ({ userGroupId: toUserGroupId(user), permission: 'member' }),
  updateLevel: () => ({ permission: 'member' }),
  createGroup: (dialect) => ({
    [dialect === 'credible' ? 'groupName' : 'name']: `group-${randomUUID()}`,
  }),
  updateGroup: () => ({ description: 'Sends invoices.' }),
  addGroupMembers: (dialect, user) => {
    const { memberId = unknownUser.native } = user;
    if (dialect === 'jitsudo') return { user_id: parseUserId(memberId) };
    return dialect === 'credible' ? toCredibleMembers(user) : { members: [{ memberId }] };
  },
  updateGroupMember: () => ({ status: 'admin' }),
  removeGroupMembers: (dialect, user) =>
    dialect === 'credible'
      ? toCredibleMembers(user)
      : { memberIds: [user.memberId ?? unknownUser.native] },
  createTenant: (dialect) => {
    const { ownerEmail, ...draft } = tenantInput();
    if (dialect === 'cradl') return { name: draft.name };
    if (dialect === 'credible') return { name: draft.slug };
    return { ...draft, [dialect === 'jitsudo' ? 'owner_email' : 'ownerEmail']: ownerEmail };
  },
  updateTenant: (dialect) => ({
    [dialect === 'credible' ? 'displayName' : 'name']: 'Initech Ltd',
  }),
  createDomain: () => ({ domain: `${randomUUID()}.example` }),
  scimCreateUser: () => ({ userName: `${randomUUID()}@example.com` }),
  scimSearchUsers: () => ({ filter: 'userName eq "a"' }),
  scimSearch: () => ({ filter: 'displayName eq "a"' }),
  scimReplaceUser: () => ({ userName: `${randomUUID()}@example.com` }),
  scimCreateGroup: () => ({ displayName: `Group ${randomUUID()}` }),
  scimSearchGroups: () => ({ filter: 'displayName eq "a"' }),
  scimReplaceGroup: () => ({ displayName: `Group ${randomUUID()}` }),
  scimPatchGroup: () => ({ Operations: [{ op: 'replace', path: 'externalId', value: 'x' }] }),
  scimPatchUser: () => ({ Operations: [{ op: 'replace', path: 'title', value: 'Engineer' }] }),
  createConnection: () => connectionInput,
  updateConnection: () => ({ name: 'Okta' }),
  createConnectionToken: () => ({ overlapSeconds: 60 }),
  createWebhook: () => webhookInput,
  updateWebhook: () => ({ description: 'Syncs users.' }),
  rotateWebhookSecret: () => ({ overlapSeconds: 60 }),
  replayWebhook: () => ({ after: 0 }),
  scimBulk: () => ({ Operations: [] }),
  scimReplaceOwnUser: (_, { credible }) => ({
    userName: credible,
    emails: [{ value: `${credible}@example.com`, type: 'work', primary: true }],
    displayName: 'Jo Smith',
  }),
  scimPatchOwnUser: () => ({
    Operations: [{ op: 'replace', path: 'displayName', value: 'Jo Smith' }],
  }),
  transferOwnership: (_, user) => ({ userId: user.native }),
};

/** True for routes that add or remove one role. */
const isRoleAssignment = (operation: Operation): boolean => /(User|Group)Role$/.test(operation);

/** Sends the request of a route, with the tenant header if its dialect requires it. */
export async function requestRoute(
  service: Service,
  { route, dialect, operation }: Route,
  {
    user = unknownUser,
    slug = 'acme',
    organization,
    headers,
    ...sent
  }: TestRequest & {
    user?: UserRefs;
    slug?: TenantSlug;
    /** Default: the slug of the user's tenant. */
    organization?: string;
  } = {},
): Promise<TestResponse> {
  const [method = '', path = ''] = route.split(' ');
  const body = bodies[operation]?.(dialect, user);
  const tenant = user.tenant ?? tenantId[slug];
  const names: Readonly<Record<string, string>> = {
    tenantId: tenant,
    userGroupId: toUserGroupId(user),
    organizationId: `cradl:organization:${tenant.replaceAll('-', '')}`,
    organization:
      organization ?? Object.entries(tenantId).find(([, id]) => id === tenant)?.[0] ?? slug,
    profileId: user.profile ?? unknownUser.profile ?? '',
    secretId: user.secretId ?? hex,
    ...(operation === 'scimGetResourceType' && { name: 'User' }),
    urn: 'urn:ietf:params:scim:schemas:core:2.0:User',
    ...(isRoleAssignment(operation) && { roleId: 'cradl:role:user' }),
    ...(operation.endsWith('ConnectionUser') && { userId: user.memberId ?? unknownUser.native }),
    memberName: user.memberEmail ?? unknownEmail,
    tokenName: user.tokenName ?? 'no-token',
    memberId:
      dialect === 'jitsudo'
        ? (parseUserId(user.memberId ?? unknownUser.native) ?? '')
        : (user.memberId ?? unknownUser.native),
  };
  const response = await service.send(
    method,
    path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? user[dialect]) +
      (operation === 'createGroupToken' ? `?name=token-${randomUUID()}` : ''),
    {
      ...(body && { body }),
      headers: {
        ...(allDialects[dialect].tenantHeader === 'required' && { 'x-tenant-id': tenantId[slug] }),
        ...headers,
      },
      ...sent,
    },
  );
  return dialect === 'scim' && response.status >= 400 ? withCommonFields(response) : response;
}

/** Adds the fields of an error in the other dialects. SCIM has the code in the log only. */
function withCommonFields(response: TestResponse): TestResponse {
  const line = getLogs.findLast((text) => text.includes(response.headers['x-request-id'] ?? ''));
  const { code } = JSON.parse(line ?? '{}');
  return { ...response, body: { ...response.body, code, message: response.body.detail } };
}
