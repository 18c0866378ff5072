import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  requestRoute,
  createUserIn,
  oneRoutePerOperation,
} from '../../support/authenticated-routes.ts';
import { createSigner, part, seconds } from '../../support/tokens/token-signer.ts';
import { createTestService, issuer, tenantId } from '../../support/service.ts';

const signer = createSigner();
/** User pool like those of Cognito: no audience, and groups as roles. */
const pool = createSigner({
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
const service = await createTestService({
  environment: { ISSUERS: JSON.stringify([issuer.settings, signer.settings, poolSettings]) },
});
const user = await createUserIn(service, 'acme');
const reads = (token: string) => service.get(`/v1/users/${user.native}`, { token });

const challenge = expect.stringMatching(
  /^Bearer error="invalid_token", error_description="[^"]+"$/,
);
const expectUnauthenticated = async (token: string) => {
  for (const route of oneRoutePerOperation) {
    const answer = await requestRoute(service, route, { token, user });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': challenge },
      body: { code: 'unauthenticated' },
    });
  }
};

describe('a token [J03]', () => {
  it.each<[string, object, object?]>([
    ['no issuer', { iss: undefined }],
    ['an unknown issuer', { iss: 'https://id.example.org' }],
    ['the issuer followed by a slash', { iss: 'https://id.example.com/' }],
    ['the issuer in another case', { iss: 'https://ID.example.com' }],
    ['a list of issuers', { iss: ['https://id.example.com'] }],
    ['no audience', { aud: undefined }],
    ['another audience', { aud: 'billing' }],
    ['an audience that starts with the right one', { aud: 'roster2' }],
    ['the audience in another case', { aud: 'Roster' }],
    ['several other audiences', { aud: ['billing', 'mail'] }],
    ['an empty list of audiences', { aud: [] }],
    ['an audience that is an object', { aud: { roster: true } }],
    ['the type of an ID token', {}, { typ: 'JWT' }],
    ['no type', {}, { typ: undefined }],
    ['the type of a logout token', {}, { typ: 'logout+jwt' }],
    ['a type that is a list', {}, { typ: ['at+jwt'] }],
  ])('with %s returns 401 in every dialect', async (_, claims, header) => {
    await expectUnauthenticated(signer.signs(claims, header));
  });

  it.each<[string, object, object?]>([
    ['the audience among several', { aud: ['billing', 'roster'] }],
    ['the type in its long form', {}, { typ: 'application/at+jwt' }],
    ['the type in another case', {}, { typ: 'AT+JWT' }],
  ])('with %s is accepted', async (_, claims, header) => {
    expect((await reads(signer.signs(claims, header))).status).toBe(200);
  });
});

describe('a token of an issuer with client IDs, such as Cognito [J03]', () => {
  const access = {
    aud: undefined,
    tenant_id: undefined,
    roles: undefined,
    client_id: 'web',
    token_use: 'access',
  };
  const groups = { 'custom:tenant': tenantId.acme, 'cognito:groups': ['admin'] };

  it.each<[string, object]>([
    ['the first client ID', {}],
    ['the second client ID', { client_id: 'mobile' }],
  ])('for %s is accepted without a type in its header', async (_, claims) => {
    expect(
      (await reads(pool.signs({ ...access, ...groups, ...claims }, { typ: undefined }))).status,
    ).toBe(200);
  });

  it.each<[string, object]>([
    ['the type of an ID token', { token_use: 'id', aud: 'web' }],
    ['no token use', { token_use: undefined }],
    ['a token use that is a list', { token_use: ['access'] }],
    ['another client ID', { client_id: 'batch' }],
    ['no client ID', { client_id: undefined }],
    ['a list of client IDs', { client_id: ['web'] }],
    ['a client ID only in the audience', { client_id: undefined, aud: 'web' }],
    ['another user pool', { iss: 'https://cognito-idp.eu-north-1.amazonaws.com/eu-north-1_xyz' }],
    [
      'the tenant in the claim of another issuer',
      { 'custom:tenant': undefined, tenant_id: tenantId.acme },
    ],
  ])('with %s returns 401 in every dialect', async (_, claims) => {
    await expectUnauthenticated(pool.signs({ ...access, ...groups, ...claims }));
  });

  it('gets no roles from the roles claim of another issuer', async () => {
    const token = pool.signs({ ...access, 'custom:tenant': tenantId.acme, roles: ['admin'] });
    expect((await reads(token)).status).toBe(403);
  });
});

