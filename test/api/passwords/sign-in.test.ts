import { pbkdf2Sync } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, inject, it } from 'vitest';
import { needsRehash, parsePasswordHash } from '../../../lib/domain/credentials/password-hash.ts';
import { createRandomHash, hashLimiter } from '../../../lib/domain/credentials/hash-password.ts';
import { slowestHashMs } from '../../../lib/deps/token-deps.ts';
import { toNetwork, getBackoffMs } from '../../../lib/domain/credentials/attempts.ts';
import { keys } from '../../../lib/store/keys.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createMailService, type Invitee } from '../../support/scenarios/mail-delivery.ts';
import { createFaultProxy, dropRequest } from '../../support/faults/fault-proxy.ts';
import { outcome } from '../../support/scenarios/invitations.ts';
import { getLogs } from '../../support/logs.ts';
import {
  type TestResponse,
  adminToken,
  createTestService,
  type TestRequest,
  tenantId,
  type TenantSlug,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const life = await createMailService();
const { service, clock, database, amazon, inviteUser, requestUser } = life;

let addresses = 0;
/** Unique client address, which avoids throttling between tests. */
const newAddress = (): string => `203.0.${++addresses >> 8}.${addresses & 255}`;
const signsIn = (body: object, sent: TestRequest = {}): Promise<TestResponse> =>
  service.post(
    '/v1/auth/token',
    { tenant: 'acme', password: goodPassword, ...body },
    { sourceIp: newAddress(), ...sent },
  );
const logsIn = (body: object, sent: TestRequest = {}): Promise<TestResponse> =>
  service.post(
    '/jitsudo/v1/auth/login',
    { password: goodPassword, ...body },
    { sourceIp: newAddress(), ...sent },
  );
const newUser = (more: object = {}, slug: TenantSlug = 'acme') =>
  inviteUser({ password: goodPassword, ...more }, slug);
const decodeToken = (token: string) =>
  token
    .split('.')
    .map((part, index) => index < 2 && JSON.parse(Buffer.from(part, 'base64url').toString()));
const getHash = async ({ slug, userId }: Invitee) =>
  (await service.stored.item(keys.userSecret(tenantId[slug], userId), service.stored.secrets))?.[
    'passwordHash'
  ];

describe('a sign-in', () => {
  it('returns an access token for 1 h with the user, the tenant and the roles', async () => {
    const user = await newUser({ roleIds: ['cradl:role:approver'], userName: 'signs-in' });
    const { status, body, headers } = await signsIn({ email: user.email.toUpperCase() });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(body).toEqual({
      accessToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 3600,
      userId: user.id,
      mustChangePassword: false,
    });
    const [header, claims] = decodeToken(body.accessToken);
    expect(header).toMatchObject({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
    expect(claims).toMatchObject({
      iss: 'https://roster.example.com',
      aud: 'https://roster.example.com',
      sub: user.id,
      client_id: 'cradl:app-client:default',
      tenant_id: tenantId.acme,
      roles: ['approver'],
    });
    expect(claims.exp - claims.iat).toBe(3600);
    expect(
      (
        await service.post('/v1/auth/token', {
          tenant: tenantId.acme,
          userName: 'SIGNS-IN',
          password: goodPassword,
        })
      ).body.userId,
    ).toBe(user.id);
  });

  it('in the format of JITSudo accepts the tenant by slug, header or host', async () => {
    const { email, id } = await newUser();
    const signIns = [
      await logsIn({ email, tenant_slug: 'acme' }),
      await logsIn({ email }, { headers: { 'x-tenant-id': tenantId.acme } }),
      await logsIn({ email }, { host: 'acme.admin.localhost' }),
    ];
    for (const { status, body } of signIns) {
      expect([status, Object.keys(body)]).toEqual([200, ['token', 'expires_at']]);
      const [, claims] = decodeToken(body.token);
      expect([claims.sub, new Date(claims.exp * 1000).toISOString()]).toEqual([
        id,
        body.expires_at,
      ]);
    }
    expect(outcome(await logsIn({ email }))).toBe('400 invalid_input');
    expect(outcome(await service.post('/v1/auth/token', { email, password: goodPassword }))).toBe(
      '400 invalid_input',
    );
  });

  it('does not change the user, and stores and logs neither address nor password', async () => {
    const user = await newUser();
    const before = (await requestUser(user, 'GET')).headers['etag'];
    const sourceIp = '198.51.100.77';
    for (const password of [goodPassword, 'not the one at all'])
      await signsIn({ email: user.email, password }, { sourceIp });
    expect((await requestUser(user, 'GET')).headers['etag']).toBe(before);
    const counters = (await service.stored.all()).filter(({ pk }) =>
      String(pk).startsWith('ATTEMPTS#'),
    );
    for (const secret of [user.email, sourceIp, goodPassword, 'not the one at all']) {
      expect(JSON.stringify(counters)).not.toContain(secret);
      expect(getLogs.join()).not.toContain(secret);
    }
    expect(counters.every(({ ttl }) => ttl > clock.now().getTime() / 1000)).toBe(true);
  });

  it('requires an email or a username and a password, as strings', async () => {
    const { email } = await newUser();
    const bodies = [
      {},
      { email, userName: 'x' },
      { email: 7 },
      { email, password: null },
      { email: 'x'.repeat(300) },
      { email, more: 1 },
    ];
    for (const body of bodies) expect(outcome(await signsIn(body))).toBe('400 invalid_input');
  });
});

describe('a failed sign-in', () => {
  it('returns 401 for a name that becomes too long when normalized', async () => {
    // Each character becomes 18 letters.
    for (const body of [
      { email: `${'\ufdfa'.repeat(120)}@x.example` },
      { userName: '\ufdfa'.repeat(64) },
    ])
      expect(outcome(await signsIn(body))).toBe('401 unauthenticated invalid_credentials');
  });

  const withoutIds = ({ status, body, headers }: TestResponse) => ({
    status,
    body: { ...body, details: { ...body.details, requestId: '' } },
    headers: { ...headers, 'x-request-id': '', 'apigw-requestid': '' },
  });

  it('has the same response and steps for every cause', async () => {
    const [active, suspended, deleted, invited, external, elsewhere] = [
      await newUser({ userName: 'has-a-name' }),
      await newUser(),
      await newUser(),
      await inviteUser(),
      await inviteUser({ authProvider: 'oidc' }),
      await newUser({}, 'north'),
    ];
    await requestUser(suspended, 'POST', '/suspend');
    await requestUser(deleted, 'DELETE');
    // Caches the tenants and the signing key.
    for (const tenant of ['acme', 'globex', 'north', 'nobody'])
      await signsIn({ tenant, email: 'warms-up@example.com' });
    await service.updateTenantItem('north', { status: 'suspended' });
    clock.advanceBy(31_000);
    for (const tenant of ['acme', 'globex', 'north', 'nobody'])
      await signsIn({ tenant, email: 'warms-up@example.com' });

    const wrong: Record<string, object> = {
      'another password': { email: active.email, password: 'not the one at all' },
      'another password with a username': {
        userName: 'has-a-name',
        password: 'not the one at all',
      },
      'the password in another case': { email: active.email, password: goodPassword.toUpperCase() },
      'a space as the password': { email: active.email, password: ' ' },
      'an unknown email': { email: 'nobody-knows@example.com' },
      'an invalid email': { email: 'not an email' },
      'an unknown username': { userName: 'nobody-knows' },
      'another tenant': { email: active.email, tenant: 'globex' },
      'an unknown tenant': { email: active.email, tenant: 'nobody' },
      'a suspended tenant': { email: elsewhere.email, tenant: 'north' },
      'a suspended user': { email: suspended.email },
      'a deleted user': { email: deleted.email },
      'an invited user': { email: invited.email },
      'a user of an identity provider': { email: external.email },
    };
    const observations: [string, unknown][] = [];
    for (const [what, body] of Object.entries(wrong)) {
      database.isWell();
      amazon.isWell();
      const answer = withoutIds(await signsIn(body));
      const steps = [...database.sent, ...amazon.sent].map(({ operation }) => operation);
      // A missing tenant is looked up each time, because it may be new.
      observations.push([what, [answer, what === 'an unknown tenant' ? steps.slice(1) : steps]]);
    }
    expect(observations[0]?.[1]).toEqual([
      expect.objectContaining({
        status: 401,
        body: {
          code: 'unauthenticated',
          message: 'Invalid credentials',
          details: { reason: 'invalid_credentials', requestId: '' },
        },
      }),
      ['UpdateItem', 'UpdateItem', 'GetItem', 'Query', 'GetItem', 'UpdateItem'],
    ]);
    for (const [what, each] of observations) expect(each, what).toEqual(observations[0]?.[1]);
    await service.updateTenantItem('north', { status: 'active' });
  });

  it('without a stored hash verifies a random one at the current cost', () => {
    const cost = { memory: 19_456, passes: 2, parallelism: 1 };
    const shapes = [createRandomHash(cost), createRandomHash(cost)].map((text) =>
      parsePasswordHash(text),
    );
    expect(shapes[0]).toMatchObject({ kind: 'argon2id', ...cost });
    for (const shape of shapes)
      expect(shape).toMatchObject({
        salt: expect.objectContaining({ length: 16 }),
        tag: expect.objectContaining({ length: 32 }),
      });
    expect(shapes[0]).not.toEqual(shapes[1]);
  });

  it('waits for the hash limiter even without a stored hash', async () => {
    const { email } = await newUser();
    for (const body of [
      { email, password: 'not the one at all' },
      { email: 'nobody-at-all@example.com' },
      { email, tenant: 'nobody' },
    ]) {
      let release = (): void => {};
      const pendingHash = new Promise<void>((resolve) => (release = resolve));
      const pendingHashes = Array.from({ length: availableParallelism() }, () =>
        hashLimiter(() => pendingHash),
      );
      let isDone = false;
      const answer = signsIn(body).finally(() => (isDone = true));
      await sleep(150);
      expect(isDone).toBe(false);
      release();
      expect((await answer).status).toBe(401);
      await Promise.all(pendingHashes);
    }
  });
});

it('a failed sign-in takes the same minimum time for every hash, or for none', async () => {
  const slowService = await createTestService({ minRejectionMs: 300 });
  const pbkdf2 = '$pbkdf2-sha256$i=1$c2l4dGVlbiBieXRlcyBvaw$c2l4dGVlbiBieXRlcyBvaw';
  const quick = { email: 'quick@example.com', passwordHash: pbkdf2, acceptWeakPasswordHash: true };
  const usual = { email: 'usual@example.com', password: goodPassword };
  for (const body of [quick, usual])
    expect((await slowService.post('/v1/users', body, { token: adminToken('acme') })).status).toBe(
      201,
    );
  const wrong = [
    ['not the one at all', 300],
    // Has a second Unicode form, which takes a second hash.
    ['ｎot the one at all', 600],
  ] as const;
  const expectUnauthenticated = async (body: object, [password, time]: (typeof wrong)[number]) => {
    const began = performance.now();
    expect(
      (await slowService.post('/v1/auth/token', { tenant: 'acme', password, ...body })).status,
    ).toBe(401);
    // Timers can fire 1 ms early.
    expect(performance.now() - began).toBeGreaterThanOrEqual(time - 1);
  };
  const accounts = [
    { email: quick.email },
    { email: usual.email },
    { email: 'none@example.com' },
    { tenant: 'nobody', email: 'x' },
  ];
  for (const body of accounts)
    await Promise.all(wrong.map((each) => expectUnauthenticated(body, each)));
  expect(slowestHashMs).toBe(1000);
});

describe('failed sign-ins', async () => {
  // A fixed time, because the shortest delays are as long as some requests.
  let time = Date.now();
  const databaseProxy = await createFaultProxy(inject('databaseEndpoint'));
  const fixedTimeService = await createTestService({
    now: () => new Date(time),
    databaseEndpoint: databaseProxy.endpoint,
  });
  const passes = (milliseconds: number): void => void (time += milliseconds);
  const newUser = async () => {
    const email = `paced-${addresses++}@example.com`;
    await fixedTimeService.post(
      '/v1/users',
      { email, password: goodPassword },
      { token: adminToken('acme') },
    );
    return { email };
  };
  const signsIn = (body: object, sent: TestRequest = {}): Promise<TestResponse> =>
    fixedTimeService.post(
      '/v1/auth/token',
      { tenant: 'acme', password: goodPassword, ...body },
      { sourceIp: newAddress(), ...sent },
    );
  const fails = (email: string, sourceIp: string, tenant = 'acme') =>
    signsIn({ email, tenant, password: 'not the one at all' }, { sourceIp });

  it('are throttled with growing delays, only per account and address', async () => {
    const [user, other] = [await newUser(), await newUser()];
    const sourceIp = newAddress();
    for (let attempt = 1; attempt <= 5; attempt++)
      expect(outcome(await fails(user.email, sourceIp))).toBe(
        '401 unauthenticated invalid_credentials',
      );
    for (const seconds of [1, 2, 4, 8, 16]) {
      const response = await signsIn({ email: user.email }, { sourceIp });
      expect([response.status, response.body.code, response.body.details.limit]).toEqual([
        429,
        'too_many_requests',
        'sign_in_attempts',
      ]);
      expect(response.headers['retry-after']).toBe(String(seconds));
      passes(seconds * 1000 - 1);
      expect((await signsIn({ email: user.email }, { sourceIp })).status).toBe(429);
      passes(1);
      expect(outcome(await fails(user.email, sourceIp))).toBe(
        '401 unauthenticated invalid_credentials',
      );
    }
    // The user at another address and another user at this address can sign in.
    expect(outcome(await signsIn({ email: user.email }))).toBe('200');
    expect(outcome(await signsIn({ email: other.email }, { sourceIp }))).toBe('200');
    passes(32_000);
    expect(outcome(await signsIn({ email: user.email }, { sourceIp }))).toBe('200');
    for (let attempt = 1; attempt <= 5; attempt++)
      expect(outcome(await fails(user.email, sourceIp))).toBe(
        '401 unauthenticated invalid_credentials',
      );
    expect(outcome(await fails(user.email, sourceIp))).toBe('429 too_many_requests');
  });

  it('are throttled for unknown users too', async () => {
    for (const [email, tenant] of [
      ['nobody@example.com', 'acme'],
      ['nobody@example.com', 'no-such-tenant'],
    ] as const) {
      const sourceIp = newAddress();
      const outcomes = [];
      for (let attempt = 1; attempt <= 6; attempt++)
        outcomes.push((await fails(email, sourceIp, tenant)).status);
      expect(outcomes).toEqual([401, 401, 401, 401, 401, 429]);
    }
  });

  it('are counted before the attempt, which includes concurrent ones', async () => {
    const user = await newUser();
    const sourceIp = newAddress();
    const statuses = (
      await Promise.all(Array.from({ length: 20 }, () => fails(user.email, sourceIp)))
    ).map(({ status }) => status);
    // The last free attempt can lose to one that claims the next time.
    expect(statuses.filter((status) => status === 401).length).toBeLessThanOrEqual(5);
    expect(statuses.filter((status) => status === 401).length).toBeGreaterThanOrEqual(4);
  });

  it('during a delay are rejected before any read or hash', async () => {
    const user = await newUser();
    const sourceIp = newAddress();
    for (let attempt = 1; attempt <= 5; attempt++) await fails(user.email, sourceIp);
    databaseProxy.isWell();
    expect((await fails(user.email, sourceIp)).status).toBe(429);
    expect(databaseProxy.sent.map(({ operation }) => operation)).toEqual(['UpdateItem']);
  });

  it('are throttled per address across accounts, unlike successful ones', async () => {
    const user = await newUser();
    const [successAddress, failureAddress] = [newAddress(), newAddress()];
    const getCounters = async () =>
      (await fixedTimeService.stored.all()).filter(({ pk }) => String(pk).startsWith('ATTEMPTS#'));
    const before = (await getCounters()).map(({ pk }) => pk);
    for (const email of ['one@example.com', 'two@example.com', 'three@example.com'])
      await fails(email, failureAddress);
    // The counter that all three share. Real attempts up to 100 would take too long.
    const [shared, ...others] = (await getCounters()).filter(
      ({ pk, attempts: made }) => !before.includes(pk) && made === 3,
    );
    expect([shared, others]).toEqual([expect.objectContaining({ attempts: 3 }), []]);
    await fixedTimeService.stored.put({ ...shared, attempts: 98 });
    expect((await fails('four@example.com', failureAddress)).status).toBe(401);
    expect((await fails('five@example.com', failureAddress)).status).toBe(401);
    const response = await signsIn({ email: user.email }, { sourceIp: failureAddress });
    expect([response.status, response.headers['retry-after']]).toEqual([429, '1']);
    expect((await signsIn({ email: user.email })).status).toBe(200);
    passes(1000);
    expect((await fails('six@example.com', failureAddress)).status).toBe(401);
    expect(
      (await signsIn({ email: user.email }, { sourceIp: failureAddress })).headers['retry-after'],
    ).toBe('2');
    passes(60 * 60_000);
    expect((await signsIn({ email: user.email }, { sourceIp: failureAddress })).status).toBe(200);

    const earlier = (await getCounters()).map(({ pk }) => pk);
    for (let attempt = 0; attempt < 7; attempt++)
      expect((await signsIn({ email: user.email }, { sourceIp: successAddress })).status).toBe(200);
    expect(
      (await getCounters())
        .filter(({ pk }) => !earlier.includes(pk))
        .map(({ attempts: made }) => made),
    ).toEqual([0, 0]);
  });

  it('count an IPv6 network as one address', async () => {
    expect(
      ['2001:db8:0:1::7', '2001:0DB8::1:2:3:4:5', '::1', '203.0.113.9'].map(toNetwork),
    ).toEqual(['2001:db8:0:1::/64', '2001:db8:0:1::/64', '0:0:0:0::/64', '203.0.113.9']);
  });

  it('are delayed by at most 15 min', () => {
    const policy = { freeAttempts: 5, initialDelayMs: 1000, maxDelayMs: 900_000, windowMs: 1 };
    expect([1, 4, 5, 6, 14, 15, 10_000].map((count) => getBackoffMs(policy, count))).toEqual([
      0, 0, 1000, 2000, 512_000, 900_000, 900_000,
    ]);
  });
});

describe('a hash weaker than new ones [P05]', () => {
  const createWeakHash = (password: string, rounds = 1) => {
    const salt = Buffer.from('sixteen bytes ok');
    const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
    return `$pbkdf2-sha256$i=${rounds}$${text(salt)}$${text(pbkdf2Sync(password, salt, rounds, 32, 'sha256'))}`;
  };
  const argon2id =
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4';

  it('is replaced at the next successful sign-in, without a change of the user', async () => {
    const user = await inviteUser({
      passwordHash: createWeakHash('short'),
      acceptWeakPasswordHash: true,
    });
    expect((await signsIn({ email: user.email })).status).toBe(401);
    expect(await getHash(user)).toBe(createWeakHash('short'));
    const before = (await requestUser(user, 'GET')).headers['etag'];
    expect((await signsIn({ email: user.email, password: 'short' })).status).toBe(200);
    const upgraded = await getHash(user);
    expect(upgraded).toMatch(/^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    expect((await requestUser(user, 'GET')).headers['etag']).toBe(before);
    expect((await signsIn({ email: user.email, password: 'short' })).status).toBe(200);
    expect(await getHash(user)).toBe(upgraded);
  });

  it('is kept if it is strong enough', async () => {
    const user = await inviteUser({ passwordHash: argon2id, acceptWeakPasswordHash: true });
    expect((await signsIn({ email: user.email, password: 'password' })).status).toBe(200);
    expect(await getHash(user)).toBe(argon2id);
  });

  it('is not restored over a password that changed during the sign-in', async () => {
    const user = await inviteUser({
      passwordHash: createWeakHash('short'),
      acceptWeakPasswordHash: true,
    });
    const sets = () =>
      service.post(
        '/v1/users/me/password',
        { currentPassword: 'short', newPassword: goodPassword },
        { token: clock.aTokenOf('acme', [], user.id) },
      );
    let isSet = false;
    database.goesWrong((sent) => {
      if (isSet || sent.operation !== 'PutItem' || !sent.text.includes('passwordHash'))
        return undefined;
      isSet = true;
      return async ({ perform, answer }) => {
        expect((await sets()).status).toBe(204);
        answer(await perform());
      };
    });
    expect((await signsIn({ email: user.email, password: 'short' })).status).toBe(200);
    database.isWell();
    expect(isSet).toBe(true);
    expect((await signsIn({ email: user.email })).status).toBe(200);
    expect((await signsIn({ email: user.email, password: 'short' })).status).toBe(401);
  });

  it('is recognized by its kind and by each parameter', () => {
    const cost = { memory: 256, passes: 2, parallelism: 1 };
    expect(needsRehash(argon2id, cost)).toBe(false);
    expect(needsRehash(argon2id, { ...cost, memory: 257 })).toBe(true);
    expect(needsRehash(argon2id, { ...cost, passes: 3 })).toBe(true);
    expect(needsRehash(createWeakHash('x', 2_000_000), cost)).toBe(true);
  });
});

describe('signing in', () => {
  it('with a password that changes meanwhile returns an unusable token [P09]', async () => {
    const user = await newUser({ roleIds: ['cradl:role:admin'] });
    const next = 'seven lamps, an orchard';
    amazon.goesWrong((sent) => {
      if (sent.operation !== 'Sign') return undefined;
      amazon.isWell();
      return async ({ perform, answer }) => {
        const body = { currentPassword: goodPassword, newPassword: next };
        const changed = await service.post('/v1/users/me/password', body, {
          token: clock.aTokenOf('acme', [], user.id),
        });
        expect(changed.status).toBe(204);
        answer(await perform());
      };
    });
    const reads = async (answer: TestResponse) =>
      (await service.get('/v1/users/me', { token: answer.body.accessToken })).status;
    expect(await reads(await signsIn({ email: user.email }))).toBe(401);
    expect(await reads(await signsIn({ email: user.email, password: next }))).toBe(200);
  });

  it('returns 503 if the directory or KMS is unreachable', async () => {
    const { email } = await newUser();
    database.goesWrong(() => dropRequest);
    expect((await signsIn({ email })).status).toBe(503);
    database.isWell();
    amazon.goesWrong((sent) => (sent.operation === 'Sign' ? dropRequest : undefined));
    expect((await signsIn({ email })).status).toBe(503);
    amazon.isWell();
    expect((await signsIn({ email })).status).toBe(200);
  });

  it('returns 405 for GET with a password in the query', async () => {
    await expectNoWrites(service, async () => {
      const { status } = await service.get(
        `/v1/auth/token?tenant=acme&email=x@example.com&password=${goodPassword}`,
      );
      expect(status).toBe(405);
    });
  });
});
