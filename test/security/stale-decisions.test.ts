/**
 * Permanent decisions read roles, tenant and caller strongly. Each function has a warm cache before
 * the cached state changes elsewhere.
 */
import { describe, expect, it } from 'vitest';
import { parseUserId } from '../../lib/domain/kernel/ids.ts';
import { permissions } from '../../lib/domain/access/permissions.ts';
import { decisionState } from '../../lib/api/auth/decision-state.ts';
import type { Route } from '../../lib/api/routes.ts';
import { keys } from '../../lib/store/keys.ts';
import {
  requestRoute,
  changesTenantStatus,
  createUserForRoute,
  createUserIn,
  authenticatedRoutes,
  isSelfRoute,
  type UserRefs,
  unknownUser,
} from '../support/authenticated-routes.ts';
import { updateUser, dialects, readNativeUser } from '../support/dialects/update-user.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { unique } from '../support/dialects/dialects.ts';
import { createInvitationService, outcome } from '../support/scenarios/invitations.ts';
import { toRoleId } from '../support/scenarios/roles.ts';
import { type TestResponse, systemToken, type TestRequest, tenantId } from '../support/service.ts';
import { expectNoWrites } from '../support/database/expect-no-writes.ts';

const crm = { account: '111111111111', source: 'com.example.crm' };
const life = await createInvitationService({
  environment: {
    INVITE_SOURCES: JSON.stringify([{ ...crm, tenant: tenantId.acme, roles: ['recruiter'] }]),
  },
});
const { service, clock, inviteUser, inviteAndReadToken, acceptLink, reads } = life;
const always = { 'if-match': '*' };
const system = () => clock.aTokenOf('acme', ['system_admin']);
const tokenWith = (role: string, sub?: string) => clock.aTokenOf('acme', [role], sub);
await service.putRole('acme', { slug: 'keeper', name: 'Keeper', permissions });
await service.putRole('acme', {
  slug: 'recruiter',
  name: 'Recruiter',
  permissions: ['users:create', 'users:update', 'appClients:write'],
});

/** Warms up every function with reads. The other functions always read strongly. */
const warmCaches = async () => {
  clock.advanceBy(31_000);
  for (const path of ['/v1/users', '/v1/roles', '/v1/app-clients']) {
    expect((await service.get(path, { token: tokenWith('keeper') })).status).toBe(200);
  }
};
const createRole = async (slug: string, held: readonly string[] = []) => {
  const body = { roleId: toRoleId(slug), name: slug, permissions: held };
  expect((await service.post('/v1/roles', body, { token: system() })).status).toBe(201);
};
const changeRole = (
  method: 'PATCH' | 'DELETE',
  slug: string,
  body?: object,
): Promise<TestResponse> =>
  service.send(method, `/v1/roles/${toRoleId(slug)}`, { token: system(), ...(body && { body }) });
const assign = (id: string, slugs: readonly string[], token = system()): Promise<TestResponse> =>
  service.send('PATCH', `/v1/users/${id}`, {
    token,
    headers: always,
    body: { roleIds: slugs.map(toRoleId) },
  });

