import { beforeAll, describe, expect, it } from 'vitest';
import { keys } from '../lib/store/keys.ts';
import { asks, aUserIn, bearerRoutes, isOwnAccount, type Named, nobody } from './bearer-routes.ts';
import {
  type Answer,
  aService,
  aSystemAdministrator,
  aTokenOf,
  anAdminOf,
  issuer,
  type Service,
  type TenantSlug,
  tenantId,
} from './steps.ts';

let service: Service;
let inAcme: Named;
let inGlobex: Named;
beforeAll(async () => {
  service = await aService();
  inAcme = await aUserIn(service, 'acme');
  inGlobex = await aUserIn(service, 'globex');
});

/** Sends something that must leave both tables as they are. */
const withoutEffect = async <Result>(act: () => Promise<Result>, at = service): Promise<Result> => {
  const tables = () => Promise.all([at.stored.all(), at.stored.all(at.stored.secrets)]);
  const before = await tables();
  const result = await act();
  expect(await tables()).toEqual(before);
  return result;
};
/** A body but for the id of its request. */
const told = ({ body }: Answer) => ({ ...body, details: { ...body.details, requestId: undefined } });

describe('T05, T20: a user of another tenant', () => {
  it('is told from one that does not exist by nothing at all', async () => {
    for (const route of bearerRoutes.filter(({ operation }) => operation === 'getUser')) {
      const [other, unknown] = [
        await asks(service, route, { token: anAdminOf('acme'), user: inGlobex }),
        await asks(service, route, { token: anAdminOf('acme') }),
      ];
      expect(other).toMatchObject({ status: 404, body: { code: 'not_found' } });
      expect(told(other)).toEqual(told(unknown));
      expect(Object.keys(other.headers)).toEqual(Object.keys(unknown.headers));
      expect((await asks(service, route, { token: anAdminOf('acme'), user: inAcme })).status).toBe(200);
    }
  });

  it('is no conflict: both have the e-mail and the user name, and neither notices', async () => {
    const body = { email: 'shared@example.com', userName: 'shared' };
    expect((await service.posts('/v1/users', body, { token: anAdminOf('acme') })).status).toBe(201);
    expect((await service.posts('/v1/users', body, { token: anAdminOf('globex') })).status).toBe(201);
  });
});

describe('T07, T06: what belongs to another tenant is not there', () => {
  beforeAll(async () => {
    await service.hasRole('globex', { slug: 'auditor', name: 'Auditor', permissions: ['users:read'] });
    await service.stored.put({ ...keys.appClient(tenantId.globex, 'portal'), schemaVersion: 1, appClientId: 'portal', name: 'Portal' });
  });

  const posts = (target: string, body: object, headers = {}) =>
    service.posts(target, { email: 'jo@example.com', ...body }, { token: anAdminOf('acme'), headers });

  it.each(['auditor', 'no-such-role'])('the role %s', async (role) => {
    const unknown = { field: 'roles', issues: [{ path: 'roles.0', message: 'no such role' }] };
    await withoutEffect(async () => {
      const native = await posts('/v1/users', { roleIds: [`cradl:role:${role}`] });
      expect(native).toMatchObject({ status: 422, body: { code: 'invalid_roles', details: unknown } });
      const cradl = await posts('/cradl/v1/users', { roleIds: [`las:role:${role}`] });
      expect(cradl).toMatchObject({ status: 404, body: { code: 'not_found', details: unknown } });
      const jitsudo = { name: 'Jo', password: 'tangled-orchard-7-lamps', roles: [role] };
      expect(await posts('/jitsudo/v1/users', jitsudo, { 'x-tenant-id': tenantId.acme })).toMatchObject({
        status: 422,
        body: { details: unknown },
      });
    });
  });

  it.each(['portal', 'no-such-client'])('the app client %s', async (client) => {
    await withoutEffect(async () => {
      const appClientId = `cradl:app-client:${client}`;
      expect(await posts('/v1/users', { appClientId })).toMatchObject({ status: 422, body: { code: 'invalid_app_client' } });
      expect(await posts('/cradl/v1/users', { appClientId })).toMatchObject({ status: 404, body: { details: { field: 'appClientId' } } });
    });
  });
});

describe('T08: a tenant in the body', () => {
  const body = { email: 'eve@example.com', tenantId: tenantId.globex };

  it.each(['/v1/users', '/cradl/v1/users'])('is refused as unknown by %s', async (target) => {
    const answer = await withoutEffect(() => service.posts(target, body, { token: anAdminOf('acme') }));
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  });

  it('means nothing to JITSudo and Credible', async () => {
    const named = { ...body, tenant_id: tenantId.globex, tenant: 'globex', organization: 'globex', organizationId: tenantId.globex };
    const jitsudo = { ...named, email: 'eve1@example.com', name: 'Eve', password: 'tangled-orchard-7-lamps', roles: ['user'] };
    const { status } = await service.posts('/jitsudo/v1/users', jitsudo, {
      token: anAdminOf('acme'),
      headers: { 'x-tenant-id': tenantId.acme },
    });
    expect(status).toBe(201);
    const credible = { ...named, email: 'eve2@example.com', userName: 'eve2' };
    expect((await service.posts('/credible/api/v0/users', credible, { token: aSystemAdministrator('acme') })).status).toBe(201);
    const items = JSON.stringify((await service.stored.all()).filter(({ email }) => String(email).startsWith('eve')));
    expect(items).toContain(tenantId.acme);
    expect(items).not.toContain('globex');
    expect(items).not.toContain(tenantId.globex);
  });
});

