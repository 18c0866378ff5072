import { expect, it } from 'vitest';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { createConnection } from '../../support/scim/create-connection.ts';
import { createTestService, issuer, tenantId, type TestRequest } from '../../support/service.ts';

const service = await createTestService();
const me = '/scim/v2/Me';
const createCaller = async () => {
  const user = await createUserIn(service, 'acme', {
    firstName: 'Jo',
    password: 'tangled-orchard-7-lamps',
    roleIds: ['cradl:role:user'],
  });
  const token = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.acme });
  return {
    user,
    send: (method: string, body?: unknown, sent: TestRequest = {}) =>
      service.send(method, me, { token, ...(body !== undefined && { body }), ...sent }),
    location: `https://roster.example.com/scim/v2/Users/${user.scim}`,
  };
};
const patch = (path: string, value: unknown, op = 'replace') => ({
  Operations: [{ op, path, value }],
});

it('shows the user of the token with its permanent URL [row 69]', async () => {
  const { user, send, location } = await createCaller();
  const { status, body, headers } = await send('GET');
  expect(status).toBe(200);
  expect(body).toMatchObject({
    id: user.scim,
    userName: user.credible,
    name: { givenName: 'Jo' },
    active: true,
    meta: { location, version: 'W/"1"' },
  });
  expect(headers).toMatchObject({ location, etag: 'W/"1"' });
  expect(await send('HEAD')).toMatchObject({ status: 200, text: '' });
});

it('changes names and language, and nothing else', async () => {
  const { send } = await createCaller();
  expect((await send('PATCH', patch('name.familyName', 'Smith'))).body).toMatchObject({
    name: { givenName: 'Jo', familyName: 'Smith' },
    displayName: 'Jo Smith',
    meta: { version: 'W/"2"' },
  });
  const { meta: _meta, ...current } = (await send('GET')).body;
  expect((await send('PUT', current)).body.meta.version).toBe('W/"2"');
  const renamed = { ...current, displayName: 'Jo S.', preferredLanguage: 'de' };
  expect(await send('PUT', renamed)).toMatchObject({
    status: 200,
    body: { displayName: 'Jo S.', preferredLanguage: 'de', meta: { version: 'W/"3"' } },
  });
  const refused = [
    patch('active', false),
    patch('userName', 'other'),
    patch('emails', [{ value: 'other@example.com' }]),
    patch('title', 'CEO'),
    patch('urn:ietf:params:scim:schemas:extension:roster:2.0:User:description', 'Best'),
    patch('nickName', 'J'),
    patch('roles', [{ value: 'admin' }], 'add'),
  ];
  for (const body of refused)
    expect(await send('PATCH', body), JSON.stringify(body)).toMatchObject({
      status: 400,
      body: { scimType: 'mutability' },
    });
  expect(await send('PUT', { userName: current.userName })).toMatchObject({ status: 400 });
  const headers = { 'if-match': 'W/"2"' };
  expect((await send('PATCH', patch('displayName', 'X'), { headers })).status).toBe(412);
  expect((await send('GET')).body).toMatchObject({
    displayName: 'Jo S.',
    meta: { version: 'W/"3"' },
  });
});

it('deletes the user', async () => {
  const { send } = await createCaller();
  expect(await send('DELETE')).toMatchObject({ status: 204, text: '' });
  expect((await send('GET')).status).toBe(404);
});

it('answers 501 to app clients [row 69]', async () => {
  const { body } = await createConnection(service);
  const headers = { authorization: `Bearer ${body.token}` };
  for (const [method, sent] of [
    ['GET', undefined],
    ['PATCH', patch('displayName', 'X')],
    ['PUT', { userName: 'x' }],
    ['DELETE', undefined],
  ] as const)
    expect(await service.send(method, me, { headers, body: sent })).toMatchObject({
      status: 501,
      body: { status: '501' },
    });
});