describe('the permissions of the owner', () => {
  it('cannot be removed through a role that just lost its permissions [SEC-4]', async () => {
    const owner = await createUserIn(service, 'acme', {
      password: goodPassword,
      roleIds: [toRoleId('admin')],
    });
    await service.updateTenantItem('acme', { ownerUserId: owner.jitsudo });
    await createRole('boss', permissions);
    await warmCaches();
    expect((await changeRole('PATCH', 'boss', { permissions: [] })).status).toBe(200);
    await expectNoWrites(service, async () => {
      expect(await assign(owner.native, ['boss'])).toMatchObject({
        status: 409,
        body: { code: 'owner_protected' },
      });
    });
    await service.updateTenantItem('acme', { ownerUserId: undefined });
  });

  it('cannot be removed with the last role that has them, although the cache contains another', async () => {
    await createRole('chief', ['users:read']);
    await createRole('second', ['users:read']);
    const owner = await createUserIn(service, 'acme', {
      password: goodPassword,
      roleIds: ['chief', 'second'].map(toRoleId),
    });
    await warmCaches();
    await service.updateTenantItem('acme', { ownerUserId: owner.jitsudo });
    await service.putRole('acme', { slug: 'second', name: 'second', permissions: [] });
    await expectNoWrites(service, async () => {
      for (const answer of [
        await changeRole('PATCH', 'chief', { permissions: [] }),
        await changeRole('DELETE', 'chief'),
      ]) {
        expect(answer).toMatchObject({ status: 409, body: { code: 'owner_protected' } });
      }
    });
    await service.updateTenantItem('acme', { ownerUserId: undefined });
  });
});

