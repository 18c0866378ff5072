import { describe, expect, it } from 'vitest';
import { readQuery } from '../../../lib/api/scim/query.ts';
import { createConnection } from '../../support/scim/create-connection.ts';
import {
  adminToken,
  createTestService,
  type TestRequest,
  userToken,
} from '../../support/service.ts';

const service = await createTestService();
const token = userToken('acme', []);
const config = '/scim/v2/ServiceProviderConfig';
const scimJson = 'application/scim+json; charset=utf-8';

const expectError = (
  response: Awaited<ReturnType<typeof service.send>>,
  status: number,
  scimType?: string,
) => {
  expect(response.body).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: String(status),
    ...(scimType && { scimType }),
    detail: expect.any(String),
  });
  expect(response).toMatchObject({ status, headers: { 'content-type': scimJson } });
};

describe('errors', () => {
  it('answers 401 with a challenge and an error body [row 20]', async () => {
    for (const target of [config, `${config}/`]) {
      for (const authorization of ['non-token', 'Bearer x', undefined]) {
        const response = await service.get(target, {
          headers: { ...(authorization && { authorization }) },
        });
        expectError(response, 401);
        expect(response.headers['www-authenticate']).toMatch(/^Bearer/);
      }
    }
  });

  it('answers 405 before it reads the body or the token [row 18]', async () => {
    for (const contentType of ['application/scim+json', 'text/plain', undefined]) {
      for (const target of [config, `${config}/`]) {
        const headers = { ...(contentType && { 'content-type': contentType }) };
        const response = await service.send('POST', target, { token, headers, body: 'test' });
        expectError(response, 405);
        expect(response.headers['allow']).toBe('GET, HEAD');
      }
    }
    expectError(await service.send('DELETE', config), 405);
  });

  it('answers 404 for unknown paths [row 68]', async () => {
    for (const target of [
      '/scim/v2/Nothing',
      '/scim/v2/Nothing/',
      '/scim/v2/Users/1/2',
      '/scim/v3',
    ])
      for (const method of ['GET', 'POST', 'DELETE'])
        expectError(await service.send(method, target, { token, body: '{' }), 404);
  });

  it('names the tenant of the token as the only one', async () => {
    const headers = { 'x-tenant-id': '00000000-0000-4000-8000-000000000000' };
    expectError(await service.get(config, { token, headers }), 403);
  });
});

describe('media types', () => {
  const getType = async (accept: string | undefined, target = config) => {
    const sent: TestRequest = { token, headers: { ...(accept && { accept }) } };
    return (await service.get(target, sent)).headers['content-type'];
  };

  it('answers application/json only if Accept names nothing else', async () => {
    for (const accept of [
      undefined,
      '*/*',
      'application/scim+json',
      'text/html',
      'application/json, */*',
    ])
      expect(await getType(accept)).toBe(scimJson);
    expect(await getType('application/json, application/scim+json;q=0.5')).toBe(scimJson);
    for (const target of [config, '/scim/v2/Nothing'])
      expect(await getType('Application/JSON;q=0.9, text/plain', target)).toBe(
        'application/json; charset=utf-8',
      );
  });

  it('supports HEAD', async () => {
    const response = await service.send('HEAD', config, { token });
    expect(response).toMatchObject({ status: 200, text: '' });
  });
});

