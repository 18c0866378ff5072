import { describe, expect, it } from 'vitest';
import {
  adapters,
  password,
  picture,
  createSpeaker,
  unique,
} from '../../support/dialects/dialects.ts';
import type { TestResponse } from '../../support/service.ts';
import {
  createTestService,
  adminToken,
  systemToken,
  type Service,
  tenantId,
} from '../../support/service.ts';

const service = await createTestService();
const flags = {
  hasClickedCreateModel: false,
  doNotShowModelIntro: false,
  doNotShowSchemaExplorerTip: false,
  doNotShowTutorialInHomePanel: false,
};

/** Reads the same user of `acme` in every dialect, by ID or by email. */
async function readInAllDialects(userId: string, email: string, { get }: Service = service) {
  const token = adminToken('acme');
  const headers = { 'x-tenant-id': tenantId.acme };
  const uuid = userId
    .split(':')
    .at(-1)!
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const answers: Record<string, TestResponse> = {
    native: await get(`/v1/users/${userId}`, { token }),
    cradl: await get(`/cradl/v1/users/${userId}`, { token }),
    jitsudo: await get(`/jitsudo/v1/users/${uuid}`, { token, headers }),
    credible: await get(`/credible/api/v0/users/${email}`, { token }),
  };
  for (const { status } of Object.values(answers)) expect(status).toBe(200);
  const { native, cradl, jitsudo, credible } = Object.fromEntries(
    Object.entries(answers).map(([name, { body }]) => [name, body]),
  );
  expect(cradl).toMatchObject({ userId: native.userId, profileId: native.profileId });
  expect(jitsudo.id).toBe(uuid);
  return { native, cradl, jitsudo, credible };
}

async function createInCredible(body: object): Promise<string> {
  const token = systemToken('acme');
  const headers = { 'x-tenant-id': tenantId.acme };
  const answer = await service.post('/credible/api/v0/users', body, { token, headers });
  expect(answer.status).toBe(201);
  // Credible returns no IDs. The user ID is read from the table.
  const items = await service.stored.all();
  return `cradl:user:${String(items.find((item) => item['sk'] === 'USER' && item['email'] === answer.body.email)?.['userId']).replaceAll('-', '')}`;
}

describe('a user of one dialect is visible in all', () => {
  it('if created in the native API with every field', async () => {
    const id = unique();
    const email = `jsmith.${id}@example.com`;
    const body = {
      email,
      userName: `jsmith-${id}`,
      name: 'J. Smith',
      description: 'Accounts payable',
      firstName: 'Jane',
      lastName: 'Smith',
      businessRole: 'Analyst',
      password,
      roleIds: ['cradl:role:user'],
      metadata: { a: 1 },
      tutorialStatus: { projectTutorial: flags, more: true },
      appClientId: 'cradl:app-client:default',
      avatar: picture,
    };
    const { body: created } = await service.post('/v1/users', body, { token: adminToken('acme') });
    const { native, cradl, jitsudo, credible } = await readInAllDialects(created.userId, email);
    expect(native).toEqual(created);
    expect(cradl).toMatchObject({
      name: 'J. Smith',
      description: 'Accounts payable',
      metadata: { a: 1 },
      roleIds: ['cradl:role:user'],
      status: 'active',
    });
    expect(jitsudo).toMatchObject({
      email,
      name: 'J. Smith',
      roles: ['user'],
      active: true,
      avatar_base64: picture,
    });
    const { userName, firstName, lastName, businessRole, tutorialStatus } = body;
    expect(credible).toEqual({
      userName,
      email,
      firstName,
      lastName,
      businessRole,
      tutorialStatus,
    });
  });

  it('if created in Cradl: pending, and inactive in JITSudo, with the email as name', async () => {
    const email = `jsmith.${unique()}@example.com`;
    const { body } = await service.post(
      '/cradl/v1/users',
      { email, roleIds: ['las:role:approver'] },
      { token: adminToken('acme') },
    );
    const { native, jitsudo, credible } = await readInAllDialects(body.userId, email);
    expect(native).toMatchObject({
      email,
      status: 'invite_pending',
      authProvider: 'local',
      name: null,
      userName: null,
    });
    expect(jitsudo).toMatchObject({
      email,
      name: email,
      roles: ['approver'],
      auth_provider: 'local',
      active: false,
      avatar_base64: null,
    });
    expect(credible).toEqual({ email, tutorialStatus: { projectTutorial: flags } });
  });

  it('if created in JITSudo', async () => {
    const email = `jsmith.${unique()}@example.com`;
    const body = {
      email,
      name: 'Jane Smith',
      roles: ['user'],
      auth_provider: 'saml',
      avatar_base64: picture,
    };
    const headers = { 'x-tenant-id': tenantId.acme };
    const { body: created } = await service.post('/jitsudo/v1/users', body, {
      token: adminToken('acme'),
      headers,
    });
    const { native, cradl, jitsudo, credible } = await readInAllDialects(
      `cradl:user:${created.id.replaceAll('-', '')}`,
      email,
    );
    expect(native).toMatchObject({
      email,
      name: 'Jane Smith',
      authProvider: 'saml',
      status: 'active',
      avatar: picture,
    });
    expect(cradl).toMatchObject({
      name: 'Jane Smith',
      description: null,
      metadata: {},
      roleIds: ['cradl:role:user'],
      status: 'active',
    });
    expect(jitsudo).toEqual(created);
    expect(credible).toEqual({ email, tutorialStatus: { projectTutorial: flags } });
  });

  it.each([
    { title: 'both names', names: { firstName: 'Jane', lastName: 'Smith' }, shown: 'Jane Smith' },
    { title: 'a first name', names: { firstName: 'Jane' }, shown: 'Jane' },
    { title: 'a last name', names: { lastName: 'Smith' }, shown: 'Smith' },
    { title: 'no name', names: {}, shown: null },
  ])(
    'if created in Credible with $title: name $shown, or the email in JITSudo',
    async ({ names, shown }) => {
      const id = unique();
      const email = `jsmith.${id}@example.com`;
      const userId = await createInCredible({
        userName: `jsmith-${id}`,
        email,
        password,
        ...names,
      });
      const { native, cradl, jitsudo, credible } = await readInAllDialects(userId, email);
      expect(native).toMatchObject({
        name: shown,
        userName: `jsmith-${id}`,
        status: 'active',
        roleIds: [],
        createdBy: 'system',
      });
      expect(cradl).toMatchObject({
        name: shown,
        status: 'active',
        roleIds: [],
        createdBy: 'system',
      });
      expect(jitsudo).toMatchObject({
        name: shown ?? email,
        active: true,
        roles: [],
        auth_provider: 'local',
        email_verified: false,
      });
      expect(credible).toMatchObject({ userName: `jsmith-${id}`, email, ...names });
    },
  );

  it('if created in Credible without a password: pending', async () => {
    const id = unique();
    const email = `jsmith.${id}@example.com`;
    const { native, jitsudo } = await readInAllDialects(
      await createInCredible({ userName: `jsmith-${id}`, email }),
      email,
    );
    expect(native.status).toBe('invite_pending');
    expect(jitsudo.active).toBe(false);
  });

  it('and its email is taken in all', async () => {
    const { tokens, send } = {
      tokens: { admin: adminToken('acme'), system: systemToken('acme') },
      send: service.send,
    };
    const stage = { tokens, send, tenantId: tenantId.acme, tenantHost: undefined };
    for (const first of adapters) {
      const id = unique();
      expect((await createSpeaker(first, stage).creates(first.least(id))).status).toBe(
        first.created,
      );
      for (const second of adapters) {
        const body = { ...second.least(unique()), email: first.least(id)['email'] };
        const answer = await createSpeaker(second, stage).creates(body);
        expect(answer).toMatchObject({
          status: 409,
          body: { code: 'user_exists', details: { field: 'email' } },
        });
      }
    }
  });
});