describe('a role that just gained permissions', () => {
  const grants: Readonly<Record<string, (slug: string) => Promise<TestResponse>>> = {
    'to a new user': (slug) =>
      service.post(
        '/v1/users',
        { email: `${unique()}@x.example`, roleIds: [toRoleId(slug)] },
        { token: tokenWith('recruiter') },
      ),
    'to a user': async (slug) => assign((await inviteUser()).id, [slug], tokenWith('recruiter')),
    'to a new app client': (slug) =>
      service.post(
        '/v1/app-clients',
        { name: 'Import', roleIds: [toRoleId(slug)] },
        { token: tokenWith('recruiter') },
      ),
    'to an app client': async (slug) => {
      const { body } = await service.post(
        '/v1/app-clients',
        { name: 'Import' },
        { token: tokenWith('recruiter') },
      );
      const patch = { token: tokenWith('recruiter'), body: { roleIds: [toRoleId(slug)] } };
      return service.send('PATCH', `/v1/app-clients/${body.appClientId}`, patch);
    },
    'to who has it, by a new secret': async (slug) => {
      const draft = { name: 'Import', roleIds: [toRoleId(slug)] };
      const { body } = await service.post('/v1/app-clients', draft, { token: system() });
      return service.post(
        `/v1/app-clients/${body.appClientId}/secrets`,
        { overlapSeconds: 0 },
        { token: tokenWith('recruiter') },
      );
    },
    'to who has it, by another email': async (slug) => {
      const { id } = await inviteUser({ roleIds: [toRoleId(slug)] }, { token: system() });
      return service.send('PATCH', `/v1/users/${id}`, {
        token: tokenWith('recruiter'),
        body: { email: `${unique()}@x.example` },
      });
    },
  };

  it.each(Object.entries(grants))(
    'cannot be granted by %s by a caller with its previous permissions [SEC-4]',
    async (_, grant) => {
      const slug = `growing-${unique()}`;
      await createRole(slug);
      await warmCaches();
      // Another process changes the role, so no cache here is updated.
      await service.putRole('acme', { slug, name: slug, permissions: ['users:delete'] });
      expect(await grant(slug)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    },
  );

  it('cannot be granted by an invite request', async () => {
    const slug = `growing-${unique()}`;
    await createRole(slug);
    const request = (id: string) => ({
      id,
      ...crm,
      'detail-type': 'User Invite Requested',
      detail: { id, email: `${unique()}@x.example`, roleIds: [toRoleId(slug)] },
    });
    const countUsers = async () =>
      (await service.stored.all()).filter(({ sk }) => sk === 'USER').length;
    const before = await countUsers();
    await service.on.inviteRequest(request('before'));
    expect(await countUsers()).toBe(before + 1);
    await service.putRole('acme', { slug, name: slug, permissions: ['users:delete'] });
    await service.on.inviteRequest(request('after'));
    expect(await countUsers()).toBe(before + 1);
  });
});

describe('a role that was just created', () => {
  it.each(dialects.filter((dialect) => dialect !== 'credible'))(
    'can be assigned at once in %s [43a]',
    async (dialect) => {
      const user = await createUserIn(service, 'acme', { password: goodPassword });
      await warmCaches();
      const slug = `reviewer-${unique()}`;
      await createRole(slug, ['users:read']);
      const body = dialect === 'jitsudo' ? { roles: [slug] } : { roleIds: [toRoleId(slug)] };
      const token = clock.aTokenOf('acme', ['admin']);
      expect(
        (await updateUser(service, dialect, user, body, { token, headers: always })).status,
      ).toBe(200);
      expect((await readNativeUser(service, user)).roleIds).toEqual([toRoleId(slug)]);
    },
  );

  it('can be granted to a new user and a new app client at once', async () => {
    await warmCaches();
    await createRole('fresh', ['users:read']);
    const roleIds = [toRoleId('fresh')];
    const token = clock.aTokenOf('acme', ['admin']);
    expect(
      (await service.post('/v1/users', { email: 'fresh@x.example', roleIds }, { token })).status,
    ).toBe(201);
    expect(
      (await service.post('/v1/app-clients', { name: 'Fresh', roleIds }, { token })).status,
    ).toBe(201);
  });

  it('is not lost when the invitation is accepted at once [SEC-4]', async () => {
    // The link-redemption function caches the roles.
    await acceptLink((await inviteAndReadToken()).token);
    await createRole('brand-new', ['users:read']);
    const { guest, token } = await inviteAndReadToken({ roleIds: [toRoleId('brand-new')] });
    expect(await acceptLink(token)).toMatchObject({ status: 200, body: { refusedRoleIds: [] } });
    expect((await reads(guest)).roleIds).toEqual([toRoleId('brand-new')]);
  });
});

describe('a role that was just deleted', () => {
  it('cannot be granted', async () => {
    const { id } = await inviteUser();
    await createRole('gone');
    await warmCaches();
    await changeRole('DELETE', 'gone');
    await expectNoWrites(service, async () => {
      const roleIds = [toRoleId('gone')];
      expect(outcome(await assign(id, ['gone']))).toBe('422 invalid_roles');
      expect(
        outcome(
          await service.post(
            '/v1/users',
            { email: 'gone@x.example', roleIds },
            { token: system() },
          ),
        ),
      ).toBe('422 invalid_roles');
      const client = await service.post(
        '/v1/app-clients',
        { name: 'Gone', roleIds },
        { token: system() },
      );
      expect(outcome(client)).toBe('422 invalid_roles');
    });
  });

  it('is not granted by accepting an invitation', async () => {
    await acceptLink((await inviteAndReadToken()).token);
    await createRole('going');
    const { token } = await inviteAndReadToken({ roleIds: [toRoleId('going')] });
    await changeRole('DELETE', 'going');
    expect((await acceptLink(token)).body.refusedRoleIds).toEqual([toRoleId('going')]);
  });
});

describe('a response that is sent back as an update', () => {
  const minute = 60_000;

  it.each([
    ['native', '44a', 'roleIds'],
    ['cradl', '44a', 'roleIds'],
    ['jitsudo', '44b', 'roles'],
  ] as const)('with a role that was deleted meanwhile, in %s [%s]', async (dialect, _, field) => {
    const slug = `faded-${unique()}`;
    await createRole(slug);
    const user = await createUserIn(service, 'acme', {
      password: goodPassword,
      roleIds: [slug, 'user'].map(toRoleId),
    });
    await changeRole('DELETE', slug);
    clock.advanceBy(minute);
    const token = clock.aTokenOf('acme', ['admin']);
    const paths = { native: '/v1', cradl: '/cradl/v1', jitsudo: '/jitsudo/v1' };
    const target = `${paths[dialect]}/users/${user[dialect]}`;
    const { body } = await service.get(target, {
      token,
      headers: { 'x-tenant-id': tenantId.acme },
    });
    const rename = { name: 'Renamed', [field]: body[field] };
    expect(
      await updateUser(service, dialect, user, rename, { token, headers: always }),
    ).toMatchObject({ status: 200, body: rename });
    const beside = {
      [field]: [...body[field], dialect === 'jitsudo' ? 'approver' : toRoleId('approver')],
    };
    expect(
      (await updateUser(service, dialect, user, beside, { token, headers: always })).status,
    ).toBe(200);
    // A removed role does not return.
    const without = { [field]: dialect === 'jitsudo' ? ['user'] : [toRoleId('user')] };
    expect(
      (await updateUser(service, dialect, user, without, { token, headers: always })).status,
    ).toBe(200);
    expect(
      (await updateUser(service, dialect, user, rename, { token, headers: always })).status,
    ).toBeGreaterThanOrEqual(400);
  });

  it('with the deleted role and the past expiration of an app client', async () => {
    await createRole('worn');
    const token = system();
    const expiresTime = new Date(clock.now().getTime() + minute).toISOString();
    const draft = { name: 'Import', roleIds: [toRoleId('worn')], expiresTime };
    const { body } = await service.post('/v1/app-clients', draft, { token });
    await changeRole('DELETE', 'worn');
    clock.advanceBy(2 * minute);
    const patch = { name: 'Renamed', roleIds: body.roleIds, expiresTime: body.expiresTime };
    const target = `/v1/app-clients/${body.appClientId}`;
    expect(await service.send('PATCH', target, { token: system(), body: patch })).toMatchObject({
      status: 200,
      body: patch,
    });
  });

  it('with an app client that was revoked meanwhile', async () => {
    const { body } = await service.post('/v1/app-clients', { name: 'Import' }, { token: system() });
    const user = await inviteUser({ appClientId: body.appClientId });
    await service.send('DELETE', `/v1/app-clients/${body.appClientId}`, { token: system() });
    clock.advanceBy(minute);
    const { appClientId } = await reads(user);
    const rename = { token: life.admin(), body: { name: 'Renamed', appClientId } };
    expect(await service.send('PATCH', `/v1/users/${user.id}`, rename)).toMatchObject({
      status: 200,
      body: { appClientId },
    });
  });
});

describe('a tenant', () => {
  const slug = `early-${unique()}`;
  const signIn = () =>
    service.post(
      '/v1/auth/token',
      { tenant: slug, email: 'first@x.example', password: goodPassword },
      { sourceIp: '203.0.113.9' },
    );

  it('that was just created is found at once [43b]', async () => {
    expect((await signIn()).status).toBe(401);
    const token = systemToken('acme');
    const draft = {
      slug,
      name: 'Early',
      ownerEmail: 'owner@x.example',
      origin: 'https://early.example.com',
    };
    const { body } = await service.post('/v1/tenants', draft, { token });
    const headers = { 'x-tenant-id': body.tenantId };
    const user = { email: 'first@x.example', password: goodPassword };
    expect((await service.post('/v1/users', user, { token, headers })).status).toBe(201);
    expect((await signIn()).status).toBe(200);
  });

  it('whose owner just forbade administrators to set passwords rejects them at once', async () => {
    await service.updateTenantItem('acme', { administratorsSetPasswords: true });
    const user = await createUserIn(service, 'acme', { password: goodPassword });
    clock.advanceBy(60_000);
    await warmCaches();
    await service.updateTenantItem('acme', { administratorsSetPasswords: false });
    const patch = { password: 'seven-lamps-in-an-orchard' };
    const token = clock.aTokenOf('acme', ['admin']);
    expect((await updateUser(service, 'credible', user, patch, { token })).status).toBe(403);
  });
});

describe('a denial never comes from cached permissions [43]', () => {
  const draft = () => ({ email: `${unique()}@x.example` });
  const reading: readonly (readonly [
    what: string,
    ask: (sent: TestRequest) => Promise<TestResponse>,
  ])[] = [
    ['a list', (sent) => service.get('/v1/users', sent)],
    ['a list in Cradl', (sent) => service.get('/cradl/v1/users', sent)],
    [
      'a list in JITSudo',
      (sent) =>
        service.get('/jitsudo/v1/users', { ...sent, headers: { 'x-tenant-id': tenantId.acme } }),
    ],
    ['roles', (sent) => service.get('/v1/roles', sent)],
    ['app clients', (sent) => service.get('/v1/app-clients', sent)],
    ['a user', async (sent) => service.get(`/v1/users/${(await inviteUser()).id}`, sent)],
    ['an export', async (sent) => service.get(`/v1/users/${(await inviteUser()).id}/export`, sent)],
    ['a create without roles', (sent) => service.post('/v1/users', draft(), sent)],
  ];
  const asksAll = async (sent: TestRequest) => {
    const answers: [string, number][] = [];
    for (const [what, ask] of reading) answers.push([what, (await ask(sent)).status]);
    return answers;
  };
  const all = (status: number) =>
    reading.map(([what]) => [
      what,
      what === 'a create without roles' && status === 200 ? 201 : status,
    ]);

  it('of a user who just got a role', async () => {
    const user = { ...draft(), password: goodPassword };
    const { body } = await service.post('/v1/users', user, { token: system() });
    const signedIn = await service.post(
      '/v1/auth/token',
      { tenant: 'acme', ...user },
      { sourceIp: '198.51.100.2' },
    );
    const sent = { token: String(signedIn.body.accessToken) };
    expect(await asksAll(sent)).toEqual(all(403));
    expect((await assign(body.userId, ['admin'])).status).toBe(200);
    expect(await asksAll(sent)).toEqual(all(200));
  });

  it('of a caller whose role just gained a permission', async () => {
    const slug = `rising-${unique()}`;
    await createRole(slug);
    await warmCaches();
    const sent = { token: tokenWith(slug) };
    expect(await asksAll(sent)).toEqual(all(403));
    await service.putRole('acme', { slug, name: slug, permissions });
    expect(await asksAll(sent)).toEqual(all(200));
  });

  it('of an API key whose app client just got a role', async () => {
    const { body } = await service.post(
      '/v1/app-clients',
      { name: 'Import', roleIds: [toRoleId('keeper')] },
      { token: system() },
    );
    const sent = { headers: { 'x-api-key': String(body.secret) } };
    await service.send('PATCH', `/v1/app-clients/${body.appClientId}`, {
      token: system(),
      body: { roleIds: [] },
    });
    clock.advanceBy(31_000);
    expect((await service.get('/v1/users', sent)).status).toBe(403);
    const patch = { roleIds: [toRoleId('keeper')] };
    expect(
      (
        await service.send('PATCH', `/v1/app-clients/${body.appClientId}`, {
          token: system(),
          body: patch,
        })
      ).status,
    ).toBe(200);
    expect((await service.get('/v1/users', sent)).status).toBe(200);
  });

  it('of an app client whose expiration was just postponed', async () => {
    const expiresTime = (minutes: number) =>
      new Date(clock.now().getTime() + minutes * 60_000).toISOString();
    const draftClient = {
      name: 'Import',
      roleIds: [toRoleId('keeper')],
      expiresTime: expiresTime(1),
    };
    const { body } = await service.post('/v1/app-clients', draftClient, { token: system() });
    const sent = { headers: { 'x-api-key': String(body.secret) } };
    clock.advanceBy(50_000);
    expect((await service.get('/v1/users', sent)).status).toBe(200);
    clock.advanceBy(11_000);
    expect((await service.get('/v1/users', sent)).status).toBe(401);
    const patch = { expiresTime: expiresTime(9) };
    expect(
      (
        await service.send('PATCH', `/v1/app-clients/${body.appClientId}`, {
          token: system(),
          body: patch,
        })
      ).status,
    ).toBe(200);
    expect((await service.get('/v1/users', sent)).status).toBe(200);
  });

  it('in a tenant that was just reactivated', async () => {
    const token = clock.aTokenOf('north', ['admin']);
    await service.updateTenantItem('north', { status: 'suspended' });
    expect((await service.get('/v1/users', { token })).body.code).toBe('tenant_suspended');
    await service.updateTenantItem('north', { status: 'active' });
    expect((await service.get('/v1/users', { token })).status).toBe(200);
  });

  it('and a token contains the role that was just created', async () => {
    const slug = `fresh-${unique()}`;
    await warmCaches();
    const user = { ...draft(), password: goodPassword };
    const signIn = () =>
      service.post('/v1/auth/token', { tenant: 'acme', ...user }, { sourceIp: '198.51.100.3' });
    const { body } = await service.post('/v1/users', user, { token: system() });
    await signIn();
    await createRole(slug);
    await assign(body.userId, [slug]);
    const [, claims = ''] = String((await signIn()).body.accessToken).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString()).roles).toEqual([slug]);
  });
});

