import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  requestRoute,
  createUserIn,
  authenticatedRoutes,
  oneRoutePerOperation,
} from '../../support/authenticated-routes.ts';
import { createKeyServer, keySet } from '../../support/faults/key-server.ts';
import { createSigner, part } from '../../support/tokens/token-signer.ts';
import { createTestService, issuer } from '../../support/service.ts';

const signer = createSigner();
const attacker = createSigner({ kid: signer.jwk.kid });
const attackerCurve = createSigner({ alg: 'ES384', kid: signer.jwk.kid });
const service = await createTestService({
  environment: { ISSUERS: JSON.stringify([issuer.settings, signer.settings]) },
});
const user = await createUserIn(service, 'acme');

const reads = (headers: Record<string, string | string[]>, query = '') =>
  service.get(`/v1/users/${user.native}${query}`, { headers });
const readsWith = (token: string) => reads({ authorization: `Bearer ${token}` });

/** HS256, keyed with public data. */
const hmac = (secret: string | Buffer): string => {
  const text = `${part(signer.header({ alg: 'HS256' }))}.${part(signer.claims())}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const pem = signer.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const validToken = signer.signs();
const [header = '', payload = '', signature = ''] = validToken.split('.');
const none = (alg: string) => part(signer.header({ alg }));

/**
 * Another base64url form of the same bytes. The last character has spare bits unless the length is
 * a multiple of 4.
 */
const respell = (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = `${text.slice(0, -1)}${alphabet[alphabet.indexOf(text.at(-1)!) + 1]}`;
  expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(text, 'base64url'));
  return other;
};
/** JSON whose base64url form has spare bits. */
const toUnpaddedPart = (value: object): string => {
  const text = JSON.stringify(value);
  return part(text.length % 3 === 0 ? `${text} ` : text);
};

const challenge = expect.stringMatching(
  /^Bearer error="invalid_token", error_description="[^"]+"$/,
);
const unauthenticated = {
  status: 401,
  headers: { 'www-authenticate': challenge },
  body: { code: 'unauthenticated' },
};

it('a valid access token is accepted', async () => {
  expect((await readsWith(validToken)).status).toBe(200);
});

describe('an access token [J01 J02]', () => {
  it.each<[string, string]>([
    ['alg none, without a signature', `${none('no Authorization header')}.${payload}.`],
    [
      'alg none, with the signature of another token',
      `${none('no Authorization header')}.${payload}.${signature}`,
    ],
    ['alg nOnE', `${none('nOnE')}.${payload}.${signature}`],
    [
      'alg none in a list, and the signature of another token',
      `${part(signer.header({ alg: ['no Authorization header', 'ES256'] }))}.${payload}.${signature}`,
    ],
    ['a list as alg', signer.signs({}, { alg: ['ES256'] })],
    ['no alg', signer.signs({}, { alg: undefined })],
    ['the alg of another key type on a valid signature', signer.signs({}, { alg: 'RS256' })],
    ['the alg of another curve on a valid signature', signer.signs({}, { alg: 'ES384' })],
    ['an algorithm that is not allowed', signer.signs({}, { alg: 'ES256K' })],
    ['PS256', signer.signs({}, { alg: 'PS256' })],
    ['HS256 keyed with the public key as PEM', hmac(pem)],
    ['HS256 keyed with the public key as PEM without its trailing newline', hmac(pem.trim())],
    ['HS256 keyed with the public key as JWK', hmac(JSON.stringify(signer.jwk))],
    [
      'HS256 keyed with the public key as DER',
      hmac(signer.publicKey.export({ type: 'spki', format: 'der' })),
    ],
    ['HS256 keyed with an empty string', hmac('')],
    ['no signature', `${header}.${payload}.`],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${validToken}.${signature}`],
    ['an empty Authorization header', `.${payload}.${signature}`],
    ['a signature of zeros', `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`],
    ['half a signature', `${header}.${payload}.${signature.slice(0, 43)}`],
    [
      'a signature in DER',
      `${header}.${payload}.${Buffer.concat([Buffer.from([0x30, 0x44]), Buffer.from(signature, 'base64url')]).toString('base64url')}`,
    ],
    [
      'other claims and the same signature',
      `${header}.${part(signer.claims({ sub: 'someone-else' }))}.${signature}`,
    ],
    ["an attacker's key and the same kid", attacker.signs()],
    ["an attacker's key of another curve and the same kid", attackerCurve.signs()],
    ["an attacker's key in the header", attacker.signs({}, { jwk: attacker.jwk })],
    ['critical extensions', signer.signs({}, { crit: ['exp'] })],
    ['an empty list of critical extensions', signer.signs({}, { crit: [] })],
    ['null critical extensions', signer.signs({}, { crit: null })],
    ['a header that is a list', signer.signsText(`${part([])}.${payload}`)],
    ['a null header', signer.signsText(`${part(null)}.${payload}`)],
    ['a header that is a string', signer.signsText(`${part('"alg"')}.${payload}`)],
    ['a header of invalid JSON', signer.signsText(`${part('{"alg":"ES256"')}.${payload}`)],
    [
      'a header of invalid UTF-8',
      signer.signsText(`${Buffer.from([0xff, 0xfe]).toString('base64url')}.${payload}`),
    ],
    ['a payload that is a list', signer.signsText(`${header}.${part([signer.claims()])}`)],
    ['a payload of invalid JSON', signer.signsText(`${header}.${part('{')}`)],
    ['a signature in another base64url form', `${header}.${payload}.${respell(signature)}`],
    [
      'a signed payload in another base64url form',
      signer.signsText(`${header}.${respell(toUnpaddedPart(signer.claims()))}`),
    ],
    [
      'a signed header in another base64url form',
      signer.signsText(`${respell(toUnpaddedPart(signer.header()))}.${payload}`),
    ],
    ['padding', `${header}.${payload}.${signature}==`],
    [
      'the base64 alphabet',
      signer.signsText(
        `${header}.${Buffer.from(JSON.stringify(signer.claims({ sub: '???>>>' }))).toString('base64')}`,
      ),
    ],
    ['more than 8 KiB', signer.signs({ filler: 'x'.repeat(7000) })],
    ['no kid', signer.signs({}, { kid: undefined })],
    ['a kid that is a number', signer.signs({}, { kid: 1 })],
  ])('with %s returns 401 in every dialect', async (_, token) => {
    for (const route of oneRoutePerOperation)
      expect(await requestRoute(service, route, { token, user })).toMatchObject(unauthenticated);
  });

  it('with a changed signature returns 401 on every route', async () => {
    const token = `${validToken.slice(0, -8)}AAAAAAAA`;
    for (const route of authenticatedRoutes)
      expect(await requestRoute(service, route, { token, user }), route.route).toMatchObject(
        unauthenticated,
      );
  });

  it('can have 8 KiB, but no more', async () => {
    const createToken = (minLength: number) => {
      let filler = 'x'.repeat(5000);
      while (signer.signs({ filler }).length < minLength) filler += 'x';
      return signer.signs({ filler });
    };
    const longest = createToken(8191);
    expect(longest.length).toBeLessThanOrEqual(8192);
    expect((await readsWith(longest)).status).toBe(200);
    expect((await readsWith(createToken(8193))).status).toBe(401);
  });

  it('is accepted in the base64url form that the issuer signed', async () => {
    expect(
      (
        await readsWith(
          signer.signsText(`${toUnpaddedPart(signer.header())}.${toUnpaddedPart(signer.claims())}`),
        )
      ).status,
    ).toBe(200);
  });
});

