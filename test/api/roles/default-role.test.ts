import { describe, expect, it } from 'vitest';
import { unique } from '../../support/dialects/dialects.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { parseMailToken } from '../../support/scenarios/mail-delivery.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTestService, type TestRequest, tenantId } from '../../support/service.ts';

const source = { account: '111111111111', source: 'com.example.crm' };
const clock = createTestClock();
const service = await createTestService({
  now: clock.now,
  environment: {
    INVITE_SOURCES: JSON.stringify([{ ...source, tenant: tenantId.acme, roles: ['admin'] }]),
  },
});
const admin = () => clock.aTokenOf('acme', ['admin']);
const roles = {
  reader: ['users:read'],
  writer: ['users:create', 'users:read'],
  recruiter: ['users:create', 'tenant:update'],
} as const;
for (const [slug, permissions] of Object.entries(roles))
  await service.putRole('acme', { slug, name: slug, permissions });
await service.putRole('globex', { slug: 'elsewhere', name: 'Elsewhere', permissions: [] });
const recruiter = () => clock.aTokenOf('acme', ['recruiter']);

const path = `/v1/tenants/${tenantId.acme}`;
const update = (body: object, sent: TestRequest = {}) =>
  service.send('PATCH', path, { token: admin(), body, ...sent });
/** Sets the default role, and lets the caches expire. */
const setDefault = async (slug: string | null) => {
  const { status } = await update({ defaultRoleId: slug && `cradl:role:${slug}` });
  expect(status).toBe(200);
  clock.advanceBy(31_000);
};
const email = () => `user-${unique()}@example.com`;
const create = (fields: object = {}, sent: TestRequest = {}) =>
  service.post('/v1/users', { email: email(), ...fields }, { token: admin(), ...sent });
const createdRoles = async (fields?: object) => {
  const { body, status } = await create(fields);
  expect(status).toBe(201);
  return body.roleIds;
};

describe('the default role of a tenant', () => {
  it('is set, kept by other updates, and cleared', async () => {
    expect((await update({ defaultRoleId: 'las:role:reader' })).body).toMatchObject({
      defaultRoleId: 'cradl:role:reader',
    });
    expect((await update({ name: 'Acme' })).body.defaultRoleId).toBe('cradl:role:reader');
    expect((await service.get(path, { token: admin() })).body.defaultRoleId).toBe(
      'cradl:role:reader',
    );
    expect((await update({ defaultRoleId: null })).body.defaultRoleId).toBe(null);
  });

  it('must be a role of the tenant', async () => {
    for (const slug of ['no-such-role', 'elsewhere', 'system_admin', 'owner', 'Admin']) {
      expect(
        await expectNoWrites(service, () => update({ defaultRoleId: `cradl:role:${slug}` })),
      ).toMatchObject({
        status: 400,
        body: {
          code: 'invalid_input',
          details: {
            issues: [{ path: 'defaultRoleId', message: 'must be a role of this tenant' }],
          },
        },
      });
    }
  });

  it('can be set only by callers who hold its permissions', async () => {
    const sent = { token: recruiter() };
    expect(
      await expectNoWrites(service, () => update({ defaultRoleId: 'cradl:role:admin' }, sent)),
    ).toMatchObject({
      status: 403,
      body: { notices: ['You can set only default roles whose permissions you hold.'] },
    });
    expect((await update({ defaultRoleId: 'cradl:role:user' }, sent)).status).toBe(200);
    await setDefault('admin');
    const unchanged = { defaultRoleId: 'cradl:role:admin', name: 'Acme' };
    expect((await update(unchanged, sent)).status).toBe(200);
    expect((await update({ defaultRoleId: null }, sent)).status).toBe(200);
    const reader = { token: clock.aTokenOf('acme', ['reader']) };
    expect((await update({ defaultRoleId: 'cradl:role:reader' }, reader)).status).toBe(403);
  });
});

