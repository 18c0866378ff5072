import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createdUser, type TestEvent, writeFeed } from '../../support/feed/write-feed.ts';
import {
  adminToken,
  createTestService,
  systemToken,
  tenantId,
  type TestResponse,
  userToken,
} from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');
const toHex = (id: string) => id.replaceAll('-', '');

const list = (query = '', sent: object = {}): Promise<TestResponse> =>
  service.get(`/v1/events${query}`, { token, ...sent });
const listAfter = (after: string, query = '', sent = {}) =>
  list(`?after=${encodeURIComponent(after)}${query}`, sent);
const sequences = ({ body }: TestResponse): number[] =>
  body.events.map((event: { sequence: number }) => event.sequence);

/** Reads from a cursor to the end. Returns the numbers and the cursor after each page. */
async function readAll(query: string, after?: string) {
  const numbers: number[] = [];
  const cursors: string[] = [];
  for (let cursor = after; ; ) {
    const page = await (cursor === undefined ? list(`?${query}`) : listAfter(cursor, `&${query}`));
    expect(page.status).toBe(200);
    numbers.push(...sequences(page));
    cursor = page.body.nextCursor as string;
    cursors.push(cursor);
    if (!page.body.hasMore) return { numbers, cursors };
  }
}

const [user, other, group] = [randomUUID(), randomUUID(), randomUUID()];
const events: TestEvent[] = [
  createdUser(user),
  {
    ...createdUser(other),
    actor: { type: 'user', id: user },
    changedFields: ['email', 'name'],
    policies: ['create-user'],
    digest: 'ab',
  },
  { type: 'group.created', resource: { type: 'group', id: group, version: 1 } },
  {
    type: 'group.member_added',
    resource: { type: 'group', id: group },
    member: { type: 'user', id: user },
    actor: { type: 'appClient', id: 'default' },
  },
  {
    type: 'role.created',
    resource: { type: 'role', id: 'front-desk', version: 1 },
    actor: { type: 'external', id: 'c0ffee' },
  },
  { type: 'user.updated', resource: { type: 'user', id: user, version: 2 } },
  {
    type: 'tenant.updated',
    resource: { type: 'tenant', id: tenantId.acme, version: 2 },
    actor: { type: 'external' },
  },
];
/** Events of the other users, which filters reject. */
const noise = Array.from({ length: 1010 }, () => createdUser(other));
const total = events.length + noise.length;

beforeAll(async () => {
  const all = [...events.slice(0, 3), ...noise, ...events.slice(3)];
  const segments = [];
  for (let first = 1; first <= total; first += 49)
    segments.push({ first, events: all.slice(first - 1, first + 48) });
  await writeFeed(service, 'acme', segments);
});

describe('GET /v1/events', () => {
  it('returns every event once, oldest first, with native IDs', async () => {
    const { numbers } = await readAll('limit=100');
    expect(numbers).toEqual(Array.from({ length: total }, (_, index) => index + 1));

    const { body } = await list('?limit=2');
    expect(body.events[1]).toEqual({
      sequence: 2,
      eventId: expect.stringMatching(/^00000000-0002-8/),
      type: 'user.created',
      time: '2026-01-01T00:00:02.000Z',
      numberedTime: '2026-01-01T00:00:02.000Z',
      resource: { type: 'user', id: `cradl:user:${toHex(other)}`, version: 1 },
      member: null,
      actor: { type: 'user', id: `cradl:user:${toHex(user)}` },
      changedFields: ['email', 'name'],
      requestId: 'request-2',
      policies: ['create-user'],
      digest: 'ab',
    });
  });

  it('filters by type, prefix and resource, and moves on over other events [E11]', async () => {
    const first = await list('?types=role.*,group.member_added,tenant.updated');
    // A page reads 1,000 events.
    expect(first.body).toMatchObject({ events: [], hasMore: true });
    const { numbers, cursors } = await readAll(
      'types=role.*,group.member_added,tenant.updated',
      first.body.nextCursor,
    );
    expect(numbers).toEqual([total - 3, total - 2, total]);
    expect(cursors).toHaveLength(1);

    const filters: [string, number[]][] = [
      [`resource=cradl:user:${toHex(user)}`, [1, total - 3, total - 1]],
      [`resource=any:group:${toHex(group)}`, [3, total - 3]],
      ['resource=cradl:role:front-desk', [total - 2]],
      [`resource=${tenantId.acme.toUpperCase()}`, [total]],
      [`resource=cradl:user:${toHex(user)}&types=user.*`, [1, total - 1]],
      [`resource=cradl:domain:${toHex(user)}`, []],
    ];
    for (const [query, expected] of filters)
      expect((await readAll(query)).numbers, query).toEqual(expected);

    const { body: begin } = await list('?types=group.*');
    const { body: end } = await listAfter(begin.nextCursor, '&types=group.*');
    expect(end.events[0]).toMatchObject({
      member: { type: 'user', id: `cradl:user:${toHex(user)}` },
      resource: { id: `cradl:group:${toHex(group)}`, version: null },
      actor: { type: 'appClient', id: 'cradl:app-client:default' },
    });
  });

  it('continues where a full page of a filter ends', async () => {
    const query = 'types=user.created&limit=75';
    const { numbers, cursors } = await readAll(query);
    expect(numbers).toEqual([1, 2, ...noise.map((_, index) => index + 4)]);
    expect(cursors).toHaveLength(Math.ceil(numbers.length / 75));
  });

  it.each([
    [
      'types',
      'user.created,user.unknown',
      'must be event types such as user.created or user.*, separated by commas',
    ],
    ['types', '*', 'must be event types such as user.created or user.*, separated by commas'],
    [
      'resource',
      'cradl:user:nobody',
      'must be an ID such as cradl:user:0123456789ab4def8123456789abcdef',
    ],
    ['limit', '0', 'must be a whole number of at least 1'],
    ['after', 'newest', 'must be latest, or a cursor that this feed returned for the same filter'],
  ])('returns 400 for %s=%s', async (path, value, message) => {
    expect(await list(`?${path}=${encodeURIComponent(value)}`)).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path, message }] } },
    });
  });

  it('returns 403 without events:read', async () => {
    const response = await list('', { token: userToken('acme', ['approver']) });
    expect(response).toMatchObject({
      status: 403,
      body: { notices: ['Reading events requires the permission events:read in this tenant.'] },
    });
  });
});