describe('T09: a tenant that is not there, or is not to be served, is refused before any write', () => {
  const unknown = '11111111-1111-4111-8111-111111111111';

  it('an unknown one in the token', async () => {
    const token = issuer.mintAccessToken({ sub: 'eve', tenantId: unknown, roles: ['admin'] });
    for (const route of bearerRoutes) {
      const answer = await withoutEffect(() => asks(service, route, { token, headers: { 'x-tenant-id': unknown } }));
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(answer.body).not.toHaveProperty('notices');
    }
  });

  it('an unknown one that a system administrator names', async () => {
    for (const route of bearerRoutes) {
      const answer = await withoutEffect(() =>
        asks(service, route, { token: aSystemAdministrator(), headers: { 'x-tenant-id': unknown } }),
      );
      expect(answer).toMatchObject({ status: 404, body: { code: 'not_found' } });
    }
  });

  it.each<[string, string]>([
    ['an administrator', anAdminOf('acme')],
    ['a system administrator', aSystemAdministrator('acme')],
  ])('a suspended one, within thirty seconds, even to %s', async (_, token) => {
    let clock = Date.now();
    const at = await aService({ now: () => new Date(clock) });
    const user = await aUserIn(at, 'acme');
    await at.hasTenant('acme', { status: 'suspended' });
    clock += 30_000;
    for (const route of bearerRoutes) {
      const answer = await withoutEffect(() => asks(at, route, { token, user }), at);
      expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
      expect(answer.body).not.toHaveProperty('notices');
    }
    // Its neighbours notice nothing, and it comes back as it was.
    expect((await at.posts('/v1/users', { email: 'jo@example.com' }, { token: anAdminOf('globex') })).status).toBe(201);
    await at.hasTenant('acme', { status: 'active' });
    clock += 30_000;
    expect((await at.gets(`/v1/users/${user.native}`, { token })).status).toBe(200);
  });

  it('a role that loses a permission does so within thirty seconds', async () => {
    let clock = Date.now();
    const at = await aService({ now: () => new Date(clock) });
    const reader = { slug: 'reader', name: 'Reader' };
    await at.hasRole('acme', { ...reader, permissions: ['users:read'] });
    const user = await aUserIn(at, 'acme');
    const reads = () => at.gets(`/v1/users/${user.native}`, { token: aTokenOf('acme', ['reader']) });
    expect((await reads()).status).toBe(200);
    await at.hasRole('acme', { ...reader, permissions: [] });
    clock += 30_000;
    expect((await reads()).status).toBe(403);
  });
});

describe('T11: a token without a role', () => {
  const others = bearerRoutes.filter((route) => !isOwnAccount(route));

  it.each(others.map((route) => [route.route, route] as const))('may do nothing with others: %s', async (_, route) => {
    for (const roles of [[], ['user'], ['offline_access']]) {
      for (const user of [inAcme, nobody]) {
        const answer = await withoutEffect(() => asks(service, route, { token: aTokenOf('acme', roles), user }));
        expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden' } });
        expect(answer.text).not.toContain('"Forbidden"');
      }
    }
  });
});

describe('T18: requests of two tenants that meet in one container', () => {
  it('keep apart, whatever is remembered between them', async () => {
    const at = await aService();
    const recruiter = { slug: 'recruiter', name: 'Recruiter' };
    await at.hasRole('acme', { ...recruiter, permissions: ['users:create'] });
    await at.hasRole('globex', { ...recruiter, permissions: [] });
    await at.stored.put({ ...keys.appClient(tenantId.acme, 'mobile'), schemaVersion: 1, appClientId: 'mobile', name: 'Mobile' });
    const creates = async (slug: TenantSlug, roles: string[], n: number, more = {}) => {
      // The same person by name in both.
      const token = aTokenOf(slug, roles, 'somebody');
      const answer = await at.posts('/v1/users', { email: `user-${n}-${roles[0]}@example.com`, ...more }, { token });
      return { slug, status: answer.status, tenant: answer.body.tenantId };
    };
    const rounds = Array.from({ length: 10 }, (_, n) => n);
    const answers = await Promise.all(
      rounds.flatMap((n) => [
        creates('acme', ['recruiter'], n),
        creates('globex', ['recruiter'], n),
        creates('globex', ['admin'], n),
        creates('acme', ['admin'], n, { appClientId: 'cradl:app-client:mobile' }),
        creates('globex', ['admin'], n + 100, { appClientId: 'cradl:app-client:mobile' }),
      ]),
    );
    const created = (slug: TenantSlug) => ({ slug, status: 201, tenant: tenantId[slug] });
    const refused = (status: number) => ({ slug: 'globex', status, tenant: undefined });
    expect(answers).toEqual(rounds.flatMap(() => [created('acme'), refused(403), created('globex'), created('acme'), refused(422)]));
  });
});
