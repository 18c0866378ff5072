/** Routing of paths and methods, regardless of escapes and headers [J11]. */
import { describe, expect, it } from 'vitest';
import { unique } from '../../support/dialects/dialects.ts';
import { getLogs } from '../../support/logs.ts';
import { createTestService, adminToken, tenantId } from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');
const headers = { 'x-tenant-id': tenantId.acme, 'content-type': 'application/json' };
const body = () => JSON.stringify({ email: `jsmith.${unique()}@example.com` });
const send = (method: string, target: string, more: Record<string, string> = {}) =>
  service.send(method, target, {
    token,
    headers: { ...headers, ...more },
    ...(method !== 'GET' && { body: body() }),
  });
const getLoggedDialect = (): string => JSON.parse(getLogs.at(-1) ?? '{}').dialect;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'PROPFIND', 'LINK'];
const collectionMethods = ['POST', 'GET', 'HEAD'];
const prefixes = [
  { dialect: 'native', users: '/v1/users', itemMethods: ['GET', 'HEAD', 'PATCH', 'DELETE'] },
  { dialect: 'cradl', users: '/cradl/v1/users', itemMethods: ['GET', 'HEAD', 'PATCH', 'DELETE'] },
  { dialect: 'jitsudo', users: '/jitsudo/v1/users', itemMethods: ['GET', 'HEAD', 'PUT', 'DELETE'] },
  {
    dialect: 'credible',
    users: '/credible/api/v0/users',
    itemMethods: ['GET', 'HEAD', 'PATCH', 'DELETE'],
  },
];

describe.each(prefixes)('in $dialect', ({ dialect, users, itemMethods }) => {
  const notAllowed = (allow: string[]) => ({
    status: 405,
    headers: { allow: allow.join(', ') },
    body: { code: 'method_not_allowed', details: { allow } },
  });

  it.each(methods.filter((method) => !collectionMethods.includes(method)))(
    '%s of all users returns 405',
    async (method) => {
      expect(await send(method, users)).toMatchObject(notAllowed(collectionMethods));
      expect(getLoggedDialect()).toBe(dialect);
    },
  );

  it.each(methods.filter((method) => !itemMethods.includes(method)))(
    '%s of one user returns 405',
    async (method) => {
      expect(await send(method, `${users}/nobody`)).toMatchObject(notAllowed(itemMethods));
    },
  );

  it.each([
    `${users}/`,
    `${users}//`,
    `/${users}`,
    users.replace('/users', '//users'),
    users.toUpperCase(),
    `${users}x`,
    `${users};x=1`,
    `${users}/nobody/`,
    `${users}/nobody/more`,
    `${users}/../users`,
    `${users}/./nobody`,
    `${users}/a%2Fb`,
    `${users}/%2F`,
    `${users}%00`,
    `${users}\\nobody`,
    users.replace('/users', ''),
    `/${dialect}`,
    '/',
  ])('%s returns 404 for any method', async (target) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await send(method, target);
      expect(answer).toMatchObject({
        status: 404,
        body: { code: 'not_found', message: 'No route matches this path' },
      });
      expect(answer.headers['allow']).toBeUndefined();
    }
  });

  it('names the operation that signs out', async () => {
    for (const target of ['/auth/logout', '/logout', '/sign-out']) {
      const path = `${users.replace('/users', '')}${target}`;
      expect((await send('POST', path)).body.message).toContain('POST /v1/users/me/sign-out');
    }
  });

  it.each([
    '..',
    '%2e%2e',
    '%252e%252e',
    '.',
    '%2e%2e%5cusers',
    '%00',
    '%20',
    '%0d%0a',
    '*',
    '~',
    '$default',
    '{userId}',
    '%7BuserId%7D',
  ])('the user %s is routed to the user operation and not found', async (name) => {
    expect(await send('GET', `${users}/${name}`)).toMatchObject({
      status: 404,
      body: { code: 'not_found', message: 'The user does not exist in this tenant' },
    });
  });

  it('an unknown path is logged with the dialect of its prefix', async () => {
    expect((await send('GET', `${users}/a/b/c`)).status).toBe(404);
    expect(getLoggedDialect()).toBe(dialect);
  });
});

it.each([
  '/cradlx/v1/users',
  '/Cradl/v1/users',
  '/v1/cradl/users',
  '/default',
  '/constructor',
  '/__proto__',
  '/favicon.ico',
  '/v0/users',
])('%s returns 404 in the native dialect', async (target) => {
  expect(await send('GET', target)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(getLoggedDialect()).toBe('native');
});

it('the more specific of two matching templates is used', async () => {
  for (const method of ['PUT', 'POST'])
    expect(await send(method, '/v1/users/me')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, PATCH, DELETE' },
    });
  expect(await send('PUT', '/v1/users/me/password')).toMatchObject({
    status: 405,
    headers: { allow: 'POST' },
  });
});

it('the user ID me means the caller', async () => {
  expect((await send('GET', '/v1/users/me')).body.code).toBe('not_found');
  expect(JSON.parse(getLogs.at(-1) ?? '{}')).toMatchObject({ operation: 'getOwnUser' });
});

it('an escape in a path is decoded only as often as the gateway does', async () => {
  const { body: created } = await send('POST', '/v1/users');
  expect(created.userId).toMatch(/^cradl:user:/);
  for (const path of [
    created.userId,
    created.userId.replaceAll(':', '%3A'),
    created.userId.replaceAll(':', '%253A'),
  ])
    expect((await send('GET', `/v1/users/${path}`)).status).toBe(200);
  expect((await send('GET', `/v1/users/${created.userId.replaceAll(':', '%25253A')}`)).status).toBe(
    404,
  );
});

it.each(['x-http-method-override', 'x-http-method', 'x-method-override', '_method'])(
  '%s does not override the method',
  async (name) => {
    const { body: created } = await send('POST', '/v1/users', { [name]: 'DELETE' });
    expect(created).toMatchObject({ version: 1 });
    expect(await send('GET', `/v1/users/${created.userId}`, { [name]: 'DELETE' })).toMatchObject({
      status: 200,
      body: created,
    });
    const answer = await send('GET', `/v1/users/${created.userId}?${name}=DELETE`);
    expect(answer).toMatchObject({ status: 400, body: { details: { issues: [{ path: name }] } } });
    expect((await send('PUT', '/v1/users', { [name]: 'POST' })).status).toBe(405);
    expect((await send('GET', '/v1/users', { [name]: 'POST' })).body).toHaveProperty('users');
  },
);

it.each([
  'x-original-url',
  'x-rewrite-url',
  'x-forwarded-path',
  'x-forwarded-prefix',
  'x-forwarded-uri',
])('%s does not change the path', async (name) => {
  expect((await send('POST', '/v1/nothing', { [name]: '/v1/users' })).status).toBe(404);
  expect((await send('POST', '/v1/users', { [name]: '/v1/nothing' })).status).toBe(201);
});

it('a query string returns 400 on an operation without parameters', async () => {
  const { status, body } = await send(
    'POST',
    '/v1/users?status=active&status=inactive&email[]=x&__proto__=1',
  );
  const paths = body.details.issues.map(({ path }: { path: string }) => path);
  expect([status, paths.toSorted()]).toEqual([400, ['__proto__', 'email[]', 'status']]);
});

it('unknown paths and methods return 404 and 405 without a token', async () => {
  for (const target of ['/v1/nothing', '/jitsudo/v1/nothing'])
    expect((await service.send('GET', target)).status).toBe(404);
  expect((await service.send('DELETE', '/v1/users')).status).toBe(405);
});
