import { expect, it } from 'vitest';
import {
  adminToken,
  createTestService,
  issuer,
  tenantId,
  userToken,
} from '../../support/service.ts';

const service = await createTestService({ environment: { ID_PREFIX: 'acme' } });
const token = adminToken('acme');
const password = 'nine calm rivers bend';
const matching = (prefix: string, kind: string) =>
  expect.stringMatching(new RegExp(`^${prefix}:${kind}:[0-9a-f]{32}$`));

const decodeClaims = (jwt: string) =>
  JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());

it('a deployment writes its prefix, and the API of Cradl keeps its own', async () => {
  const email = 'ada@example.com';
  const input = { email, roleIds: ['acme:role:approver'], appClientId: 'acme:app-client:default' };
  const created = await service.post('/v1/users', { ...input, password }, { token });
  const { userId } = created.body;
  const [name] = userId.split(':').slice(-1);

  expect(created).toMatchObject({
    status: 201,
    headers: { location: `/v1/users/${userId}` },
    body: { userId: matching('acme', 'user'), profileId: matching('acme', 'profile'), ...input },
  });
  expect((await service.get('/v1/users?roleId=old:role:approver', { token })).body).toMatchObject({
    users: [{ userId, roleIds: ['acme:role:approver'] }],
  });
  expect((await service.get(`/cradl/v1/users/acme:user:${name}`, { token })).body).toMatchObject({
    userId: `cradl:user:${name}`,
    profileId: matching('cradl', 'profile'),
    roleIds: ['cradl:role:approver'],
  });
  const cradl = { email: 'grace@example.com', roleIds: ['acme:role:user'] };
  expect((await service.post('/cradl/v1/users', cradl, { token })).body).toMatchObject({
    userId: matching('cradl', 'user'),
    roleIds: ['cradl:role:user'],
  });
});

it('every resource has the prefix of its API', async () => {
  const role = { roleId: 'acme:role:clerk', name: 'Clerk', permissions: ['users:read'] };
  const { body: group } = await service.post('/v1/groups', { name: 'desk' }, { token });
  const { body: appClient } = await service.post('/v1/app-clients', { name: 'job' }, { token });

  expect((await service.post('/v1/roles', role, { token })).body.roleId).toBe(role.roleId);
  expect((await service.get('/cradl/v1/roles/acme:role:clerk', { token })).body).toMatchObject({
    roleId: 'cradl:role:clerk',
    permissions: [{ resourceId: 'cradl:user:*', effect: 'allow', action: 'read' }],
  });
  expect(group.groupId).toEqual(matching('acme', 'group'));
  expect(appClient.appClientId).toEqual(matching('acme', 'app-client'));
  const organization = `/cradl/v1/organizations/acme:organization:${tenantId.acme.replaceAll('-', '')}`;
  expect((await service.get(organization, { token })).body.organizationId).toBe(
    `cradl:organization:${tenantId.acme.replaceAll('-', '')}`,
  );
  const members = { members: [{ memberId: `old${appClient.appClientId.slice('acme'.length)}` }] };
  const path = `/v1/groups/${group.groupId}/members`;
  expect((await service.post(path, members, { token })).body).toMatchObject({
    members: [{ memberId: appClient.appClientId }],
  });
});

it('IDs of three prefixes name the same user, role and app client', async () => {
  const { body } = await service.post('/v1/users', { email: 'joan@example.com' }, { token });
  const name = body.userId.split(':').at(-1);

  for (const prefix of ['acme', 'cradl', 'former-name-2']) {
    const target = `/v1/users/${prefix}:user:${name}`;
    const roleIds = [`${prefix}:role:user`];
    const appClientId = `${prefix}:app-client:default`;
    const headers = { 'if-match': (await service.get(target, { token })).headers['etag'] ?? '' };
    const update = { roleIds, appClientId, metadata: { prefix } };
    const response = await service.send('PATCH', target, { token, headers, body: update });
    expect(response.body).toMatchObject({
      userId: body.userId,
      roleIds: ['acme:role:user'],
      appClientId: 'acme:app-client:default',
      metadata: { prefix },
    });
  }
  for (const id of [`Acme:user:${name}`, `9:user:${name}`, `a b:user:${name}`, `:user:${name}`])
    expect((await service.get(`/v1/users/${encodeURIComponent(id)}`, { token })).status).toBe(404);
});

it('tokens and change records name callers with the prefix', async () => {
  const email = 'mary@example.com';
  const { body: user } = await service.post('/v1/users', { email, password }, { token });
  const credentials = { tenant: 'acme', email, password };
  const { body: session } = await service.post('/v1/auth/token', credentials);
  const { body: appClient } = await service.post(
    '/v1/app-clients',
    { name: 'admin', roleIds: ['acme:role:admin'] },
    { token },
  );
  const key = { 'x-api-key': appClient.secret };
  const basic = Buffer.from(`${appClient.clientId}:${appClient.secret}`).toString('base64');
  const grant = await service.send('POST', '/oauth2/token', {
    body: 'grant_type=client_credentials',
    headers: {
      authorization: `Basic ${basic}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
  });

  expect(decodeClaims(session.accessToken)).toMatchObject({
    sub: user.userId,
    client_id: 'acme:app-client:default',
  });
  expect((await service.get('/v1/users/me', { token: session.accessToken })).body.userId).toBe(
    user.userId,
  );
  expect(decodeClaims(grant.body.access_token).sub).toBe(appClient.appClientId);
  for (const caller of [{ headers: key }, { token: grant.body.access_token }]) {
    const created = await service.post(
      '/v1/groups',
      { name: `by-${Object.keys(caller)[0]}` },
      caller,
    );
    expect(created.body.createdBy).toBe(appClient.appClientId);
  }
});

it('tokens of other issuers name roles with the prefix of the deployment', async () => {
  const status = async (...roles: string[]) =>
    (await service.get('/v1/users', { token: userToken('acme', roles) })).status;
  expect(await status('acme:role:approver')).toBe(200);
  expect(await status('cradl:role:approver')).toBe(200);
  expect(await status('other-system:role:approver')).toBe(403);
  const { body } = await service.post('/v1/users', { email: 'kay@example.com' }, { token });
  const former = body.userId.replace('acme:', 'former:');
  const self = issuer.mintAccessToken({ sub: former, tenantId: tenantId.acme, roles: [] });
  expect((await service.get('/v1/users/me', { token: self })).body.userId).toBe(body.userId);
});