describe('signing keys [J02]', () => {
  it.each(['jku', 'x5u'])('are never fetched from the %s header', async (name) => {
    const attackerServer = await createKeyServer(keySet(attacker.jwk));
    const headers = { [name]: attackerServer.jwksUri, jwk: attacker.jwk, x5c: ['MIIB'] };
    expect((await readsWith(attacker.signs({}, headers))).status).toBe(401);
    // The headers do not affect a valid token.
    expect((await readsWith(signer.signs({}, headers))).status).toBe(200);
    expect(attackerServer.requested).toEqual([]);
  });

  it.each([
    '../../../../dev/null',
    "' OR '1'='1",
    '0; DROP TABLE keys',
    '__proto__',
    'constructor',
    '',
    '*',
    'a\u0000b',
    'http://127.0.0.1:1/keys',
  ])('are not found for the kid %j', async (kid) => {
    const server = await createKeyServer(keySet(signer.jwk));
    const settings = [issuer.settings, { ...signer.settings, jwksUri: server.jwksUri }];
    const fetchingService = await createTestService({
      environment: { ISSUERS: JSON.stringify(settings) },
    });
    const answer = await fetchingService.get(`/v1/users/${user.native}`, {
      token: attacker.signs({}, { kid }),
    });
    expect(answer).toMatchObject(unauthenticated);
    expect(server.requested).toEqual(['GET /keys']);
  });
});

