import { expect, it } from 'vitest';
import { createScimClient } from '../../support/scim/scim-client.ts';
import { createTestService } from '../../support/service.ts';

const service = await createTestService();
const client = await createScimClient(service);
const core = 'urn:ietf:params:scim:schemas:core:2.0:User';
const enterprise = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';

const send = (Operations: readonly object[], more: object = {}) =>
  client.send('POST', '/Bulk', {
    body: {
      schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],
      Operations,
      ...more,
    },
  });
const post = (bulkId: string, data: object = {}) => ({
  method: 'POST',
  path: '/Users',
  bulkId,
  data: { schemas: [core], userName: `${bulkId}@x.org`, ...data },
});
const manager = (bulkId: string) => ({ [enterprise]: { manager: { value: `bulkId:${bulkId}` } } });
const getUser = async (location: string) =>
  (await client.send('GET', location.slice('https://roster.example.com/scim/v2'.length))).body;
const getId = ({ location }: { location: string }) => location.split('/').at(-1);
const list = async () => (await client.send('GET', '/Users?count=0')).body.totalResults;

it('runs an operation after the one that it refers to [row 58]', async () => {
  const { status, body } = await send([post('report', manager('boss')), post('boss')]);
  expect(status).toBe(200);
  expect(body).toEqual({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:BulkResponse'],
    Operations: ['report', 'boss'].map((bulkId) => ({
      method: 'POST',
      bulkId,
      status: '201',
      version: 'W/"1"',
      location: expect.stringMatching(
        /^https:\/\/roster\.example\.com\/scim\/v2\/Users\/[\w-]{36}$/,
      ),
    })),
  });
  const [report, boss] = body.Operations;
  expect((await getUser(report.location))[enterprise].manager.value).toBe(getId(boss));
});

it('resolves references in paths and filters, and changes and deletes users', async () => {
  const { body } = await send([
    {
      method: 'patch',
      path: '/Users/bulkId:new',
      data: {
        Operations: [{ op: 'replace', path: 'emails[value eq "bulkId:new"].type', value: 'home' }],
      },
    },
    post('new', { emails: [{ value: 'new@x.org', type: 'work' }] }),
    {
      method: 'PUT',
      path: '/Users/bulkId:new/',
      data: { userName: 'newer@x.org' },
      version: 'W/"9"',
    },
    {
      method: 'PUT',
      path: '/Users/bulkId:new',
      data: { userName: 'newer@x.org' },
      version: 'W/"1"',
    },
    { method: 'DELETE', path: '/Users/bulkId:new' },
    { method: 'DELETE', path: '/Users/bulkId:new' },
  ]);
  expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual([
    '400',
    '201',
    '412',
    '200',
    '204',
    '404',
  ]);
  const [patch, created, , put] = body.Operations;
  expect(patch).toMatchObject({
    location: created.location,
    response: { scimType: 'noTarget', detail: expect.any(String) },
  });
  expect(put).toMatchObject({ location: created.location, version: 'W/"2"' });
});

it('resolves circles and references of a user to themselves', async () => {
  const { body } = await send([
    post('a', manager('b')),
    post('b', manager('c')),
    post('c', manager('a')),
    post('self', manager('self')),
  ]);
  const users = [];
  for (const { location, version, status } of body.Operations) {
    const user = await getUser(location);
    expect(status).toBe('201');
    expect(version).toBe(user.meta.version);
    users.push(user);
  }
  const [a, b, c, self] = body.Operations.map(getId);
  expect(users.map((user) => user[enterprise].manager.value)).toEqual([b, c, a, self]);
});

it('answers 409 for references that cannot be resolved', async () => {
  const taken = 'taken@x.org';
  await send([post('taken')]);
  const { body } = await send([
    post('lost', manager('nobody')),
    post('again', { userName: taken }),
    post('after', manager('again')),
    { method: 'DELETE', path: '/Users/bulkId:lost' },
  ]);
  expect(body.Operations).toMatchObject([
    { bulkId: 'lost', status: '409', response: { detail: expect.stringContaining('nobody') } },
    { bulkId: 'again', status: '409', response: { scimType: 'uniqueness' } },
    { bulkId: 'after', status: '409', response: { status: '409' } },
    { method: 'DELETE', status: '409' },
  ]);
  expect(body.Operations[0]).not.toHaveProperty('location');
});

it('stops after failOnErrors failures [row 59]', async () => {
  const failing = post('existing', { userName: 'taken@x.org' });
  const { status, body } = await send([post('one'), failing, post('two')], { failOnErrors: 1 });
  expect(status).toBe(200);
  expect(body.Operations).toMatchObject([
    { bulkId: 'one', status: '201' },
    { bulkId: 'existing', status: '409', response: { status: '409', scimType: 'uniqueness' } },
  ]);
  expect(body.Operations).toHaveLength(2);
});

it('rejects too many operations and too large bodies as a whole [row 60]', async () => {
  const before = await list();
  const many = Array.from({ length: 101 }, (_, index) => post(`many-${index}`));
  const large = [post('large', { nickName: 'x'.repeat(1_100_000) })];
  for (const operations of [many, large])
    expect(await send(operations)).toMatchObject({ status: 413, body: { status: '413' } });
  expect(await list()).toBe(before);
});

it('rejects malformed requests as a whole', async () => {
  const before = await list();
  const cases: readonly (readonly object[])[] = [
    [post('twice'), post('twice', { userName: 'other@x.org' })],
    [{ ...post('x'), bulkId: undefined }],
    [{ ...post('x'), method: 'GET' }],
    [{ ...post('x'), path: undefined }],
  ];
  for (const operations of cases)
    expect(await send(operations)).toMatchObject({
      status: 400,
      body: { scimType: 'invalidSyntax' },
    });
  for (const failOnErrors of [0, 'one', -1])
    expect(await send([post('x')], { failOnErrors })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue' },
    });
  for (const body of ['[]', '{}', '{"Operations":{}}'])
    expect((await client.send('POST', '/Bulk', { body })).status).toBe(400);
  expect(await list()).toBe(before);
});

it('fails an operation whose path or data is not valid', async () => {
  const { body } = await send([
    { ...post('a1'), path: '/Nothing' },
    { ...post('a2'), path: '/Users/x' },
    { ...post('a3'), data: undefined },
    { method: 'PUT', path: '/Users', data: {} },
    { method: 'PATCH', path: '/Users/../Users/x', data: { Operations: [] } },
  ]);
  expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(
    Array.from({ length: 5 }, () => '400'),
  );
});

it('decides about and logs each operation', async () => {
  const { body } = await send([post('logged'), { method: 'DELETE', path: '/Users/nobody' }]);
  expect(body.Operations.map(({ status }: { status: string }) => status)).toEqual(['201', '404']);
  const path = `/v1/scim/connections/${client.connectionId}/log?maxResults=5`;
  const { entries } = (await service.get(path, { token: client.adminToken })).body;
  const own = entries.filter((entry: { path: string }) =>
    ['/scim/v2/Users', '/scim/v2/Users/nobody'].includes(entry.path),
  );
  expect(own.map((entry: { httpStatus: number }) => entry.httpStatus)).toEqual(
    expect.arrayContaining([201, 404]),
  );
  expect(entries).not.toContainEqual(
    expect.objectContaining({ path: '/scim/v2/Bulk', httpStatus: 200 }),
  );
});