/** One route per permanent operation, because dialects share the pipeline. */
const permanentRoutes = [
  ...new Map(
    authenticatedRoutes
      .filter(({ operation }) => decisionState[operation] === 'current')
      .map((route) => [route.operation, route]),
  ).values(),
];
/** Routes that tenant administrators can call and that require a permission. */
const forAdministrators = permanentRoutes.filter(
  (route) =>
    !changesTenantStatus(route.operation) &&
    !['createTenant', 'transferOwnership'].includes(route.operation) &&
    !isSelfRoute(route) &&
    // Its operations decide.
    route.operation !== 'scimBulk' &&
    !(route.dialect === 'credible' && route.operation === 'deleteUser'),
);
const deleteRoute = permanentRoutes.find(({ operation }) => operation === 'deleteUser') as Route;
const targets = new Map<Route, UserRefs>();
for (const route of permanentRoutes)
  targets.set(route, {
    ...(await createUserForRoute(route, service, 'acme')),
    tenant: tenantId.acme,
  });

/** Caller with every permission in the tenant, by a credential of this deployment. */
async function createCaller(credential: 'token' | 'key') {
  const roleIds = [toRoleId('keeper')];
  if (credential === 'key') {
    const { body } = await service.post(
      '/v1/app-clients',
      { name: 'Caller', roleIds },
      { token: system() },
    );
    const key = keys.appClient(tenantId.acme, String(body.appClientId).split(':')[2] ?? '');
    return {
      sent: { headers: { 'x-api-key': String(body.secret) } },
      key,
      ended: { revocation: { at: '', by: '' } },
      reason: 'api_key_invalid',
    };
  }
  const user = { email: `${unique()}@x.example`, password: goodPassword };
  const { body } = await service.post('/v1/users', { ...user, roleIds }, { token: system() });
  const signedIn = await service.post(
    '/v1/auth/token',
    { tenant: 'acme', ...user },
    { sourceIp: '198.51.100.1' },
  );
  const key = keys.user(tenantId.acme, parseUserId(body.userId) ?? '');
  return {
    sent: { token: String(signedIn.body.accessToken) },
    key,
    ended: { status: 'inactive' },
    reason: 'token_revoked',
  };
}