describe('discovery', () => {
  it('has every number and flag of the service provider configuration', async () => {
    const location = 'https://roster.example.com/scim/v2/ServiceProviderConfig';
    for (const caller of [token, adminToken('acme')])
      for (const query of ['', '?startIndex=1&count=2&attributes=patch', '/?x'])
        expect((await service.get(config + query, { token: caller })).body).toEqual({
          schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
          documentationUri: 'https://roster.example.com/docs',
          patch: { supported: true },
          bulk: { supported: true, maxOperations: 100, maxPayloadSize: 1048576 },
          filter: { supported: true, maxResults: 200 },
          changePassword: { supported: false },
          sort: { supported: true },
          etag: { supported: true },
          pagination: {
            cursor: true,
            index: true,
            defaultPaginationMethod: 'index',
            defaultPageSize: 100,
            maxPageSize: 200,
            cursorTimeout: 86400,
          },
          authenticationSchemes: [
            expect.objectContaining({ type: 'oauthbearertoken', primary: true }),
            expect.objectContaining({ type: 'httpbasic', primary: false }),
          ],
          meta: { resourceType: 'ServiceProviderConfig', location },
        });
  });

  const core = 'urn:ietf:params:scim:schemas:core:2.0';
  const get = async (path: string) => service.get(`/scim/v2${path}`, { token });

  it('describes the resource types [row 47]', async () => {
    const { body } = await get('/ResourceTypes');
    expect(body).toMatchObject({ totalResults: 2, startIndex: 1, itemsPerPage: 2 });
    expect(body.Resources.map(({ id }: { id: string }) => id)).toEqual(['User', 'Group']);
    for (const path of ['/ResourceTypes/User', '/ResourceTypes/user/'])
      expect((await get(path)).body).toEqual({
        schemas: [`${core}:ResourceType`],
        id: 'User',
        name: 'User',
        description: 'User Account',
        endpoint: '/Users',
        schema: `${core}:User`,
        schemaExtensions: [
          {
            schema: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
            required: false,
          },
          { schema: 'urn:ietf:params:scim:schemas:extension:roster:2.0:User', required: false },
        ],
        meta: {
          resourceType: 'ResourceType',
          location: 'https://roster.example.com/scim/v2/ResourceTypes/User',
        },
      });
    const { headers, body: group } = await get('/ResourceTypes/Group');
    expect(headers['location']).toBe(group.meta.location);
    expectError(await get('/ResourceTypes/Nothing'), 404);
  });

  it('describes the schemas, also of the discovery documents [row 47]', async () => {
    const { body } = await get('/Schemas');
    expect(body).toMatchObject({ totalResults: 7, startIndex: 1, itemsPerPage: 7 });
    for (const schema of body.Resources) {
      const found = (await get(`/Schemas/${schema.id}`)).body;
      expect(found).toEqual(schema);
      expect(found).toMatchObject({
        schemas: [`${core}:Schema`],
        meta: {
          resourceType: 'Schema',
          location: `https://roster.example.com/scim/v2/Schemas/${schema.id}`,
        },
      });
      assertAttributes(schema.attributes);
    }
    expect((await get(`/Schemas/${core.toUpperCase()}:USER/`)).body).toMatchObject({
      id: `${core}:User`,
      description: 'User Account',
    });
    expectError(await get('/Schemas/urn:example'), 404);
  });

  it('refuses filters and other methods [row 68]', async () => {
    for (const path of ['/Schemas', '/ResourceTypes', '/ServiceProviderConfig'])
      for (const query of ['?filter=id%20eq%20%22x%22', '/?filter=x'])
        expectError(await get(path + query), 403);
    for (const method of ['PUT', 'PATCH', 'DELETE', 'POST'])
      expectError(await service.send(method, `/scim/v2/Schemas/${core}:User`, { token }), 405);
  });

  /** Every characteristic of RFC 7643 §7 that the type of the attribute has. */
  function assertAttributes(attributes: readonly Record<string, unknown>[]): void {
    for (const attribute of attributes) {
      const isText = ['string', 'reference', 'binary'].includes(String(attribute['type']));
      expect(attribute).toMatchObject({
        name: expect.any(String),
        multiValued: expect.any(Boolean),
        description: expect.stringMatching(/\.$/),
        required: expect.any(Boolean),
        mutability: expect.stringMatching(/^(readOnly|readWrite|immutable|writeOnly)$/),
        returned: expect.stringMatching(/^(always|never|default|request)$/),
      });
      expect('caseExact' in attribute).toBe(isText);
      expect('uniqueness' in attribute).toBe(attribute['type'] !== 'complex');
      expect('subAttributes' in attribute).toBe(attribute['type'] === 'complex');
      assertAttributes((attribute['subAttributes'] ?? []) as Record<string, unknown>[]);
    }
  }

  it('depends on the connection of the caller', async () => {
    const { body } = await createConnection(service, 'acme', {
      changePassword: true,
      extension: { name: 'acme', attributes: ['costCenter'] },
    });
    const authorization = `Bearer ${body.token}`;
    const read = (path: string) => service.get(`/scim/v2${path}`, { headers: { authorization } });
    expect((await read('/ServiceProviderConfig')).body.changePassword).toEqual({
      supported: true,
    });
    const urn = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
    expect((await read(`/Schemas/${urn}`)).body.attributes).toMatchObject([
      { name: 'costCenter', type: 'string' },
    ]);
    const { schemaExtensions } = (await read('/ResourceTypes/User')).body;
    expect(schemaExtensions).toContainEqual({ schema: urn, required: false });
    expectError(await get(`/Schemas/${urn}`), 404);
  });
});