it('isOwner is true for the owner of the tenant', async () => {
  let now = Date.now();
  const acme = await createTestService({ now: () => new Date(now) });
  const email = `jsmith.${unique()}@example.com`;
  const { body } = await acme.post('/v1/users', { email }, { token: adminToken('acme') });
  const before = await readInAllDialects(body.userId, email, acme);
  expect([before.native.isOwner, before.jitsudo.is_owner]).toEqual([false, false]);

  await acme.updateTenantItem('acme', { ownerUserId: before.jitsudo.id });
  now += 31_000; // Tenants are cached for up to 30 s.
  const after = await readInAllDialects(body.userId, email, acme);
  expect([after.native.isOwner, after.jitsudo.is_owner]).toEqual([true, true]);
});

it('a deployment with the ID prefix las returns las: IDs and accepts both prefixes', async () => {
  const older = await createTestService({
    environment: { ID_PREFIX: 'las', CRADL_ID_PREFIX: 'las' },
  });
  const token = adminToken('acme');
  const sent = {
    email: 'jsmith@example.com',
    roleIds: ['cradl:role:user'],
    appClientId: 'cradl:app-client:default',
  };
  const { body, headers } = await older.post('/v1/users', sent, { token });
  expect(headers['location']).toBe(`/v1/users/${body.userId}`);
  expect(body).toMatchObject({
    userId: expect.stringMatching(/^las:user:[0-9a-f]{32}$/),
    profileId: expect.stringMatching(/^las:profile:[0-9a-f]{32}$/),
    roleIds: ['las:role:user'],
    appClientId: 'las:app-client:default',
  });
  for (const id of [body.userId, body.userId.replace('las:', 'cradl:')]) {
    expect((await older.get(`/cradl/v1/users/${id}`, { token })).body).toMatchObject({
      userId: body.userId,
      roleIds: ['las:role:user'],
    });
  }
});

it('an ID is found only in the notations of its dialect', async () => {
  const token = adminToken('acme');
  const { body } = await service.post(
    '/v1/users',
    { email: `jsmith.${unique()}@example.com` },
    { token },
  );
  const hex = body.userId.slice('cradl:user:'.length);
  const uuid = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const headers = { 'x-tenant-id': tenantId.acme };
  const status = async (target: string) => (await service.get(target, { token, headers })).status;
  for (const users of ['/v1/users', '/cradl/v1/users']) {
    expect(await status(`${users}/las:user:${hex}`)).toBe(200);
    for (const other of [
      uuid,
      hex,
      `cradl:user:${uuid}`,
      `cradl:user:${hex.toUpperCase()}`,
      `CRADL:user:${hex}`,
      `cradl:user:${hex} `,
    ])
      expect(await status(`${users}/${encodeURIComponent(other)}`)).toBe(404);
  }
  expect(await status(`/jitsudo/v1/users/${uuid.toUpperCase()}`)).toBe(200);
  for (const other of [hex, `{${uuid}}`, `urn:uuid:${uuid}`, `cradl:user:${hex}`, `${uuid}\n`])
    expect(await status(`/jitsudo/v1/users/${encodeURIComponent(other)}`)).toBe(404);
});
