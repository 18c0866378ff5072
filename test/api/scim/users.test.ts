/** Users of connections: what identity providers send about them, and what they become. */
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createScimClient } from '../../support/scim/scim-client.ts';
import { createScimUsers, toNativeUserId } from '../../support/scim/scim-users.ts';
import { createTestService, issuer } from '../../support/service.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now });

const setUp = async (settings: object = {}) => {
  const client = await createScimClient(service, settings);
  return { client, users: createScimUsers(service, client) };
};
const conflict = { status: 409, body: { scimType: 'uniqueness' } };

it('reactivates the user of the same person', async () => {
  const { client, users } = await setUp();
  const first = await users.create({ userName: 'r1@x.org', externalId: 'e1', title: 'Lead' });
  expect(await users.post({ userName: 'R1@x.org', externalId: 'e2' })).toMatchObject({
    ...conflict,
    headers: { location: (await users.get(first)).meta.location },
  });
  const other = await users.create({ userName: 'r2@x.org', externalId: 'e1' });
  expect(other).not.toBe(first);
  await users.remove(other);

  await users.patch(first, { active: false });
  const renamed = await users.post({ userName: 'r3@x.org', externalId: 'e1' });
  expect(renamed).toMatchObject({
    status: 201,
    body: { id: first, userName: 'r3@x.org', active: true },
  });
  expect(renamed.body).not.toHaveProperty('title');
  expect(await users.getNative(first)).toMatchObject({ status: 'active', email: 'r3@x.org' });

  // By the username, unless the external IDs differ.
  await users.patch(first, { active: false });
  expect(await users.post({ userName: 'r3@x.org', externalId: 'e9' })).toMatchObject(conflict);
  expect((await users.get(first)).active).toBe(false);
  const { entries } = (
    await service.get(`/v1/scim/connections/${client.connectionId}/log?failed=true`, {
      token: client.adminToken,
    })
  ).body;
  expect(entries[0].skipped[0].reason).toContain('another externalId');
  expect((await users.post({ userName: 'r3@x.org' })).body).toMatchObject({ id: first });
  expect(await users.get(first)).not.toHaveProperty('externalId');
  await users.patch(first, { active: false });
  expect(
    (await users.post({ userName: 'r3@x.org', externalId: 'e7', active: false })).body,
  ).toMatchObject({ id: first, externalId: 'e7', active: false });

  // An external ID of several users identifies none.
  const same: string[] = [];
  for (const userName of ['d1', 'd2'])
    same.push(await users.create({ userName, externalId: 'dup' }));
  for (const each of same) await users.patch(each, { active: false });
  const third = await users.create({ userName: 'd3', externalId: 'dup' });
  expect((await users.list('filter=externalId eq "dup"')).body.totalResults).toBe(3);
  expect((await users.list('filter=externalId eq "DUP"')).body.totalResults).toBe(0);
  expect((await users.get(third)).userName).toBe('d3');
});

it('creates one user of concurrent requests', async () => {
  const { users } = await setUp();

  for (const fields of [{ userName: 'one@x.org' }, { userName: 'two', externalId: 'e1' }]) {
    const answers = await Promise.all([1, 2, 3].map(() => users.post(fields)));
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 409, 409]);
  }
  // Users with one email: the first has it, the others none.
  const emails = [{ value: 'shared@x.org' }];
  const created = await Promise.all(
    ['a', 'b', 'c'].map((userName) => users.create({ userName, emails })),
  );
  const natives = await Promise.all(created.map(users.getNative));
  expect(natives.map(({ email }) => email).filter(Boolean)).toEqual(['shared@x.org']);
  const found = await users.list('filter=emails eq "SHARED@x.org"');
  expect(found.body.Resources.map(({ id }: { id: string }) => id).toSorted()).toEqual(
    created.toSorted(),
  );
  // A deactivation against a reactivation ends in one of both.
  const [id = ''] = created;
  await Promise.all([users.patch(id, { active: false }), users.patch(id, { active: true })]);
  const { active } = await users.get(id);
  expect((await users.getNative(id)).status).toBe(active ? 'active' : 'inactive');
});