/**
 * Request that reads the caller strongly in the function of the route and changes nothing, which
 * fills the cache.
 */
async function warmFunction(route: Route, sent: TestRequest): Promise<void> {
  const body = {
    currentPassword: 'not-this-one-by-any-means',
    newPassword: 'seven-lamps-in-an-orchard',
  };
  const calls: Readonly<Record<string, () => Promise<TestResponse>>> = {
    users: () => service.send('DELETE', `/v1/users/${unknownUser.native}`, sent),
    account: () =>
      service.post(`/v1/users/${unknownUser.native}/email/verification`, undefined, sent),
    'bulk-users': () => service.post('/v1/users/bulk', {}, sent),
    tenants: () => service.send('DELETE', `/v1/roles/${toRoleId('nothing')}`, sent),
    domains: () => service.send('DELETE', `/v1/domains/${unknownUser.native}`, sent),
    webhooks: () => service.send('DELETE', `/v1/webhooks/${unknownUser.native}`, sent),
    connections: () => service.send('DELETE', `/v1/scim/connections/${unknownUser.native}`, sent),
    scim: () => service.send('DELETE', `/scim/v2/Users/${unknownUser.scim}`, sent),
    groups: () => service.send('DELETE', `/v1/groups/cradl:group:${'0'.repeat(32)}`, sent),
    'app-clients': () => service.send('DELETE', '/v1/app-clients/cradl:app-client:nobody', sent),
    'invitation-links': () =>
      service.post(`/v1/users/${unknownUser.native}/invitation/link`, undefined, sent),
    passwords: () => service.post('/v1/users/me/password', body, sent),
  };
  expect([400, 404]).toContain((await calls[route.function]?.())?.status);
}

