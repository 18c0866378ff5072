import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { parseGroupId } from '../../../lib/domain/kernel/ids.ts';
import { groupMembers, keys, memberships } from '../../../lib/store/keys.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import {
  adminToken,
  createTestService,
  issuer,
  tenantId,
  userToken,
} from '../../support/service.ts';

// Expirations are compared with a clock that stands still.
let time = new Date();
const service = await createTestService({ now: () => time });
const token = adminToken('acme');
const groups = '/credible/api/v0/organizations/acme/groups';
const newName = () => `name-${randomUUID()}`;

/** Creates a group with roles and returns its name and native ID. */
async function createGroup(roleIds: readonly string[] = []) {
  const name = newName();
  const { body } = await service.post('/v1/groups', { name, roleIds }, { token });
  return { name, groupId: body.groupId, uuid: parseGroupId(body.groupId) ?? '' };
}

type Group = Awaited<ReturnType<typeof createGroup>>;

const createToken = (group: Group, query: string, caller = token) =>
  service.send('POST', `${groups}/${group.name}/tokens?${query}`, { token: caller });
const listTokens = (group: Group, caller = token) =>
  service.get(`${groups}/${group.name}/tokens`, { token: caller });
const deleteToken = (group: Group, name: string, caller = token) =>
  service.send('DELETE', `${groups}/${group.name}/tokens/${name}`, { token: caller });
/** Request with a group token. */
const getWith = (key: string, path: string) =>
  service.get(path, { headers: { authorization: `ApiKey ${key}` } });
const listAppClients = async (group: Group) =>
  (await service.get(`/v1/groups/${group.groupId}/members?type=appClient`, { token })).body.members;