it('derives the fields of a user', async () => {
  const { client, users } = await setUp({
    extension: { name: 'acme', attributes: ['badge'] },
  });
  const id = await users.create({ userName: 'ann@x.org' });
  const put = async (body: object) => {
    const { status, text } = await users.put(id, { userName: 'ann@x.org', ...body });
    expect({ status, text }).toEqual({ status: 200, text });
    return { ...(await users.getNative(id)), scim: JSON.parse(text) };
  };
  const home = { value: 'home@x.org', type: 'home' };
  const work = { value: 'Work@X.org', type: 'work' };
  const primary = { value: 'first@x.org', primary: true };
  for (const [emails, email] of [
    [[home, work, primary], 'first@x.org'],
    [[home, work], 'Work@X.org'],
    [[home], 'home@x.org'],
    [[{ value: 'no address', primary: true }, home], 'home@x.org'],
    [[{ value: 'no address' }], 'ann@x.org'],
    [[], 'ann@x.org'],
  ] as const) {
    const { scim, ...native } = await put({ emails });
    expect(native.email).toBe(email);
    expect(scim.emails ?? []).toEqual(emails);
  }
  const name = { formatted: 'Dr Ann Lee', givenName: 'Ann', familyName: 'Lee' };
  expect(await put({ displayName: 'A. Lee', name })).toMatchObject({
    name: 'A. Lee',
    firstName: 'Ann',
    lastName: 'Lee',
    scim: { displayName: 'A. Lee', name },
  });
  const formatted = await put({ name });
  expect(formatted.name).toBe('Dr Ann Lee');
  expect(formatted.scim).not.toHaveProperty('displayName');
  expect((await put({ name: { givenName: 'Ann', familyName: 'Lee' } })).name).toBe('Ann Lee');
  expect(await put({ preferredLanguage: 'de', locale: 'en-US' })).toMatchObject({ locale: 'de' });
  expect(await put({ locale: 'en_US!' })).toMatchObject({
    locale: null,
    scim: { locale: 'en_US!' },
  });
  const acme = 'urn:ietf:params:scim:schemas:extension:acme:2.0:User';
  expect((await put({ [acme]: { badge: '7' } })).metadata).toEqual({ badge: '7' });
  expect((await put({})).metadata).toEqual({ badge: '7' });

  const longName = `${'a'.repeat(248)}@x.org`;
  for (const userName of [longName, 'a_b#EXT#@x.onmicrosoft.com', "CORP\\o'neil", 'Jo Ann'])
    expect((await users.put(id, { userName })).body).toMatchObject({ userName });
  for (const fields of [
    { userName: `${longName}x` },
    { userName: 'a\u0000b' },
    { userName: 'a\u202Eb' },
    { userName: '' },
    { title: 'x'.repeat(256) },
    { emails: Array.from({ length: 33 }, (_, index) => ({ value: `${index}@x.org` })) },
    { emails: [primary, { ...work, primary: true }] },
    { profileUrl: 'x'.repeat(65_536) },
  ]) {
    const { status, body } = await users.put(id, { userName: 'ann@x.org', ...fields });
    expect([status, body.scimType]).toEqual([400, 'invalidValue']);
  }
  const remove = (path: string) =>
    client.send('PATCH', `/Users/${id}`, { body: { Operations: [{ op: 'remove', path }] } });
  expect((await remove('active')).body).toMatchObject({ status: '400', scimType: 'mutability' });
  expect((await remove('displayName')).status).toBe(200);
  expect((await users.list('filter=password eq "x"')).body.scimType).toBe('invalidFilter');
});

it('gives emails of inactive users to active ones', async () => {
  const { users } = await setUp();
  const emails = [{ value: 'shared@x.org', primary: true }];
  const email = async (id: string) => (await users.getNative(id)).email;
  const first = await users.create({ userName: 'first', emails });
  await users.patch(first, { active: false });
  const second = await users.create({ userName: 'second', emails });
  expect([await email(first), await email(second)]).toEqual([null, 'shared@x.org']);
  expect((await users.get(first)).emails).toEqual(emails);

  // An inactive user takes no email back.
  await users.patch(second, { active: false });
  await users.patch(first, { title: 'Lead' });
  expect([await email(first), await email(second)]).toEqual([null, 'shared@x.org']);
  await users.patch(first, { active: true });
  expect([await email(first), await email(second)]).toEqual(['shared@x.org', null]);

  // A user whom Entra ID renames keeps the email until another one needs it.
  const renamed = await users.create({ userName: 'ann@x.org' });
  const tombstone = `${'0123456789abcdef'.repeat(2)}ann@x.org`;
  await users.patch(renamed, { userName: tombstone, active: false });
  expect(await email(renamed)).toBe('ann@x.org');
  expect((await users.get(renamed)).userName).toBe(tombstone);
  await users.patch(renamed, { active: true });
  await users.patch(renamed, { title: 'Lead' });
  expect(await email(renamed)).toBe('ann@x.org');
  await users.patch(renamed, { active: false });
  const next = await users.create({ userName: 'ann@x.org' });
  expect([await email(renamed), await email(next)]).toEqual([null, 'ann@x.org']);
  expect(next).not.toBe(renamed);

  // A username that is an address is no email of another user.
  const aliased = await users.create({
    userName: 'jo@x.org',
    emails: [{ value: 'j@x.org', primary: true }],
  });
  const other = await users.create({ userName: 'other', emails: [{ value: 'jo@x.org' }] });
  expect([await email(aliased), await email(other)]).toEqual(['j@x.org', null]);
  expect(await users.post({ userName: 'J@x.org' })).toMatchObject(conflict);
  expect(await users.patch(other, { userName: 'JO@X.ORG' })).toMatchObject(conflict);
});