describe.each(['token', 'key'] as const)('a caller with a cached %s', async (credential) => {
  const { sent, key, ended, reason } = await createCaller(credential);
  const item = await service.stored.item(key);
  /** Status of each route for the caller, whose permissions every function has cached. */
  const answersTo = async (changed: object, asked: readonly Route[]) => {
    const answers: Record<string, string> = {};
    for (const route of asked) {
      await warmFunction(route, sent);
      await service.stored.put({ ...item, ...changed });
      const user = targets.get(route)!;
      const answer = await expectNoWrites(service, () =>
        requestRoute(service, route, { user, ...sent }),
      );
      answers[route.route] = outcome(answer);
      await service.stored.put(item!);
    }
    return answers;
  };
  const each = (asked: readonly Route[], answer: string) =>
    Object.fromEntries(asked.map(({ route }) => [route, answer]));

  it('is denied every permanent operation after their access ended', async () => {
    // Errors of SCIM have no details.
    const ofScim = permanentRoutes.filter(({ dialect }) => dialect === 'scim');
    expect(await answersTo(ended, permanentRoutes)).toEqual({
      ...each(permanentRoutes, `401 unauthenticated ${reason}`),
      ...each(ofScim, '401 unauthenticated'),
    });
  });

  it('is denied every permanent operation after losing their roles', async () => {
    expect(await answersTo({ roles: [] }, forAdministrators)).toEqual(
      each(forAdministrators, '403 forbidden'),
    );
  });

  it('cannot grant permissions after losing their roles', async () => {
    const identity = { issuer: 'https://id.example.com', subject: unique() };
    for (const fields of [
      { roleIds: [toRoleId('user')] },
      { password: goodPassword },
      { identity },
      { emailVerified: true },
    ]) {
      await warmFunction(deleteRoute, sent);
      await service.stored.put({ ...item, roles: [] });
      const body = { email: `${unique()}@x.example`, ...fields };
      expect(
        outcome(await expectNoWrites(service, () => service.post('/v1/users', body, sent))),
      ).toBe('403 forbidden');
      await service.stored.put(item!);
    }
  });
});

describe('every write', () => {
  it('decides on current data, or is listed here with the reason', () => {
    const writes = authenticatedRoutes.filter(
      ({ route }) => !route.startsWith('GET ') && !route.endsWith('/.search'),
    );
    const others = writes.filter(({ operation }) => decisionState[operation] !== 'current');
    // Without roles and credentials nothing permanent is granted. Name and picture grant nothing.
    expect([...new Set(others.map(({ operation }) => operation))]).toEqual([
      'createUser',
      'updateOwnUser',
      'updateProfile',
      'scimReplaceOwnUser',
      'scimPatchOwnUser',
    ]);
  });
});
