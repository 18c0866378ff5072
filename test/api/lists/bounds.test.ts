/** Limits of one page: read units and response size. */
import { describe, expect, it } from 'vitest';
import { toHttpResult } from '../../../lib/api/http/response.ts';
import { keys } from '../../../lib/store/keys.ts';
import { createAppClientIn } from '../../support/authenticated-routes.ts';
import { createFaultyService } from '../../support/faults/fault-proxy.ts';
import {
  seedUsers,
  requestPage,
  listings,
  type ReadPage,
  readAllPages,
  readListPage,
} from '../../support/dialects/list-users.ts';
import { createTestService, adminToken, tenantId } from '../../support/service.ts';

/** Starts to count read units. */
function countUnits(database: Awaited<ReturnType<typeof createFaultyService>>['database']) {
  const counts = { units: 0, requests: 0 };
  database.goesWrong(() => async ({ perform, answer }) => {
    const response = await perform();
    const { ConsumedCapacity = [] } = JSON.parse(String(response.body));
    counts.requests++;
    for (const { CapacityUnits = 0 } of [ConsumedCapacity].flat()) counts.units += CapacityUnits;
    answer(response);
  });
  return counts;
}

describe('a filter that few users match', () => {
  it('returns short pages with cursors after reading 2,000 users', async () => {
    const service = await createTestService();
    const roles = (index: number) => ({ roles: index % 510 === 505 ? ['user'] : [] });
    const crowd = await seedUsers(service, 'acme', 2000, roles, { hasOnlyEntries: true });
    // The last user is the 2,000th, so no page follows.
    expect(await readAllPages(service, 'native', { query: { status: 'inactive' } })).toEqual([[]]);
    const last = 'zoe@example.com';
    const body = { email: last, roleIds: ['cradl:role:user'] };
    await service.post('/v1/users', body, { token: adminToken('acme') });

    const query = { roleId: 'cradl:role:user' };
    expect(await readAllPages(service, 'native', { query })).toEqual([
      [crowd[505], crowd[1015], crowd[1525]],
      [last],
    ]);
    // A full page is returned at once, without reading further users.
    expect(
      (await readAllPages(service, 'native', { query: { ...query, limit: 1 } })).flat(),
    ).toEqual([crowd[505], crowd[1015], crowd[1525], last]);
    // An email prefix reduces the number of users to read.
    expect(
      await readAllPages(service, 'native', { query: { ...query, emailPrefix: 'user-05' } }),
    ).toEqual([[crowd[505]]]);
    expect(await readAllPages(service, 'native', { query: { status: 'inactive' } })).toEqual([
      [],
      [],
    ]);
    const full = await readListPage(service, 'native', { query: { status: 'active', limit: 100 } });
    expect(full.emails).toEqual(crowd.slice(0, 100));

    const sort = async (more: object) =>
      (await requestPage(service, 'native', { query: { sort: '-createdTime', ...more } })).body;
    const issue = (message: string) => ({
      details: { issues: [{ path: 'sort', message: expect.stringContaining(message) }] },
    });
    expect(await sort({ emailPrefix: 'user-1' })).toMatchObject({ users: { length: 50 } });
    expect(await sort({ emailPrefix: 'user-' })).toMatchObject(issue('more than 1000 users match'));
    expect(await sort(query)).toMatchObject(issue('reads at most 2000 users or 300 read units'));
    expect(await sort({ ...query, email: last })).toMatchObject({ users: [{ email: last }] });
    const count = async (more: object) =>
      (await requestPage(service, 'native', { query: { count: 'true', limit: 1, ...more } })).body
        .count;
    expect(await count({})).toEqual({ value: 2001, relation: 'exact' });
    expect(await count(query)).toEqual({ value: 4, relation: 'exact' });
    expect(await count({ ...query, email: last })).toEqual({ value: 1, relation: 'exact' });
  }, 60_000);

  it('takes at most 300 read units per page for entries of any size', async () => {
    const { database, service } = await createFaultyService({ warm: ['acme'] });
    const fields = () => ({ description: 'x'.repeat(550) });
    await seedUsers(service, 'acme', 1250, fields, { hasOnlyEntries: true });
    // Loads the deployment key, which seals cursors.
    await readListPage(service, 'native', { query: { limit: 1 } });
    const counts = countUnits(database);

    const page = await readListPage(service, 'native', { query: { status: 'inactive' } });

    expect([page.emails, page.next]).toEqual([[], expect.any(String)]);
    expect(counts).toEqual({ units: 299, requests: 4 });
    // More than a query returns at once, which is 1 MB.
    const query = { status: 'active', count: 'true', limit: 1 };
    expect((await requestPage(service, 'native', { query })).body.count).toEqual({
      value: 1250,
      relation: 'exact',
    });
  }, 60_000);
});

