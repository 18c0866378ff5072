import { expect, it } from 'vitest';
import { parseConnectionId } from '../../../lib/domain/kernel/ids.ts';
import { connectionKeys } from '../../../lib/store/keys.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { createConnection } from '../../support/scim/create-connection.ts';
import { adminToken, createTestService, tenantId, userToken } from '../../support/service.ts';

const service = await createTestService();
const path = '/v1/scim/connections';
const token = adminToken('acme');
const isKey = (key: string) =>
  service.get('/scim/v2/Users', { headers: { authorization: `Bearer ${key}` } });
const toHref = ({ connectionId }: { connectionId: string }) => `${path}/${connectionId}`;

it('creates a connection with its own app client and shows the token once', async () => {
  const { status, body, headers } = await createConnection(service, 'acme', {
    roleMap: { Reader: 'cradl:role:approver' },
    extension: { name: 'acme', attributes: ['costCenter'] },
    tokenExpiresTime: '2100-01-31T13:00:00+01:00',
  });

  expect(status).toBe(201);
  expect(headers['location']).toBe(toHref(body));
  const { token: key, ...connection } = body;
  expect(connection).toMatchObject({
    name: 'Okta',
    provider: 'okta',
    authProvider: 'saml',
    lockManaged: true,
    roleIds: ['cradl:role:provisioner'],
    roleMap: { Reader: 'cradl:role:approver' },
    extension: { name: 'acme', attributes: ['costCenter'] },
    baseUrl: 'https://roster.example.com/scim/v2',
    tokens: [{ expiresTime: '2100-01-31T12:00:00.000Z' }],
    version: 1,
  });
  expect((await service.get(toHref(body), { token })).body).toEqual(connection);
  const list = await service.get(path, { token });
  expect(list.body.connections).toContainEqual(connection);
  expect((await isKey(key)).status).toBe(200);
  const client = await service.get(`/v1/app-clients/${body.appClientId}`, { token });
  expect(client.body).toMatchObject({ name: 'Okta', roleIds: ['cradl:role:provisioner'] });
});

it.each([
  [
    'a reserved extension',
    { extension: { name: 'Enterprise', attributes: ['a'] } },
    'extension.name',
  ],
  [
    'a repeated attribute',
    { extension: { name: 'x', attributes: ['a', 'A'] } },
    'extension.attributes',
  ],
  ['an unknown role in the map', { roleMap: { a: 'cradl:role:none' } }, 'roleMap.a'],
  ['a role above the connection in the map', { roleMap: { a: 'cradl:role:admin' } }, 'roleMap.a'],
  ['an expiration in the past', { tokenExpiresTime: '2020-01-31T12:00:00Z' }, 'tokenExpiresTime'],
  ['too many log days', { logDays: 181 }, 'logDays'],
])('rejects %s', async (_case, input, field) => {
  const response = await expectNoWrites(service, () => createConnection(service, 'acme', input));
  expect(response).toMatchObject({
    status: 400,
    body: { code: 'invalid_input', details: { issues: [{ path: field }] } },
  });
});

it('grants only permissions that the caller holds', async () => {
  const { body: role } = await service.post(
    '/v1/roles',
    { roleId: 'cradl:role:connector', name: 'Connector', permissions: ['scim:read', 'scim:write'] },
    { token },
  );
  expect(role.roleId).toBe('cradl:role:connector');
  const connector = { token: userToken('acme', ['connector']) };
  const roleIds = ['cradl:role:user'];

  expect(await createConnection(service, 'acme', {}, connector)).toMatchObject({ status: 403 });
  const own = await createConnection(service, 'acme', { roleIds }, connector);
  expect(own.status).toBe(201);
  const change = (body: object) => service.send('PATCH', toHref(own.body), { body, ...connector });
  expect(await change({ roleIds: ['cradl:role:approver'] })).toMatchObject({ status: 403 });
  expect(await change({ roleMap: { a: 'cradl:role:approver' } })).toMatchObject({ status: 403 });
  expect(await change({ roleMap: { a: 'cradl:role:user' } })).toMatchObject({ status: 200 });

  const { body: other } = await createConnection(service);
  for (const [method, suffix, body] of [
    ['PATCH', '', { name: 'Taken' }],
    ['DELETE', '', undefined],
    ['POST', '/tokens', {}],
    ['DELETE', `/tokens/${other.tokens[0].secretId}`, undefined],
  ] as const) {
    const sent = { ...(body && { body }), ...connector };
    const response = await service.send(method, `${toHref(other)}${suffix}`, sent);
    expect(response, `${method} ${suffix}`).toMatchObject({ status: 403 });
  }
});

it('changes settings and roles in one version', async () => {
  const { body: created } = await createConnection(service, 'acme', { extension: null });
  const change = (body: object, ifMatch?: string) =>
    service.send('PATCH', toHref(created), {
      token,
      body,
      ...(ifMatch && { headers: { 'if-match': ifMatch } }),
    });

  const { body } = await change({
    name: 'Okta EU',
    brake: 'hold',
    roleIds: ['cradl:role:admin'],
    roleMap: { Boss: 'cradl:role:admin' },
    extension: { name: 'acme', attributes: ['costCenter'] },
  });

  expect(body).toMatchObject({
    name: 'Okta EU',
    brake: 'hold',
    roleIds: ['cradl:role:admin'],
    roleMap: { Boss: 'cradl:role:admin' },
    version: 2,
  });
  const client = await service.get(`/v1/app-clients/${body.appClientId}`, { token });
  expect(client.body).toMatchObject({ name: 'Okta EU', roleIds: ['cradl:role:admin'] });
  expect((await change({ extension: null })).body).toMatchObject({ extension: null, version: 3 });
  expect((await change({ brake: 'hold', roleIds: ['cradl:role:admin'] })).body.version).toBe(3);
  expect(await change({ name: 'Late' }, '"2"')).toMatchObject({ status: 412 });
  // A role of the map that the connection lost is sent back unchanged.
  const roleIds = ['cradl:role:user'];
  const returned = await change({ roleIds, roleMap: { Boss: 'cradl:role:admin' } });
  expect(returned).toMatchObject({ status: 200, body: { roleIds } });
});

