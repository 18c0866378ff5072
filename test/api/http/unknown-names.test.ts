/** Unknown fields and query parameters are rejected by name, on every route of every dialect. */
import { describe, expect, it } from 'vitest';
import { requestRoute } from '../../support/authenticated-routes.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { type Route, routes } from '../../../lib/api/routes.ts';
import {
  type TestResponse,
  adminToken,
  createTestService,
  systemToken,
  tenantId,
} from '../../support/service.ts';

const service = await createTestService();
const system = systemToken('acme');
const headers = { 'x-tenant-id': tenantId.acme };
const json = { ...headers, 'content-type': 'application/json' };
const all = (routes as readonly Route[]).filter(({ route }) => route !== '$default');

const sends = (route: Route, query: string, body?: string): Promise<TestResponse> =>
  requestRoute(
    service,
    { ...route, route: `${route.route}${query}` },
    {
      ...(route.access === 'bearer' && { token: system }),
      headers: body === undefined ? headers : json,
      body,
    },
  );
const paths = ({ body }: TestResponse): string[] =>
  body.details?.issues?.map(({ path }: { path: string }) => path) ?? [];

describe.each(
  all
    // SCIM ignores unknown fields (RFC 7644 §3.3).
    .filter(
      ({ route, body, dialect }) =>
        body !== 'form' && !route.startsWith('GET ') && dialect !== 'scim',
    )
    .map((route) => [route.route, route] as const),
)('%s', (_, route) => {
  it('returns 400 for an unknown field', async () => {
    const answer = await sends(route, '', '{"favoriteColor":"green"}');
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
    expect(paths(answer)).toContain('favoriteColor');
  });
});

describe.each(all.map((route) => [route.route, route] as const))('%s', (_, route) => {
  it(
    route.query === 'any'
      ? 'accepts any query parameter'
      : 'returns 400 for an unknown query parameter',
    async () => {
      // An operation reads its own parameters, after the pipeline has parsed the body.
      const body = route.query === 'named' && route.body === 'json' ? '{}' : undefined;
      const required = route.operation === 'createGroupToken' ? 'name=ci&' : '';
      const answer = await sends(route, `?${required}favoriteColor=green`, body);
      if (route.query === 'any') {
        expect(paths(answer)).toEqual([]);
        return;
      }
      expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
      expect(paths(answer)).toEqual(['favoriteColor']);
      if (!route.route.startsWith('GET ')) return;
      const head = await sends(
        { ...route, route: route.route.replace('GET', 'HEAD') },
        '?favoriteColor=green',
      );
      expect([head.status, head.text]).toEqual([400, '']);
    },
  );
});

it('a route without fields accepts only an empty body', async () => {
  const create = async () =>
    (
      await service.post(
        '/v1/users',
        { email: `jo.${unique()}@example.com` },
        { token: adminToken('acme') },
      )
    ).body.userId;
  for (const [body, status] of [
    ['', 204],
    [' ', 204],
    ['{}', 204],
    ['null', 204],
    ['[]', 400],
    ['1', 400],
    ['{', 400],
    ['{"reason":"left"}', 400],
  ] as const) {
    const answer = await service.send('DELETE', `/v1/users/${await create()}`, {
      token: adminToken('acme'),
      body,
      headers: json,
    });
    expect([body, answer.status]).toEqual([body, status]);
  }
  const form = await service.send('DELETE', `/v1/users/${await create()}`, {
    token: adminToken('acme'),
    body: 'reason=left',
  });
  expect(form.status).toBe(415);
});

describe('the message for an unknown name', () => {
  it.each([
    ['POST', '/v1/users', { email: 'jo@example.com', rolIds: [] }, 'rolIds', 'roleIds'],
    ['POST', '/v1/users', { email: 'jo@example.com', Username: 'jo' }, 'Username', 'userName'],
    [
      'POST',
      '/v1/users',
      { email: 'jo@example.com', identity: { issuer: 'x', subject: 'y', isuer: 'z' } },
      'identity.isuer',
      'issuer',
    ],
    [
      'POST',
      '/jitsudo/v1/users',
      { email: 'jo@example.com', auth_provder: 'oidc' },
      'auth_provder',
      'auth_provider',
    ],
    [
      'POST',
      '/cradl/v1/roles',
      { permissions: [{ resourceId: 'cradl:user:*', effect: 'allow', actoin: 'read' }] },
      'permissions.0.actoin',
      'action',
    ],
    [
      'POST',
      '/v1/users',
      { email: 'jo@example.com', createdAt: '2020-01-01T00:00:00Z' },
      'createdAt',
      'createdTime',
    ],
    ['POST', '/v1/users', { email: 'jo@example.com', phone: '1' }, 'phone', 'phoneNumber'],
    ['PATCH', '/v1/users/me', { nmae: 'Jo' }, 'nmae', 'name'],
    ['GET', '/v1/users?staus=active', undefined, 'staus', 'status'],
    ['GET', '/jitsudo/v1/users?limt=1', undefined, 'limt', 'limit'],
  ])('of %s %s suggests the nearest known name', async (method, path, body, name, nearest) => {
    const answer = await service.send(method, path, {
      token: system,
      headers,
      ...(body && { body }),
    });
    expect(answer.status).toBe(400);
    const issue = answer.body.details.issues.find(({ path: at }: { path: string }) => at === name);
    expect(issue.message).toContain(`did you mean ${nearest}?`);
  });
});