describe('a count', () => {
  it('is exact up to 10,000 users, and a minimum above', async () => {
    const service = await createTestService();
    const token = adminToken('acme');
    const body = { email: 'last@x.example', userName: 'alias@x.example' };
    await service.post('/v1/users', body, { token });
    const count = async () =>
      (await requestPage(service, 'native', { query: { count: 'true', limit: 1 } })).body.count;
    const entries = Array.from({ length: 10_000 }, (_, index) => ({
      ...keys.emailClaim(tenantId.acme, `u${index}@x.example`),
      view: '{}',
    }));
    await service.stored.putAll(entries.slice(1));
    expect(await count()).toEqual({ value: 10_000, relation: 'exact' });
    await service.stored.putAll(entries.slice(0, 1));
    expect(await count()).toEqual({ value: 10_000, relation: 'atLeast' });
  });
});

/** The largest content of a user. */
const largeObject = { projectTutorial: {}, text: 'é'.repeat(32_730) };
const longText = '🦜'.repeat(4096);
const largeFields = {
  metadata: largeObject,
  profileMetadata: largeObject,
  tutorialStatus: largeObject,
  picture: `https://images.example.com/${'x'.repeat(4068)}`,
  name: longText,
  description: longText,
};

describe('large users [SEC-10]', () => {
  it('take at most 300 read units per page, with or without filters, and are all listed', async () => {
    const { database, service } = await createFaultyService({ warm: [] });
    const crowd = await seedUsers(service, 'acme', 40, (index) =>
      index % 10 < 4 ? largeFields : {},
    );
    for (const query of [
      { limit: 100 },
      { limit: 100, status: 'active' },
      { limit: 3, status: 'inactive' },
    ]) {
      const emails: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const pageQuery = { ...query, ...(cursor !== '' && { cursor }) };
        const counts = countUnits(database);
        const page: ReadPage = await readListPage(service, 'native', { query: pageQuery });
        expect(counts.units).toBeLessThanOrEqual(300);
        emails.push(...page.emails);
        cursor = page.next;
      }
      expect(emails).toEqual(query.status === 'inactive' ? [] : crowd);
    }
    // Each takes 41 units.
    const counts = countUnits(database);
    const { emails } = await readListPage(service, 'native', { query: { limit: 100 } });
    expect([emails, counts.units]).toEqual([crowd.slice(0, 11), 294]);
  });

  it('whose size is unknown are read 25 at a time', async () => {
    const { service } = await createFaultyService({ warm: [] });
    const crowd = await seedUsers(service, 'acme', 60, (index) =>
      index % 10 < 4 ? largeFields : {},
    );
    for (const email of crowd) {
      const {
        view: _view,
        readUnits: _units,
        ...entry
      } = (await service.stored.item(keys.emailClaim(tenantId.acme, email))) ?? {};
      await service.stored.put(entry);
    }

    const pages = await readAllPages(service, 'native', { query: { limit: 100 } });

    expect(pages.map(({ length }) => length)).toEqual([25, 25, 10]);
    expect(pages.flat()).toEqual(crowd);
  });

  it('have their read units in their entry, which is updated with their size', async () => {
    const service = await createTestService();
    const token = adminToken('acme');
    const getReadUnits = async (email: string) =>
      (await service.stored.item(keys.emailClaim(tenantId.acme, email)))?.['readUnits'];
    const { body } = await service.post(
      '/v1/users',
      { email: 'large@x.example', metadata: largeObject },
      { token },
    );
    const update = async (patch: object) => {
      const { status } = await service.send('PATCH', `/v1/users/${body.userId}`, {
        token,
        body: patch,
      });
      expect(status).toBe(200);
    };
    expect(await getReadUnits('large@x.example')).toBe(17);
    await update({ tutorialStatus: largeObject });
    expect(await getReadUnits('large@x.example')).toBe(33);
    await update({ email: 'moved@x.example', metadata: null });
    expect([await getReadUnits('moved@x.example'), await getReadUnits('large@x.example')]).toEqual([
      17,
      undefined,
    ]);
    await service.send('DELETE', `/v1/users/${body.userId}`, { token });
    await service.post(`/v1/users/${body.userId}/restore`, undefined, { token });
    expect(await getReadUnits('moved@x.example')).toBe(17);
    await update({ tutorialStatus: null, name: longText.slice(0, 2048) });
    expect(await getReadUnits('moved@x.example')).toBe(2);
    await update({ name: 'Jo' });
    expect(await getReadUnits('moved@x.example')).toBeUndefined();
  });
});