it('refuses the requests of a paused connection', async () => {
  const clock = { now: Date.now() };
  const paused = await createTestService({ now: () => new Date(clock.now) });
  const { body } = await createConnection(paused);
  const headers = { authorization: `Bearer ${body.token}` };
  const admin = { token: adminToken('acme') };
  const read = () => paused.get(config, { headers });
  expect((await read()).status).toBe(200);
  const path = `/v1/scim/connections/${body.connectionId}`;
  await paused.send('PATCH', path, { ...admin, body: { status: 'paused' } });
  clock.now += 5000;
  expectError(await read(), 403);
  await paused.send('PATCH', path, { ...admin, body: { status: 'live' } });
  clock.now += 5000;
  expect((await read()).status).toBe(200);
  await paused.send('DELETE', path, admin);
  clock.now += 5000;
  expect([401, 403]).toContain((await read()).status);
});

describe('query parameters', () => {
  const read = (rawQueryString: string) => readQuery({ event: { rawQueryString } });

  it('decodes + as a space unless the value has %20', () => {
    expect(read('filter=userName+eq+%22a%2Bb%40x.org%22')).toEqual({
      filter: 'userName eq "a+b@x.org"',
    });
    expect(read('filter=userName%20eq%20%22a+b%40x.org%22&count=2&')).toEqual({
      filter: 'userName eq "a+b@x.org"',
      count: '2',
    });
  });

  it('accepts names in any case, and ignores unknown names', () => {
    expect(read('STARTINDEX=1&Attributes=a,b&x=%&cursor&=1&__proto__=1')).toEqual({
      startIndex: '1',
      attributes: 'a,b',
      cursor: '',
    });
  });

  it('rejects repeated and undecodable values', () => {
    for (const query of ['count=1&Count=2', 'filter=%E0%A4', 'filter=%'])
      expect(() => read(query)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
  });
});

it('logs the requests of a connection', async () => {
  const { body } = await createConnection(service);
  const headers = { authorization: `Bearer ${body.token}` };
  await service.get(`${config}?x=1`, { headers });
  await service.get('/scim/v2/Schemas?filter=x', { headers });
  await service.get('/scim/v2/Schemas/urn:example', { token });
  const path = `/v1/scim/connections/${body.connectionId}/log`;
  const { entries } = (await service.get(path, { token: adminToken('acme') })).body;
  expect(entries).toHaveLength(2);
  expect(entries).toContainEqual(
    expect.objectContaining({
      method: 'GET',
      path: '/scim/v2/Schemas',
      query: 'filter=x',
      httpStatus: 403,
      detail: 'Filters do not apply to discovery',
    }),
  );
  expect(entries).toContainEqual(
    expect.objectContaining({ path: config, query: 'x=1', httpStatus: 200, detail: null }),
  );
});
