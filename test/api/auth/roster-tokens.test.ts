import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  requestRoute,
  createUserIn,
  oneRoutePerOperation,
} from '../../support/authenticated-routes.ts';
import { parseMailToken } from '../../support/scenarios/mail-delivery.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import {
  createOwnSigner,
  createTokenAppClient,
  requestAccessToken,
  ownIssuer,
} from '../../support/tokens/roster-tokens.ts';
import { createSigner, part, seconds } from '../../support/tokens/token-signer.ts';
import { getLogs } from '../../support/logs.ts';
import { adminToken, createTestService, issuer, tenantId } from '../../support/service.ts';

// Tokens of Roster. The permissions come from the directory, not from the token.

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
const key = await createOwnSigner();
const attacker = createSigner({ kid: key.kid, issuer: ownIssuer });
const client = await createTokenAppClient(service, 'acme');
const user = await createUserIn(service, 'acme');

const clientClaims = { ...client.claims };
const validToken = await key.signs(clientClaims);
const lists = (token: string, headers = {}) => service.get('/v1/users', { token, headers });
const requestToken = async ({
  secret,
  clientId,
}: Awaited<ReturnType<typeof createTokenAppClient>>) =>
  String((await requestAccessToken(service, { secret, clientId })).body.access_token);

const challenge = expect.stringMatching(
  /^Bearer error="invalid_token", error_description="[^"]+"$/,
);
const unauthenticated = {
  status: 401,
  headers: { 'www-authenticate': challenge },
  body: { code: 'unauthenticated' },
};
const expectUnauthenticated = async (token: string) => {
  for (const route of oneRoutePerOperation)
    expect(await requestRoute(service, route, { token, user })).toMatchObject(unauthenticated);
};

it('tokens signed with the key of the deployment are accepted', async () => {
  expect((await lists(await requestToken(client))).status).toBe(200);
  expect((await lists(validToken)).status).toBe(200);
});

describe('a Roster token [J01 J02]', () => {
  const [header = '', payload = '', signature = ''] = validToken.split('.');
  it.each<[string, string | Promise<string>]>([
    ['alg none', `${part(key.header({ alg: 'none' }))}.${payload}.`],
    ['another algorithm', key.signs(clientClaims, { alg: 'ES384' })],
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
    ["an attacker's key and the same kid", attacker.signs({ aud: ownIssuer, ...clientClaims })],
    [
      "an attacker's key in the header",
      attacker.signs(
        { aud: ownIssuer, ...clientClaims },
        { jwk: attacker.jwk, jku: 'https://evil.example/keys' },
      ),
    ],
    ['the key of another trusted issuer', issuer.mint(key.claims(clientClaims))],
    ['an invalid kid', key.signs(clientClaims, { kid: "' OR '1'='1" })],
    ['no kid', key.signs(clientClaims, { kid: undefined })],
    ['critical extensions', key.signs(clientClaims, { crit: ['exp'] })],
  ])('with %s returns 401 in every dialect', async (_, token) => {
    await expectUnauthenticated(await token);
  });
});

