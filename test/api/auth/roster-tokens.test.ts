import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { asks, aUserIn, routesOfEachKind } from '../../support/authenticated-routes.ts';
import { tokenIn } from '../../support/scenarios/mail-delivery.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { aClock } from '../../support/scenarios/user-states.ts';
import {
  aKeyOfOurs,
  anAppClient,
  asksForToken,
  ownIssuer,
} from '../../support/tokens/roster-tokens.ts';
import { aSigner, part, seconds } from '../../support/tokens/token-signer.ts';
import { logged } from '../../support/logs.ts';
import { anAdminOf, aService, issuer, tenantId } from '../../support/service.ts';

// Tokens of Roster's own: what their bearers may do is in the directory and not in the token.

const clock = aClock();
const service = await aService({ now: clock.now });
const key = await aKeyOfOurs();
const stranger = aSigner({ kid: key.kid, issuer: ownIssuer });
const client = await anAppClient(service, 'acme');
const user = await aUserIn(service, 'acme');

const mine = { ...client.claims };
const good = await key.signs(mine);
const lists = (token: string, headers = {}) => service.gets('/v1/users', { token, headers });
const tokenOf = async ({ secret, clientId }: Awaited<ReturnType<typeof anAppClient>>) =>
  String((await asksForToken(service, { secret, clientId })).body.access_token);

const challenge = expect.stringMatching(
  /^Bearer error="invalid_token", error_description="[^"]+"$/,
);
const refused = {
  status: 401,
  headers: { 'www-authenticate': challenge },
  body: { code: 'unauthenticated' },
};
const isRefused = async (token: string) => {
  for (const route of routesOfEachKind)
    expect(await asks(service, route, { token, user })).toMatchObject(refused);
};

it('a token that the service has issued is good, and so is one that only looks like it', async () => {
  expect((await lists(await tokenOf(client))).status).toBe(200);
  expect((await lists(good)).status).toBe(200);
});

describe('J01, J02: a token that no key of the deployment has signed is refused, in every dialect', () => {
  const [header = '', payload = '', signature = ''] = good.split('.');
  it.each<[string, string | Promise<string>]>([
    ['alg none', `${part(key.header({ alg: 'none' }))}.${payload}.`],
    ['another algorithm', key.signs(mine, { alg: 'ES384' })],
    [
      'HS256 keyed with the kid',
      `${part(key.header({ alg: 'HS256' }))}.${payload}.${createHmac('sha256', key.kid).update(payload).digest('base64url')}`,
    ],
    ['no signature', `${header}.${payload}.`],
    ['a signature of zeros', `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`],
    [
      'other claims',
      `${header}.${part(key.claims({ sub: 'cradl:app-client:other' }))}.${signature}`,
    ],
    ["a stranger's key under our kid", stranger.signs({ aud: ownIssuer, ...mine })],
    [
      "a stranger's key in the header",
      stranger.signs(
        { aud: ownIssuer, ...mine },
        { jwk: stranger.jwk, jku: 'https://evil.example/keys' },
      ),
    ],
    ['the key of another issuer that is trusted', issuer.mint(key.claims(mine))],
    ['a kid that is none', key.signs(mine, { kid: "' OR '1'='1" })],
    ['no kid', key.signs(mine, { kid: undefined })],
    ['critical extensions', key.signs(mine, { crit: ['exp'] })],
  ])('%s', async (_, token) => {
    await isRefused(await token);
  });
});