describe('a group token', () => {
  it('is returned once, and has the rights of the group', async () => {
    const group = await createGroup(['cradl:role:admin']);
    const name = newName();
    const { status, body } = await createToken(group, `name=${name}`);
    const listedToken = {
      name,
      groupName: group.name,
      createdAt: time.toISOString(),
      expiresAt: new Date(time.getTime() + 365 * 86_400_000).toISOString(),
      expired: false,
    };
    expect({ status, body }).toEqual({
      status: 201,
      body: { ...listedToken, token: expect.stringMatching(/^roster_[0-9a-f]{32}_[\w-]{43}$/) },
    });
    expect(await listTokens(group)).toMatchObject({ status: 200, body: [listedToken] });
    expect((await listTokens(group)).text).not.toContain(body.token);
    expect(await getWith(body.token, '/v1/users')).toMatchObject({ status: 200 });
    expect(await listAppClients(group)).toMatchObject([{ name, status: 'member' }]);
    const members = await service.get(`${groups}/${group.name}/members`, { token });
    expect(members.body).toEqual({ members: [] });
    await service.send('DELETE', `/v1/groups/${group.groupId}`, { token });
    time = new Date(time.getTime() + 31_000);
    expect(await getWith(body.token, '/v1/users')).toMatchObject({ status: 403 });
  });

  it('never has more permissions than its creator had', async () => {
    await service.putRole('acme', { slug: 'reader', name: 'R', permissions: ['users:read'] });
    await service.putRole('acme', {
      slug: 'creator',
      name: 'C',
      permissions: ['groups:write', 'users:read'],
    });
    const group = await createGroup(['cradl:role:reader']);
    const creator = userToken('acme', ['creator']);
    const { body } = await createToken(group, `name=${newName()}`, creator);
    expect(await getWith(body.token, '/v1/users')).toMatchObject({ status: 200 });
    const roleIds = ['cradl:role:reader', 'cradl:role:admin'];
    await service.send('PATCH', `/v1/groups/${group.groupId}`, { token, body: { roleIds } });
    time = new Date(time.getTime() + 31_000);
    expect(await getWith(body.token, '/v1/users')).toMatchObject({ status: 200 });
    expect(await getWith(body.token, '/v1/roles')).toMatchObject({ status: 403 });
    // The group now has permissions that the creator lacks.
    expect(await createToken(group, `name=${newName()}`, creator)).toMatchObject({ status: 403 });
    expect(await deleteToken(group, body.name, creator)).toMatchObject({ status: 403 });
  });

  it('expires', async () => {
    const group = await createGroup(['cradl:role:admin']);
    const expiresAt = new Date(time.getTime() + 60_000).toISOString();
    const { body } = await createToken(group, `name=short&expiresAt=${expiresAt}`);
    expect(body).toMatchObject({ expiresAt, expired: false });
    time = new Date(Date.parse(expiresAt));
    expect(await getWith(body.token, '/v1/users')).toMatchObject({ status: 401 });
    expect((await listTokens(group)).body).toMatchObject([{ name: 'short', expired: true }]);
  });

  it.each([
    ['', 'name is required'],
    ['name=a%20b', 'name must have only letters, digits, ., _ and -'],
    ['name=a&name=b', 'name must not be repeated'],
    [
      'name=a&role=admin',
      'role is not a known parameter; the known parameters are name, expiresAt',
    ],
    ['name=a&expiresAt=2020-01-01T00:00:00Z', 'expiresAt must be in the future'],
  ])('is rejected with the query "%s"', async (query, message) => {
    const group = await createGroup();
    await expectNoWrites(service, async () =>
      expect(await createToken(group, query)).toMatchObject({ status: 400, body: { message } }),
    );
  });

  it('has a name of its own in the organization, until it ends', async () => {
    const [group, other] = [await createGroup(), await createGroup()];
    const name = newName();
    expect(await createToken(group, `name=${name}`)).toMatchObject({ status: 201 });
    const isTaken = {
      status: 409,
      body: { code: 'group_token_exists', details: { field: 'name' } },
    };
    for (const each of [group, other])
      expect(await createToken(each, `name=${name.toUpperCase()}`)).toMatchObject(isTaken);
    // Revoked through the native API.
    const [client] = await listAppClients(group);
    await service.send('DELETE', `/v1/app-clients/${client.memberId}`, { token });
    expect((await listTokens(group)).body).toEqual([]);
    expect(await deleteToken(group, name)).toMatchObject({ status: 404 });
    expect(await createToken(group, `name=${name}`)).toMatchObject({ status: 201 });
    // Removed from the group through the native API.
    const memberIds = (await listAppClients(group)).map(
      ({ memberId }: { memberId: string }) => memberId,
    );
    const members = `/v1/groups/${group.groupId}/members/remove`;
    await service.post(members, { memberIds }, { token });
    expect(await createToken(other, `name=${name}`)).toMatchObject({ status: 201 });
    // Ended with its group.
    await service.send('DELETE', `${groups}/${other.name}`, { token });
    expect(await createToken(group, `name=${name}`)).toMatchObject({ status: 201 });
    expect(await createToken(group, `name=${name}`)).toMatchObject(isTaken);
  });

  it('is created once by concurrent requests', async () => {
    const [group, other] = [await createGroup(), await createGroup()];
    const name = newName();
    const responses = await Promise.all(
      [group, other, group].map((each) => createToken(each, `name=${name}`)),
    );
    expect(responses.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([
      201, 409, 409,
    ]);
    expect([...(await listTokens(group)).body, ...(await listTokens(other)).body]).toHaveLength(1);
    expect([...(await listAppClients(group)), ...(await listAppClients(other))]).toHaveLength(1);
    const count = async ({ uuid }: Group) =>
      Number(
        (await service.stored.item(keys.groupMemberCount(tenantId.acme, uuid)))?.['memberCount'] ??
          0,
      );
    expect((await count(group)) + (await count(other))).toBe(1);
  });

  it('ends when it is deleted, with its secret, membership and name', async () => {
    const [group, other] = [await createGroup(['cradl:role:admin']), await createGroup()];
    const name = newName();
    const { body } = await createToken(group, `name=${name}`);
    const [{ memberId }] = await listAppClients(group);
    for (const [each, wrong] of [
      [other, name],
      [group, newName()],
    ] as const)
      expect(await deleteToken(each, wrong)).toMatchObject({ status: 404 });
    const own = await service.send('DELETE', `${groups}/${group.name}/tokens/${name}`, {
      headers: { authorization: `ApiKey ${body.token}` },
    });
    expect(own).toMatchObject({ status: 409, body: { code: 'self_protected' } });
    expect(await deleteToken(group, name.toUpperCase())).toMatchObject({ status: 204 });
    expect(await getWith(body.token, '/v1/users')).toMatchObject({ status: 401 });
    expect((await listTokens(group)).body).toEqual([]);
    expect(await deleteToken(group, name)).toMatchObject({ status: 404 });
    const id = memberId.replace('cradl:app-client:', '');
    const { pk, prefix } = memberships(tenantId.acme, { kind: 'APPCLIENT', id });
    const members = groupMembers(tenantId.acme, group.uuid);
    const items = await service.stored.all();
    const memberItems = items.filter(
      (item) =>
        (item.pk === pk && item.sk.startsWith(prefix)) ||
        (item.pk === members.pk && item.sk.startsWith(members.prefix)),
    );
    expect(memberItems).toEqual([]);
    const records = items.filter((item) => item.pk === pk && item.sk.includes('CHANGE#'));
    const actions = new Set(records.map((item) => item['action']));
    expect(records).toHaveLength(4);
    expect(actions).toEqual(new Set(['create', 'addMember', 'revoke', 'removeMember']));
    expect(await createToken(other, `name=${name}`)).toMatchObject({ status: 201 });
  });

  it('is managed by administrators of its group, and seen by readers', async () => {
    const [group, other] = [await createGroup(), await createGroup()];
    const admin = await createUserIn(service, 'acme', { password: 'tangled-orchard-7-lamps' });
    const members = [{ memberId: admin.native, status: 'admin' }];
    await service.post(`/v1/groups/${group.groupId}/members`, { members }, { token });
    const caller = issuer.mintAccessToken({
      sub: admin.native,
      tenantId: tenantId.acme,
      roles: [],
    });
    const name = newName();
    expect(await createToken(group, `name=${name}`, caller)).toMatchObject({ status: 201 });
    expect(await listTokens(group, caller)).toMatchObject({ status: 200, body: [{ name }] });
    expect(await deleteToken(group, name, caller)).toMatchObject({ status: 204 });
    expect(await createToken(other, `name=${name}`, caller)).toMatchObject({ status: 403 });
    await service.putRole('acme', { slug: 'looker', name: 'L', permissions: ['groups:read'] });
    const reader = userToken('acme', ['looker']);
    expect(await listTokens(group, reader)).toMatchObject({ status: 200 });
    expect(await createToken(group, `name=${name}`, reader)).toMatchObject({ status: 403 });
    expect(await deleteToken(group, name, reader)).toMatchObject({ status: 403 });
  });
});