describe('a Roster token with a valid signature [J03 J04 J06]', () => {
  it.each<[string, object, object?]>([
    ['another audience', { aud: 'billing' }],
    ['no audience', { aud: undefined }],
    ['another issuer', { iss: 'https://roster.example.org' }],
    ['the type of an ID token', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['an exp in the past', { exp: seconds() - 2 }],
    ['no exp', { exp: undefined }],
    ['a string as exp', { exp: String(seconds() + 60) }],
    ['a lifetime of 10 years', { exp: seconds() + 10 * 365 * 24 * 3600 }],
    ['an nbf in the future', { nbf: seconds() + 60 }],
    ['a list of tenants', { tenant_id: [tenantId.acme] }],
    ['no tenant', { tenant_id: undefined }],
    ['another tenant', { tenant_id: tenantId.globex }],
    ['an unknown tenant', { tenant_id: '00000000-0000-4000-8000-000000000000' }],
    ['a tenant followed by a key separator', { tenant_id: `${tenantId.acme}#USER` }],
    ['no subject', { sub: undefined }],
    ['an unknown app client', { sub: 'cradl:app-client:unknown' }],
    ['an app client ID with a space', { sub: 'cradl:app-client:unknown default' }],
    ['an unknown user', { sub: 'cradl:user:00000000000040008000000000000000' }],
    ['a subject of another type', { sub: 'somebody' }],
  ])('and %s returns 401 in every dialect', async (_, claims, header) => {
    await expectUnauthenticated(await key.signs({ ...clientClaims, ...claims }, header));
  });

  it('is accepted with a lowercase scheme, but not in two headers or in the query [J07]', async () => {
    const reads = (headers: Record<string, string | string[]>, query = '') =>
      service.get(`/v1/users${query}`, { headers });
    expect(
      (await reads({ authorization: [`Bearer ${validToken}`, `Bearer ${validToken}`] })).status,
    ).toBe(400);
    expect((await reads({ authorization: `bearer ${validToken}` })).status).toBe(200);
    expect((await reads({}, `?access_token=${validToken}`)).status).toBe(401);
  });
});

const first = 'tangled-orchard-7-lamps';
const second = 'seven-lamps-in-an-orchard';
async function createAdmin() {
  const email = `${unique()}@example.com`;
  return {
    email,
    ...(await createUserIn(service, 'acme', {
      email,
      password: first,
      roleIds: ['cradl:role:admin'],
    })),
  };
}
const signsIn = async (email: string, password: string) =>
  String(
    (await service.post('/v1/auth/token', { tenant: 'acme', email, password })).body.accessToken,
  );
async function resets(email: string) {
  await service.post('/v1/auth/password-reset', { tenant: 'acme', email });
  const mails = await service.deliverPendingMail();
  const token = parseMailToken(
    mails.findLast(({ to, text }) => to.includes(email) && text.includes('#token='))?.text ?? '',
  );
  return service.post('/v1/auth/password-reset/complete', { token, password: second });
}

describe('access with a Roster token [T12]', () => {
  it('depends on the roles in the directory, not in the token', async () => {
    const clerk = await createTokenAppClient(service, 'acme', { roles: ['user'] });
    const person = await createUserIn(service, 'acme', {
      password: 'tangled-orchard-7-lamps',
      roleIds: ['cradl:role:approver'],
    });
    expect(
      (await lists(await key.signs({ ...clerk.claims, roles: ['admin', 'system_admin'] }))).status,
    ).toBe(403);
    const token = await key.signs({ sub: person.native, roles: ['admin', 'system_admin'] });
    expect((await lists(token)).status).toBe(200);
    expect((await service.post('/v1/users', { email: 'jo@example.com' }, { token })).status).toBe(
      403,
    );
    expect((await service.get('/v1/users/me', { token })).body.userId).toBe(person.native);
  });

  it('loses a removed role within 30 s', async () => {
    const clerk = await createTokenAppClient(service, 'acme');
    const token = await key.signs({ ...clerk.claims });
    expect((await lists(token)).status).toBe(200);
    await clerk.becomes({ roles: [] });
    clock.advanceBy(30_000);
    expect((await lists(token)).status).toBe(403);
  });

  it('ends within 30 s of the revocation of the app client [J08]', async () => {
    const clerk = await createTokenAppClient(service, 'acme');
    const token = await key.signs({ ...clerk.claims });
    expect((await lists(token)).status).toBe(200);
    await clerk.becomes({ revocation: { at: clock.now().toISOString(), by: 'admin' } });
    clock.advanceBy(30_000);
    await expectUnauthenticated(token);
  });

  it('ends when the app client expires', async () => {
    const clerk = await createTokenAppClient(service, 'acme', {
      expiresAt: new Date(clock.now().getTime() + 5_000).toISOString(),
    });
    const token = await key.signs({ ...clerk.claims });
    expect((await lists(token)).status).toBe(200);
    clock.advanceBy(5_000);
    expect(await lists(token)).toMatchObject(unauthenticated);
  });

  it.each(['suspend', 'delete'])(
    'ends within 30 s of the %s operation on the user [J08]',
    async (what) => {
      const person = await createUserIn(service, 'acme', {
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
            token: adminToken('acme'),
          })
        ).status,
      ).toBeLessThan(300);
      clock.advanceBy(30_000);
      await expectUnauthenticated(token);
    },
  );

  it.each([
    [
      'the user',
      (id: string) =>
        service.post(
          '/v1/users/me/password',
          { currentPassword: first, newPassword: second },
          { token: clock.aTokenOf('acme', [], id) },
        ),
    ],
    [
      'an administrator',
      (_id: string, email: string) =>
        service.send('PATCH', `/credible/api/v0/users/${email}`, {
          token: clock.aTokenOf('acme', ['system_admin']),
          body: { password: second },
        }),
    ],
    ['a reset link', (_id: string, email: string) => resets(email)],
  ])(
    'ends within 30 s of a password change by %s, and new tokens are accepted at once [P09]',
    async (_how, sets) => {
      const { email, native: id } = await createAdmin();
      const token = await signsIn(email, first);
      const withoutGeneration = await key.signs({ sub: id });
      for (const each of [token, withoutGeneration]) expect((await lists(each)).status).toBe(200);
      expect((await sets(id, email)).status).toBeLessThan(300);
      const later = await signsIn(email, second);
      const getOwnId = async () =>
        (await service.get('/v1/users/me', { token: later })).body.userId;
      expect(await getOwnId()).toBe(id);
      clock.advanceBy(30_000);
      for (const each of [token, withoutGeneration]) await expectUnauthenticated(each);
      expect(await getOwnId()).toBe(id);
      expect(
        (await service.get(`/v1/users/${id}/export`, { token: adminToken('acme') })).text,
      ).not.toContain('eneration');
    },
  );

  it('does not return when a suspended user is reactivated [J08]', async () => {
    const { email, native: id } = await createAdmin();
    const token = await signsIn(email, first);
    for (const move of ['suspend', 'reactivate'])
      await service.post(`/v1/users/${id}/${move}`, undefined, { token: adminToken('acme') });
    await expectUnauthenticated(token);
    expect((await lists(await signsIn(email, first))).status).toBe(200);
  });

  it('is denied to an invited user', async () => {
    const guest = await createUserIn(service, 'acme');
    expect(await lists(await key.signs({ sub: guest.native }))).toMatchObject(unauthenticated);
  });

  it('covers every tenant only if the stored app client is a system administrator', async () => {
    const root = await createTokenAppClient(service, 'acme', {
      roles: [],
      systemAdministrator: true,
    });
    const token = await requestToken(root);
    const headers = { 'x-tenant-id': tenantId.globex };
    expect((await lists(token, headers)).status).toBe(200);
    expect(
      JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()).roles,
    ).toEqual(['system_admin']);
    expect((await lists(validToken, headers)).body.code).toBe('tenant_mismatch');
    const namedAdmin = await createTokenAppClient(service, 'acme', {
      roles: ['system_admin', 'admin'],
    });
    expect((await lists(await requestToken(namedAdmin), headers)).body.code).toBe(
      'tenant_mismatch',
    );
  });

  it('ends while the tenant is suspended', async () => {
    const clerk = await createTokenAppClient(service, 'south');
    const token = await requestToken(clerk);
    await service.updateTenantItem('south', { status: 'suspended' });
    clock.advanceBy(30_000);
    expect((await lists(token)).body).toMatchObject({
      code: 'tenant_suspended',
      message: 'This tenant is suspended',
    });
    await service.updateTenantItem('south', { status: 'active' });
  });
});

