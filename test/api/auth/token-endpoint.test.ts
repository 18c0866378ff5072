import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { aClock } from '../../support/scenarios/user-states.ts';
import { anAppClient, asksForToken, basic, ownIssuer } from '../../support/tokens/roster-tokens.ts';
import { type Answer, aService, type Sent, tenantId } from '../../support/service.ts';

// Both paths of the token endpoint, asked as the clients of Cradl ask it that are in the wild, and as nobody should.

const clock = aClock();
const service = await aService({ now: clock.now });
const client = await anAppClient(service, 'acme', { roles: ['admin', 'user'] });
const { clientId, secret } = client;
const stranger = await anAppClient(service, 'acme');

const form = 'application/x-www-form-urlencoded';
const posts = (target: string, { body = '', headers = {} }: Sent = {}) =>
  service.send('POST', target, { body, headers: { 'content-type': form, ...headers } });
const inForm = (fields: Record<string, string> | [string, string][]) =>
  new URLSearchParams(fields).toString();
const all = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
const authorization = basic(clientId, secret);
const partsOf = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((text) => JSON.parse(Buffer.from(text, 'base64url').toString()));

const isGranted = (answer: Answer) => {
  expect(answer).toMatchObject({
    status: 200,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      pragma: 'no-cache',
    },
    body: { access_token: expect.stringMatching(/^ey/), token_type: 'Bearer', expires_in: 3600 },
  });
};
const isRefused = (answer: Answer, status: number, error: string) => {
  expect(answer).toMatchObject({
    status,
    headers: { 'cache-control': 'no-store', pragma: 'no-cache' },
  });
  expect(answer.body).toEqual({
    error,
    error_description: expect.stringMatching(/^[ !#-[\]-~]+$/),
  });
  expect(answer.headers['www-authenticate']).toBe(
    status === 401 ? 'Basic realm="roster"' : undefined,
  );
};

describe.each(['/token', '/oauth2/token'])('%s grants a token', (path) => {
  it.each<[string, string, Sent]>([
    [
      'to las-sdk-js and las-sdk-python: Basic, the grant in the query, an empty body',
      '?grant_type=client_credentials',
      { headers: { authorization } },
    ],
    [
      'by the documentation of 2026: a form with an audience',
      '',
      { body: inForm({ ...all, audience: 'https://api.cradl.ai/v1' }) },
    ],
    ['by a form without an audience', '', { body: inForm(all) }],
    [
      'by a form and Basic',
      '',
      { body: inForm({ grant_type: 'client_credentials' }), headers: { authorization } },
    ],
    [
      'by a form and Basic that name the same client',
      '',
      {
        body: inForm({ grant_type: 'client_credentials', client_id: clientId }),
        headers: { authorization },
      },
    ],
    [
      'whatever scope is asked for',
      '',
      { body: inForm({ ...all, scope: 'api.lucidtech.ai/users:read' }) },
    ],
    ['whatever else stands there', '?foo=1&foo=2', { body: inForm({ ...all, state: 'x' }) }],
    ['with an empty parameter, which is none', '?audience=', { body: inForm(all) }],
    [
      'with a character set behind the media type',
      '',
      { body: inForm(all), headers: { 'content-type': `${form}; charset=UTF-8` } },
    ],
    [
      'to the same scheme in lower case',
      '?grant_type=client_credentials',
      { headers: { authorization: authorization.replace('Basic', 'basic') } },
    ],
    [
      'to who percent-encodes what Basic holds',
      '?grant_type=client_credentials',
      {
        headers: {
          authorization: basic(
            clientId.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`),
            secret.replaceAll('_', '%5F'),
          ),
        },
      },
    ],
    [
      'to who names the deployment as the audience',
      '',
      { body: inForm({ ...all, audience: ownIssuer }) },
    ],
    [
      'to who names the API of a dialect as the audience',
      '',
      { body: inForm({ ...all, audience: `${ownIssuer}/cradl/v1` }) },
    ],
  ])('%s', async (_, query, sent) => {
    isGranted(await posts(`${path}${query}`, sent));
  });
});

it('an empty body needs no media type', async () => {
  isGranted(
    await service.send('POST', '/token?grant_type=client_credentials', {
      headers: { authorization },
    }),
  );
});

it('the token is as RFC 9068 has it, for an hour, and its signature is by a published key', async () => {
  const { body } = await asksForToken(service, client, {
    form: { audience: 'https://api.cradl.ai/v1' },
  });
  const [header, claims] = partsOf(body.access_token);
  const now = Math.floor(clock.now().getTime() / 1000);
  expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
  expect(claims).toEqual({
    iss: ownIssuer,
    aud: ownIssuer,
    ...client.claims,
    client_id: clientId,
    tenant_id: tenantId.acme,
    roles: ['admin', 'user'],
    iat: expect.any(Number),
    exp: claims.iat + 3600,
    jti: expect.any(String),
  });
  expect(Math.abs(claims.iat - now)).toBeLessThan(5);
  const { keys } = (await service.gets('/.well-known/jwks.json')).body;
  const key = createPublicKey({
    key: keys.find(({ kid }: { kid: string }) => kid === header.kid),
    format: 'jwk',
  });
  const [text = '', signature = ''] = body.access_token.split(/\.(?=[^.]*$)/);
  expect(
    verify(
      'sha256',
      Buffer.from(text),
      { key, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    ),
  ).toBe(true);
});

it('what was granted is good in every dialect', async () => {
  const token = (await asksForToken(service, client)).body.access_token;
  const headers = { 'x-tenant-id': tenantId.acme };
  for (const path of [
    '/v1/users',
    '/cradl/v1/users',
    '/jitsudo/v1/users',
    '/credible/api/v0/users',
  ]) {
    expect((await service.gets(path, { token, headers })).status, path).toBe(200);
  }
});

describe('a request is refused', () => {
  it.each<[string, string, Sent, number, string]>([
    ['without a grant', '', { headers: { authorization } }, 400, 'invalid_request'],
    [
      'with another grant',
      '?grant_type=authorization_code&code=1&client_id=x',
      {},
      400,
      'unsupported_grant_type',
    ],
    [
      'with a password',
      '',
      { body: inForm({ grant_type: 'password', username: 'a', password: 'b' }) },
      400,
      'unsupported_grant_type',
    ],
    ['with the secret in the query', `?${inForm(all)}`, {}, 400, 'invalid_request'],
    [
      'with the secret in the query besides',
      `?client_secret=${secret}`,
      { body: inForm(all) },
      400,
      'invalid_request',
    ],
    [
      'with an empty secret in the query',
      '?client_secret=',
      { body: inForm(all) },
      400,
      'invalid_request',
    ],
    [
      'with two methods at once',
      '',
      { body: inForm(all), headers: { authorization } },
      400,
      'invalid_request',
    ],
    [
      'with two clients',
      '',
      {
        body: inForm({ grant_type: 'client_credentials', client_id: stranger.clientId }),
        headers: { authorization },
      },
      400,
      'invalid_request',
    ],
    [
      'with the grant twice',
      '',
      { body: `${inForm(all)}&grant_type=client_credentials` },
      400,
      'invalid_request',
    ],
    [
      'with the grant in the query and in the form',
      '?grant_type=client_credentials',
      { body: inForm(all) },
      400,
      'invalid_request',
    ],
    ['with two secrets', '', { body: `${inForm(all)}&client_secret=x` }, 400, 'invalid_request'],
    [
      'with two audiences',
      '?audience=a',
      { body: inForm({ ...all, audience: 'b' }) },
      400,
      'invalid_request',
    ],
    [
      'with the audience of somebody else',
      '',
      { body: inForm({ ...all, audience: 'https://billing.example.com' }) },
      400,
      'invalid_target',
    ],
    [
      'with an audience that only begins like ours',
      '',
      { body: inForm({ ...all, audience: `${ownIssuer}.evil.example` }) },
      400,
      'invalid_target',
    ],
    [
      'in JSON',
      '',
      { body: JSON.stringify(all), headers: { 'content-type': 'application/json' } },
      415,
      'invalid_request',
    ],
    [
      'compressed',
      '',
      { body: inForm(all), headers: { 'content-encoding': 'gzip' } },
      415,
      'invalid_request',
    ],
    [
      'with more than 8 KiB',
      '',
      { body: inForm({ ...all, scope: 'x'.repeat(8192) }) },
      413,
      'invalid_request',
    ],
    ['without a client', '?grant_type=client_credentials', {}, 401, 'invalid_client'],
    [
      'without a secret',
      '',
      { body: inForm({ grant_type: 'client_credentials', client_id: clientId }) },
      401,
      'invalid_client',
    ],
    [
      'without a client id',
      '',
      { body: inForm({ grant_type: 'client_credentials', client_secret: secret }) },
      401,
      'invalid_client',
    ],
    [
      'with a token for a client',
      '?grant_type=client_credentials',
      { headers: { authorization: 'Bearer x.y.z' } },
      401,
      'invalid_client',
    ],
    [
      'with Basic that holds nothing',
      '?grant_type=client_credentials',
      { headers: { authorization: 'Basic ' } },
      401,
      'invalid_client',
    ],
    [
      'with Basic that has no colon',
      '?grant_type=client_credentials',
      { headers: { authorization: `Basic ${Buffer.from(clientId).toString('base64')}` } },
      401,
      'invalid_client',
    ],
    [
      'with Basic that is wrongly encoded',
      '?grant_type=client_credentials',
      { headers: { authorization: basic(clientId, '%zz') } },
      401,
      'invalid_client',
    ],
  ])('%s', async (_, query, sent, status, error) => {
    const answer = await posts(`/oauth2/token${query}`, sent);
    isRefused(answer, status, error);
    expect(answer.text).not.toContain(secret);
  });

  it.each<[string, () => Promise<Partial<typeof client>> | Partial<typeof client>]>([
    [
      'an unknown client',
      () => ({ clientId: 'f'.repeat(32), secret: `roster_${'f'.repeat(32)}_${secret.slice(-43)}` }),
    ],
    ['a wrong secret', () => ({ secret: `${secret.slice(0, -43)}${stranger.secret.slice(-43)}` })],
    ['the secret of another client', () => ({ secret: stranger.secret })],
    ['a client in capitals', () => ({ clientId: clientId.toUpperCase() })],
    ['a client with a slash', () => ({ clientId: `${clientId}/..` })],
    ['half a secret', () => ({ secret: secret.slice(0, -1) })],
    ['more than a secret', () => ({ secret: `${secret}A` })],
    ['a secret that is no text', () => ({ secret: '\u0000' })],
    ['what is kept of a secret', () => ({ secret: clientId })],
    [
      'a client that is revoked',
      () =>
        anAppClient(service, 'acme', {
          revocation: { at: '2026-01-02T00:00:00.000Z', by: 'admin' },
        }),
    ],
    [
      'a client that has expired',
      () => anAppClient(service, 'acme', { expiresAt: '2026-01-02T00:00:00.000Z' }),
    ],
    [
      'a secret that has been replaced',
      async () => {
        const one = await anAppClient(service, 'acme');
        await one.keeps({ expiresAt: '2026-01-02T00:00:00.000Z' });
        return one;
      },
    ],
  ])('of %s, and in the same words as every other', async (_, who) => {
    const answer = await asksForToken(service, { clientId, secret, ...(await who()) });
    isRefused(answer, 401, 'invalid_client');
    expect(answer.body.error_description).toBe('The client ID or secret is not valid');
  });

  it('of a client of a tenant that is suspended', async () => {
    const clerk = await anAppClient(service, 'globex');
    await service.hasTenant('globex', { status: 'suspended' });
    clock.leaps(30_000);
    isRefused(await asksForToken(service, clerk), 400, 'unauthorized_client');
    await service.hasTenant('globex', { status: 'active' });
    clock.leaps(30_000);
    isGranted(await asksForToken(service, clerk));
  });

  it('that repeats the header with the client', async () => {
    isRefused(
      await posts('/token?grant_type=client_credentials', {
        headers: { authorization: [authorization, authorization] },
      }),
      400,
      'invalid_request',
    );
  });

  it('by another method than POST, which is not there', async () => {
    expect(await service.gets('/oauth2/token')).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
      body: { error: 'invalid_request' },
    });
  });
});

it('a secret is good as soon as it is kept, and no more when it is taken away', async () => {
  const clerk = await anAppClient(service, 'acme');
  isGranted(await asksForToken(service, clerk));
  await clerk.keeps({ hash: 'f'.repeat(64) });
  isRefused(await asksForToken(service, clerk), 401, 'invalid_client');
  await clerk.keeps();
  isGranted(await asksForToken(service, clerk));
});

it('who got a token has been heard of', async () => {
  const clerk = await anAppClient(service, 'acme');
  isGranted(await asksForToken(service, clerk));
  const notes = (await service.stored.all()).filter(
    ({ pk, sk }) => sk === 'USE' && String(pk).endsWith(clerk.appClientId),
  );
  expect(notes).toMatchObject([{ pk: `TENANT#${tenantId.acme}#APPCLIENT#${clerk.appClientId}` }]);
});

it('the metadata says where all of it is', async () => {
  const answer = await service.gets('/.well-known/openid-configuration');
  expect(answer).toMatchObject({
    status: 200,
    headers: { 'cache-control': 'public, max-age=300' },
  });
  expect(answer.body).toEqual({
    issuer: ownIssuer,
    token_endpoint: `${ownIssuer}/oauth2/token`,
    jwks_uri: `${ownIssuer}/.well-known/jwks.json`,
    grant_types_supported: ['client_credentials'],
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    response_types_supported: ['token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  });
});
