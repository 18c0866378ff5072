import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  asks,
  aUserIn,
  bearerRoutes,
  routesOfEachKind,
} from '../../support/authenticated-routes.ts';
import { aKeyServer, keySet } from '../../support/faults/key-server.ts';
import { aSigner, part } from '../../support/tokens/token-signer.ts';
import { aService, issuer } from '../../support/service.ts';

const signer = aSigner();
const stranger = aSigner({ kid: signer.jwk.kid });
const strangersCurve = aSigner({ alg: 'ES384', kid: signer.jwk.kid });
const service = await aService({
  environment: { ISSUERS: JSON.stringify([issuer.settings, signer.settings]) },
});
const user = await aUserIn(service, 'acme');

const reads = (headers: Record<string, string | string[]>, query = '') =>
  service.gets(`/v1/users/${user.native}${query}`, { headers });
const readsWith = (token: string) => reads({ authorization: `Bearer ${token}` });

/** HS256, as somebody signs who has nothing but what is public. */
const hmac = (secret: string | Buffer): string => {
  const text = `${part(signer.header({ alg: 'HS256' }))}.${part(signer.claims())}`;
  return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
};
const pem = signer.publicKey.export({ type: 'spki', format: 'pem' }).toString();

const good = signer.signs();
const [header = '', payload = '', signature = ''] = good.split('.');
const none = (alg: string) => part(signer.header({ alg }));

