import { beforeAll, describe, expect, it } from 'vitest';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTestService, tenantId, type TestRequest } from '../../support/service.ts';

const clock = createTestClock();
const service = await createTestService({ now: clock.now, hasStream: true });
const minute = 60_000;
const token = () => clock.aTokenOf('acme', ['admin'], 'jane@issuer.example');
const send = (method: string, path: string, body?: object, sent: TestRequest = {}) =>
  service.send(method, path, { token: token(), ...(body && { body }), ...sent });
/** Sends a change that succeeds, a second after the one before. */
async function change(method: string, path: string, body?: object) {
  clock.advanceBy(1000);
  const response = await send(method, path, body);
  expect(response.status, path).toBeLessThan(300);
  return response.body;
}

interface Entry {
  readonly actor: { readonly id: string };
  readonly eventId: string;
  readonly sequence: number;
  readonly type: string;
  readonly resource: { readonly id: string; readonly version: number | null };
  readonly [field: string]: unknown;
}

/** Lists all pages, newest first, and expects at most one page more than needed. */
async function listEntries(query: Record<string, string> = {}, sent: TestRequest = {}) {
  const entries: Entry[] = [];
  for (let nextToken: string | null = null; ; ) {
    const parameters = new URLSearchParams({ ...query, ...(nextToken && { nextToken }) });
    const { status, body } = await send(
      'GET',
      `/v1/audit-log?${parameters.toString()}`,
      undefined,
      sent,
    );
    expect(status).toBe(200);
    entries.push(...body.entries);
    nextToken = body.nextToken;
    if (nextToken === null) return entries;
  }
}
const types = (entries: readonly Entry[]) => entries.map(({ type }) => type);

const password = 'tangled-orchard-7-lamps';
const email = 'ada@acme.example';
let userId = '';
let groupId = '';
let appClientId = '';
let secret = '';
/** Time after the creations. */
let middle = '';

beforeAll(async () => {
  userId = (await change('POST', '/v1/users', { email, name: 'Ada', password })).userId;
  groupId = (await change('POST', '/v1/groups', { name: 'Engines' })).groupId;
  const created = await change('POST', '/v1/app-clients', { name: 'Sync' });
  appClientId = created.appClientId;
  secret = created.secrets[0].secret;
  await change('POST', '/v1/roles', { roleId: 'cradl:role:clerk', name: 'Clerk', permissions: [] });
  const domain = await change('POST', '/v1/domains', { domain: 'acme.example' });
  await service.numberChanges();
  clock.advanceBy(10 * minute);
  middle = clock.now().toISOString();

  await change('PATCH', `/v1/users/${userId}`, {
    name: 'Ada Lovelace',
    metadata: { team: 'engines' },
  });
  const members = { members: [{ memberId: userId }] };
  await change('POST', `/v1/groups/${groupId}/members`, members);
  await change('PATCH', `/v1/groups/${groupId}`, { description: 'Analytical' });
  await change('DELETE', `/v1/groups/${groupId}/members/${userId}`);
  await change('PATCH', `/v1/app-clients/${appClientId}`, { name: 'Nightly sync' });
  await change('PATCH', '/v1/roles/cradl:role:clerk', { name: 'Desk' });
  await change('DELETE', `/v1/domains/${domain.domainId}`);
  await change('PATCH', `/v1/tenants/${tenantId.acme}`, { name: 'Acme Inc.' });
  await service.numberChanges();
});

