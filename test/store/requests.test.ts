import { beforeAll, describe, expect, it } from 'vitest';
import { creations, goodPassword } from '../support/dialects/create-user.ts';
import { createFaultyService, dropRequest } from '../support/faults/fault-proxy.ts';
import {
  adminToken,
  systemToken,
  userToken,
  issuer,
  type TestRequest,
  type Service,
  type TenantSlug,
  tenantId,
  createTestService,
} from '../support/service.ts';

const avatar = `data:image/gif;base64,${Buffer.from('GIF89a').toString('base64')}`;
const appClientId = 'cradl:app-client:default';

/**
 * Item size in bytes (Developer Guide, item sizes and formats): names and values, with overhead for
 * lists and maps.
 */
function getSize(value: Readonly<Record<string, any>>): number {
  const [type = '', content] = Object.entries(value)[0] ?? [];
  if (type === 'S') return Buffer.byteLength(content);
  if (type === 'N') return Math.ceil(content.length / 2) + 1;
  if (type === 'L')
    return content.reduce((sum: number, each: object) => sum + 1 + getSize(each), 3);
  if (type !== 'M') return 1;
  return Object.entries(content).reduce(
    (sum, [name, each]) => sum + Buffer.byteLength(name) + 1 + getSize(each as object),
    3,
  );
}

type Started = Awaited<ReturnType<typeof createFaultyService>>;
type Call = (service: Service, email: string) => Promise<{ status: number }>;

/** DynamoDB requests of a call. A transaction has the number of its items. */
async function listRequests(
  { database, service }: Started,
  call: Call,
  email = `u${++users}@x.example`,
): Promise<string> {
  database.isWell();
  await call(service, email);
  return database.sent
    .map(({ operation, text }) =>
      operation === 'TransactWriteItems'
        ? `Transact(${JSON.parse(text).TransactItems.length})`
        : operation,
    )
    .join(' ');
}
let users = 0;

const creating =
  (fields: object, slug: TenantSlug = 'acme'): Call =>
  (service, email) =>
    service.post('/v1/users', { email, ...fields }, { token: adminToken(slug) });

const getting =
  (path: string, sent: TestRequest = {}): Call =>
  (service) =>
    service.get(path, { token: adminToken('acme'), ...sent });

let warm: Started;
let ids: { plain: string; pictured: string };
beforeAll(async () => {
  warm = await createFaultyService();
  await creating({ appClientId })(warm.service, 'app@x.example');
  const post = async (body: object) =>
    (await warm.service.post('/v1/users', body, { token: adminToken('acme') })).body.userId;
  ids = {
    plain: await post({ email: 'plain@x.example', userName: 'plain' }),
    pictured: await post({ email: 'pictured@x.example', userName: 'pictured', avatar }),
  };
});

