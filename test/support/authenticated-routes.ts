/** Every route that takes a token, each with a request that it would grant: what holds for all holds for the next one too. */
import { randomUUID } from 'node:crypto';
import { dialects } from '../../lib/api/dialects.ts';
import { parseUserId } from '../../lib/domain/kernel/ids.ts';
import type { PolicyContexts } from '../../lib/domain/access/policy.ts';
import { type DialectName, type Operation, type Route, routes } from '../../lib/api/routes.ts';
import { keys } from '../../lib/store/keys.ts';
import {
  type Answer,
  anAdminOf,
  aSystemAdministrator,
  issuer,
  type Sent,
  type Service,
  type TenantSlug,
  tenantId,
} from './service.ts';

export const bearerRoutes: readonly Route[] = routes.filter(({ access }) => access === 'bearer');

/** One of them for each function and dialect: whichever the route, a function looks at tokens in one place, and a dialect refuses them in one way. */
export const routesOfEachKind: readonly Route[] = [
  ...new Map(bearerRoutes.map((route) => [`${route.function} ${route.dialect}`, route])).values(),
];

/** What the policies are asked for, by operation. */
export const actionOf: Readonly<Partial<Record<Operation, keyof PolicyContexts>>> = {
  createUser: 'createUser',
  listUsers: 'getUser',
  getUser: 'getUser',
  updateUser: 'updateUser',
  approveCredentials: 'updateUser',
  requestCredentialConfirmation: 'useOwnAccount',
  confirmCredential: 'useOwnAccount',
  suspendUser: 'updateUser',
  reactivateUser: 'updateUser',
  setUserActive: 'updateUser',
  exportUser: 'updateUser',
  deleteUser: 'deleteUser',
  restoreUser: 'deleteUser',
  eraseUser: 'eraseUser',
  listErasures: 'eraseUser',
  listInvitations: 'getUser',
  getInvitation: 'getUser',
  resendInvitation: 'inviteUser',
  revokeInvitation: 'inviteUser',
  copyInvitationLink: 'copyInvitationLink',
  getOwnUser: 'useOwnAccount',
  updateOwnUser: 'useOwnAccount',
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
  getRole: 'readRole',
  updateRole: 'writeRole',
  deleteRole: 'writeRole',
  createTenant: 'createTenant',
  listTenants: 'readTenant',
  getTenant: 'readTenant',
  updateTenant: 'updateTenant',
  suspendTenant: 'suspendTenant',
  resumeTenant: 'suspendTenant',
  transferOwnership: 'transferOwnership',
};

/** Whether the path says which tenant it is about: a system administrator acts in that one, suspended or not. */
export const isAboutTenant = ({ route }: Route): boolean =>
  /\{(tenantId|organizationId)\}/.test(route);

/** What no administrator of a tenant may, unless they own it. */
export const takesMoreThanAdmin = ({ operation, dialect }: Route): boolean =>
  ['createTenant', 'suspendTenant', 'resumeTenant', 'transferOwnership'].includes(operation) ||
  (operation === 'listTenants' && dialect === 'native');

/** Whether the route is about whoever calls. Those who have no account find nobody there: 404. */
export const isOwnAccount = ({ operation }: Route): boolean =>
  actionOf[operation] === 'useOwnAccount';

/**
 * A user by what names it in a path of each dialect. As the subject of a token, `native` makes it the one who calls.
 * `tenant` is what a path about tenants names, where that is not the tenant that is asked in.
 */
export type Named = Readonly<Record<DialectName, string>> & {
  readonly tenant?: string;
  readonly secretId?: string;
  readonly link?: string;
};

const hex = '00000000000040008000000000000000';
/** Nobody has these names. */
export const nobody: Named = {
  native: `cradl:user:${hex}`,
  cradl: `cradl:user:${hex}`,
  jitsudo: '00000000-0000-4000-8000-000000000000',
  credible: 'nobody-at-all',
};

const password = 'tangled-orchard-7-lamps';

