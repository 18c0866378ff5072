import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { asks, aUserIn, routesOfEachKind } from '../../support/authenticated-routes.ts';
import { aSigner, part, seconds } from '../../support/tokens/token-signer.ts';
import { aService, issuer, tenantId } from '../../support/service.ts';

const signer = aSigner();
/** A user pool as Cognito has it: no audience, and groups for roles. */
const pool = aSigner({
  alg: 'RS256',
  issuer: 'https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_abc',
});
const poolSettings = {
  issuer: pool.issuer,
  jwks: { keys: [pool.jwk] },
  clientIds: ['web', 'mobile'],
  tokenUse: 'access',
  tenantClaim: 'custom:tenant',
  rolesClaim: 'cognito:groups',
  tenants: '*',
};
const service = await aService({
  environment: { ISSUERS: JSON.stringify([issuer.settings, signer.settings, poolSettings]) },
});
const user = await aUserIn(service, 'acme');
const reads = (token: string) => service.gets(`/v1/users/${user.native}`, { token });

const challenge = expect.stringMatching(
  /^Bearer error="invalid_token", error_description="[^"]+"$/,
);
const isRefused = async (token: string) => {
  for (const route of routesOfEachKind) {
    const answer = await asks(service, route, { token, user });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': challenge },
      body: { code: 'unauthenticated' },
    });
  }
};

