/** API keys of JITSudo that are created without scopes. */
import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createCredentialService, newEmail } from '../../support/scenarios/credentials.ts';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import {
  adminToken,
  systemToken,
  type TestRequest,
  tenantId,
  userToken,
} from '../../support/service.ts';

const { service, clock, create, promote, signIn } = await createCredentialService();
await service.putRole('acme', {
  slug: 'desk',
  name: 'Desk',
  permissions: ['users:create', 'users:read', 'appClients:write'],
});
const desk = () => userToken('acme', ['desk']);
const cacheTtlMs = 31_000;

/** Creates a key from a name, as in JITSudo's documentation. */
const createKey = async (sent: TestRequest, body: object = {}) => {
  const { status, body: key } = await service.send('POST', '/jitsudo/v1/api-keys', {
    ...sent,
    body: { name: 'terraform-provider', ...body },
    headers: { 'x-tenant-id': tenantId.acme, ...sent.headers },
  });
  expect(status).toBe(201);
  return key;
};
type Key = Awaited<ReturnType<typeof createKey>>;

/** Statuses of a list, a create, and a create of an administrator. */
const tryKey = async ({ raw_key }: Key): Promise<readonly number[]> => {
  const headers = { 'x-api-key': raw_key };
  const post = (fields: object) =>
    service.post('/v1/users', { email: newEmail(), ...fields }, { headers });
  const answers = [
    await service.get('/v1/users', { headers }),
    await post({}),
    await post({ roleIds: ['cradl:role:admin'] }),
  ];
  return answers.map(({ status }) => status);
};
const setRoles = ({ id }: Key, roles: readonly string[]) =>
  service.send('PATCH', `/v1/app-clients/cradl:app-client:${id.replaceAll('-', '')}`, {
    token: systemToken('acme'),
    body: { roleIds: roles.map((role) => `cradl:role:${role}`) },
  });

describe('an API key without scopes', () => {
  it('can do what its creator can', async () => {
    const key = await createKey({ token: desk() });
    expect(key.scopes).toEqual(['desk']);
    expect(key).not.toHaveProperty('notice');
    expect(await tryKey(key)).toEqual([200, 201, 403]);
    const adminKey = await createKey({ token: adminToken('acme') }, { scopes: null });
    expect(adminKey.scopes).toEqual(['admin']);
    expect(await tryKey(adminKey)).toEqual([200, 201, 201]);
  });

  it('can do what another key can, if that key creates it', async () => {
    const client = await createTokenAppClient(service, 'acme', { roles: ['desk', 'user'] });
    const key = await createKey({ headers: client.key });
    expect(key.scopes).toEqual(['desk', 'user']);
    expect(await tryKey(key)).toEqual([200, 201, 403]);
  });

  it('gets the roles of the groups of its creator, and keeps them', async () => {
    const token = systemToken('acme');
    const roleIds = ['cradl:role:desk'];
    const { body: group } = await service.post('/v1/groups', { name: 'desk', roleIds }, { token });
    const { userId } = await create({ password: goodPassword }, token);
    const members = `/v1/groups/${group.groupId}/members`;
    await service.post(members, { members: [{ memberId: userId }] }, { token });
    const key = await createKey({ token: userToken('acme', [], userId) });
    expect(key.scopes).toEqual(['desk']);
    await service.send('DELETE', `/v1/groups/${group.groupId}`, { token });
    clock.advanceBy(cacheTtlMs);
    expect(await tryKey(key)).toEqual([200, 201, 403]);
  });

  it('gets only roles of the tenant', async () => {
    const key = await createKey({ token: userToken('acme', ['root', 'cradl:role:desk', 'owner']) });
    expect(key.scopes).toEqual(['desk']);
  });

  it('gets no role that exceeds the credential of its creator', async () => {
    const roleIds = ['cradl:role:desk'];
    const user = await create({ password: goodPassword, roleIds }, desk());
    await promote(user, [...roleIds, 'cradl:role:admin']);
    const token = await signIn(user);
    const key = await createKey({ token });
    expect(key.scopes).toEqual(['desk']);
    expect(await tryKey(key)).toEqual([200, 201, 403]);

    await setRoles(key, ['desk', 'admin']);
    clock.advanceBy(cacheTtlMs);

    expect(await tryKey(key)).toEqual([200, 201, 403]);
  });

  it('loses permissions with its roles, and with their permissions', async () => {
    const temporary = { slug: 'temporary', name: 'Temporary' };
    const permissions = ['users:read', 'appClients:write'] as const;
    await service.putRole('acme', { ...temporary, permissions });
    const key = await createKey({ token: userToken('acme', ['temporary', 'desk']) });
    expect(key.scopes).toEqual(['temporary', 'desk']);
    expect(await tryKey(key)).toEqual([200, 201, 403]);

    await setRoles(key, ['temporary']);
    clock.advanceBy(cacheTtlMs);
    expect(await tryKey(key)).toEqual([200, 403, 403]);

    await service.putRole('acme', { ...temporary, permissions: [] });
    clock.advanceBy(cacheTtlMs);
    expect(await tryKey(key)).toEqual([403, 403, 403]);
  });

  it('has no permissions from a system administrator without a role, and says so', async () => {
    const key = await createKey({ token: systemToken('acme') });
    expect(key).toMatchObject({ scopes: [], notice: expect.stringContaining('no permissions') });
    expect(await tryKey(key)).toEqual([403, 403, 403]);
  });
});

describe('an API key with scopes', () => {
  it.each([[[]], [['user']]])('says that it has no permissions for %j', async (scopes) => {
    const key = await createKey({ token: adminToken('acme') }, { scopes });
    expect(key).toMatchObject({ scopes, notice: expect.any(String) });
  });

  it('gets exactly these roles', async () => {
    const key = await createKey({ token: adminToken('acme') }, { scopes: ['approver'] });
    expect(key.scopes).toEqual(['approver']);
    expect(key).not.toHaveProperty('notice');
  });
});

it('an app client of the native API or of Cradl gets no roles by default', async () => {
  for (const path of ['/v1/app-clients', '/cradl/v1/appClients']) {
    const { body } = await service.post(path, { name: 'Import' }, { token: adminToken('acme') });
    expect(body.roleIds).toEqual([]);
  }
});

it('a caller without appClients:write creates no key', async () => {
  const { status } = await expectNoWrites(service, () =>
    service.post(
      '/jitsudo/v1/api-keys',
      { name: 'terraform-provider' },
      { token: userToken('acme', ['approver']), headers: { 'x-tenant-id': tenantId.acme } },
    ),
  );
  expect(status).toBe(403);
});
