import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { tenantInput } from '../../support/authenticated-routes.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import {
  createTestService,
  systemToken,
  userToken,
  adminToken,
  issuer,
  type TestRequest,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createTestService();
const path = '/credible/api/v0/organizations';
const readOrganization = (name: string, sent: TestRequest) => service.get(`${path}/${name}`, sent);

const system = systemToken('acme');
const createOrganization = (body: unknown, token = system) => service.post(path, body, { token });
const newName = () => `org-${randomUUID().slice(0, 8)}`;
/** Gets the tenant of an organization through the native API. */
const readTenant = async (name: string): Promise<Record<string, any>> => {
  const claim = await service.stored.item(keys.slugClaim(name));
  return (await service.get(`/v1/tenants/${claim?.['tenantId']}`, { token: system })).body;
};

describe('creating an organization of Credible', () => {
  it('returns it, and creates a tenant without an owner', async () => {
    const name = newName();
    const { status, body } = await createOrganization({ name, displayName: 'Initech' });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        name,
        displayName: 'Initech',
        permission: null,
        createdAt: expect.any(String),
        updatedAt: body.createdAt,
      },
    });
    expect((await readOrganization(name, { token: system })).body).toEqual(body);
    expect(await readTenant(name)).toMatchObject({
      slug: name,
      name: 'Initech',
      origin: `https://${name}.admin.localhost`,
      uniqueness: 'system',
      locale: 'en',
      ownerUserId: null,
      status: 'active',
      version: 1,
      createdBy: 'system',
    });
  });

  it('creates the role modeler, with its record and its count', async () => {
    const name = newName();
    await createOrganization({ name });
    const { tenantId: id } = await readTenant(name);
    const sent = { token: system, headers: { 'x-tenant-id': id } };
    const { body } = await service.get('/v1/roles/cradl:role:modeler', sent);
    expect(body).toMatchObject({
      name: 'Modeler',
      permissions: ['groups:read', 'users:read'],
      builtIn: false,
      version: 1,
      createdBy: 'system',
    });
    expect(await service.stored.item(keys.roleChange(id, 'modeler', 1))).toMatchObject({
      action: 'create',
      by: 'system',
      policies: ['create-tenant'],
    });
    expect(await service.stored.item(keys.roleCount(id))).toMatchObject({
      activeCount: 1,
      totalCount: 1,
    });
    const rename = { ...sent, body: { name: 'Analyst' } };
    expect((await service.send('PATCH', '/v1/roles/cradl:role:modeler', rename)).status).toBe(200);
    expect((await service.send('DELETE', '/v1/roles/cradl:role:modeler', sent)).status).toBe(204);
    expect(await service.stored.item(keys.roleCount(id))).toMatchObject({ activeCount: 0 });
  });

  it('creates no role modeler in other dialects', async () => {
    const { body } = await service.post('/v1/tenants', tenantInput(), { token: system });
    const sent = { token: system, headers: { 'x-tenant-id': body.tenantId } };
    expect((await service.get('/v1/roles/cradl:role:modeler', sent)).status).toBe(404);
  });

  it('converts the name to lower case, and uses it without a display name', async () => {
    const name = newName();
    const { body } = await createOrganization({ name: name.toUpperCase() });
    expect(body).toMatchObject({ name, displayName: name });
  });

  it.each([
    ['an underscore', 'my_org'],
    ['a dot', 'my.org'],
    ['a hyphen at the start', '-org'],
    ['a hyphen at the end', 'org-'],
    ['64 characters', 'a'.repeat(64)],
    ['a reserved name', 'Admin'],
    ['an A-label', 'xn--bcher-kva'],
    ['no text', 7],
    ['no name', undefined],
  ])('returns 400 for %s', async (_, name) => {
    const answer = await expectNoWrites(service, () => createOrganization({ name }));
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: 'name' }] } },
    });
  });

  it('returns 400 for other fields', async () => {
    for (const more of [{ ownerEmail: 'jo@example.com' }, { origin: 'https://x.example' }])
      expect((await createOrganization({ name: newName(), ...more })).status).toBe(400);
  });

  it('returns 409 for a name in use', async () => {
    const name = newName();
    await createOrganization({ name });
    for (const taken of [name, name.toUpperCase(), 'acme'])
      expect(
        await expectNoWrites(service, () => createOrganization({ name: taken })),
      ).toMatchObject({ status: 409, body: { code: 'slug_taken', details: { field: 'name' } } });
  });

  it('returns 403 to other callers than system administrators', async () => {
    for (const token of [adminToken('acme'), userToken('acme', [])])
      expect(
        await expectNoWrites(service, () => createOrganization({ name: newName() }, token)),
      ).toMatchObject({ status: 403, body: { code: 'forbidden' } });
  });

  it('returns 422 if the deployment has no hosts for tenants', async () => {
    const withoutHosts = await createTestService({
      environment: { TENANT_HOST_SUFFIX: undefined },
    });
    const create = () => withoutHosts.post(path, { name: newName() }, { token: system });
    expect(await expectNoWrites(withoutHosts, create)).toMatchObject({
      status: 422,
      body: { code: 'origin_required' },
    });
  });

  it('makes emails unique across organizations, and its users can read it', async () => {
    const [first, second] = [newName(), newName()];
    const email = `jo@${first}.example.com`;
    const createUser = (name: string) =>
      service.post(
        '/credible/api/v0/users',
        { userName: first, email },
        { token: system, host: `${name}.admin.localhost` },
      );
    for (const name of [first, second]) await createOrganization({ name });
    expect((await createUser(first)).status).toBe(201);
    expect((await createUser(second)).body.code).toBe('user_exists');
    const { tenantId: id } = await readTenant(first);
    const token = issuer.mintAccessToken({ sub: 'jo', tenantId: id, roles: ['modeler'] });
    expect((await readOrganization(first, { token })).body.permission).toBe('modeler');
    expect((await service.get('/v1/users', { token })).body.users).toHaveLength(1);
  });
});