it('computes mapped roles anew', async () => {
  const { client, users } = await setUp({
    roleIds: ['cradl:role:provisioner', 'cradl:role:user'],
    roleMap: { member: 'cradl:role:user' },
  });
  const member = { userName: 'ann', externalId: 'e1', roles: [{ value: 'member' }] };
  const roles = async (id: string) => (await users.getNative(id)).roleIds;
  const id = await users.create(member);
  expect(await roles(id)).toEqual(['cradl:role:user']);
  await users.put(id, { userName: 'ann' });
  expect(await roles(id)).toEqual(['cradl:role:user']);
  await users.patch(id, { active: false });
  await users.post({ userName: 'ann', externalId: 'e1' });
  expect(await roles(id)).toEqual([]);
  await users.patch(id, { active: false });
  await users.post(member);
  expect(await roles(id)).toEqual(['cradl:role:user']);

  // A token ends with the account.
  const token = issuer.mintAccessToken({
    sub: toNativeUserId(id),
    tenantId: client.tenantId,
    roles: [],
  });
  expect((await service.get('/v1/users/me', { token })).status).toBe(200);
  await users.patch(id, { active: false });
  expect((await service.get('/v1/users/me', { token })).body.code).toBe('account_suspended');
});

it('invites local users when they become active', async () => {
  const { client, users } = await setUp({ authProvider: 'local' });
  const read = async (id: string) => {
    const path = `/v1/users/${toNativeUserId(id)}/export`;
    const { user, invitation } = (await service.get(path, { token: client.adminToken })).body;
    return { status: user.status, invitedTime: invitation?.invitedTime };
  };
  const later = await users.create({ userName: 'later@x.org', active: false });
  expect(await read(later)).toEqual({ status: 'inactive' });
  await users.patch(later, { active: true });
  expect(await read(later)).toEqual({
    status: 'invite_pending',
    invitedTime: expect.any(String),
  });

  const invited = await users.create({ userName: 'now@x.org' });
  const first = await read(invited);
  expect((await users.get(invited)).active).toBe(true);
  expect((await users.patch(invited, { active: false })).body.active).toBe(false);
  expect((await read(invited)).status).toBe('inactive');
  expect((await users.patch(invited, { active: true })).body.active).toBe(true);
  expect(await read(invited)).toEqual(first);
});