/** A user that an administrator of the tenant has just created, with these fields besides. */
export async function aUserIn(
  service: Service,
  slug: TenantSlug,
  more: object = {},
  token = anAdminOf(slug),
): Promise<Named> {
  const credible = `user-${randomUUID()}`;
  const fields = { email: `${credible}@example.com`, userName: credible, ...more };
  const { body } = await service.posts('/v1/users', fields, { token });
  const jitsudo = String(body.userId).replace(
    /^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
  return { native: body.userId, cradl: body.userId, jitsudo, credible, tenant: tenantId[slug] };
}

/** Makes a user whose credentials have no limit eligible for ownership. */
export async function verifyEmail(
  { stored }: Service,
  tenant: string,
  userId: string,
): Promise<void> {
  const item = await stored.item(keys.user(tenant, userId));
  await stored.put({ ...item, emailVerified: true, emailVerifiedBy: 'holder' });
}

/** A user that the route can be asked for: invited, suspended or deleted, where that is what it is about; or a role. */
export async function aUserFor(
  { operation }: Route,
  service: Service,
  slug: TenantSlug,
): Promise<Named> {
  if (/AppClient/.test(operation)) return anAppClientIn(service, slug);
  if (/Role/.test(operation)) return aRoleIn(service, slug);
  if (actionOf[operation] === 'suspendTenant' || operation === 'transferOwnership')
    return anAdministratorElsewhere(operation, service);
  const user = await aUserIn(service, slug, /Invitation/.test(operation) ? {} : { password });
  const token = anAdminOf(slug);
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
  if (operation === 'resendInvitation') await wasInvitedAWhileAgo(service, slug, user);
  return user;
}

/** Token of the link by which a user confirms their email. */
async function requestConfirmationLink(
  service: Service,
  slug: TenantSlug,
  { native }: Named,
  email: string,
): Promise<string> {
  const token = issuer.mintAccessToken({ sub: native, tenantId: tenantId[slug] });
  await service.posts('/v1/users/me/credentials/confirmation', { credential: 'email' }, { token });
  const text = (await service.delivers()).findLast(({ to }) => to.includes(email))?.text ?? '';
  return /#token=([\w-]+)/.exec(text)?.[1] ?? '';
}

/** An app client that an administrator of the tenant has just made, with its one secret. */
export async function anAppClientIn(
  service: Service,
  slug: TenantSlug,
  more: object = {},
): Promise<Named> {
  const { body } = await service.posts(
    '/v1/app-clients',
    { name: 'Nightly import', ...more },
    { token: anAdminOf(slug) },
  );
  const jitsudo = String(body.appClientId).replace(
    /^cradl:app-client:(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
  return {
    ...nobody,
    native: body.appClientId,
    cradl: body.appClientId,
    jitsudo,
    secretId: body.secrets[0]?.secretId,
  };
}

/** A role that an administrator of the tenant has just made, with these fields; Roster's own API and Cradl's name it. */
export async function aRoleIn(
  service: Service,
  slug: TenantSlug,
  more: object = {},
): Promise<Named> {
  const { body } = await service.posts(
    '/v1/roles',
    { name: 'Somebody', permissions: [], ...more },
    { token: anAdminOf(slug) },
  );
  return { ...nobody, native: body.roleId, cradl: body.roleId };
}

let tenants = 0;
/** A body that makes a tenant, as nobody has made it before. */
export const aTenantDraft = (more: object = {}) => {
  const slug = `tenant-${++tenants}-${randomUUID().slice(0, 8)}`;
  return { slug, name: 'Initech', ownerEmail: `owner@${slug}.example.com`, ...more };
};

/** An administrator of a tenant of their own, which can be suspended, resumed or handed over without anybody's noticing. */
async function anAdministratorElsewhere(operation: Operation, service: Service): Promise<Named> {
  const token = aSystemAdministrator('acme');
  const { body } = await service.posts('/v1/tenants', aTenantDraft(), { token });
  const headers = { 'x-tenant-id': body.tenantId };
  const draft = { email: 'admin@example.com', password, roleIds: ['cradl:role:admin'] };
  const { userId } = (await service.posts('/v1/users', draft, { token, headers })).body;
  await verifyEmail(service, body.tenantId, parseUserId(userId) ?? '');
  if (operation === 'resumeTenant')
    await service.send('POST', `/v1/tenants/${body.tenantId}/suspend`, { token });
  return { ...nobody, native: userId, tenant: body.tenantId };
}

/** Nobody is invited again within a minute. */
export async function wasInvitedAWhileAgo(
  { stored }: Service,
  slug: TenantSlug,
  { jitsudo }: Named,
): Promise<void> {
  const item = await stored.item(keys.user(tenantId[slug], jitsudo));
  const invitedAt = new Date(Date.parse(item?.['invitation'].invitedAt) - 120_000).toISOString();
  await stored.put({ ...item, invitation: { ...item?.['invitation'], invitedAt } });
}

const drafts: Readonly<Record<DialectName, (email: string) => object>> = {
  native: (email) => ({ email }),
  cradl: (email) => ({ email }),
  jitsudo: (email) => ({ email, name: 'Jo Smith', password, roles: ['user'] }),
  credible: (email) => ({ email, userName: email.split('@')[0] }),
};
const name = { name: 'Jo Smith' };
const nextPassword = 'seven-lamps-in-an-orchard';

const bodies: Readonly<Partial<Record<Operation, (dialect: DialectName, user: Named) => object>>> =
  {
    createUser: (dialect) => drafts[dialect](`user-${randomUUID()}@example.com`),
    updateUser: (dialect) => (dialect === 'credible' ? { businessRole: 'Analyst' } : name),
    approveCredentials: () => ({ email: true }),
    requestCredentialConfirmation: () => ({ credential: 'email' }),
    confirmCredential: (_, { link = 'A'.repeat(92) }) => ({ token: link }),
    setUserActive: () => ({ active: false }),
    updateOwnUser: (dialect) => (dialect === 'jitsudo' ? { display_name: 'Jo Smith' } : name),
    changeOwnPassword: (dialect) =>
      dialect === 'jitsudo'
        ? { current_password: password, new_password: nextPassword }
        : { currentPassword: password, newPassword: nextPassword },

    createAppClient: () => name,
    updateAppClient: () => name,
    createAppClientSecret: () => ({ overlapSeconds: 60 }),
    createRole: (dialect) => (dialect === 'cradl' ? name : { ...name, permissions: [] }),
    updateRole: () => name,
    createTenant: (dialect) => {
      const { ownerEmail, ...draft } = aTenantDraft();
      return { ...draft, [dialect === 'jitsudo' ? 'owner_email' : 'ownerEmail']: ownerEmail };
    },
    updateTenant: () => ({ name: 'Initech Ltd' }),
    transferOwnership: (_, user) => ({ userId: user.native }),
  };

/** Sends what the route asks for, in the name of this tenant where its dialect wants one named. */
export function asks(
  service: Service,
  { route, dialect, operation }: Route,
  {
    user = nobody,
    slug = 'acme',
    headers,
    ...sent
  }: Sent & { user?: Named; slug?: TenantSlug } = {},
): Promise<Answer> {
  const [method = '', path = ''] = route.split(' ');
  const body = bodies[operation]?.(dialect, user);
  const tenant = user.tenant ?? tenantId[slug];
  const names: Readonly<Record<string, string>> = {
    tenantId: tenant,
    organizationId: `cradl:organization:${tenant.replaceAll('-', '')}`,
    secretId: user.secretId ?? hex,
  };
  return service.send(
    method,
    path.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? user[dialect]),
    {
      ...(body && { body }),
      headers: {
        ...(dialects[dialect].tenantHeader === 'required' && { 'x-tenant-id': tenantId[slug] }),
        ...headers,
      },
      ...sent,
    },
  );
}