describe('a cursor [E10]', () => {
  it('starts at the end with `latest`, also of an empty feed', async () => {
    const latest = await list('?after=latest');
    expect(latest.body).toMatchObject({ events: [], hasMore: false });
    expect((await listAfter(latest.body.nextCursor)).body).toMatchObject({ events: [] });

    const north = { token: adminToken('north') };
    const empty = await list('?after=latest', north);
    const fromStart = await list('', north);
    for (const { body } of [empty, fromStart])
      expect(body).toMatchObject({ events: [], hasMore: false });
    await writeFeed(service, 'north', [{ first: 1, events: [createdUser()] }]);
    for (const { body } of [empty, fromStart])
      expect(sequences(await listAfter(body.nextCursor, '', north))).toEqual([1]);
  });

  it('works only in its tenant, with its filter and unchanged', async () => {
    const { body } = await list('?limit=1&types=user.created');
    const cursor = body.nextCursor as string;
    const rejected = [
      ['', {}],
      ['&types=user.*', {}],
      ['&types=user.created&resource=cradl:role:x', {}],
      ['&types=user.created', { token: adminToken('globex') }],
      ['&types=user.created', { token: systemToken('south') }],
    ] as const;
    for (const [query, sent] of rejected)
      expect((await listAfter(cursor, query, sent)).status, query).toBe(400);
    for (let index = 0; index < cursor.length; index += 5) {
      const edited = `${cursor.slice(0, index)}${cursor[index] === 'A' ? 'B' : 'A'}${cursor.slice(index + 1)}`;
      expect((await listAfter(edited, '&types=user.created')).status).toBe(400);
    }
    const { body: users } = await service.get('/v1/users?maxResults=1', { token });
    if (users.nextToken) expect((await listAfter(users.nextToken)).status).toBe(400);

    for (const sent of [{}, { token: systemToken('acme') }])
      expect(sequences(await listAfter(cursor, '&types=user.created&limit=2', sent))).toEqual([
        2, 4,
      ]);
    expect((await listAfter(cursor, '&types=user.created,user.created')).status).toBe(200);
  });

  it('returns 410 with the oldest cursor if the next event has expired', async () => {
    const south = { token: adminToken('south') };
    const { body: start } = await list('', south);
    const write = (ttl?: number) =>
      writeFeed(service, 'south', [
        { first: 1, events: [createdUser(), createdUser()], ...(ttl !== undefined && { ttl }) },
        { first: 3, events: [createdUser(), createdUser()] },
      ]);
    await write();
    const { body: second } = await list('?limit=1', south);
    const { body: third } = await list('?limit=2', south);

    await write(1);

    for (const cursor of [start.nextCursor, second.nextCursor]) {
      const expired = await listAfter(cursor, '', south);
      expect(expired).toMatchObject({ status: 410, body: { code: 'cursor_expired' } });
      const { oldestCursor } = expired.body.details;
      expect(sequences(await listAfter(oldestCursor, '', south))).toEqual([3, 4]);
    }
    // A cursor before the oldest event is current, and a request without one starts there.
    expect(sequences(await listAfter(third.nextCursor, '', south))).toEqual([3, 4]);
    expect(sequences(await list('', south))).toEqual([3, 4]);
  });

  it('outlives the cursors of lists', async () => {
    const clock = createTestClock();
    const later = await createTestService({ now: clock.now });
    await writeFeed(later, 'acme', [{ first: 1, events: [createdUser(), createdUser()] }]);
    const read = (query: string) =>
      later.get(`/v1/events${query}`, { token: clock.aTokenOf('acme', ['admin']) });
    const { body } = await read('?limit=1');

    clock.advanceBy(300 * 24 * 3600 * 1000);

    expect(sequences(await read(`?after=${body.nextCursor}`))).toEqual([2]);
  });
});

it('returns 409 without an event feed, after the policies allowed the request [E13]', async () => {
  const off = await createTestService({ environment: { EVENTS: 'off' } });
  const paths = ['/v1/events', '/v1/audit-log', '/jitsudo/v1/audit-log'];
  for (const path of [...paths, `/v1/audit-log/${user}`, `/jitsudo/v1/audit-log/${user}`]) {
    const headers = { 'x-tenant-id': tenantId.acme };
    expect(await off.get(path, { token, headers })).toMatchObject({
      status: 409,
      body: { code: 'events_disabled' },
    });
    const denied = await off.get(path, { token: userToken('acme', ['user']), headers });
    expect(denied.status).toBe(403);
  }
  expect((await off.stored.all()).filter(({ pk }) => String(pk).includes('ACTIVITY'))).toEqual([]);
});
