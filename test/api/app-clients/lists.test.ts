import { beforeAll, describe, expect, it } from 'vitest';
import {
  createAppClient,
  requestAppClient,
  type CreatedAppClient,
} from '../../support/scenarios/app-clients.ts';
import { createTestService, adminToken, type Service, tenantId } from '../../support/service.ts';

let service: Service;
let appClients: CreatedAppClient[];
beforeAll(async () => {
  service = await createTestService();
  appClients = await Promise.all(Array.from({ length: 5 }, () => createAppClient(service, 'acme')));
});

const headers = { 'x-tenant-id': tenantId.acme };
const sent = { token: adminToken('acme'), headers };
const lists = {
  native: {
    path: '/v1/app-clients',
    size: 'maxResults',
    cursor: 'nextToken',
    items: 'appClients',
    id: 'appClientId',
    next: 'nextToken',
  },
  cradl: {
    path: '/cradl/v1/appClients',
    size: 'maxResults',
    cursor: 'nextToken',
    items: 'appClients',
    id: 'appClientId',
    next: 'nextToken',
  },
  jitsudo: {
    path: '/jitsudo/v1/api-keys',
    size: 'limit',
    cursor: 'cursor',
    items: 'data',
    id: 'id',
    next: 'next_cursor',
  },
} as const;
const names = Object.keys(lists) as (keyof typeof lists)[];

/** IDs of every page. */
async function readPages(name: keyof typeof lists, limit: number): Promise<string[][]> {
  const { path, size, cursor, items, id, next } = lists[name];
  const pages: string[][] = [];
  for (let token: string | null = ''; token !== null; ) {
    const { status, body } = await service.get(
      `${path}?${size}=${limit}${token && `&${cursor}=${token}`}`,
      sent,
    );
    expect(status).toBe(200);
    pages.push(body[items].map((item: Record<string, string>) => item[id]));
    token = body[next];
  }
  return pages;
}

const toHex = (id: string) => id.split(':').at(-1)?.replaceAll('-', '') ?? '';

describe.each(names)('listing the app clients of a tenant in %s', (name) => {
  it.each([1, 2, 3, 6, 100])(
    'returns each once, ordered by ID, with pages of %i',
    async (limit) => {
      const pages = await readPages(name, limit);
      const ids = pages.flat().map(toHex);
      const expected = [...appClients.map(({ appClientId }) => toHex(appClientId)), 'default'];
      expect(ids).toEqual(expected.toSorted());
      expect(pages).toHaveLength(Math.ceil(expected.length / limit));
    },
  );

  it('returns 400 for its cursor in another list or tenant [J16 T06]', async () => {
    const { path, size, cursor, next } = lists[name];
    const token: string = (await service.get(`${path}?${size}=1`, sent)).body[next];
    const asks = (target: string, options = sent) => service.get(target, options);
    const globexRequest = {
      token: adminToken('globex'),
      headers: { 'x-tenant-id': tenantId.globex },
    };
    const responses = [
      await asks(`${path}?${cursor}=${token}`, globexRequest),
      await asks(`${path}?${cursor}=${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`),
      ...(await Promise.all(
        names
          .filter((other) => other !== name)
          .map((other) => asks(`${lists[other].path}?${lists[other].cursor}=${token}`)),
      )),
      await asks(`/v1/users?nextToken=${token}`),
    ];
    for (const answer of responses)
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect((await asks(`${path}?${cursor}=${token}`)).status).toBe(200);
  });

  it('returns 400 for the cursor of a user list', async () => {
    for (const email of ['ann@example.com', 'bob@example.com'])
      await service.post('/v1/users', { email }, sent);
    const { body } = await service.get('/v1/users?maxResults=1', sent);
    expect(
      (await service.get(`${lists[name].path}?${lists[name].cursor}=${body.nextToken}`, sent))
        .status,
    ).toBe(400);
  });

  it.each(['0', '-1', 'x', '1.5', ''])('returns 400 for the page size %j', async (limit) => {
    expect(
      (await service.get(`${lists[name].path}?${lists[name].size}=${limit}`, sent)).status,
    ).toBe(400);
  });
});

describe('a revoked app client', () => {
  it("is in lists that show its revocation, and not in Cradl's", async () => {
    const revoked = await createAppClient(service, 'acme');
    await requestAppClient(service, 'POST', revoked, '/revoke');
    const shows = async (name: keyof typeof lists) =>
      (await readPages(name, 2)).flat().map(toHex).includes(toHex(revoked.appClientId));
    expect({
      native: await shows('native'),
      cradl: await shows('cradl'),
      jitsudo: await shows('jitsudo'),
    }).toEqual({
      native: true,
      cradl: false,
      jitsudo: true,
    });
    const { body } = await service.get('/jitsudo/v1/api-keys?limit=100', sent);
    const key = body.data.find(
      ({ id }: { id: string }) => toHex(id) === toHex(revoked.appClientId),
    );
    expect(key).toMatchObject({ revoked_at: expect.any(String), revoked_by: 'admin-of-acme' });
  });
});

it('a page ends before it exceeds the response size', async () => {
  const url = `https://example.com/${'x'.repeat(1000)}`;
  const large = {
    callbackUrls: Array.from({ length: 50 }, () => url),
    logoutUrls: Array.from({ length: 50 }, () => url),
    loginUrls: [url],
  };
  const another = await createTestService();
  await Promise.all(Array.from({ length: 15 }, () => createAppClient(another, 'south', large)));
  const ids: string[] = [];
  let pages = 0;
  for (let next: string | null = ''; next !== null; pages++) {
    const { body, text } = await another.get(
      `/v1/app-clients?maxResults=100${next && `&nextToken=${next}`}`,
      {
        token: adminToken('south'),
      },
    );
    expect(text.length).toBeLessThan(2 * 1024 * 1024);
    ids.push(...body.appClients.map(({ appClientId }: { appClientId: string }) => appClientId));
    next = body.nextToken;
  }
  expect(pages).toBeGreaterThan(1);
  expect(new Set(ids)).toHaveProperty('size', 16);
  expect(ids).toHaveLength(16);
});