it('protects the owner, administrators and unmanaged users', async () => {
  const { client, users } = await setUp({ visible: 'all' });
  const token = client.adminToken;
  const owner = (await service.get('/v1/users', { token })).body.users[0];
  const ownerId = String(owner.userId).replace(
    /.*:(.{8})(.{4})(.{4})(.{4})(.{12})$/,
    '$1-$2-$3-$4-$5',
  );
  const connection = `/v1/scim/connections/${client.connectionId}/users`;
  const assign = (id: string) =>
    service.send('PUT', `${connection}/${toNativeUserId(id)}`, { token });
  const unmanaged = (
    await service.post(
      '/v1/users',
      { email: 'boss@x.org', userName: 'boss', authProvider: 'saml' },
      { token },
    )
  ).body;
  const unmanagedId = (await users.list('filter=userName eq "boss"')).body.Resources[0].id;
  const above = await users.create({ userName: 'above' });
  const promoted = await service.send('PATCH', `/v1/users/${toNativeUserId(above)}`, {
    token,
    headers: { 'if-match': '"1"' },
    body: { roleIds: ['cradl:role:admin'] },
  });
  expect(promoted.status).toBe(200);

  for (const [id, detail] of [
    [ownerId, 'owner'],
    [unmanagedId, 'not managed by this connection'],
    [above, 'permissions'],
  ] as const)
    for (const send of [
      () => users.patch(id, { active: false }),
      () => users.put(id, { userName: 'x', active: false }),
      () => users.remove(id),
    ]) {
      const { status, body } = await send();
      expect([status, body.status, body.scimType]).toEqual([403, '403', undefined]);
      expect(body.detail).toContain(detail);
    }
  // The conflict says nothing about the user.
  for (const fields of [
    { userName: 'BOSS' },
    { userName: 'boss@x.org' },
    { userName: 'new', emails: [{ value: 'Boss@x.org' }] },
  ]) {
    const answer = await users.post(fields);
    expect(answer).toMatchObject(conflict);
    expect(answer.body.detail).toContain('onUnmanagedMatch');
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.text).not.toContain(unmanagedId);
  }
  expect((await assign(unmanagedId)).status).toBe(204);
  expect((await users.patch(unmanagedId, { title: 'Lead' })).status).toBe(200);
  expect(unmanaged.managedBy).toBeNull();
});

it('takes over users of verified domains', async () => {
  const { client, users } = await setUp({ onUnmanagedMatch: 'adopt' });
  const { adminToken: token } = client;
  const createNative = async (email: string, more: object = {}) =>
    (await service.post('/v1/users', { email, authProvider: 'saml', ...more }, { token })).body;
  const domain = (await service.post('/v1/domains', { domain: 'adopt.example' }, { token })).body;
  const ann = await createNative('ann@adopt.example');
  const bob = await createNative('bob@adopt.example', { userName: 'bob' });
  await createNative('eve@other.example');
  const boss = await createNative('boss@adopt.example', { roleIds: ['cradl:role:admin'] });
  const post = { userName: 'ann@adopt.example', externalId: 'e1', title: 'Lead' };
  expect(await users.post(post)).toMatchObject(conflict);

  service.dnsRecords.set(domain.dnsRecord, [domain.dnsValue]);
  await service.post(`/v1/domains/${domain.domainId}/verify`, undefined, { token });

  const adopted = await users.post(post);
  expect(adopted).toMatchObject({ status: 201, body: { externalId: 'e1', active: true } });
  expect(toNativeUserId(adopted.body.id)).toBe(ann.userId);
  const byEmail = await users.post({
    userName: 'robert',
    emails: [{ value: 'bob@adopt.example' }],
  });
  expect(toNativeUserId(byEmail.body.id)).toBe(bob.userId);
  expect(await users.post({ userName: 'eve@other.example' })).toMatchObject(conflict);
  expect((await users.post({ userName: 'boss@adopt.example' })).status).toBe(403);
  // Users of another connection, until it is deleted.
  const earlier = await client.connect({});
  const zoe = { userName: 'zoe@adopt.example' };
  const zoeId = await createScimUsers(service, earlier).create(zoe);
  expect(await users.post(zoe)).toMatchObject(conflict);
  await service.send('DELETE', `/v1/scim/connections/${earlier.connectionId}`, { token });
  expect(await users.post(zoe)).toMatchObject({ status: 201, body: { id: zoeId } });
  expect((await service.get(`/v1/users/${boss.userId}`, { token })).body.managedBy).toBeNull();
});

it('answers IDs of other tenants and connections as unknown ones', async () => {
  const { client, users } = await setUp();
  const foreign = await setUp();
  const sibling = await client.connect({});
  const other = createScimUsers(service, sibling);
  const ids = [
    await foreign.users.create({ userName: 'ann', externalId: 'e1' }),
    await other.create({ userName: 'bob', externalId: 'e1' }),
  ];
  const own = await users.create({ userName: 'own', externalId: 'e2' });
  const unknown = randomUUID();
  for (const [method, body] of [
    ['GET', undefined],
    ['PUT', { userName: 'x' }],
    ['PATCH', { Operations: [{ op: 'replace', value: { active: false } }] }],
    ['DELETE', undefined],
  ] as const) {
    const send = async (id: string) => {
      const { status, text } = await client.send(method, `/Users/${id}`, { body });
      return { status, text: text.replaceAll(id, '') };
    };
    const expected = await send(unknown);
    expect(expected.status).toBe(404);
    for (const id of [...ids, 'no-uuid']) expect(await send(id)).toEqual(expected);
  }
  for (const filter of [`id eq "${ids[0]}"`, `id eq "${ids[1]}"`, 'externalId eq "e1"'])
    expect((await users.list(`filter=${filter}`)).body.totalResults).toBe(0);
  expect((await users.list('')).body).toMatchObject({ totalResults: 1, Resources: [{ id: own }] });

  // A connection that sees all users sees external IDs of its own ones.
  const all = createScimUsers(service, await client.connect({ visible: 'all' }));
  expect((await all.list('filter=externalId eq "e2"')).body.totalResults).toBe(0);
  const seen = await all.get(own);
  expect([seen.userName, seen.externalId]).toEqual(['own', undefined]);
});

