import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import {
  createTestService,
  systemToken,
  userToken,
  adminToken,
  type TestRequest,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createTestService();
const path = '/credible/api/v0/organizations';
const readOrganization = (name: string, sent: TestRequest) => service.get(`${path}/${name}`, sent);

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