describe('a create in a cached tenant', () => {
  it('is one request that writes two items below 1 KB and reads none', async () => {
    expect(await listRequests(warm, creating({}))).toBe('Transact(2)');
    const { TransactItems } = JSON.parse(warm.database.sent[0]!.text);
    for (const item of TransactItems) {
      expect(Object.keys(item)).toEqual(['Put']);
      expect(item.Put.TableName).toBe(warm.service.stored.directory);
      expect(getSize({ M: item.Put.Item })).toBeLessThan(1024);
    }
  });

  it('leaves 200 bytes of 1 KB for further fields of an invited user', async () => {
    const sub = `cradl:user:${'0'.repeat(32)}`;
    const token = issuer.mintAccessToken({ sub, tenantId: tenantId.acme, roles: ['admin'] });
    const fields = { name: 'Ada Lovelace', roleIds: ['cradl:role:user'] };
    const create: Call = (service, email) =>
      service.post('/v1/users', { email, ...fields }, { token });
    expect(await listRequests(warm, create, 'ada.lovelace@example.com')).toContain('Transact(2)');
    const { TransactItems } = JSON.parse(warm.database.sent.at(-1)!.text);
    for (const { Put } of TransactItems) expect(getSize({ M: Put.Item })).toBeLessThan(824);
  });

  it('stores the time of a creation with an invitation once', async () => {
    let time = Date.now();
    const { post, stored } = await createTestService({ now: () => new Date(time++) });
    const { body } = await post(
      '/v1/users',
      { email: 'a@x.example' },
      { token: adminToken('acme') },
    );
    const item = (await stored.all()).find(
      ({ sk, email }) => sk === 'USER' && email === body.email,
    );
    expect(item?.['createdAt']).toBe(body.createdTime);
    expect(item?.['invitation']).not.toHaveProperty('invitedAt');
  });

  it('writes items below 1 KB for an app client too', async () => {
    const draft = { name: 'Import', roleIds: ['cradl:role:admin'] };
    const { body } = await warm.service.post('/v1/app-clients', draft, {
      token: adminToken('acme'),
    });
    const create: Call = (service, email) =>
      service.post('/v1/users', { email }, { headers: { 'x-api-key': body.secret } });
    await listRequests(warm, create);
    expect(await listRequests(warm, create)).toBe('Transact(2)');
    for (const { Put } of JSON.parse(warm.database.sent[0]!.text).TransactItems) {
      expect(getSize({ M: Put.Item })).toBeLessThan(1024);
    }
  });

  it('writes only items of its own user', async () => {
    const everything = {
      userName: 'mine',
      password: goodPassword,
      avatar,
      roleIds: ['cradl:role:user'],
      appClientId,
    };
    await listRequests(warm, creating(everything, 'north'));
    const { TransactItems } = JSON.parse(warm.database.sent.at(-1)!.text);
    const { userId } = (await warm.service.stored.all()).find(
      ({ sk, userName }) => sk === 'USER' && userName === 'mine',
    )!;
    for (const { Put } of TransactItems) {
      expect(Put.Item.userId.S).toBe(userId);
      expect(Put.ConditionExpression).toBe('attribute_not_exists(pk)');
      // A failed condition returns the existing item, unless it can contain a secret.
      const isClaim = /EMAIL#|USERNAME#/.test(Put.Item.pk.S + Put.Item.sk.S);
      expect(Put.ReturnValuesOnConditionCheckFailure).toBe(isClaim ? 'ALL_OLD' : undefined);
    }
  });

  it.each([
    ['a user', 'acme', {}, 'Transact(2)'],
    [
      'a user with names, roles and metadata',
      'acme',
      { name: 'Jo', firstName: 'J', roleIds: ['cradl:role:user'], metadata: { a: 1 } },
      'Query Transact(2)',
    ],
    ['a user with a username', 'acme', { userName: 'named' }, 'Transact(3)'],
    ['a user with a password', 'acme', { password: goodPassword }, 'Query Transact(4)'],
    [
      'a user with an identity',
      'acme',
      { identity: { issuer: 'https://id.example.com', subject: 'jo' } },
      'Query Transact(3)',
    ],
    ['a user with an avatar', 'acme', { avatar }, 'Transact(3)'],
    ['a user of a cached app client', 'acme', { appClientId }, 'Transact(2)'],
    [
      'a user with every field',
      'acme',
      { userName: 'all', password: goodPassword, avatar, appClientId },
      'Query Transact(6)',
    ],
    ['a user in the shared space', 'north', {}, 'Transact(3)'],
    ['a user with a username in the shared space', 'north', { userName: 'shared' }, 'Transact(5)'],
    ['a user with a used email', 'acme', { email: 'plain@x.example' }, 'Transact(2)'],
    ['a user with an invalid body', 'acme', { email: 'none' }, ''],
    ['a user with an unknown role', 'acme', { roleIds: ['cradl:role:nobody'] }, 'Query'],
    ['a user with a rejected password', 'acme', { password: 'short' }, 'Query'],
  ] as const)('of %s in %s', async (_what, slug, fields, requests) => {
    expect(await listRequests(warm, creating(fields, slug))).toBe(requests);
  });

  it.each([
    ['native', 'Transact(2)'],
    ['cradl', 'Transact(2)'],
    ['jitsudo', 'Query Transact(4)'],
    ['credible', 'Transact(3)'],
  ] as const)('through %s, with its requirements', async (dialect, requests) => {
    const { target, body, token } = creations[dialect];
    const headers = { 'x-tenant-id': tenantId.acme };
    const create: Call = (service, email) =>
      service.post(target, body({ email }), { token: token('acme'), headers });
    expect(await listRequests(warm, create)).toBe(requests);
  });
});