describe('GET /v1/audit-log', () => {
  it('returns the events of all resources, newest first, with previous values', async () => {
    const entries = await listEntries({ maxResults: '4' });
    const changes = entries.slice(0, 8);
    expect(types(changes)).toEqual(
      [
        'user.updated',
        'group.member_added',
        'group.updated',
        'group.member_removed',
        'app_client.updated',
        'role.updated',
        'domain.deleted',
        'tenant.updated',
      ].toReversed(),
    );
    const numbers = entries.map(({ sequence }) => sequence);
    expect(numbers).toEqual(numbers.map((_, index) => entries.length - index));
    const values = Object.fromEntries(
      changes.map(({ type, before, after }) => [type, { before, after }]),
    );
    expect(values).toEqual({
      'user.updated': {
        before: { name: 'Ada', metadata: null },
        after: null,
      },
      'group.member_added': { before: null, after: { status: 'member' } },
      'group.updated': { before: { description: null }, after: null },
      'group.member_removed': { before: { status: 'member' }, after: null },
      'app_client.updated': { before: { name: 'Sync' }, after: null },
      'role.updated': { before: { name: 'Clerk' }, after: null },
      'domain.deleted': { before: { name: 'acme.example', verifiedAt: null }, after: null },
      'tenant.updated': { before: { name: expect.any(String) }, after: null },
    });
    for (const entry of entries.slice(0, -2))
      expect(entry, entry.type).toMatchObject({
        actor: { type: 'external', subject: 'jane@issuer.example', issuer: expect.any(String) },
        valuesErased: false,
      });
  });

  it('contains no secrets, and the feed no values [E19 E20]', async () => {
    const log = JSON.stringify(await listEntries());
    for (const value of [password, secret]) expect(log).not.toContain(value);
    const { body } = await send('GET', '/v1/events?limit=100');
    expect(body.events.length).toBeGreaterThan(12);
    const feed = JSON.stringify(body);
    for (const value of ['Ada', email, 'Engines', 'Sync', 'jane@issuer.example', 'team'])
      expect(feed).not.toContain(value);
  });

  it('filters by type, actor, resource and time of numbering', async () => {
    const [first] = await listEntries({ types: 'user.created' });
    const hash = first?.actor.id ?? '';
    const filters: [Record<string, string>, string[]][] = [
      [{ types: 'role.*,domain.deleted' }, ['domain.deleted', 'role.updated', 'role.created']],
      [
        { resource: userId },
        ['group.member_removed', 'group.member_added', 'user.updated', 'user.created'],
      ],
      [{ resource: userId, types: 'user.*', to: middle }, ['user.created']],
      [{ resource: 'cradl:role:clerk', from: middle }, ['role.updated']],
      [{ actor: hash, types: 'tenant.*', from: middle }, ['tenant.updated']],
      [{ actor: userId }, []],
      [{ to: '2020-01-01T00:00:00Z' }, []],
      [{ from: '2999-01-01T00:00:00Z' }, []],
    ];
    for (const [query, expected] of filters)
      expect(types(await listEntries(query)), JSON.stringify(query)).toEqual(expected);
    // The tenant and its app client precede them.
    expect(await listEntries({ to: middle })).toHaveLength(7);
    expect(
      await listEntries({ to: middle, types: 'tenant.created', maxResults: '1' }),
    ).toMatchObject([{ actor: { type: 'system' } }]);
  });

  it('returns one entry by its ID, only in its tenant', async () => {
    const [entry] = await listEntries({ types: 'group.updated' });
    const read = (id: string, sent: TestRequest = {}) =>
      send('GET', `/v1/audit-log/${id}`, undefined, sent);
    expect((await read(entry?.eventId ?? '')).body).toEqual(entry);
    expect((await read(entry?.eventId.toUpperCase() ?? '')).body).toEqual(entry);
    const unknown = entry?.eventId.replace(/^.{8}/, '0000ffff') ?? '';
    const elsewhere = { token: clock.aTokenOf('globex', ['admin']) };
    for (const [id, sent] of [
      [unknown, {}],
      ['none', {}],
      [entry?.eventId ?? '', elsewhere],
    ] as const)
      expect(await read(id, sent)).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  it('requires audit:read [E21]', async () => {
    await service.putRole('acme', { slug: 'integrator', permissions: ['events:read'] });
    const sent = { token: clock.aTokenOf('acme', ['integrator']) };
    expect((await send('GET', '/v1/events', undefined, sent)).status).toBe(200);
    for (const path of ['/v1/audit-log', '/v1/audit-log/none'])
      expect((await send('GET', path, undefined, sent)).status).toBe(403);
  });
});

it('shows entries in the format of JITSudo', async () => {
  const sent = { headers: { 'x-tenant-id': tenantId.acme } };
  const get = (path: string) => send('GET', `/jitsudo/v1/audit-log${path}`, undefined, sent);
  const uuid = userId.replace(/^cradl:user:(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  const { body } = await get(`?resource_id=${uuid}&limit=1`);
  expect(body).toEqual({
    data: [
      {
        id: expect.any(String),
        actor_id: expect.stringMatching(/^[0-9a-f]{32}$/),
        actor_type: 'oidc',
        action: 'user.updated',
        resource_type: 'user',
        resource_id: uuid,
        metadata: expect.objectContaining({
          version: 2,
          changed_fields: ['metadata', 'name'],
          before: { name: 'Ada', metadata: null },
          subject: 'jane@issuer.example',
          values_erased: false,
        }),
        reasoning: null,
        created_at: expect.any(String),
      },
    ],
    next_cursor: expect.any(String),
    has_more: true,
  });
  const [{ id }] = body.data;
  expect((await get(`/${id}`)).body).toEqual(body.data[0]);
  const actions = async (query: string) =>
    (await get(query)).body.data.map(({ action }: { action: string }) => action);
  expect(await actions('?resource_type=api_key')).toEqual([
    'app_client.updated',
    'app_client.created',
    'app_client.created',
  ]);
  const keyId = (await get('?resource_type=api_key')).body.data[0].resource_id;
  expect(keyId).toMatch(/^[0-9a-f]{8}-/);
  expect(await actions(`?resource_id=${keyId}&action=app_client.created`)).toHaveLength(1);
  expect(await actions(`?resource_type=user&from=${middle}`)).toEqual(['user.updated']);
  expect(await actions(`?actor_id=${uuid}`)).toEqual([]);
  expect((await get('?resource_type=person')).status).toBe(400);
});

it('records reads, once a minute for a caller and filters, without their values [E21]', async () => {
  clock.advanceBy(minute);
  await service.numberChanges();
  const { body: latest } = await send('GET', '/v1/events?after=latest');

  await listEntries({ resource: userId, from: middle, maxResults: '1' });
  await listEntries({ resource: groupId, from: middle });
  await send('GET', `/v1/audit-log/none`);
  await service.numberChanges();

  const { body } = await send('GET', `/v1/events?after=${latest.nextCursor}`);
  const readEvent = {
    type: 'audit_log.read',
    resource: { type: 'tenant', id: tenantId.acme, version: null },
  };
  expect(body.events).toMatchObject([
    { ...readEvent, changedFields: ['from', 'subject'] },
    { ...readEvent, changedFields: ['eventId'] },
  ]);
  const entries = await listEntries({ types: 'audit_log.read' });
  expect(entries.at(1)).toMatchObject({
    details: { fields: ['from', 'subject'] },
    valuesErased: false,
  });
  expect(entries.at(1)?.['count']).toBeGreaterThan(2);
});

it('shows the client of a sign-in, and the operation and number of denied requests', async () => {
  clock.advanceBy(minute);
  const from = clock.now().toISOString();
  await service.post('/v1/auth/token', { tenant: 'acme', email, password });
  const denied = { token: clock.aTokenOf('acme', ['user'], 'joe@issuer.example') };
  for (let request = 0; request < 3; request++)
    expect((await send('GET', '/v1/app-clients', undefined, denied)).status).toBe(403);
  await service.numberChanges();

  const entries = await listEntries({ types: 'user.signed_in,access.*', from });

  expect(entries.map(({ type, details, count }) => ({ type, details, count }))).toEqual([
    { type: 'access.denied', details: { operation: 'listAppClients' }, count: expect.any(Number) },
    {
      type: 'user.signed_in',
      details: { method: 'password', ipAddress: expect.any(String) },
      count: null,
    },
  ]);
});

it('shows the event and no values of an erased user, to everyone [E19]', async () => {
  await change('DELETE', `/v1/users/${userId}`);
  await service.numberChanges();
  await change('POST', `/v1/users/${userId}/erase`);
  await service.numberChanges();

  const entries = await listEntries({ resource: userId });

  expect(types(entries)).toEqual([
    'user.erased',
    'user.deleted',
    'user.signed_in',
    'group.member_removed',
    'group.member_added',
    'user.updated',
    'user.created',
  ]);
  for (const entry of entries)
    expect(entry, entry.type).toMatchObject({
      before: null,
      after: null,
      actor: { subject: null, issuer: null },
      details: null,
      valuesErased: true,
    });
  expect(entries[5]).toMatchObject({ changedFields: ['metadata', 'name'] });
  expect(JSON.stringify(await listEntries())).not.toContain('Ada');
});