describe('a new user', () => {
  it('gets the default role if the request has no list of roles, in every dialect', async () => {
    await setDefault('reader');
    const reader = ['cradl:role:reader'];
    const token = admin();
    const address = email();
    expect(await createdRoles()).toEqual(reader);
    expect(await createdRoles({ roleIds: null })).toEqual(reader);
    expect(await createdRoles({ roleIds: [] })).toEqual([]);
    expect(await createdRoles({ roleIds: ['cradl:role:user'] })).toEqual(['cradl:role:user']);
    const cradl = await service.post('/cradl/v1/users', { email: email() }, { token });
    expect(cradl.body.roleIds).toEqual(reader);
    const none = await service.post('/cradl/v1/users', { email: email(), roleIds: [] }, { token });
    expect(none.body.roleIds).toEqual([]);
    const system = clock.aTokenOf('acme', ['system_admin']);
    const credible = { userName: `user-${unique()}`, email: address };
    expect((await service.post('/credible/api/v0/users', credible, { token: system })).status).toBe(
      201,
    );
    const [imported, invited] = [email(), email()];
    const rows = { users: [{ email: imported }] };
    expect((await service.post('/v1/users/bulk', rows, { token })).status).toBe(200);
    await service.on.inviteRequest({
      ...source,
      version: '0',
      id: unique(),
      'detail-type': 'User Invite Requested',
      time: '2026-01-01T00:00:00Z',
      region: 'eu-north-1',
      resources: [],
      detail: { id: unique(), email: invited },
    });
    for (const found of [address, imported, invited]) {
      const { body } = await service.get(`/v1/users?email=${found}`, { token });
      expect(body.users).toMatchObject([{ roleIds: reader }]);
    }
  });

  it('needs a creator who holds the permissions of the default role', async () => {
    await setDefault('reader');
    const sent = { token: recruiter() };
    expect(await expectNoWrites(service, () => create({}, sent))).toMatchObject({
      status: 403,
      body: {
        notices: [
          'You can grant only permissions that you hold.',
          expect.stringContaining('default role of the tenant'),
        ],
      },
    });
    expect((await create({ roleIds: [] }, sent)).status).toBe(201);
    const writer = { token: clock.aTokenOf('acme', ['writer']) };
    expect((await create({}, writer)).status).toBe(201);
    // Cradl's API requires `roles:delegate` to assign roles.
    expect((await service.post('/cradl/v1/users', { email: email() }, writer)).status).toBe(403);
  });

  it('never gets an earlier default role from a cache', async () => {
    await setDefault('reader');
    expect(await createdRoles()).toEqual(['cradl:role:reader']);
    await update({ defaultRoleId: 'cradl:role:user' });
    expect(await createdRoles()).toEqual(['cradl:role:user']);
    await update({ defaultRoleId: null });
    expect(await createdRoles()).toEqual([]);
    clock.advanceBy(31_000);
    expect(await createdRoles()).toEqual([]);
  });

  it('gets no deleted role', async () => {
    const role = { roleId: 'cradl:role:brief', name: 'Brief', permissions: [] };
    await service.post('/v1/roles', role, { token: admin() });
    await setDefault('brief');
    expect(await createdRoles()).toEqual(['cradl:role:brief']);
    const roleUrl = '/v1/roles/cradl:role:brief';
    expect((await service.send('DELETE', roleUrl, { token: admin() })).status).toBe(204);
    expect(await createdRoles()).toEqual([]);
    clock.advanceBy(31_000);
    expect(await createdRoles()).toEqual([]);
    expect((await update({ name: 'Acme', defaultRoleId: 'cradl:role:brief' })).status).toBe(200);
  });

  it('has the default role after accepting the invitation', async () => {
    await setDefault('reader');
    const address = email();
    const { body: user } = await create({ email: address });
    const mail = (await service.deliverPendingMail()).findLast(({ to }) => to.includes(address));
    const acceptance = {
      token: parseMailToken(mail?.text ?? ''),
      password: 'nine calm rivers bend',
    };
    expect((await service.post('/v1/invitations/accept', acceptance)).body).toMatchObject({
      status: 'active',
      refusedRoleIds: [],
    });
    const accepted = await service.get(`/v1/users/${user.userId}`, { token: admin() });
    expect(accepted.body).toMatchObject({ status: 'active', roleIds: ['cradl:role:reader'] });
  });
});