it('claims and headers about another subject have no effect [T13]', async () => {
  const clerk = await createTokenAppClient(service, 'acme', { roles: ['user'] });
  const admin = await createUserIn(service, 'acme', {
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
  expect((await service.get('/v1/users', { headers: { ...clerk.key, ...headers } })).status).toBe(
    403,
  );
});

it('createdBy contains the app client, and the log its tenant', async () => {
  const { body } = await service.post(
    '/v1/users',
    { email: 'ada@example.com' },
    { token: validToken },
  );
  expect(body.createdBy).toBe(client.subject);
  expect(JSON.parse(getLogs.at(-1) ?? '')).toMatchObject({ tenant: tenantId.acme, status: 201 });
});

it('the last use of an app client is recorded at most once a minute', async () => {
  const clerk = await createTokenAppClient(service, 'acme');
  const use = async () =>
    (await service.stored.all()).find(
      ({ pk, sk }) => sk === 'USE' && String(pk).endsWith(clerk.appClientId),
    )?.['usedAt'];
  const token = await key.signs({ ...clerk.claims });
  await lists(token);
  const first = await use();
  expect(first).toBe(clock.now().toISOString());
  clock.advanceBy(31_000);
  await lists(token);
  expect(await use()).toBe(first);
  clock.advanceBy(31_000);
  await lists(token);
  expect(await use()).toBe(clock.now().toISOString());
});