describe('a get in a cached tenant', () => {
  it.each([
    ['by ID', () => getting(`/v1/users/${ids.plain}`), 'Query'],
    ['by ID, with an avatar', () => getting(`/v1/users/${ids.pictured}`), 'Query GetItem'],
    [
      'by ID, in a dialect without avatars',
      () => getting(`/cradl/v1/users/${ids.pictured}`),
      'GetItem',
    ],
    ['by username', () => getting('/credible/api/v0/users/pictured'), 'GetItem GetItem'],
    ['by email', () => getting('/credible/api/v0/users/plain%40x.example'), 'GetItem GetItem'],
    [
      'by an unknown ID',
      () => getting('/v1/users/cradl:user:0123456789abcdef0123456789abcdef'),
      'Query',
    ],
    ['by an unknown username', () => getting('/credible/api/v0/users/nobody'), 'GetItem'],
    ['by an invalid ID', () => getting('/v1/users/none'), ''],
    ['without a token', () => getting(`/v1/users/${ids.plain}`, { token: undefined }), ''],
    [
      'without permission, after a strong read of the permissions',
      () => getting(`/v1/users/${ids.plain}`, { token: userToken('acme', ['user']) }),
      // The denial is recorded. The key hashes its caller.
      'Query GetItem UpdateItem',
    ],
  ])('%s', async (_what, call, requests) => {
    expect(await listRequests(warm, call())).toBe(requests);
    const reads = warm.database.sent.filter(({ operation }) => operation !== 'UpdateItem');
    for (const { text } of reads) expect(JSON.parse(text).ConsistentRead).toBe(true);
  });
});

describe('the first call of a cold container', () => {
  const cold = () => createFaultyService({ warm: [] });

  const nowhere = {
    sub: 'somebody',
    tenantId: 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa',
    roles: ['admin'],
  };

  it.each<[string, Call, string]>([
    ['a create', creating({}), 'Query Transact(2)'],
    ['a create for an app client', creating({ appClientId }), 'Query GetItem Query Transact(2)'],
    [
      'a get by ID',
      getting('/v1/users/cradl:user:0123456789abcdef0123456789abcdef'),
      'Query Query',
    ],
    [
      'a get at the host of a tenant by a system administrator',
      getting('/credible/api/v0/users/jo', {
        token: systemToken(),
        host: 'acme.admin.localhost',
      }),
      'GetItem Query GetItem',
    ],
    ['a request without a token', getting('/v1/users/none', { token: undefined }), ''],
    [
      'a create in an unknown tenant [T09]',
      (service) =>
        service.post(
          '/v1/users',
          { email: 'a@x.example' },
          { token: issuer.mintAccessToken(nowhere) },
        ),
      'Query',
    ],
    [
      'a request that names another tenant [T01]',
      getting('/v1/users/none', { headers: { 'x-tenant-id': tenantId.globex } }),
      // Only in the own tenant, to record the denial.
      'Query GetItem UpdateItem',
    ],
  ])('%s', async (_what, call, requests) => {
    const started = await cold();
    expect(await listRequests(started, call)).toBe(requests);
  });

  it('loads the tenant once for concurrent calls', async () => {
    const started = await cold();
    started.database.isWell();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        creating({ appClientId })(started.service, `u${index}@x.example`),
      ),
    );
    const operations = started.database.sent.map(({ operation }) => operation);
    // Of the tenant, and of the groups of the app client.
    expect(operations.filter((operation) => operation === 'Query')).toHaveLength(2);
    expect(operations.filter((operation) => operation === 'GetItem')).toHaveLength(1);
    expect(operations.filter((operation) => operation === 'TransactWriteItems')).toHaveLength(20);
  });

  it('does not cache a missing tenant, a missing app client, or a failed read', async () => {
    const started = await cold();
    const unknown = creating({ appClientId: 'cradl:app-client:none' });
    expect(await listRequests(started, unknown)).toBe('Query GetItem Query');
    expect(await listRequests(started, unknown)).toBe('GetItem Query');

    started.database.goesWrong((_sent, n) => (n <= 3 ? dropRequest : undefined));
    expect(
      (await started.service.get('/v1/users/none', { token: adminToken('globex') })).status,
    ).toBe(503);
    expect(
      await listRequests(started, getting('/v1/users/none', { token: adminToken('globex') })),
    ).toBe('Query');
  });
});