describe('a request [J07]', () => {
  it.each<[string, number, Record<string, string | string[]>]>([
    ['no Authorization header', 401, {}],
    ['an empty Authorization header', 401, { authorization: '' }],
    ['the token without a scheme', 401, { authorization: validToken }],
    ['another scheme', 401, { authorization: `Basic ${validToken}` }],
    ['the scheme only', 401, { authorization: 'Bearer' }],
    [
      'two tokens in one Authorization header',
      401,
      { authorization: `Bearer ${validToken} ${validToken}` },
    ],
    [
      'two Authorization headers',
      400,
      { authorization: [`Bearer ${validToken}`, `Bearer ${validToken}`] },
    ],
    [
      'two Authorization headers, the first one valid',
      400,
      { authorization: [`Bearer ${validToken}`, 'Bearer x'] },
    ],
    [
      'two tokens separated by a comma',
      400,
      { authorization: `Bearer ${validToken}, Bearer ${validToken}` },
    ],
    ['a token in quotes', 401, { authorization: `Bearer "${validToken}"` }],
    ['parameters after the token', 401, { authorization: `Bearer ${validToken};charset=utf-8` }],
    ['a token in X-Access-Token', 401, { 'x-access-token': validToken }],
    ['a token in a cookie', 401, { cookie: `access_token=${validToken}` }],
    ['a token in Proxy-Authorization', 401, { 'proxy-authorization': `Bearer ${validToken}` }],
    ['a lowercase scheme', 200, { authorization: `bearer ${validToken}` }],
    ['an uppercase scheme', 200, { authorization: `BEARER ${validToken}` }],
    ['two spaces after the scheme', 200, { authorization: `Bearer  ${validToken}` }],
  ])('with %s returns %i', async (_, status, headers) => {
    const answer = await reads(headers);
    expect(answer.status).toBe(status);
    const { reason } = answer.body.details ?? {};
    const expected = reason === 'token_missing' ? 'Bearer' : status === 401 ? challenge : undefined;
    expect(answer.headers['www-authenticate']).toEqual(expected);
    const isSent = /^Bearer ./i.test(String(headers['authorization']));
    if (status === 401) expect(reason).toBe(isSent ? 'token_invalid' : 'token_missing');
  });

  it('with a token in the query returns 401', async () => {
    expect(
      (await reads({}, `?access_token=${validToken}&authorization=Bearer%20${validToken}`)).status,
    ).toBe(401);
  });

  it('without a token returns the same 401 on every route', async () => {
    const answers = await Promise.all(
      authenticatedRoutes.map((route) => requestRoute(service, route, { user })),
    );
    expect(answers.map(({ status }) => status)).toEqual(authenticatedRoutes.map(() => 401));
    expect(new Set(answers.map(({ body }) => body.message)).size).toBe(1);
  });
});