describe('a token [J04]', () => {
  it.each<[string, object]>([
    ['an exp 1 h ago', { exp: seconds() - 3600 }],
    ['an exp 2 s ago', { exp: seconds() - 2 }],
    ['an nbf in 60 s', { nbf: seconds() + 60 }],
    ['no exp', { exp: undefined }],
    ['a null exp', { exp: null }],
    ['a string as exp', { exp: String(seconds() + 3600) }],
    ['a list as exp', { exp: [seconds() + 3600] }],
    ['a negative exp', { exp: -1 }],
    ['an exp of -1e300', { exp: -1e300 }],
    ['a string as iat', { iat: String(seconds()) }],
    ['a string as nbf', { nbf: String(seconds() - 60) }],
    ['a lifetime of 10 years', { exp: seconds() + 10 * 365 * 24 * 3600 }],
  ])('with %s returns 401 in every dialect', async (_, claims) => {
    await expectUnauthenticated(signer.signs(claims));
  });

  it('with an infinite exp returns 401 in every dialect', async () => {
    const infinite = JSON.stringify(signer.claims({ exp: 0 })).replace('"exp":0', '"exp":1e999');
    await expectUnauthenticated(signer.signsText(`${part(signer.header())}.${part(infinite)}`));
  });

  it.each<[string, object]>([
    ['an nbf 60 s ago', { nbf: seconds() - 60 }],
    ['an nbf in 1 s [F6-1]', { nbf: seconds() + 1 }],
    ['an nbf in 2 s [F6-2]', { nbf: seconds() + 2 }],
    ['an iat in 2 s', { iat: seconds() + 2 }],
  ])('with %s is accepted', async (_, claims) => {
    expect((await reads(signer.signs(claims))).status).toBe(200);
  });
});

describe('the subject of a token', () => {
  it.each<[string, unknown]>([
    ['missing', undefined],
    ['empty', ''],
    ['null', null],
    ['a number', 7],
    ['a list', ['somebody']],
    ['an object', { id: 'somebody' }],
    ['longer than 256 characters', 's'.repeat(257)],
    ['half a surrogate pair', '\ud83d'],
  ])('returns 401 in every dialect if it is %s', async (_, sub) => {
    await expectUnauthenticated(signer.signs({ sub }));
  });

  it.each(['s'.repeat(256), 'auth0|5f7c8ec7c33c6c004bbafe82', 'Zoë\u202e#"\\\n', '__proto__'])(
    'can be %j, and becomes createdBy',
    async (sub) => {
      const { status, body } = await service.post(
        '/cradl/v1/users',
        { email: `${randomUUID()}@example.com` },
        { token: signer.signs({ sub }) },
      );
      expect({ status, createdBy: body.createdBy }).toEqual({ status: 200, createdBy: sub });
    },
  );
});

describe('a tenant claim [J06]', () => {
  it.each<[string, number, unknown]>([
    ['missing', 401, undefined],
    ['null', 401, null],
    ['empty', 401, ''],
    ['a number', 401, 7],
    ['a list of one', 401, [tenantId.acme]],
    ['a list of two', 401, [tenantId.acme, tenantId.globex]],
    ['an object', 401, { id: tenantId.acme }],
    ['true', 401, true],
    ['a slug', 403, 'acme'],
    ['two IDs separated by a comma', 403, `${tenantId.acme},${tenantId.globex}`],
    ['an ID between spaces', 403, ` ${tenantId.acme} `],
    ['an ID without hyphens', 403, tenantId.acme.replaceAll('-', '')],
    ['a key', 403, `${tenantId.acme}#USER#${tenantId.acme}`],
    ['a wildcard', 403, '*'],
    ['an unknown ID', 403, '11111111-1111-4111-8111-111111111111'],
  ])('that is %s returns %i in every dialect', async (_, status, tenant) => {
    for (const route of oneRoutePerOperation) {
      const answer = await requestRoute(service, route, {
        token: signer.signs({ tenant_id: tenant }),
        user,
        headers: {},
      });
      // Operations with a required X-Tenant-ID report the mismatch.
      const expected = status === 403 ? ['forbidden', 'tenant_mismatch'] : ['unauthenticated'];
      expect(answer.status).toBe(status);
      expect(expected).toContain(answer.body.code);
    }
  });

  it('is accepted in upper case', async () => {
    expect((await reads(signer.signs({ tenant_id: tenantId.acme.toUpperCase() }))).status).toBe(
      200,
    );
  });
});
