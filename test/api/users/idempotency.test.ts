import { describe, expect, it } from 'vitest';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { creations, dialects, goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { createTestClock, day, readAllItems } from '../../support/scenarios/user-states.ts';
import {
  type TestResponse,
  adminToken,
  createTestService,
  userToken,
  issuer,
  type TestRequest,
  type TenantSlug,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const externalIssuer = createIssuer({ issuer: 'https://id.example.com' });
const clock = createTestClock();
const service = await createTestService({
  now: clock.now,
  environment: { ISSUERS: JSON.stringify([issuer.settings, externalIssuer.settings]) },
});
const email = () => `${unique()}@example.com`;
const withKey = (
  key: string,
  token = adminToken('acme'),
  slug: TenantSlug = 'acme',
): TestRequest => ({
  token,
  headers: { 'idempotency-key': key, 'x-tenant-id': tenantId[slug] },
});

/**
 * Splits the replay header from the parts that a repeated response has in common with the first.
 */
const splitReplay = ({ status, headers, text }: TestResponse) => {
  const {
    'x-request-id': _id,
    'apigw-requestid': _gateway,
    'idempotency-replayed': replayed,
    ...same
  } = headers;
  return [replayed, { status, same, text }] as const;
};
const expectReplay = (answer: TestResponse, first: TestResponse): void => {
  const [[replayed, again], [, before]] = [splitReplay(answer), splitReplay(first)];
  expect([replayed, again]).toEqual(['true', before]);
};
const isCreated = ({ status }: TestResponse): boolean => status === 200 || status === 201;
const mismatch = {
  status: 422,
  body: { code: 'idempotency_mismatch', details: { field: 'Idempotency-Key' } },
};

describe.each(dialects)('a create with an idempotency key through %s', (dialect) => {
  const { target, token, status } = creations[dialect];
  const body = (): object => creations[dialect].body({ email: email() });
  const createUser = (draft: object, key: string, as = token('acme'), slug: TenantSlug = 'acme') =>
    service.post(target, draft, withKey(key, as, slug));

  it('returns the first response again and writes nothing [K06]', async () => {
    const [draft, key] = [body(), unique()];
    const first = await createUser(draft, key);
    expect([first.status, splitReplay(first)[0]]).toEqual([status, undefined]);
    const again = await expectNoWrites(service, () => createUser(draft, key));
    expectReplay(again, first);
    expectReplay(await createUser(draft, key), first);
  });

  it('returns 422 for another body under the same key, and reveals nothing about the first [K07]', async () => {
    const [draft, key] = [body(), unique()];
    const first = await createUser(draft, key);
    const other = await expectNoWrites(service, () => createUser(body(), key));
    expect(other).toMatchObject(mismatch);
    expect(other.text).not.toContain((draft as { email: string }).email);
    expectReplay(await createUser(draft, key), first);
  });

  it('creates one user from 20 concurrent requests, and returns it to each of them [K08]', async () => {
    const [draft, key] = [body(), unique()];
    const answers = await Promise.all(Array.from({ length: 20 }, () => createUser(draft, key)));
    expect(answers.filter(isCreated)).toHaveLength(20);
    expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
    expect(
      answers.filter(({ headers }) => headers['idempotency-replayed'] === undefined),
    ).toHaveLength(1);
  });

  it('can succeed after a failure, which is not stored [K12]', async () => {
    const [draft, key] = [body(), unique()];
    const existing = await service.post(
      '/v1/users',
      { email: (draft as { email: string }).email },
      { token: adminToken('acme') },
    );
    expect((await expectNoWrites(service, () => createUser(draft, key))).status).toBe(409);
    expect((await createUser({ ...draft, email: 'nothing' }, key)).status).toBe(400);
    await service.send('DELETE', `/v1/users/${existing.body.userId}`, {
      token: adminToken('acme'),
    });
    const created = await createUser(draft, key);
    expect([created.status, splitReplay(created)[0]]).toEqual([status, undefined]);
  });

  it('is independent of the same key in another tenant [K09]', async () => {
    const key = unique();
    const [here, there] = [
      await createUser(body(), key),
      await createUser(body(), key, token('globex'), 'globex'),
    ];
    expect([here, there].map((answer) => [answer.status, splitReplay(answer)[0]])).toEqual(
      Array.from({ length: 2 }, () => [status, undefined]),
    );
  });
});

describe('an idempotency key is scoped to [K09]', () => {
  const scopes = [
    ['subject', userToken('acme', ['admin'], 'one'), userToken('acme', ['admin'], 'two')],
    [
      'issuer',
      issuer.mintAccessToken({ sub: 'one', tenantId: tenantId.acme, roles: ['admin'] }),
      externalIssuer.mintAccessToken({ sub: 'one', tenantId: tenantId.acme, roles: ['admin'] }),
    ],
  ] as const;

  it.each(scopes)('the %s of the caller', async (_what, one, two) => {
    const key = unique();
    const [first, second] = [{ email: email() }, { email: email() }];
    const answers = [
      await service.post('/v1/users', first, withKey(key, one)),
      await service.post('/v1/users', second, withKey(key, two)),
    ];
    expect(answers.map((answer) => [answer.status, splitReplay(answer)[0]])).toEqual(
      Array.from({ length: 2 }, () => [201, undefined]),
    );
    // Even the same request of another caller does not return the stored response.
    expect(await service.post('/v1/users', first, withKey(unique(), two))).toMatchObject({
      status: 409,
      body: { code: 'user_exists' },
    });
    expect((await service.post('/v1/users', first, withKey(key, two))).status).toBe(422);
  });

  it('the route', async () => {
    const key = unique();
    const answers = [
      await service.post('/v1/users', { email: email() }, withKey(key)),
      await service.post('/cradl/v1/users', { email: email() }, withKey(key)),
    ];
    expect(answers.map((answer) => [answer.status, splitReplay(answer)[0]])).toEqual([
      [201, undefined],
      [200, undefined],
    ]);
  });

  it('callers who are still allowed to create users', async () => {
    const [draft, key] = [{ email: email() }, unique()];
    await service.post('/v1/users', draft, withKey(key, userToken('acme', ['admin'], 'demoted')));
    expect(
      (await service.post('/v1/users', draft, withKey(key, userToken('acme', ['user'], 'demoted'))))
        .status,
    ).toBe(403);
  });
});

describe('a password', () => {
  it.each([
    ['native', '/v1/users', {}],
    ['jitsudo', '/jitsudo/v1/users', { name: 'Jo', roles: ['user'] }],
  ])(
    'is not compared in %s: another valid password returns the same response',
    async (_dialect, target, more) => {
      const [draft, key] = [{ ...more, email: email(), password: goodPassword }, unique()];
      const first = await service.post(target, draft, withKey(key));
      const [right, wrong] = [
        await service.post(target, draft, withKey(key)),
        await service.post(
          target,
          { ...draft, password: 'seven-lamps-in-an-orchard' },
          withKey(key),
        ),
      ];
      expectReplay(right, first);
      expectReplay(wrong, first);
      // An invalid password is still rejected.
      expect(
        (await service.post(target, { ...draft, password: 'short' }, withKey(key))).status,
      ).toBe(422);
    },
  );

  it('is not stored, and neither is the key', async () => {
    const key = `key-${unique()}`;
    await service.post(
      '/v1/users',
      { email: email(), password: goodPassword, metadata: { password: 'a' } },
      withKey(key),
    );
    const stored = await readAllItems(service);
    for (const secret of [key, goodPassword]) expect(stored).not.toContain(secret);
  });

  it('in metadata is compared like all metadata', async () => {
    const [draft, key] = [{ email: email(), metadata: { password: 'a' } }, unique()];
    await service.post('/v1/users', draft, withKey(key));
    expect(
      await service.post('/v1/users', { ...draft, metadata: { password: 'b' } }, withKey(key)),
    ).toMatchObject(mismatch);
  });
});

describe('an idempotency key', () => {
  it.each([
    ['is empty', ''],
    ['has a space', 'a b'],
    ['is not ASCII', 'schlüssel'],
    ['has a control character', 'a\u007fb'],
    ['is too long', 'k'.repeat(256)],
    ['is repeated', ['one', 'two']],
  ])('that %s is rejected', async (_what, key) => {
    const sent = { token: adminToken('acme'), headers: { 'idempotency-key': key } };
    const answer = await expectNoWrites(service, () =>
      service.post('/v1/users', { email: email() }, sent),
    );
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(answer.body.details.issues[0].path.toLowerCase()).toBe('idempotency-key');
  });

  it.each([
    ['of one character', '!'],
    ['of 255 characters', '~'.repeat(255)],
    ['that is a structured string', '"8e03978e-40d5-43dd-bc93-6894a57f9324"'],
  ])('%s is accepted', async (_what, key) => {
    const draft = { email: email() };
    const first = await service.post('/v1/users', draft, withKey(key));
    expectReplay(await service.post('/v1/users', draft, withKey(key)), first);
  });

  it('expires after 24 hours, even if its item still exists [K10]', async () => {
    const [draft, key] = [{ email: email() }, unique()];
    const createUser = (body: object = draft) =>
      service.post('/v1/users', body, withKey(key, clock.aTokenOf('acme', ['admin'])));
    const first = await createUser();
    clock.advanceBy(11 * 60_000);
    expectReplay(await createUser(), first);
    clock.advanceBy(day - 12 * 60_000);
    expectReplay(await createUser(), first);
    clock.advanceBy(62_000);
    expect(await expectNoWrites(service, () => createUser())).toMatchObject({
      status: 409,
      body: { code: 'user_exists' },
    });
    const next = { email: email() };
    const second = await createUser(next);
    expect([second.status, splitReplay(second)[0]]).toEqual([201, undefined]);
    expectReplay(await createUser(next), second);
    clock.advanceBy(-day - 62_000 + 60_000);
  });

  it('still replays the response for a changed or deleted user, but not for an erased one', async () => {
    const [draft, key] = [{ email: email() }, unique()];
    const createUser = () => service.post('/v1/users', draft, withKey(key));
    const first = await createUser();
    const user = `/v1/users/${first.body.userId}`;
    await service.send('PATCH', user, {
      token: adminToken('acme'),
      body: { email: email(), name: 'Jo' },
    });
    expectReplay(await createUser(), first);
    await service.send('DELETE', user, { token: adminToken('acme') });
    expectReplay(await createUser(), first);
    await service.post(`${user}/erase`, undefined, { token: adminToken('acme') });
    const again = await createUser();
    expect([again.status, splitReplay(again)[0], again.body.userId === first.body.userId]).toEqual([
      201,
      undefined,
      false,
    ]);
  });

  it('has no effect on an update', async () => {
    const { body } = await service.post('/v1/users', { email: email() }, withKey(unique()));
    for (const name of ['Jo', 'Joan']) {
      const answer = await service.send('PATCH', `/v1/users/${body.userId}`, {
        ...withKey('the-same'),
        body: { name },
      });
      expect([answer.status, answer.body.name, splitReplay(answer)[0]]).toEqual([
        200,
        name,
        undefined,
      ]);
    }
  });
});

it('tables are consistent after repeated requests', async () => {
  const { users, missing, stray } = await auditTables(service);
  expect([users.length > 0, missing, stray]).toEqual([true, [], []]);
});
