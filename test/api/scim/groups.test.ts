/** Groups of SCIM connections, as Okta, Entra and others send them. */
import { beforeAll, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { createScimClient, type ScimClient } from '../../support/scim/scim-client.ts';
import { createTestService } from '../../support/service.ts';

const service = await createTestService();
const unknown = '00000000-0000-4000-8000-000000000000';
let client: ScimClient;
let users: string[] = [];
let names = 0;

const createUser = async (to = client): Promise<string> => {
  const body = { userName: `member-${++names}@example.com`, externalId: `ext-${names}` };
  const created = await to.send('POST', '/Users', { body });
  expect(created.text).toContain('"id"');
  return created.body.id;
};
const createGroup = async (members: readonly string[] = [], more: object = {}) => {
  const displayName = `Group ${++names}`;
  const body = { displayName, members: members.map((value) => ({ value })), ...more };
  const created = await client.send('POST', '/Groups', { body });
  expect(created).toMatchObject({ status: 201 });
  return created.body;
};
const patch = (id: string, ...Operations: object[]) =>
  client.send('PATCH', `/Groups/${id}`, { body: { Operations } });
const get = (id: string, query = '') => client.send('GET', `/Groups/${id}${query}`);
const toIds = ({ members = [] }: { members?: { value: string }[] }): string[] =>
  members.map(({ value }) => value).toSorted();
const sort = (...ids: (string | undefined)[]) => ids.map(String).toSorted();
const list = (query: string) => client.send('GET', `/Groups?${query}`);

beforeAll(async () => {
  client = await createScimClient(service, { lockManaged: false });
  users = [];
  for (let count = 0; count < 5; count += 1) users.push(await createUser());
});

it('creates, renames and deletes a group as Okta and Entra do [13 14 33]', async () => {
  const created = await client.send('POST', '/Groups', {
    body: {
      schemas: [
        'urn:ietf:params:scim:schemas:core:2.0:Group',
        'http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group',
      ],
      externalId: 'e1',
      displayName: 'Sales',
      members: [],
    },
  });
  expect(created).toMatchObject({
    status: 201,
    headers: { location: created.body.meta.location, etag: created.body.meta.version },
    body: {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Group'],
      externalId: 'e1',
      displayName: 'Sales',
    },
  });
  const { id } = created.body;
  await patch(id, {
    op: 'add',
    path: 'members',
    value: users.slice(0, 3).map((value) => ({ value })),
  });
  const value = { id, displayName: 'Sales EU' };
  const renamed = await patch(id, { op: 'replace', value });
  expect(renamed).toMatchObject({
    status: 200,
    body: { displayName: 'Sales EU', externalId: 'e1' },
  });
  expect(toIds(renamed.body)).toEqual(sort(...users.slice(0, 3)));
  const log = await service.get(`/v1/scim/connections/${client.connectionId}/log?maxResults=3`, {
    token: client.adminToken,
  });
  expect(
    log.body.entries.map((entry: { changedAttributes: string[] }) => entry.changedAttributes),
  ).toEqual([['displayName'], ['members'], ['externalId', 'displayName']]);
  const native = await service.get('/v1/groups?name=sales%20eu', { token: client.adminToken });
  expect(native.body.groups).toMatchObject([{ name: 'Sales EU' }]);
  expect(
    (await client.send('POST', '/Groups', { body: { displayName: 'sales eu' } })).body,
  ).toMatchObject({ status: '409', scimType: 'uniqueness' });
  expect((await client.send('DELETE', `/Groups/${id}`)).status).toBe(204);
  expect((await get(id)).status).toBe(404);
  expect((await client.send('DELETE', `/Groups/${id}`)).status).toBe(404);
});

it('changes members with every form of request [15 16 17 36 37 38 66]', async () => {
  const [u1, u2, u3, u4] = users;
  const { id } = await createGroup([u1 ?? '']);
  const okta = await patch(
    id,
    { op: 'remove', path: `members[value eq "${u1}"]` },
    { op: 'add', path: 'members', value: [{ value: u4, display: 'd@x.org' }] },
  );
  expect(okta.status).toBe(200);
  expect(toIds(okta.body)).toEqual([u4]);
  const entra = { op: 'Add', path: 'members', value: [{ $ref: null, value: u2 }] };
  const added = await patch(id, entra);
  expect(toIds(added.body)).toEqual(sort(u2, u4));
  expect((await patch(id, entra)).body).toEqual(added.body);
  const remove = { op: 'Remove', path: 'members', value: [{ $ref: null, value: u2 }] };
  expect(toIds((await patch(id, remove)).body)).toEqual([u4]);
  const unchanged = await patch(id, remove);
  expect(unchanged).toMatchObject({ status: 200 });
  const missing = { op: 'replace', path: 'members', value: [{ value: unknown }] };
  expect((await patch(id, missing)).body).toMatchObject({
    status: '400',
    scimType: 'invalidValue',
  });
  expect((await get(id)).body).toEqual(unchanged.body);
  const one = { op: 'replace', path: 'members', value: [{ value: u1 }, { value: unknown }] };
  expect(toIds((await patch(id, one)).body)).toEqual([u1]);
  const put = (body: object) => client.send('PUT', `/Groups/${id}`, { body });
  const body = { displayName: 'Put', members: [{ value: u2 }, { value: u3 }, { value: u2 }] };
  expect(toIds((await put(body)).body)).toEqual(sort(u2, u3));
  expect(toIds((await put({ displayName: 'Put again' })).body)).toEqual(sort(u2, u3));
  expect(toIds((await patch(id, { op: 'replace', path: 'members', value: [] })).body)).toEqual([]);
  expect(await get(id)).toMatchObject({ body: { displayName: 'Put again' } });
});

it('finds groups by key and by scan, and returns pages of them [34 35 46]', async () => {
  const [u1 = '', u2 = ''] = users;
  const created = await createGroup([u1, u2], { externalId: 'found', displayName: 'Findable' });
  const query = 'excludedAttributes=members&filter=displayName+eq+%22findable%22';
  const found = await list(query);
  expect(found.body).toMatchObject({ totalResults: 1, startIndex: 1, itemsPerPage: 1 });
  expect(found.body.Resources[0]).not.toHaveProperty('members');
  expect((await get(created.id, '?excludedAttributes=members')).body).not.toHaveProperty('members');
  for (const filter of [
    `id eq "${created.id}"`,
    'externalId eq "found"',
    `displayName co "indab" and members.value eq "${u2}"`,
    'displayName sw "FIND"',
  ])
    expect([filter, (await list(`filter=${encodeURIComponent(filter)}`)).body.Resources]).toEqual([
      filter,
      [created],
    ]);
  expect((await list('filter=displayName+eq+%22none%22')).body).toMatchObject({ totalResults: 0 });
  const other = await client.connect({ name: 'Other' });
  expect((await other.send('GET', `/Groups/${created.id}`)).status).toBe(404);
  expect((await other.send('GET', '/Groups')).body).toMatchObject({ totalResults: 0 });
  const twin = await other.send('POST', '/Groups', { body: { displayName: 'Findable' } });
  expect(twin).toMatchObject({ status: 201, body: { displayName: 'Findable' } });
  const { totalResults } = (await list('count=0')).body;
  const first = (await list(`startIndex=1&count=2`)).body;
  const second = (await list(`startIndex=3&count=100`)).body;
  expect([first.totalResults, second.totalResults]).toEqual([totalResults, totalResults]);
  const ids = [...first.Resources, ...second.Resources].map(({ id }: { id: string }) => id);
  expect(new Set(ids).size).toBe(totalResults);
});

it('pages by cursor, sorts, and filters by meta as groups show it', async () => {
  const paging = await client.connect({ name: 'Paging' });
  const paged = (query: string) => paging.send('GET', `/Groups?${query}`);
  const member = await createUser(paging);
  const created = [];
  for (const displayName of ['b', 'a', 'd', 'c']) {
    const body = { displayName: `Page ${displayName}`, members: [{ value: member }] };
    created.push((await paging.send('POST', '/Groups', { body })).body);
  }
  const collect = async (query: string, onPage: (page: { id: string }[]) => Promise<void>) => {
    const listed: string[] = [];
    let cursor = '';
    do {
      const { body } = await paged(`${query}&cursor=${encodeURIComponent(cursor)}&count=2`);
      expect(body).not.toHaveProperty('startIndex');
      listed.push(...body.Resources.map((each: { displayName: string }) => each.displayName));
      cursor = body.nextCursor ?? '';
      await onPage(body.Resources);
    } while (cursor !== '');
    return listed;
  };
  const nothing = () => Promise.resolve();
  const names = ['Page a', 'Page b', 'Page c', 'Page d'];
  const descending = names.toReversed();
  expect(await collect('', nothing)).toEqual(names);
  expect(await collect('sortBy=displayName&sortOrder=descending', nothing)).toEqual(descending);
  const { nextCursor } = (await paged('cursor&count=1')).body;
  for (const query of [
    `cursor=x${nextCursor}&count=1`,
    `cursor=${nextCursor}&count=1&filter=displayName+pr`,
  ])
    expect([query, (await paged(query)).body]).toMatchObject([
      query,
      { status: '400', scimType: 'invalidCursor' },
    ]);
  for (const { id, meta } of created) {
    for (const filter of [
      `meta.version eq "${meta.version.replaceAll('"', String.raw`\"`)}" and id eq "${id}"`,
      `meta.lastModified ge "${meta.lastModified}" and id eq "${id}"`,
    ])
      expect((await paged(`filter=${encodeURIComponent(filter)}`)).body.Resources).toMatchObject([
        { id, meta },
      ]);
  }
  let deleted = '';
  const survivors = await collect('excludedAttributes=members', async ([first]) => {
    if (deleted !== '' || !first) return;
    deleted = first.id;
    await paging.send('DELETE', `/Groups/${deleted}`);
  });
  expect(survivors).toEqual(names);
});

it('checks versions, and changes groups of the connection only', async () => {
  const created = await createGroup([users[0] ?? '']);
  const headers = { 'if-match': 'W/"1"' };
  const body = { displayName: 'Stale' };
  const stale = await client.send('PUT', `/Groups/${created.id}`, { body, headers });
  expect(stale.status).toBe(412);
  const current = { 'if-match': created.meta.version };
  expect(
    (await client.send('PUT', `/Groups/${created.id}`, { body, headers: current })).status,
  ).toBe(200);
  const token = client.adminToken;
  const write = await service.send('DELETE', `/scim/v2/Groups/${created.id}`, { token });
  expect(write.status).toBe(403);
  const inner = await service.post('/v1/groups', { name: 'inner' }, { token });
  const native = `cradl:group:${created.id.replaceAll('-', '')}`;
  await service.post(
    `/v1/groups/${native}/members`,
    { members: [{ memberId: inner.body.groupId }] },
    { token },
  );
  const add = { op: 'add', path: 'members', value: [{ value: users[1] }] };
  expect((await patch(created.id, add)).status).toBe(403);
});

it('changes the name and the members as a whole, under If-Match', async () => {
  const [u1 = '', u2 = ''] = users;
  const { id } = await createGroup([u1]);
  const rename = (displayName: string) => ({
    op: 'replace',
    path: 'displayName',
    value: displayName,
  });
  const replaceBy = (...values: string[]) => ({
    op: 'replace',
    path: 'members',
    value: values.map((value) => ({ value })),
  });
  const both = await patch(id, rename('Both'), replaceBy(u2));
  expect([both.status, both.body.displayName, toIds(both.body)]).toEqual([200, 'Both', [u2]]);
  const refused = await patch(id, rename('None'), replaceBy(unknown));
  expect(refused.status).toBe(400);
  expect((await get(id)).body).toEqual(both.body);
  // Another group has the native name, and the display name is free.
  await service.post('/v1/groups', { name: 'Taken' }, { token: client.adminToken });
  const taken = await patch(id, rename('Taken'), replaceBy(u1, u2));
  expect([taken.body.displayName, toIds(taken.body)]).toEqual(['Taken', sort(u1, u2)]);
  expect((await patch(id, rename('TAKEN'))).body.displayName).toBe('TAKEN');
  const { meta } = (await get(id)).body;
  const answers = await Promise.all(
    [
      [rename('First')],
      [replaceBy(u1)],
      [rename('Third'), replaceBy(u2)],
      [{ op: 'remove', path: `members[value eq "${u1}"]` }],
    ].map((Operations) =>
      client.send('PATCH', `/Groups/${id}`, {
        body: { Operations },
        headers: { 'if-match': meta.version },
      }),
    ),
  );
  expect(answers.filter(({ status }) => status === 412)).toHaveLength(3);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
});

it('removes many members of a group with roles, but none with more rights', async () => {
  const { stored } = service;
  const template = await stored.item(keys.user(client.tenantId, users[0] ?? ''));
  const copies = Array.from({ length: 25 }, () => crypto.randomUUID());
  const put = (userId: string, roles: string[]) => ({
    ...template,
    ...keys.user(client.tenantId, userId),
    userId,
    roles,
  });
  await stored.putAll(copies.map((userId, index) => put(userId, index === 7 ? ['admin'] : [])));
  const { id } = await createGroup(copies);
  const token = client.adminToken;
  const toNativeId = (groupId: string) => `cradl:group:${groupId.replaceAll('-', '')}`;
  const body = { roleIds: ['cradl:role:approver'] };
  const granted = await service.send('PATCH', `/v1/groups/${toNativeId(id)}`, { body, token });
  expect(granted.status).toBe(200);
  const clear = () => patch(id, { op: 'replace', path: 'members', value: [] });
  expect((await clear()).status).toBe(403);
  await stored.putAll(copies.map((userId) => put(userId, [])));
  const above = await service.post(
    '/v1/groups',
    { name: 'above', roleIds: ['cradl:role:admin'] },
    { token },
  );
  const memberId = `cradl:user:${copies[9]?.replaceAll('-', '')}`;
  const members = `/v1/groups/${above.body.groupId}/members`;
  await service.post(members, { members: [{ memberId }] }, { token });
  expect((await clear()).status).toBe(403);
  expect(toIds((await get(id)).body)).toHaveLength(25);
  await service.send('DELETE', `${members}/${memberId}`, { token });
  expect(toIds((await clear()).body)).toEqual([]);
});

it('keeps every change of 50 concurrent writers [71]', async () => {
  const { id, meta } = await createGroup();
  const members = [...users];
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, index) => {
      const value = [{ value: members[index % members.length] }];
      return patch(id, { op: index % 10 < 5 ? 'add' : 'remove', path: 'members', value });
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  await patch(id, { op: 'replace', path: 'members', value: members.map((value) => ({ value })) });
  const after = await get(id);
  expect(toIds(after.body)).toEqual(members.toSorted());
  expect(after.body.meta.version).not.toBe(meta.version);
  const replacements = members.map((value) =>
    patch(id, { op: 'replace', path: 'members', value: [{ value }] }),
  );
  for (const { status } of await Promise.all(replacements)) expect(status).toBe(200);
  expect(toIds((await get(id)).body)).toHaveLength(1);
});

it('adds 1,500 members in one request, which every read shows at once [72]', async () => {
  const { stored } = service;
  const template = await stored.item(keys.user(client.tenantId, users[0] ?? ''));
  const copies = Array.from({ length: 1500 }, () => crypto.randomUUID());
  const leaver = await createUser();
  const many = [...copies, leaver];
  await stored.putAll(
    copies.map((userId) => ({ ...template, ...keys.user(client.tenantId, userId), userId })),
  );
  const { id } = await createGroup();
  const added = await patch(id, {
    op: 'add',
    path: 'members',
    value: many.map((value) => ({ value })),
  });
  expect([added.status, added.text]).toEqual([204, '']);
  const memberCount = keys.groupMemberCount(client.tenantId, id);
  await stored.put({ ...(await stored.item(memberCount)), memberCount: 50_000 });
  const job = {
    ...keys.memberJob(client.tenantId, id, 99),
    tenantId: client.tenantId,
    groupId: id,
    jobId: crypto.randomUUID(),
    sequence: 99,
    partBits: 0,
    audit: {},
  };
  await stored.put(job);
  const full = await patch(id, { op: 'add', path: 'members', value: [{ value: users[1] }] });
  expect(full.status).toBe(409);
  await stored.put({ ...job, isFinished: true });
  const { members } = (await get(id)).body;
  expect(members[0]).toEqual({ value: many.toSorted()[0], type: 'User' });
  expect(toIds({ members })).toEqual(many.toSorted());
  expect((await client.send('DELETE', `/Users/${leaver}`)).status).toBe(204);
  expect(toIds((await get(id)).body)).toEqual(copies.toSorted());
});

it('finds a member by its URL, and shows its name if it has one', async () => {
  const [member = '', other = ''] = users;
  const { id } = await createGroup([other]);
  const $ref = `https://roster.example.com/scim/v2/Users/${member}`;
  const added = await patch(id, { op: 'add', path: 'members', value: [{ $ref, type: 'User' }] });
  expect(toIds(added.body)).toEqual(sort(member, other));
  expect(added.body.members).toContainEqual({ value: member, $ref, type: 'User' });
  const name = { Operations: [{ op: 'add', path: 'displayName', value: 'Ann' }] };
  await client.send('PATCH', `/Users/${member}`, { body: name });
  expect((await get(id)).body.members).toContainEqual({
    value: member,
    $ref,
    type: 'User',
    display: 'Ann',
  });
  const body = { displayName: `Group ${++names}`, members: [{ type: 'User' }] };
  for (const [method, path] of [
    ['PUT', `/Groups/${id}`],
    ['POST', '/Groups'],
  ] as const)
    expect(await client.send(method, path, { body })).toMatchObject({
      status: 400,
      body: { scimType: 'invalidValue', detail: 'members.0.value is required' },
    });
  expect(toIds((await get(id)).body)).toEqual(sort(member, other));
  expect((await list(`filter=displayName+eq+%22Group+${names}%22`)).body.totalResults).toBe(0);
});