describe('an organization of Credible', () => {
  it('returns the name, the display name, the level of the caller and times', async () => {
    const { status, body } = await readOrganization('acme', { token: adminToken('acme') });
    const { body: tenant } = await service.get(`/v1/tenants/${tenantId.acme}`, {
      token: adminToken('acme'),
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        name: 'acme',
        displayName: tenant.name,
        permission: 'admin',
        createdAt: tenant.createdTime,
        updatedAt: tenant.createdTime,
      },
    });
  });

  it.each<[string, TestRequest, string | null]>([
    ['the role admin', { token: adminToken('acme') }, 'admin'],
    ['the role user', { token: userToken('acme', ['user']) }, 'member'],
    ['the roles user and admin', { token: userToken('acme', ['user', 'admin']) }, 'admin'],
    ['another role', { token: userToken('acme', ['approver']) }, null],
    ['no role', { token: userToken('acme', []) }, null],
    ['an unknown role named like a level', { token: userToken('acme', ['member']) }, null],
    ['a role that the tenant lacks', { token: userToken('acme', ['modeler']) }, null],
    ['system access in another tenant', { token: systemToken('globex') }, null],
    [
      'system access and the role admin in another tenant',
      {
        token: issuer.mintAccessToken({
          sub: 'system',
          tenantId: tenantId.globex,
          roles: ['system_admin', 'admin'],
        }),
      },
      null,
    ],
  ])('shows the level of a caller with %s', async (_, sent, permission) => {
    const answer = await readOrganization('acme', sent);
    expect(answer).toMatchObject({ status: 200, body: { name: 'acme', permission } });
  });

  it('shows the level modeler where the tenant has the role', async () => {
    await service.putRole('north', {
      slug: 'modeler',
      name: 'Modeler',
      permissions: ['users:read'],
    });
    const token = userToken('north', ['user', 'modeler']);
    expect((await readOrganization('north', { token })).body.permission).toBe('modeler');
  });

  it('shows no level beyond the limit of the credential in use', async () => {
    const creator = { token: userToken('acme', ['clerk']) };
    await service.putRole('acme', {
      slug: 'clerk',
      name: 'Clerk',
      permissions: ['appClients:read', 'appClients:write'],
    });
    const draft = { name: 'Limited', roleIds: ['cradl:role:user'] };
    const { body } = await service.post('/v1/app-clients', draft, creator);
    const target = `/v1/app-clients/${body.appClientId}`;
    await service.send('PATCH', target, {
      body: { roleIds: ['cradl:role:user', 'cradl:role:admin'] },
      token: adminToken('acme'),
    });
    const key = { headers: { 'x-api-key': body.secret } };
    expect((await readOrganization('acme', key)).body.permission).toBe('member');
    const { key: unlimited } = await createTokenAppClient(service, 'acme', { roles: ['admin'] });
    expect((await readOrganization('acme', { headers: unlimited })).body.permission).toBe('admin');
  });

  it('can be renamed with tenant:update', async () => {
    const displayName = `Acme ${randomUUID()}`;
    const rename = (body: unknown, token = adminToken('acme')) =>
      service.send('PATCH', `${path}/acme`, { body, token });
    const { status, body } = await rename({ displayName });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { name: 'acme', displayName, permission: 'admin' },
    });
    expect(Date.parse(body.updatedAt)).toBeGreaterThan(Date.parse(body.createdAt));
    expect((await readOrganization('acme', { token: adminToken('acme') })).body).toEqual(body);
    const unchanged = await expectNoWrites(service, async () => [
      await rename({}),
      await rename({ displayName }),
    ]);
    expect(unchanged.map((answer) => [answer.status, answer.body])).toEqual([
      [200, body],
      [200, body],
    ]);
    await expectNoWrites(service, async () => {
      expect(await rename({}, userToken('acme', ['user']))).toMatchObject({ status: 403 });
      for (const invalid of [{ displayName: null }, { displayName: ' ' }, { name: 'acme' }, [], 1])
        expect(await rename(invalid)).toMatchObject({ status: 400 });
    });
  });

  it('accepts an empty change in no other dialect', async () => {
    const token = adminToken('acme');
    const organization = `cradl:organization:${tenantId.acme.replaceAll('-', '')}`;
    for (const [method, target] of [
      ['PATCH', `/v1/tenants/${tenantId.acme}`],
      ['PATCH', `/cradl/v1/organizations/${organization}`],
      ['PUT', `/jitsudo/v1/tenants/${tenantId.acme}`],
    ] as const) {
      const headers = { 'x-tenant-id': tenantId.acme };
      expect((await service.send(method, target, { token, headers, body: {} })).status).toBe(400);
    }
  });
});