it('rotates and deletes tokens', async () => {
  const { body: created } = await createConnection(service);
  const rotate = (body: object) => service.post(`${toHref(created)}/tokens`, body, { token });

  const { status, body } = await rotate({ expiresTime: '2100-01-31T12:00:00Z' });

  expect(status).toBe(201);
  expect(body.version).toBe(2);
  expect(body.tokens).toMatchObject([
    { secretId: created.tokens[0].secretId, expiresTime: expect.any(String) },
    { expiresTime: '2100-01-31T12:00:00.000Z' },
  ]);
  expect([(await isKey(created.token)).status, (await isKey(body.token)).status]).toEqual([
    200, 200,
  ]);
  expect(await rotate({})).toMatchObject({ status: 409, body: { code: 'secret_limit_reached' } });
  const remove = (secretId: string) =>
    service.send('DELETE', `${toHref(created)}/tokens/${secretId}`, { token });
  expect((await remove(created.tokens[0].secretId)).status).toBe(204);
  expect(await remove(created.tokens[0].secretId)).toMatchObject({ status: 404 });
  expect((await service.get(toHref(created), { token })).body).toMatchObject({
    tokens: [{ secretId: body.tokens[1].secretId }],
    version: 3,
  });
  const { body: last } = await rotate({ overlapSeconds: 0 });
  expect(last.tokens).toHaveLength(1);
});

it('protects the app client of a connection', async () => {
  const { body: created } = await createConnection(service, 'acme', {
    roleIds: ['cradl:role:admin'],
  });
  const client = `/v1/app-clients/${created.appClientId}`;
  const requests = [
    ['PATCH', client, { name: 'Other' }],
    ['POST', `${client}/revoke`, undefined],
    ['POST', `${client}/secrets`, {}],
    ['DELETE', `${client}/secrets/${created.tokens[0].secretId}`, undefined],
  ] as const;
  for (const [method, href, body] of requests) {
    const response = await service.send(method, href, { token, ...(body && { body }) });
    expect(response, href).toMatchObject({ status: 409, body: { code: 'managed_by_connection' } });
  }
});

it('accepts the token of a connection only in SCIM', async () => {
  const { body: created } = await createConnection(service, 'acme', {
    roleIds: ['cradl:role:admin'],
  });
  const key = { headers: { 'x-api-key': created.token } };
  const [, clientId] = created.token.split('_');
  const issued = await service.send('POST', '/oauth2/token', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: created.token,
    }).toString(),
  });
  const bearer = { token: issued.body.access_token };

  for (const sent of [key, bearer]) {
    for (const [method, href] of [
      ['GET', '/v1/users'],
      ['DELETE', toHref(created)],
      ['GET', '/cradl/v1/users'],
    ] as const)
      expect(await service.send(method, href, sent), href).toMatchObject({ status: 403 });
    expect((await service.get('/scim/v2/Users?count=1', sent)).status).toBe(200);
  }
});

it('deletes a connection, revokes its app client and keeps the records', async () => {
  const { body: created } = await createConnection(service, 'globex');
  const sent = { token: adminToken('globex') };

  expect((await service.send('DELETE', toHref(created), sent)).status).toBe(204);

  expect((await service.get(toHref(created), sent)).status).toBe(404);
  expect((await service.get(path, sent)).body.connections).toEqual([]);
  expect((await isKey(created.token)).status).toBe(401);
  const client = await service.get(`/v1/app-clients/${created.appClientId}`, sent);
  expect(client.body).toMatchObject({ status: 'revoked', secrets: [] });
  const connectionId = parseConnectionId(created.connectionId) ?? '';
  const record = connectionKeys.connectionChange(tenantId.globex, connectionId, 2);
  const { action, before } = (await service.stored.item(record)) ?? {};
  expect({ action, before: JSON.parse(before) }).toMatchObject({
    action: 'delete',
    before: { name: 'Okta', provider: 'okta' },
  });
});

it('allows 20 connections per tenant, and another after a deletion', async () => {
  const sent = { token: adminToken('north') };
  const all = await Promise.all(
    Array.from({ length: 20 }, (_, index) =>
      createConnection(service, 'north', { name: `C${index}` }),
    ),
  );
  expect(all.map(({ status }) => status)).toEqual(Array(20).fill(201));
  expect(await createConnection(service, 'north')).toMatchObject({
    status: 409,
    body: { code: 'connection_limit_reached' },
  });
  const first = await service.get(`${path}?maxResults=15`, sent);
  const second = await service.get(`${path}?nextToken=${first.body.nextToken}`, sent);
  expect([first.body.connections.length, second.body.connections.length]).toEqual([15, 5]);
  await service.send('DELETE', toHref(first.body.connections[0]), sent);
  expect((await createConnection(service, 'north')).status).toBe(201);
});