it('answers hostile requests with 400', async () => {
  const { client, users } = await setUp();
  const id = await users.create({ userName: 'ann', title: 'Lead' });
  const before = await users.get(id);
  const nested = `${'{"a":'.repeat(200)}1${'}'.repeat(200)}`;
  const names = ['__proto__', 'constructor', 'constructor.prototype', '__proto__.polluted'];
  const filters = ['('.repeat(8000), 'emails['.repeat(1000), '\\'.repeat(8000), 'a'.repeat(9000)];
  for (const filter of [...filters, ...names.map((name) => `${name} eq "x"`)]) {
    const { status, body } = await users.list(`filter=${encodeURIComponent(filter)}`);
    expect([filter.slice(0, 20), status, body.scimType]).toEqual([
      filter.slice(0, 20),
      400,
      'invalidFilter',
    ]);
  }
  for (const path of [...filters, ...names]) {
    const operation = { op: 'add', path, value: { polluted: 'x' } };
    const { status, body } = await client.send('PATCH', `/Users/${id}`, {
      body: { Operations: [operation] },
    });
    expect([status, body.scimType]).toEqual([400, 'invalidPath']);
  }
  const member = (name: string) => `"${name}":{"polluted":"x"}`;
  const ignored = names.slice(1).map(member).join();
  for (const [method, path, body] of [
    ['PATCH', `/Users/${id}`, `{"Operations":[{"op":"add","value":{${ignored}}}]}`],
    ['PUT', `/Users/${id}`, `{"userName":"ann","title":"Lead",${ignored}}`],
  ] as const) {
    const answer = await client.send(method, path, { body });
    expect([answer.status, answer.body.meta.version]).toEqual([200, before.meta.version]);
  }
  for (const part of [member('__proto__'), `"x":${nested}`]) {
    const body = `{"userName":"ann",${part}}`;
    const { status, body: error } = await client.send('PUT', `/Users/${id}`, { body });
    expect([part.slice(0, 20), status, error.scimType]).toEqual([
      part.slice(0, 20),
      400,
      'invalidSyntax',
    ]);
  }
  expect(({} as { polluted?: string }).polluted).toBeUndefined();
});

it('restores deleted users for 30 days', async () => {
  const { client, users } = await setUp({ afterDelete: 'restore' });
  const ann = { userName: 'ann@x.org', externalId: 'e1' };
  const id = await users.create({ ...ann, title: 'Lead' });
  await users.remove(id);
  const next = await users.create({ userName: 'ann@x.org', externalId: 'e2' });
  expect(await users.post(ann)).toMatchObject(conflict);
  await users.remove(next);

  const restored = await users.post({ ...ann, userName: 'ann.lee@x.org' });
  expect(restored).toMatchObject({
    status: 201,
    body: { id, userName: 'ann.lee@x.org', active: true, externalId: 'e1' },
  });
  expect(restored.body).not.toHaveProperty('title');
  expect(await users.getNative(id)).toMatchObject({ status: 'active', email: 'ann.lee@x.org' });
  const inactive = await users.create({ userName: 'off', externalId: 'e3' });
  await users.remove(inactive);
  expect(
    (await users.post({ userName: 'off', externalId: 'e3', active: false })).body,
  ).toMatchObject({ id: inactive, active: false });
  const created = await users.create({ userName: 'bob', externalId: 'e4' });
  await users.remove(created);
  await client.send('GET', '/Users');
  clock.advanceBy(31 * 24 * 3600 * 1000);
  expect((await users.post({ userName: 'bob', externalId: 'e4' })).body.id).not.toBe(created);
});