it('a suspended organization rejects its own callers, but no system administrator', async () => {
  const clock = createTestClock();
  const suspending = await createTestService({ now: clock.now });
  const organization = `${path}/acme`;
  await suspending.post(`/v1/tenants/${tenantId.acme}/suspend`, undefined, { token: system });
  clock.advanceBy(30_000);
  expect(await suspending.get(organization, { token: adminToken('acme') })).toMatchObject({
    status: 403,
    body: { code: 'tenant_suspended' },
  });
  for (const token of [system, systemToken('globex')]) {
    expect((await suspending.get(organization, { token })).status).toBe(200);
    const rename = { token, body: { displayName: 'Acme Ltd' } };
    expect((await suspending.send('PATCH', organization, rename)).status).toBe(200);
  }
});

it.each(['projects', 'environments'])('an organization has no %s', async (kind) => {
  const answer = await service.get(`${path}/acme/${kind}`, { token: userToken('acme', []) });
  expect(answer).toMatchObject({ status: 200, body: [] });
  expect((await service.get(`${path}/acme/${kind}/demo`, { token: system })).status).toBe(404);
  expect((await service.post(`${path}/acme/${kind}`, {}, { token: system })).status).toBe(405);
});

it('an organization can be neither listed nor deleted', async () => {
  expect((await service.get(path, { token: system })).status).toBe(405);
  expect((await service.send('DELETE', `${path}/acme`, { token: system })).status).toBe(405);
});