describe('J03, J04, J06: a token that the deployment would not have made is refused, whoever signed it', () => {
  it.each<[string, object, object?]>([
    ['another audience', { aud: 'billing' }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://roster.example.org' }],
    ['an ID token', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['expired', { exp: seconds() - 2 }],
    ['no expiry', { exp: undefined }],
    ['an expiry in words', { exp: String(seconds() + 60) }],
    ['good for ten years', { exp: seconds() + 10 * 365 * 24 * 3600 }],
    ['not good yet', { nbf: seconds() + 60 }],
    ['tenants in a list', { tenant_id: [tenantId.acme] }],
    ['no tenant', { tenant_id: undefined }],
    ['a tenant where the client is not', { tenant_id: tenantId.globex }],
    ['a tenant that there is not', { tenant_id: '00000000-0000-4000-8000-000000000000' }],
    ['a tenant that is part of a key', { tenant_id: `${tenantId.acme}#USER` }],
    ['nobody', { sub: undefined }],
    ['an app client that there is not', { sub: 'cradl:app-client:nobody' }],
    ['a name with a space in it', { sub: 'cradl:app-client:nobody default' }],
    ['a user that there is not', { sub: 'cradl:user:00000000000040008000000000000000' }],
    ['a subject of another kind', { sub: 'somebody' }],
  ])('%s', async (_, claims, header) => {
    await isRefused(await key.signs({ ...mine, ...claims }, header));
  });

  it('J07: two Authorization headers are refused, a scheme in lower case is not, and a token in the query is none', async () => {
    const reads = (headers: Record<string, string | string[]>, query = '') =>
      service.gets(`/v1/users${query}`, { headers });
    expect((await reads({ authorization: [`Bearer ${good}`, `Bearer ${good}`] })).status).toBe(400);
    expect((await reads({ authorization: `bearer ${good}` })).status).toBe(200);
    expect((await reads({}, `?access_token=${good}`)).status).toBe(401);
  });
});

const first = 'tangled-orchard-7-lamps';
const second = 'seven-lamps-in-an-orchard';
async function aPerson() {
  const email = `${unique()}@example.com`;
  return {
    email,
    ...(await aUserIn(service, 'acme', { email, password: first, roleIds: ['cradl:role:admin'] })),
  };
}
const signsIn = async (email: string, password: string) =>
  String(
    (await service.posts('/v1/auth/token', { tenant: 'acme', email, password })).body.accessToken,
  );
async function resets(email: string) {
  await service.posts('/v1/auth/password-reset', { tenant: 'acme', email });
  const mails = await service.delivers();
  const token = tokenIn(
    mails.findLast(({ to, text }) => to.includes(email) && text.includes('#token='))?.text ?? '',
  );
  return service.posts('/v1/auth/password-reset/complete', { token, password: second });
}

describe('T12: what the bearer may do is what the directory says', () => {
  it('and not what the token says of roles, for an app client and for a user', async () => {
    const clerk = await anAppClient(service, 'acme', { roles: ['user'] });
    const person = await aUserIn(service, 'acme', {
      password: 'tangled-orchard-7-lamps',
      roleIds: ['cradl:role:approver'],
    });
    expect(
      (await lists(await key.signs({ ...clerk.claims, roles: ['admin', 'system_admin'] }))).status,
    ).toBe(403);
    const token = await key.signs({ sub: person.native, roles: ['admin', 'system_admin'] });
    expect((await lists(token)).status).toBe(200);
    expect((await service.posts('/v1/users', { email: 'jo@example.com' }, { token })).status).toBe(
      403,
    );
    expect((await service.gets('/v1/users/me', { token })).body.userId).toBe(person.native);
  });

  it('a role that is taken away is so after 30 seconds at most', async () => {
    const clerk = await anAppClient(service, 'acme');
    const token = await key.signs({ ...clerk.claims });
    expect((await lists(token)).status).toBe(200);
    await clerk.becomes({ roles: [] });
    clock.leaps(30_000);
    expect((await lists(token)).status).toBe(403);
  });

  it('J08: an app client that is revoked is nobody after 30 seconds at most', async () => {
    const clerk = await anAppClient(service, 'acme');
    const token = await key.signs({ ...clerk.claims });
    expect((await lists(token)).status).toBe(200);
    await clerk.becomes({ revocation: { at: clock.now().toISOString(), by: 'admin' } });
    clock.leaps(30_000);
    await isRefused(token);
  });

  it('an app client is nobody from the moment at which it expires', async () => {
    const clerk = await anAppClient(service, 'acme', {
      expiresAt: new Date(clock.now().getTime() + 5_000).toISOString(),
    });
    const token = await key.signs({ ...clerk.claims });
    expect((await lists(token)).status).toBe(200);
    clock.leaps(5_000);
    expect(await lists(token)).toMatchObject(refused);
  });

  it.each(['suspend', 'delete'])(
    'J08: a user after a %s is nobody after 30 seconds at most',
    async (what) => {
      const person = await aUserIn(service, 'acme', {
        password: 'tangled-orchard-7-lamps',
        roleIds: ['cradl:role:admin'],
      });
      const token = await key.signs({ sub: person.native });
      expect((await lists(token)).status).toBe(200);
      const [method, path] =
        what === 'delete' ? (['DELETE', ''] as const) : (['POST', '/suspend'] as const);
      expect(
        (
          await service.send(method, `/v1/users/${person.native}${path}`, {
            token: anAdminOf('acme'),
          })
        ).status,
      ).toBeLessThan(300);
      clock.leaps(30_000);
      await isRefused(token);
    },
  );

  it.each([
    [
      'their own change of it',
      (id: string) =>
        service.posts(
          '/v1/users/me/password',
          { currentPassword: first, newPassword: second },
          { token: clock.aTokenOf('acme', [], id) },
        ),
    ],
    [
      'somebody else’s',
      (_id: string, email: string) =>
        service.send('PATCH', `/credible/api/v0/users/${email}`, {
          token: clock.aTokenOf('acme', ['system_admin']),
          body: { password: second },
        }),
    ],
    ['a link by mail', (_id: string, email: string) => resets(email)],
  ])(
    'P09: the tokens of a user end with their password, by %s, within 30 seconds, and others can be had at once',
    async (_how, sets) => {
      const { email, native: id } = await aPerson();
      const token = await signsIn(email, first);
      const unnumbered = await key.signs({ sub: id });
      for (const each of [token, unnumbered]) expect((await lists(each)).status).toBe(200);
      expect((await sets(id, email)).status).toBeLessThan(300);
      const later = await signsIn(email, second);
      const is = async () => (await service.gets('/v1/users/me', { token: later })).body.userId;
      expect(await is()).toBe(id);
      clock.leaps(30_000);
      for (const each of [token, unnumbered]) await isRefused(each);
      expect(await is()).toBe(id);
      expect(
        (await service.gets(`/v1/users/${id}/export`, { token: anAdminOf('acme') })).text,
      ).not.toContain('eneration');
    },
  );

  it('J08: the tokens that a suspension has ended do not come back with the user', async () => {
    const { email, native: id } = await aPerson();
    const token = await signsIn(email, first);
    for (const move of ['suspend', 'reactivate'])
      await service.posts(`/v1/users/${id}/${move}`, undefined, { token: anAdminOf('acme') });
    await isRefused(token);
    expect((await lists(await signsIn(email, first))).status).toBe(200);
  });

  it('a user who is still invited is nobody', async () => {
    const guest = await aUserIn(service, 'acme');
    expect(await lists(await key.signs({ sub: guest.native }))).toMatchObject(refused);
  });

  it('only the stored app client can be a system administrator, and reaches every tenant then', async () => {
    const root = await anAppClient(service, 'acme', { roles: [], systemAdministrator: true });
    const token = await tokenOf(root);
    const headers = { 'x-tenant-id': tenantId.globex };
    expect((await lists(token, headers)).status).toBe(200);
    expect(
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).roles,
    ).toEqual(['system_admin']);
    expect((await lists(good, headers)).body.code).toBe('tenant_mismatch');
    const named = await anAppClient(service, 'acme', { roles: ['system_admin', 'admin'] });
    expect((await lists(await tokenOf(named), headers)).body.code).toBe('tenant_mismatch');
  });

  it('a suspended tenant lets nobody in', async () => {
    const clerk = await anAppClient(service, 'south');
    const token = await tokenOf(clerk);
    await service.hasTenant('south', { status: 'suspended' });
    clock.leaps(30_000);
    expect((await lists(token)).body).toMatchObject({
      code: 'tenant_suspended',
      message: 'This tenant is suspended',
    });
    await service.hasTenant('south', { status: 'active' });
  });
});

it('T13: on whose behalf a program says that it calls changes nothing', async () => {
  const clerk = await anAppClient(service, 'acme', { roles: ['user'] });
  const admin = await aUserIn(service, 'acme', {
    password: 'tangled-orchard-7-lamps',
    roleIds: ['cradl:role:admin'],
  });
  const behalf = {
    act: { sub: admin.native },
    may_act: { sub: admin.native },
    onBehalfOf: admin.native,
    on_behalf_of: admin.native,
  };
  const headers = { 'x-on-behalf-of': admin.native, 'on-behalf-of': admin.native };
  expect((await lists(await key.signs({ ...clerk.claims, ...behalf }), headers)).status).toBe(403);
  expect((await service.gets('/v1/users', { headers: { ...clerk.key, ...headers } })).status).toBe(
    403,
  );
});

it('what an app client creates is by its name, and the log names its tenant', async () => {
  const { body } = await service.posts('/v1/users', { email: 'ada@example.com' }, { token: good });
  expect(body.createdBy).toBe(client.subject);
  expect(JSON.parse(logged.at(-1) ?? '')).toMatchObject({ tenant: tenantId.acme, status: 201 });
});

it('when an app client was last heard of is noted, once a minute at most', async () => {
  const clerk = await anAppClient(service, 'acme');
  const use = async () =>
    (await service.stored.all()).find(
      ({ pk, sk }) => sk === 'USE' && String(pk).endsWith(clerk.appClientId),
    )?.['usedAt'];
  const token = await key.signs({ ...clerk.claims });
  await lists(token);
  const first = await use();
  expect(Math.abs(Date.parse(first) - clock.now().getTime())).toBeLessThan(5_000);
  clock.leaps(31_000);
  await lists(token);
  expect(await use()).toBe(first);
  clock.leaps(31_000);
  await lists(token);
  expect(Date.parse(await use()) - Date.parse(first)).toBeGreaterThan(60_000);
});
