/** Tenants in the formats that JITSudo and Cradl document. */
import { describe, expect, it } from 'vitest';
import { tenantInput, createUserIn, verifyEmail } from '../../support/authenticated-routes.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import {
  type TestResponse,
  createTestService,
  systemToken,
  userToken,
  adminToken,
  issuer,
  type TestRequest,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
const system = systemToken();
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const transferNotice =
  'Only the owner or a system administrator can transfer the ownership of a tenant.';

describe('JITSudo', () => {
  const jitsudo = (
    method: string,
    path: string,
    { token = system, ...sent }: TestRequest = {},
    acting = tenantId.acme,
  ): Promise<TestResponse> =>
    service.send(method, `/jitsudo/v1/tenants${path}`, {
      token,
      headers: { 'x-tenant-id': acting },
      ...sent,
    });
  const newDraft = (more: object = {}) => {
    const { slug, ownerEmail } = tenantInput();
    return { name: 'Initech', slug, owner_email: ownerEmail, ...more };
  };
  const newTenant = async (more: object = {}) =>
    (await jitsudo('POST', '', { body: newDraft(more) })).body;
  const changes = (id: string, body: object, token = system) =>
    jitsudo('PUT', `/${id}`, { token, body }, id);
  const getAdminToken = (id: string, sub = 'somebody') =>
    issuer.mintAccessToken({ sub, tenantId: id, roles: ['admin'] });

  it('creates a tenant and invites its owner', async () => {
    const draft = newDraft({
      owner_name: 'Jo Smith',
      locale: 'de',
      sso_start_url: null,
      sso_region: null,
    });
    const { status, headers, body } = await jitsudo('POST', '', { body: draft });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        name: 'Initech',
        slug: draft.slug,
        locale: 'de',
        is_master: false,
        owner_email: draft.owner_email,
        owner_user_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        sso_start_url: null,
        sso_region: null,
        created_at: time,
        updated_at: body.created_at,
      },
    });
    expect(headers).not.toHaveProperty('etag');
    const owner = await service.get(`/jitsudo/v1/users/${body.owner_user_id}`, {
      token: system,
      headers: { 'x-tenant-id': body.id },
    });
    expect(owner.body).toMatchObject({
      name: 'Jo Smith',
      roles: ['admin'],
      active: false,
      is_owner: true,
    });
    expect((await service.get(`/v1/tenants/${body.id}`, { token: system })).body).toMatchObject({
      origin: `https://${draft.slug}.admin.localhost`,
      uniqueness: 'tenant',
    });
  });

  it.each<[string, object]>([
    ['owner_email', { owner_email: undefined }],
    ['owner_email', { owner_email: 'nobody' }],
    ['slug', { slug: 'www' }],
    ['slug', { slug: 'A' }],
    ['name', { name: undefined }],
    ['locale', { locale: 'it' }],
    ['origin', { origin: 'http://x.example' }],
    ['sso_start_url', { sso_start_url: 'https://x.awsapps.com/start' }],
    ['sso_region', { sso_region: 'eu-west-1' }],
  ])('returns 400 for an invalid %s: %j', async (path, wrong) => {
    const answer = await expectNoWrites(service, () =>
      jitsudo('POST', '', { body: newDraft(wrong) }),
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path }] } },
    });
  });

  it('returns 409 for a used slug, and 403 to an administrator of another tenant', async () => {
    const { slug } = await newTenant();
    const conflict = await expectNoWrites(service, () =>
      jitsudo('POST', '', { body: newDraft({ slug }) }),
    );
    expect(conflict).toMatchObject({
      status: 409,
      body: { code: 'slug_taken', details: { field: 'slug' } },
    });
    expect(
      (
        await expectNoWrites(service, () =>
          jitsudo('POST', '', { body: newDraft(), token: adminToken('acme') }),
        )
      ).status,
    ).toBe(403);
  });

  it('lists all tenants with their owners to a system administrator', async () => {
    const { id, owner_email } = await newTenant();
    const tenants: { id: string; owner_email: string | null }[] = [];
    let cursor = '';
    for (let more = true; more; ) {
      const { body } = await jitsudo('GET', `?limit=2${cursor}`);
      expect(Object.keys(body)).toEqual(['data', 'next_cursor', 'has_more']);
      expect(body.has_more).toBe(body.next_cursor !== null);
      tenants.push(...body.data);
      cursor = `&cursor=${body.next_cursor}`;
      more = body.has_more;
    }
    expect(tenants.find((tenant) => tenant.id === id)).toMatchObject({ owner_email });
    expect(tenants.find((tenant) => tenant.id === tenantId.acme)).toMatchObject({
      owner_email: null,
      is_master: false,
    });
    expect(new Set(tenants.map((tenant) => tenant.id)).size).toBe(tenants.length);
  });

  it('lists only their own tenant to callers with tenant:read', async () => {
    const { status, body } = await jitsudo('GET', '', { token: adminToken('acme') });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { data: [{ id: tenantId.acme }], next_cursor: null, has_more: false },
    });
    expect(body.data).toHaveLength(1);
    expect((await jitsudo('GET', '', { token: userToken('acme', ['user']) })).status).toBe(403);
  });

  it('updates a tenant, and accepts the modifiable fields of its response', async () => {
    const tenant = await newTenant();
    const { status, body } = await changes(
      tenant.id,
      {
        name: 'Initech Ltd',
        locale: 'de-CH',
        owner_user_id: tenant.owner_user_id,
        sso_start_url: null,
        sso_region: null,
      },
      getAdminToken(tenant.id),
    );
    expect({ status, body }).toEqual({
      status: 200,
      body: { ...tenant, name: 'Initech Ltd', locale: 'de-CH', updated_at: time },
    });
    const [{ status: otherTenantStatus }, { status: unknownTenantStatus }] = [
      await changes(tenant.id, { name: 'X' }, adminToken('acme')),
      await jitsudo('PUT', `/${tenant.id}`, { token: adminToken('acme'), body: { name: 'X' } }),
    ];
    expect([otherTenantStatus, unknownTenantStatus]).toEqual([403, 404]);
    expect((await changes(tenant.id, {})).status).toBe(400);
    expect((await changes(tenant.id, { owner_user_id: 'jo' })).status).toBe(400);
    // System administrators can address any tenant.
    expect(
      (await jitsudo('PUT', `/${tenant.id}`, { body: { name: 'Initrode' } }, tenantId.globex)).body
        .name,
    ).toBe('Initrode');
  });

  it('transfers the ownership to another administrator for the owner and for system administrators', async () => {
    const { id } = await newTenant();
    const headers = { 'x-tenant-id': id };
    const people = ['admin', 'admin', 'user'].map(async (role, n) => {
      const draft = {
        email: `p${n}@x.example`,
        name: 'Jo',
        password: 'tangled-orchard-7-lamps',
        roles: [role],
      };
      const { body } = await service.post('/jitsudo/v1/users', draft, { token: system, headers });
      await verifyEmail(service, id, body.id);
      return body;
    });
    const [first, second, plain] = await Promise.all(people);
    const token = getAdminToken(id, first.id);
    expect(await changes(id, { owner_user_id: first.id }, token)).toMatchObject({
      status: 403,
      body: { notices: [transferNotice] },
    });
    expect(
      (await changes(id, { owner_user_id: first.id.toUpperCase(), name: 'Theirs' })).body,
    ).toMatchObject({
      owner_user_id: first.id,
      owner_email: first.email,
      name: 'Theirs',
    });
    expect(await changes(id, { owner_user_id: plain.id })).toMatchObject({
      status: 409,
      body: { details: { field: 'owner_user_id' } },
    });
    clock.advanceBy(31_000);
    expect(
      (await changes(id, { owner_user_id: second.id }, getAdminToken(id, plain.id))).status,
    ).toBe(403);
    expect((await changes(id, { owner_user_id: second.id }, token)).body).toMatchObject({
      owner_user_id: second.id,
    });
    const { id: foreignUserId } = (
      await service.get(`/jitsudo/v1/users`, {
        token: adminToken('acme'),
        headers: { 'x-tenant-id': tenantId.acme },
      })
    ).body.data[0] ?? { id: (await createUserIn(service, 'acme')).jitsudo };
    expect((await changes(id, { owner_user_id: foreignUserId })).status).toBe(404);
  });
});

