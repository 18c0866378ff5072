/** J11: a path and a method lead to one route or to none, whoever decodes what, and whatever a header says. */
import { describe, expect, it } from 'vitest';
import { unique } from '../../support/dialects/dialects.ts';
import { logged } from '../../support/logs.ts';
import { aService, anAdminOf, tenantId } from '../../support/service.ts';

const service = await aService();
const token = anAdminOf('acme');
const headers = { 'x-tenant-id': tenantId.acme, 'content-type': 'application/json' };
const body = () => JSON.stringify({ email: `jsmith.${unique()}@example.com` });
const send = (method: string, target: string, more: Record<string, string> = {}) =>
  service.send(method, target, {
    token,
    headers: { ...headers, ...more },
    ...(method !== 'GET' && { body: body() }),
  });
const dialectOfLastLine = (): string => JSON.parse(logged.at(-1) ?? '{}').dialect;

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'CONNECT', 'PROPFIND', 'LINK'];
const ofAll = ['POST', 'GET', 'HEAD'];
const prefixes = [
  { dialect: 'native', users: '/v1/users', ofOne: ['GET', 'HEAD', 'PATCH', 'DELETE'] },
  { dialect: 'cradl', users: '/cradl/v1/users', ofOne: ['GET', 'HEAD', 'PATCH', 'DELETE'] },
  { dialect: 'jitsudo', users: '/jitsudo/v1/users', ofOne: ['GET', 'HEAD', 'PUT', 'DELETE'] },
  {
    dialect: 'credible',
    users: '/credible/api/v0/users',
    ofOne: ['GET', 'HEAD', 'PATCH', 'DELETE'],
  },
];

describe.each(prefixes)('in $dialect', ({ dialect, users, ofOne }) => {
  const notAllowed = (allow: string[]) => ({
    status: 405,
    headers: { allow: allow.join(', ') },
    body: { code: 'method_not_allowed', details: { allow } },
  });

  it.each(methods.filter((method) => !ofAll.includes(method)))(
    '%s of all users is not allowed',
    async (method) => {
      expect(await send(method, users)).toMatchObject(notAllowed(ofAll));
      expect(dialectOfLastLine()).toBe(dialect);
    },
  );

  it.each(methods.filter((method) => !ofOne.includes(method)))(
    '%s of one user is not allowed',
    async (method) => {
      expect(await send(method, `${users}/nobody`)).toMatchObject(notAllowed(ofOne));
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
  ])('%s is nowhere, by any method', async (target) => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      const answer = await send(method, target);
      expect(answer).toMatchObject({
        status: 404,
        body: { code: 'not_found', message: 'No route has this path' },
      });
      expect(answer.headers['allow']).toBeUndefined();
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
  ])('a user called %s is looked for, and is not there', async (name) => {
    expect(await send('GET', `${users}/${name}`)).toMatchObject({
      status: 404,
      body: { code: 'not_found', message: 'There is no such user in this tenant' },
    });
  });

  it('a failure in an unknown path is one of the dialect that it begins with', async () => {
    expect((await send('GET', `${users}/a/b/c`)).status).toBe(404);
    expect(dialectOfLastLine()).toBe(dialect);
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
])('%s is nowhere, and of no dialect but our own', async (target) => {
  expect(await send('GET', target)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  expect(dialectOfLastLine()).toBe('native');
});

it('a path that fits two templates is that of the more specific one', async () => {
  for (const method of ['PUT', 'DELETE'])
    expect(await send(method, '/v1/users/me')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD, PATCH' },
    });
  expect(await send('PUT', '/v1/users/me/password')).toMatchObject({
    status: 405,
    headers: { allow: 'POST' },
  });
});

it('who is called me is whoever calls', async () => {
  expect((await send('GET', '/v1/users/me')).body.code).toBe('not_found');
  expect(JSON.parse(logged.at(-1) ?? '{}')).toMatchObject({ operation: 'getOwnUser' });
});

it('an escape leads where the gateway leads it, and is not undone again', async () => {
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
  '%s overrides no method',
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
])('%s leads nowhere else', async (name) => {
  expect((await send('POST', '/v1/nothing', { [name]: '/v1/users' })).status).toBe(404);
  expect((await send('POST', '/v1/users', { [name]: '/v1/nothing' })).status).toBe(201);
});

it('a query where none is accepted is refused, whatever is in it', async () => {
  const { status, body } = await send(
    'POST',
    '/v1/users?status=active&status=inactive&email[]=x&__proto__=1',
  );
  const paths = body.details.issues.map(({ path }: { path: string }) => path);
  expect([status, paths.toSorted()]).toEqual([400, ['__proto__', 'email[]', 'status']]);
});

it('what is nowhere says so to anybody, and asks for no token', async () => {
  for (const target of ['/v1/nothing', '/jitsudo/v1/nothing'])
    expect((await service.send('GET', target)).status).toBe(404);
  expect((await service.send('DELETE', '/v1/users')).status).toBe(405);
});