describe('a response', () => {
  it('fits into the Lambda limit in every dialect, regardless of escaped text [F4]', async () => {
    const service = await createTestService();
    // Each of these characters takes 1 byte in the table and 7 bytes in the function result.
    const escaped = {
      name: '\u0001'.repeat(4096),
      description: '\u0001'.repeat(4096),
      metadata: { text: '"'.repeat(2000) },
    };
    const crowd = await seedUsers(service, 'acme', 100, () => escaped);
    for (const dialect of ['native', 'jitsudo'] as const) {
      const pages: string[][] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const answer = await requestPage(service, dialect, {
          query: { limit: 100, ...(cursor !== '' && { cursor }) },
        });
        expect(answer.status).toBe(200);
        expect(Buffer.byteLength(JSON.stringify(answer.text))).toBeLessThan(4.1 * 1024 * 1024);
        const { usersOf, nextOf } = listings[dialect];
        pages.push(usersOf(answer.body).map(({ email }) => email));
        cursor = nextOf(answer.body);
      }
      expect(pages.flat()).toEqual(crowd);
      expect(pages.length).toBeGreaterThan(1);
    }
  });

  it('contains as many items as fit, and a cursor for the rest [F4]', async () => {
    const service = await createTestService();
    const { native } = await createAppClientIn(service, 'acme');
    const [, id = ''] = /([^:]+)$/.exec(native) ?? [];
    const item = await service.stored.item(keys.appClient(tenantId.acme, id));
    const ids = Array.from({ length: 100 }, (_, index) => `copy-${String(index).padStart(3, '0')}`);
    const text = '\u0001'.repeat(4096);
    const copies = ids.map((appClientId) => ({
      ...item,
      ...keys.appClient(tenantId.acme, appClientId),
      appClientId,
      name: text,
      description: text,
    }));
    await service.stored.putAll(copies);
    const found: string[] = [];
    let pages = 0;
    for (let query: string | undefined = 'maxResults=100'; query !== undefined; pages++) {
      const { text: answer, body } = await service.get(`/v1/app-clients?${query}`, {
        token: adminToken('acme'),
      });
      expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(4.1 * 1024 * 1024);
      found.push(...body.appClients.map(({ appClientId }: { appClientId: string }) => appClientId));
      query = body.nextToken === null ? undefined : `maxResults=100&nextToken=${body.nextToken}`;
    }
    expect(found.filter((each) => each.includes(':copy-'))).toEqual(
      ids.map((each) => `cradl:app-client:${each}`),
    );
    expect(pages).toBe(2);
  });

  it('that is too large fails before it reaches Lambda', () => {
    const enough = { body: { text: 'x'.repeat(6 * 1024 * 1024 - 20_000) } };
    expect(toHttpResult(200, enough, 'id').statusCode).toBe(200);
    for (const text of [
      'x'.repeat(6 * 1024 * 1024),
      '"'.repeat(2 * 1024 * 1024),
      'é'.repeat(3 * 1024 * 1024),
    ]) {
      expect(() => toHttpResult(200, { body: { text } }, 'id')).toThrow('too large for Lambda');
    }
  });
});

describe('a deleted user', () => {
  it('is in no list until it is restored', async () => {
    const service = await createTestService();
    const token = adminToken('acme');
    const user = {
      email: 'gone@x.example',
      userName: 'gone',
      name: 'gone@x.example',
      roleIds: ['cradl:role:user'],
      authProvider: 'oidc',
    };
    const { body } = await service.post('/v1/users', user, { token });
    const queries = [
      {},
      { email: user.email },
      { userName: 'gone' },
      { emailPrefix: 'g' },
      { status: 'active' },
      { roleId: 'cradl:role:user' },
      { authProvider: 'oidc' },
    ];
    for (const query of queries)
      expect((await readListPage(service, 'native', { query })).emails).toEqual([user.email]);
    await service.send('DELETE', `/v1/users/${body.userId}`, { token });
    for (const query of queries)
      expect(await readListPage(service, 'native', { query })).toEqual({
        emails: [],
        users: [],
        next: null,
      });
    await service.post(`/v1/users/${body.userId}/restore`, undefined, { token });
    for (const query of queries)
      expect((await readListPage(service, 'native', { query })).emails).toEqual([user.email]);
  });
});