describe('J03: a token that is meant for something else is refused', () => {
  it.each<[string, object, object?]>([
    ['no issuer', { iss: undefined }],
    ['an issuer that is not configured', { iss: 'https://id.example.org' }],
    ['the issuer with a slash behind it', { iss: 'https://id.example.com/' }],
    ['the issuer in other case', { iss: 'https://ID.example.com' }],
    ['issuers in a list', { iss: ['https://id.example.com'] }],
    ['no audience', { aud: undefined }],
    ['another audience', { aud: 'billing' }],
    ['an audience that begins like ours', { aud: 'roster2' }],
    ['our audience in other case', { aud: 'Roster' }],
    ['no audience of several', { aud: ['billing', 'mail'] }],
    ['an empty list of audiences', { aud: [] }],
    ['an audience that is an object', { aud: { roster: true } }],
    ['an ID token', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['a logout token', {}, { typ: 'logout+jwt' }],
    ['a type that is a list', {}, { typ: ['at+jwt'] }],
  ])('%s', async (_, claims, header) => {
    await isRefused(signer.signs(claims, header));
  });

  it.each<[string, object, object?]>([
    ['our audience among several', { aud: ['billing', 'roster'] }],
    ['the type in its long form', {}, { typ: 'application/at+jwt' }],
    ['the type in other case', {}, { typ: 'AT+JWT' }],
  ])('%s is accepted', async (_, claims, header) => {
    expect((await reads(signer.signs(claims, header))).status).toBe(200);
  });
});

describe('J03: an issuer that names clients, as Cognito does', () => {
  const access = {
    aud: undefined,
    tenant_id: undefined,
    roles: undefined,
    client_id: 'web',
    token_use: 'access',
  };
  const groups = { 'custom:tenant': tenantId.acme, 'cognito:groups': ['admin'] };

  it.each<[string, object]>([
    ['one client', {}],
    ['another client', { client_id: 'mobile' }],
  ])('an access token of %s is accepted, whatever type its header has', async (_, claims) => {
    expect(
      (await reads(pool.signs({ ...access, ...groups, ...claims }, { typ: undefined }))).status,
    ).toBe(200);
  });

  it.each<[string, object]>([
    ['an ID token', { token_use: 'id', aud: 'web' }],
    ['no token use', { token_use: undefined }],
    ['a token use that is a list', { token_use: ['access'] }],
    ['another client', { client_id: 'batch' }],
    ['no client', { client_id: undefined }],
    ['clients in a list', { client_id: ['web'] }],
    ['a client in the audience only', { client_id: undefined, aud: 'web' }],
    ['another user pool', { iss: 'https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_xyz' }],
    [
      'the tenant in the claim of another issuer',
      { 'custom:tenant': undefined, tenant_id: tenantId.acme },
    ],
  ])('%s is refused', async (_, claims) => {
    await isRefused(pool.signs({ ...access, ...groups, ...claims }));
  });

  it('the roles claim of another issuer counts for nothing', async () => {
    const token = pool.signs({ ...access, 'custom:tenant': tenantId.acme, roles: ['admin'] });
    expect((await reads(token)).status).toBe(403);
  });
});

describe('J04: a token outside its time is refused', () => {
  it.each<[string, object]>([
    ['expired an hour ago', { exp: seconds() - 3600 }],
    ['expired two seconds ago', { exp: seconds() - 2 }],
    ['not good before the next minute', { nbf: seconds() + 60 }],
    ['without an expiry', { exp: undefined }],
    ['an expiry of null', { exp: null }],
    ['an expiry that is text', { exp: String(seconds() + 3600) }],
    ['an expiry that is a list', { exp: [seconds() + 3600] }],
    ['an expiry below zero', { exp: -1 }],
    ['an expiry before all dates', { exp: -1e300 }],
    ['issued at a time that is text', { iat: String(seconds()) }],
    ['a beginning that is text', { nbf: String(seconds() - 60) }],
    ['good for ten years', { exp: seconds() + 10 * 365 * 24 * 3600 }],
  ])('%s', async (_, claims) => {
    await isRefused(signer.signs(claims));
  });

  it('an expiry that no double holds is refused', async () => {
    const endless = JSON.stringify(signer.claims({ exp: 0 })).replace('"exp":0', '"exp":1e999');
    await isRefused(signer.signsText(`${part(signer.header())}.${part(endless)}`));
  });

  it.each<[string, object]>([
    ['began a minute ago', { nbf: seconds() - 60 }],
    ['begins in a second, by a clock that is ahead [F6-1]', { nbf: seconds() + 1 }],
    ['begins in two seconds [F6-2]', { nbf: seconds() + 2 }],
    ['was issued in two seconds', { iat: seconds() + 2 }],
  ])('a token that %s is accepted', async (_, claims) => {
    expect((await reads(signer.signs(claims))).status).toBe(200);
  });
});

describe('a token says who its subject is, in words', () => {
  it.each<[string, unknown]>([
    ['missing', undefined],
    ['empty', ''],
    ['null', null],
    ['a number', 7],
    ['a list', ['somebody']],
    ['an object', { id: 'somebody' }],
    ['longer than 256 characters', 's'.repeat(257)],
    ['half a surrogate pair', '\ud83d'],
  ])('a subject that is %s is refused', async (_, sub) => {
    await isRefused(signer.signs({ sub }));
  });

  it.each(['s'.repeat(256), 'auth0|5f7c8ec7c33c6c004bbafe82', 'Zoë\u202e#"\\\n', '__proto__'])(
    'the subject %j is who creates',
    async (sub) => {
      const { status, body } = await service.posts(
        '/cradl/v1/users',
        { email: `${randomUUID()}@example.com` },
        { token: signer.signs({ sub }) },
      );
      expect({ status, createdBy: body.createdBy }).toEqual({ status: 200, createdBy: sub });
    },
  );
});

describe('J06: a token names one tenant, as text; there is no other to fall back on', () => {
  it.each<[string, unknown, number]>([
    ['missing', undefined, 401],
    ['null', null, 401],
    ['empty', '', 401],
    ['a number', 7, 401],
    ['a list of one', [tenantId.acme], 401],
    ['a list of two', [tenantId.acme, tenantId.globex], 401],
    ['an object', { id: tenantId.acme }, 401],
    ['true', true, 401],
    ['a slug', 'acme', 403],
    ['two ids with a comma', `${tenantId.acme},${tenantId.globex}`, 403],
    ['an id with spaces around it', ` ${tenantId.acme} `, 403],
    ['an id without hyphens', tenantId.acme.replaceAll('-', ''), 403],
    ['a key', `${tenantId.acme}#USER#${tenantId.acme}`, 403],
    ['a wildcard', '*', 403],
    ['an id that is no tenant', '11111111-1111-4111-8111-111111111111', 403],
  ])('%s', async (_, tenant, status) => {
    for (const route of routesOfEachKind) {
      const answer = await asks(service, route, {
        token: signer.signs({ tenant_id: tenant }),
        user,
        headers: {},
      });
      // What demands X-Tenant-ID finds that it disagrees.
      const expected = status === 403 ? ['forbidden', 'tenant_mismatch'] : ['unauthenticated'];
      expect(answer.status).toBe(status);
      expect(expected).toContain(answer.body.code);
    }
  });

  it('an upper-case id is the same tenant', async () => {
    expect((await reads(signer.signs({ tenant_id: tenantId.acme.toUpperCase() }))).status).toBe(
      200,
    );
  });
});
