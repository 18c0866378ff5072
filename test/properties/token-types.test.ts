/**
 * Token headers and claims must have the type that their RFC defines. Other types are rejected
 * instead of coerced.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createOwnSigner, createTokenAppClient } from '../support/tokens/roster-tokens.ts';
import { createSigner, part, seconds } from '../support/tokens/token-signer.ts';
import { type TestResponse, createTestService, issuer } from '../support/service.ts';
import { scaleRuns } from '../support/property-runs.ts';

const signer = createSigner();
const pool = createSigner({ issuer: 'https://pool.example.com' });
const poolSettings = {
  issuer: pool.issuer,
  jwks: { keys: [pool.jwk] },
  clientIds: ['web'],
  tokenUse: 'access',
  tenants: '*',
};
const service = await createTestService({
  environment: { ISSUERS: JSON.stringify([issuer.settings, signer.settings, poolSettings]) },
});
const rosterKey = await createOwnSigner();
const client = await createTokenAppClient(service, 'acme');
const listUsers = (token: string): Promise<TestResponse> => service.get('/v1/users', { token });

/** Values that `String()`, `Number()` and templates convert or fail on. */
const tricky = fc.constantFrom<unknown>(
  { toString: 'x' },
  { toString: null, valueOf: null },
  { valueOf: 7, toString: [] },
  { length: 1, 0: 'ES256' },
  ['ES256'],
  [[]],
  [1],
  {},
  [],
  true,
  false,
  null,
);
const anyJson = fc.oneof(tricky, fc.jsonValue({ maxDepth: 2 }));
const noString = anyJson.filter((value) => typeof value !== 'string');
const noNumber = anyJson.filter((value) => typeof value !== 'number');
const noAudience = noString.filter(
  (value) =>
    !Array.isArray(value) || value.some((each) => typeof each !== 'string') || value.length === 0,
);

const wrongHeader = fc.oneof(
  fc.record({ alg: noString }),
  fc.record({ kid: noString }),
  fc.record({ typ: noString }),
  fc.record({ crit: anyJson }),
);
const wrongClaim = fc.oneof(
  ...['iss', 'sub', 'tenant_id', 'jti', 'scope'].map((name) => fc.record({ [name]: noString })),
  ...['exp', 'nbf', 'iat'].map((name) => fc.record({ [name]: noNumber })),
  fc.record({ aud: noAudience }),
);

const expectRejected = async (token: string): Promise<void> => {
  expect(await listUsers(token)).toMatchObject({
    status: 401,
    body: { code: 'unauthenticated', details: { reason: 'token_invalid' } },
  });
};

describe('a token of another issuer is rejected', () => {
  it('with a header of another type', async () => {
    await expectRejected(signer.signs({}, { alg: { toString: 'x' } }));
    await fc.assert(
      fc.asyncProperty(wrongHeader, (header) => expectRejected(signer.signs({}, header))),
      { numRuns: scaleRuns(60) },
    );
  });

  it('with a claim of another type', async () => {
    await fc.assert(
      fc.asyncProperty(wrongClaim, (claims) => expectRejected(signer.signs(claims))),
      { numRuns: scaleRuns(100) },
    );
  });

  it('with a client or a use of another type, if the issuer is configured with these', async () => {
    const good = { client_id: 'web', token_use: 'access' };
    expect((await listUsers(pool.signs(good))).status).toBe(200);
    const wrong = fc.oneof(fc.record({ client_id: noString }), fc.record({ token_use: noString }));
    await fc.assert(
      fc.asyncProperty(wrong, (claims) => expectRejected(pool.signs({ ...good, ...claims }))),
      { numRuns: scaleRuns(30) },
    );
  });

  it('with a header or claims that are not an object', async () => {
    const noObject = anyJson.filter(
      (value) => typeof value !== 'object' || value === null || Array.isArray(value),
    );
    await fc.assert(
      fc.asyncProperty(noObject, async (value) => {
        await expectRejected(
          signer.signsText(`${part(JSON.stringify(value))}.${part(signer.claims())}`),
        );
        await expectRejected(
          signer.signsText(`${part(signer.header())}.${part(JSON.stringify(value))}`),
        );
      }),
      { numRuns: scaleRuns(20) },
    );
  });
});