describe('Cradl', () => {
  const organizationId = `cradl:organization:${tenantId.globex.replaceAll('-', '')}`;
  const cradl = (method: string, path = '', sent: TestRequest = {}): Promise<TestResponse> =>
    service.send(method, `/cradl/v1/organizations${path}`, {
      token: adminToken('globex'),
      ...sent,
    });
  const globex = {
    organizationId,
    name: 'Globex',
    description: null,
    paymentMethodId: null,
    planId: null,
    createdTime: time,
    createdBy: 'bootstrap',
    updatedTime: null,
    updatedBy: null,
  };

  it('returns only the organization of the caller', async () => {
    expect(await cradl('GET')).toMatchObject({
      status: 200,
      body: { organizations: [globex], nextToken: null },
    });
    expect((await cradl('GET', '?maxResults=1')).body.organizations).toEqual([globex]);
    expect((await cradl('GET', `/${organizationId}`)).body).toEqual(globex);
    expect((await cradl('GET', `/${organizationId.replace('cradl', 'las')}`)).body).toEqual(globex);
    for (const other of [
      tenantId.globex,
      `cradl:organization:${tenantId.acme.replaceAll('-', '')}`,
      'cradl:organization:globex',
      'me',
    ])
      expect(await cradl('GET', `/${other}`)).toMatchObject({
        status: 404,
        body: { code: 'not_found' },
      });
    expect((await cradl('GET', '', { token: userToken('globex', ['user']) })).status).toBe(403);
  });

  it('returns any organization to a system administrator', async () => {
    expect((await cradl('GET', `/${organizationId}`, { token: system })).body).toEqual(globex);
    const inAcme = { token: system, headers: { 'x-tenant-id': tenantId.acme } };
    expect((await cradl('GET', '', inAcme)).body.organizations).toMatchObject([{ name: 'Acme' }]);
  });

  it('updates name and description', async () => {
    const nothing = { description: null, paymentMethodId: null, planId: null };
    expect(
      (await expectNoWrites(service, () => cradl('PATCH', `/${organizationId}`, { body: nothing })))
        .body,
    ).toEqual(globex);
    for (const body of [
      {},
      { description: 'x'.repeat(4097) },
      { description: 7 },
      { planId: 'x' },
      { paymentMethodId: 'x' },
      { name: '' },
      { name: null },
      { slug: 'x' },
    ])
      expect(
        (await expectNoWrites(service, () => cradl('PATCH', `/${organizationId}`, { body })))
          .status,
      ).toBe(400);
    const description = 'First line\nSecond line';
    const expectedOrganization = {
      ...globex,
      name: 'Globex Corporation',
      description,
      updatedTime: time,
      updatedBy: 'admin-of-globex',
    };
    expect(
      (
        await cradl('PATCH', `/${organizationId}`, {
          body: { name: 'Globex Corporation', description },
        })
      ).body,
    ).toEqual(expectedOrganization);
    expect((await cradl('GET', `/${organizationId}`)).body).toEqual(expectedOrganization);
    expect(
      (await cradl('PATCH', `/${organizationId}`, { body: { description: null } })).body,
    ).toMatchObject({ name: 'Globex Corporation', description: null });
    const acme = `/cradl:organization:${tenantId.acme.replaceAll('-', '')}`;
    expect(
      (await expectNoWrites(service, () => cradl('PATCH', acme, { body: { name: 'x' } }))).status,
    ).toBe(404);
  });

  it('creates an organization without an owner for a system administrator', async () => {
    const { status, body } = await cradl('POST', '', {
      token: systemToken('globex'),
      body: { name: 'Zoë’s Bücher & Co.' },
    });
    expect({ status, body }).toEqual({
      status: 200,
      body: {
        ...globex,
        organizationId: expect.stringMatching(/^cradl:organization:[0-9a-f]{32}$/),
        name: 'Zoë’s Bücher & Co.',
        createdBy: 'system',
      },
    });
    expect((await cradl('GET', `/${body.organizationId}`, { token: system })).body).toEqual(body);
    const id = body.organizationId.slice(-32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    const tenant = (await service.get(`/v1/tenants/${id}`, { token: system })).body;
    expect(tenant).toMatchObject({
      slug: expect.stringMatching(/^zoe-s-bucher-co-[0-9a-z]{4}$/),
      origin: `https://${tenant.slug}.admin.localhost`,
      uniqueness: 'tenant',
      status: 'active',
      ownerUserId: null,
    });
    const headers = { 'x-tenant-id': id };
    expect((await service.get('/v1/users', { token: system, headers })).body.users).toEqual([]);
    const draft = { email: 'zoe@example.com', roleIds: ['cradl:role:admin'] };
    const user = await service.post('/cradl/v1/users', draft, { token: system, headers });
    expect(user.status).toBe(200);
  });

  it.each([
    [{}, 'tenant'],
    [{ name: null }, 'tenant'],
    [{ name: '株式会社' }, 'tenant'],
    [{ name: 'xn--Admin' }, 'xn-admin'],
    [{ name: `${'a'.repeat(57)} b` }, 'a'.repeat(57)],
  ])('derives the slug from the name of %j', async (draft: { name?: string | null }, prefix) => {
    const { status, body } = await cradl('POST', '', { token: systemToken('globex'), body: draft });
    const { body: organizations } = await service.get('/jitsudo/v1/tenants?limit=100', {
      token: system,
      headers: { 'x-tenant-id': tenantId.acme },
    });
    const { slug } = organizations.data.find(({ id }: { id: string }) =>
      body.organizationId.endsWith(id.replaceAll('-', '')),
    );
    expect(slug).toMatch(new RegExp(`^${prefix}-[0-9a-z]{4}$`));
    expect({ status, name: body.name }).toEqual({ status: 200, name: draft.name ?? slug });
  });

  it('returns 400 for invalid organizations, and 403 to other callers', async () => {
    const create = (body: unknown, token = systemToken('globex')) =>
      expectNoWrites(service, () => cradl('POST', '', { token, body }));
    for (const body of [{ name: 7 }, { name: 'x'.repeat(256) }, { slug: 'x' }, { planId: 'x' }, []])
      expect((await create(body)).status).toBe(400);
    for (const token of [adminToken('globex'), userToken('globex', [])])
      expect((await create({ name: 'Mine' }, token)).status).toBe(403);
  });

  it('returns 422 if the deployment has no hosts for tenants', async () => {
    const withoutHosts = await createTestService({
      environment: { TENANT_HOST_SUFFIX: undefined },
    });
    const create = (path: string, body: object) =>
      expectNoWrites(withoutHosts, () =>
        withoutHosts.post(path, body, { token: systemToken('acme') }),
      );
    expect(await create('/cradl/v1/organizations', { name: 'Acme' })).toMatchObject({
      status: 422,
      body: { code: 'origin_required' },
    });
    expect(await create('/v1/tenants', tenantInput())).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: 'origin' }] } },
    });
  });
});