/** The same bytes in another spelling: the last character of a text whose length is no multiple of four has bits to spare. */
const respelled = (text: string): string => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const other = `${text.slice(0, -1)}${alphabet[alphabet.indexOf(text.at(-1)!) + 1]}`;
  expect(Buffer.from(other, 'base64url')).toEqual(Buffer.from(text, 'base64url'));
  return other;
};
/** JSON whose base64url has bits to spare at its end. */
const spare = (value: object): string => {
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

it('a good token is accepted', async () => {
  expect((await readsWith(good)).status).toBe(200);
});

describe('J01, J02: a token that is not signed as the issuer signs is refused, in every dialect', () => {
  it.each<[string, string]>([
    ['alg none, without a signature', `${none('none')}.${payload}.`],
    ['alg none, with the signature of another token', `${none('none')}.${payload}.${signature}`],
    ['alg nOnE', `${none('nOnE')}.${payload}.${signature}`],
    [
      'alg none in a list',
      `${part(signer.header({ alg: ['none', 'ES256'] }))}.${payload}.${signature}`,
    ],
    ['alg in a list', signer.signs({}, { alg: ['ES256'] })],
    ['no alg', signer.signs({}, { alg: undefined })],
    ['alg of another key type, on a good signature', signer.signs({}, { alg: 'RS256' })],
    ['alg of another curve, on a good signature', signer.signs({}, { alg: 'ES384' })],
    ['an algorithm that is not on the list', signer.signs({}, { alg: 'ES256K' })],
    ['PS256', signer.signs({}, { alg: 'PS256' })],
    ['HS256 keyed with the public key as PEM', hmac(pem)],
    ['HS256 keyed with the public key as PEM without its last line end', hmac(pem.trim())],
    ['HS256 keyed with the public key as JWK', hmac(JSON.stringify(signer.jwk))],
    [
      'HS256 keyed with the public key as DER',
      hmac(signer.publicKey.export({ type: 'spki', format: 'der' })),
    ],
    ['HS256 keyed with nothing', hmac('')],
    ['no signature', `${header}.${payload}.`],
    ['two parts', `${header}.${payload}`],
    ['four parts', `${good}.${signature}`],
    ['an empty header', `.${payload}.${signature}`],
    [
      'a signature of nothing but zeros',
      `${header}.${payload}.${Buffer.alloc(64).toString('base64url')}`,
    ],
    ['half a signature', `${header}.${payload}.${signature.slice(0, 43)}`],
    [
      'a signature in DER',
      `${header}.${payload}.${Buffer.concat([Buffer.from([0x30, 0x44]), Buffer.from(signature, 'base64url')]).toString('base64url')}`,
    ],
    [
      'other claims under the same signature',
      `${header}.${part(signer.claims({ sub: 'someone-else' }))}.${signature}`,
    ],
    ["a stranger's key under the same kid", stranger.signs()],
    ["a stranger's key of another curve under the same kid", strangersCurve.signs()],
    ["a stranger's key, and that key in the header", stranger.signs({}, { jwk: stranger.jwk })],
    ['critical extensions', signer.signs({}, { crit: ['exp'] })],
    ['an empty list of critical extensions', signer.signs({}, { crit: [] })],
    ['critical extensions that are null', signer.signs({}, { crit: null })],
    ['a header that is a list', signer.signsText(`${part([])}.${payload}`)],
    ['a header that is null', signer.signsText(`${part(null)}.${payload}`)],
    ['a header that is text', signer.signsText(`${part('"alg"')}.${payload}`)],
    ['a header that is no JSON', signer.signsText(`${part('{"alg":"ES256"')}.${payload}`)],
    [
      'a header that is no UTF-8',
      signer.signsText(`${Buffer.from([0xff, 0xfe]).toString('base64url')}.${payload}`),
    ],
    ['a payload that is a list', signer.signsText(`${header}.${part([signer.claims()])}`)],
    ['a payload that is no JSON', signer.signsText(`${header}.${part('{')}`)],
    ['a signature in another spelling', `${header}.${payload}.${respelled(signature)}`],
    [
      'a payload in another spelling, signed so',
      signer.signsText(`${header}.${respelled(spare(signer.claims()))}`),
    ],
    [
      'a header in another spelling, signed so',
      signer.signsText(`${respelled(spare(signer.header()))}.${payload}`),
    ],
    ['padding', `${header}.${payload}.${signature}==`],
    [
      'the alphabet of plain base64',
      signer.signsText(
        `${header}.${Buffer.from(JSON.stringify(signer.claims({ sub: '???>>>' }))).toString('base64')}`,
      ),
    ],
    ['more than 8 KiB', signer.signs({ filler: 'x'.repeat(7000) })],
    ['no kid', signer.signs({}, { kid: undefined })],
    ['a kid that is no text', signer.signs({}, { kid: 1 })],
  ])('%s', async (_, token) => {
    for (const route of routesOfEachKind)
      expect(await asks(service, route, { token, user })).toMatchObject(unauthenticated);
  });

  it('on every route', async () => {
    const token = `${good.slice(0, -8)}AAAAAAAA`;
    for (const route of bearerRoutes)
      expect(await asks(service, route, { token, user }), route.route).toMatchObject(
        unauthenticated,
      );
  });

  it('a token of 8 KiB is accepted, and none that is longer', async () => {
    const ofLength = (least: number) => {
      let filler = 'x'.repeat(5000);
      while (signer.signs({ filler }).length < least) filler += 'x';
      return signer.signs({ filler });
    };
    const longest = ofLength(8191);
    expect(longest.length).toBeLessThanOrEqual(8192);
    expect((await readsWith(longest)).status).toBe(200);
    expect((await readsWith(ofLength(8193))).status).toBe(401);
  });

  it('a token in the spelling that its issuer chose is accepted', async () => {
    expect(
      (await readsWith(signer.signsText(`${spare(signer.header())}.${spare(signer.claims())}`)))
        .status,
    ).toBe(200);
  });
});

describe('J02: keys come from the configuration and from nowhere else', () => {
  it.each(['jku', 'x5u'])('the %s of a header is never fetched', async (name) => {
    const attackers = await aKeyServer(keySet(stranger.jwk));
    const headers = { [name]: attackers.jwksUri, jwk: stranger.jwk, x5c: ['MIIB'] };
    expect((await readsWith(stranger.signs({}, headers))).status).toBe(401);
    // On a token that the issuer did sign it means nothing either.
    expect((await readsWith(signer.signs({}, headers))).status).toBe(200);
    expect(attackers.requested).toEqual([]);
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
  ])('a kid of %j names no key', async (kid) => {
    const server = await aKeyServer(keySet(signer.jwk));
    const settings = [issuer.settings, { ...signer.settings, jwksUri: server.jwksUri }];
    const fetching = await aService({ environment: { ISSUERS: JSON.stringify(settings) } });
    const answer = await fetching.gets(`/v1/users/${user.native}`, {
      token: stranger.signs({}, { kid }),
    });
    expect(answer).toMatchObject(unauthenticated);
    expect(server.requested).toEqual(['GET /keys']);
  });
});

describe('J07: one token, in one Authorization header', () => {
  it.each<[string, Record<string, string | string[]>, number]>([
    ['none', {}, 401],
    ['an empty header', { authorization: '' }, 401],
    ['the token without a scheme', { authorization: good }, 401],
    ['another scheme', { authorization: `Basic ${good}` }, 401],
    ['the scheme alone', { authorization: 'Bearer' }, 401],
    ['two tokens in one header', { authorization: `Bearer ${good} ${good}` }, 401],
    ['two headers', { authorization: [`Bearer ${good}`, `Bearer ${good}`] }, 400],
    ['two headers, the first one good', { authorization: [`Bearer ${good}`, 'Bearer x'] }, 400],
    ['two tokens with a comma', { authorization: `Bearer ${good}, Bearer ${good}` }, 400],
    ['a token in quotes', { authorization: `Bearer "${good}"` }, 401],
    ['parameters behind the token', { authorization: `Bearer ${good};charset=utf-8` }, 401],
    ['a token in X-Access-Token', { 'x-access-token': good }, 401],
    ['a token in a cookie', { cookie: `access_token=${good}` }, 401],
    ['a token in Proxy-Authorization', { 'proxy-authorization': `Bearer ${good}` }, 401],
    ['a lower-case scheme', { authorization: `bearer ${good}` }, 200],
    ['an upper-case scheme', { authorization: `BEARER ${good}` }, 200],
    ['two spaces', { authorization: `Bearer  ${good}` }, 200],
  ])('%s', async (_, headers, status) => {
    const answer = await reads(headers);
    expect(answer.status).toBe(status);
    const { reason } = answer.body.details ?? {};
    const expected = reason === 'token_missing' ? 'Bearer' : status === 401 ? challenge : undefined;
    expect(answer.headers['www-authenticate']).toEqual(expected);
    const isSent = /^Bearer ./i.test(String(headers['authorization']));
    if (status === 401) expect(reason).toBe(isSent ? 'token_invalid' : 'token_missing');
  });

  it('a token in the query counts for nothing', async () => {
    expect((await reads({}, `?access_token=${good}&authorization=Bearer%20${good}`)).status).toBe(
      401,
    );
  });

  it('without a token nothing tells a route that is there from one that has what is asked for', async () => {
    const answers = await Promise.all(bearerRoutes.map((route) => asks(service, route, { user })));
    expect(answers.map(({ status }) => status)).toEqual(bearerRoutes.map(() => 401));
    expect(new Set(answers.map(({ body }) => body.message)).size).toBe(1);
  });
});