it('a Roster token with a generation that is not a count is rejected', async () => {
  const generations = fc.oneof(noNumber, fc.constantFrom(-1, 0.5, 2 ** 53, 1e300));
  await fc.assert(
    fc.asyncProperty(generations, async (generation) =>
      expectRejected(await rosterKey.signs({ ...client.claims, token_generation: generation })),
    ),
    { numRuns: scaleRuns(40) },
  );
  expect(
    (await listUsers(await rosterKey.signs({ ...client.claims, token_generation: 0 }))).status,
  ).toBe(200);
});

it('headers and claims of any type cause no 5xx', async () => {
  const names = [
    'alg',
    'kid',
    'typ',
    'crit',
    'cty',
    'jku',
    'jwk',
    'x5u',
    'x5c',
    'x5t',
    'b64',
    'zip',
    '__proto__',
  ];
  const claims = [
    'iss',
    'sub',
    'aud',
    'exp',
    'nbf',
    'iat',
    'jti',
    'scope',
    'roles',
    'tenant_id',
    'client_id',
    'auth_time',
    'token_generation',
  ];
  const some = (of: readonly string[]) =>
    fc.dictionary(fc.constantFrom(...of), anyJson, { maxKeys: 3 });
  await fc.assert(
    fc.asyncProperty(some(names), some(claims), async (header, payload) => {
      expect((await listUsers(signer.signs(payload, header))).status).toBeLessThan(500);
      expect(
        (await listUsers(await rosterKey.signs({ ...client.claims, ...payload }, header))).status,
      ).toBeLessThan(500);
    }),
    { numRuns: scaleRuns(60) },
  );
});

describe('a 401 response contains its reason', () => {
  const good = signer.signs();
  const challenge = (description: string) =>
    `Bearer error="invalid_token", error_description="${description}"`;

  it.each<[string, string | undefined, string, string]>([
    ['no token', undefined, 'token_missing', 'Bearer'],
    [
      'an expired token [UX5a]',
      signer.signs({ exp: seconds() - 60 }),
      'token_expired',
      challenge('The access token has expired'),
    ],
    [
      'a token that expired a second ago',
      signer.signs({ exp: seconds() - 1 }),
      'token_expired',
      challenge('The access token has expired'),
    ],
    [
      'a forged signature [UX5b]',
      `${good.slice(0, -8)}AAAAAAAA`,
      'token_invalid',
      challenge('The signature of the access token is not valid'),
    ],
    [
      'a forged signature on an expired token',
      `${signer.signs({ exp: seconds() - 60 }).slice(0, -8)}AAAAAAAA`,
      'token_invalid',
      challenge('The signature of the access token is not valid'),
    ],
    [
      'a token from the future',
      signer.signs({ nbf: seconds() + 60 }),
      'token_not_yet_valid',
      challenge('The access token is not valid yet'),
    ],
    [
      'another audience',
      signer.signs({ aud: 'billing' }),
      'token_invalid',
      challenge('The access token is for another audience'),
    ],
    [
      'another issuer',
      createSigner({ issuer: 'https://x.example' }).signs(),
      'token_invalid',
      challenge('The issuer of the access token is not trusted'),
    ],
  ])('for %s', async (_, token, reason, expected) => {
    const answer = await service.get('/v1/users', { token });
    expect(answer).toMatchObject({
      status: 401,
      body: { code: 'unauthenticated', details: { reason } },
    });
    expect(answer.headers['www-authenticate']).toBe(expected);
  });

  it('for a token of a deleted user or app client', async () => {
    const answer = await listUsers(await rosterKey.signs({ sub: 'cradl:app-client:gone' }));
    expect(answer).toMatchObject({
      status: 401,
      body: {
        message: 'The access token is no longer valid',
        details: { reason: 'token_revoked' },
      },
    });
    expect(answer.headers['www-authenticate']).toBe(
      challenge('The access token is no longer valid'),
    );
  });

  it('for an unknown API key', async () => {
    const answer = await service.get('/v1/users', { headers: { 'x-api-key': 'none' } });
    expect(answer).toMatchObject({
      status: 401,
      headers: { 'www-authenticate': 'Bearer' },
      body: { details: { reason: 'api_key_invalid' } },
    });
  });
});
