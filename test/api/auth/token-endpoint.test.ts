import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import {
  createTokenAppClient,
  requestAccessToken,
  toBasicAuth,
  ownIssuer,
} from '../../support/tokens/roster-tokens.ts';
import {
  type TestResponse,
  createTestService,
  type TestRequest,
  tenantId,
} from '../../support/service.ts';

// Both paths of the token endpoint, with the requests of existing Cradl clients and with invalid
// requests.

const clock = createTestClock();
const service = await createTestService({ now: clock.now });
const client = await createTokenAppClient(service, 'acme', { roles: ['admin', 'user'] });
const { clientId, secret } = client;
const otherClient = await createTokenAppClient(service, 'acme');

const form = 'application/x-www-form-urlencoded';
const posts = (target: string, { body = '', headers = {} }: TestRequest = {}) =>
  service.send('POST', target, { body, headers: { 'content-type': form, ...headers } });
const toForm = (fields: Record<string, string> | [string, string][]) =>
  new URLSearchParams(fields).toString();
const formFields = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
const authorization = toBasicAuth(clientId, secret);
const decodeToken = (token: string) =>
  token
    .split('.')
    .slice(0, 2)
    .map((text) => JSON.parse(Buffer.from(text, 'base64url').toString()));

const expectToken = (answer: TestResponse) => {
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
const expectError = (answer: TestResponse, status: number, error: string) => {
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
  it.each<[string, string, TestRequest]>([
    [
      'las-sdk-js and las-sdk-python: Basic, the grant in the query, an empty body',
      '?grant_type=client_credentials',
      { headers: { authorization } },
    ],
    [
      'a form with an audience, as documented in 2026',
      '',
      { body: toForm({ ...formFields, audience: 'https://api.cradl.ai/v1' }) },
    ],
    ['a form without an audience', '', { body: toForm(formFields) }],
    [
      'a form and Basic',
      '',
      { body: toForm({ grant_type: 'client_credentials' }), headers: { authorization } },
    ],
    [
      'a form and Basic with the same client',
      '',
      {
        body: toForm({ grant_type: 'client_credentials', client_id: clientId }),
        headers: { authorization },
      },
    ],
    ['any scope', '', { body: toForm({ ...formFields, scope: 'api.lucidtech.ai/users:read' }) }],
    ['unknown parameters', '?foo=1&foo=2', { body: toForm({ ...formFields, state: 'x' }) }],
    ['an empty parameter', '?audience=', { body: toForm(formFields) }],
    [
      'a media type with a charset',
      '',
      { body: toForm(formFields), headers: { 'content-type': `${form}; charset=UTF-8` } },
    ],
    [
      'a lowercase scheme',
      '?grant_type=client_credentials',
      { headers: { authorization: authorization.replace('Basic', 'basic') } },
    ],
    [
      'percent-encoded Basic credentials',
      '?grant_type=client_credentials',
      {
        headers: {
          authorization: toBasicAuth(
            clientId.replace(/^./, (first) => `%${first.charCodeAt(0).toString(16)}`),
            secret.replaceAll('_', '%5F'),
          ),
        },
      },
    ],
    [
      'the deployment as the audience',
      '',
      { body: toForm({ ...formFields, audience: ownIssuer }) },
    ],
    [
      'the API of a dialect as the audience',
      '',
      { body: toForm({ ...formFields, audience: `${ownIssuer}/cradl/v1` }) },
    ],
  ])('for %s', async (_, query, sent) => {
    expectToken(await posts(`${path}${query}`, sent));
  });
});

it('an empty body requires no media type', async () => {
  expectToken(
    await service.send('POST', '/token?grant_type=client_credentials', {
      headers: { authorization },
    }),
  );
});

it('a token follows RFC 9068, expires after 1 h and is signed with a published key', async () => {
  const { body } = await requestAccessToken(service, client, {
    form: { audience: 'https://api.cradl.ai/v1' },
  });
  const [header, claims] = decodeToken(body.access_token);
  const now = Math.floor(clock.now().getTime() / 1000);
  expect(header).toEqual({ alg: 'ES256', typ: 'at+jwt', kid: expect.any(String) });
  expect(claims).toEqual({
    iss: ownIssuer,
    aud: ownIssuer,
    ...client.claims,
    client_id: clientId,
    tenant_id: tenantId.acme,
    roles: ['admin', 'user'],
    iat: now,
    exp: now + 3600,
    jti: expect.any(String),
  });
  const { keys } = (await service.get('/.well-known/jwks.json')).body;
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

it('a token is accepted in every dialect', async () => {
  const token = (await requestAccessToken(service, client)).body.access_token;
  const headers = { 'x-tenant-id': tenantId.acme };
  for (const path of [
    '/v1/users',
    '/cradl/v1/users',
    '/jitsudo/v1/users',
    '/credible/api/v0/users',
  ]) {
    expect((await service.get(path, { token, headers })).status, path).toBe(200);
  }
});

describe('the token endpoint rejects a request', () => {
  it.each<[string, string, TestRequest, number, string]>([
    ['without a grant type', '', { headers: { authorization } }, 400, 'invalid_request'],
    [
      'with another grant type',
      '?grant_type=authorization_code&code=1&client_id=x',
      {},
      400,
      'unsupported_grant_type',
    ],
    [
      'with the password grant',
      '',
      { body: toForm({ grant_type: 'password', username: 'a', password: 'b' }) },
      400,
      'unsupported_grant_type',
    ],
    ['with the secret in the query', `?${toForm(formFields)}`, {}, 400, 'invalid_request'],
    [
      'with the secret in both the query and the form',
      `?client_secret=${secret}`,
      { body: toForm(formFields) },
      400,
      'invalid_request',
    ],
    [
      'with an empty secret in the query',
      '?client_secret=',
      { body: toForm(formFields) },
      400,
      'invalid_request',
    ],
    [
      'with two authentication methods',
      '',
      { body: toForm(formFields), headers: { authorization } },
      400,
      'invalid_request',
    ],
    [
      'with two clients',
      '',
      {
        body: toForm({ grant_type: 'client_credentials', client_id: otherClient.clientId }),
        headers: { authorization },
      },
      400,
      'invalid_request',
    ],
    [
      'with the grant type twice',
      '',
      { body: `${toForm(formFields)}&grant_type=client_credentials` },
      400,
      'invalid_request',
    ],
    [
      'with the grant type in both the query and the form',
      '?grant_type=client_credentials',
      { body: toForm(formFields) },
      400,
      'invalid_request',
    ],
    [
      'with two secrets',
      '',
      { body: `${toForm(formFields)}&client_secret=x` },
      400,
      'invalid_request',
    ],
    [
      'with two audiences',
      '?audience=a',
      { body: toForm({ ...formFields, audience: 'b' }) },
      400,
      'invalid_request',
    ],
    [
      'with an unknown audience',
      '',
      { body: toForm({ ...formFields, audience: 'https://billing.example.com' }) },
      400,
      'invalid_target',
    ],
    [
      'with an audience that starts with the issuer',
      '',
      { body: toForm({ ...formFields, audience: `${ownIssuer}.evil.example` }) },
      400,
      'invalid_target',
    ],
    [
      'in JSON',
      '',
      { body: JSON.stringify(formFields), headers: { 'content-type': 'application/json' } },
      415,
      'invalid_request',
    ],
    [
      'compressed',
      '',
      { body: toForm(formFields), headers: { 'content-encoding': 'gzip' } },
      415,
      'invalid_request',
    ],
    [
      'with more than 8 KiB',
      '',
      { body: toForm({ ...formFields, scope: 'x'.repeat(8192) }) },
      413,
      'invalid_request',
    ],
    ['without a client', '?grant_type=client_credentials', {}, 401, 'invalid_client'],
    [
      'without a secret',
      '',
      { body: toForm({ grant_type: 'client_credentials', client_id: clientId }) },
      401,
      'invalid_client',
    ],
    [
      'without a client ID',
      '',
      { body: toForm({ grant_type: 'client_credentials', client_secret: secret }) },
      401,
      'invalid_client',
    ],
    [
      'with a bearer token',
      '?grant_type=client_credentials',
      { headers: { authorization: 'Bearer x.y.z' } },
      401,
      'invalid_client',
    ],
    [
      'with empty Basic credentials',
      '?grant_type=client_credentials',
      { headers: { authorization: 'Basic ' } },
      401,
      'invalid_client',
    ],
    [
      'with Basic credentials without a colon',
      '?grant_type=client_credentials',
      { headers: { authorization: `Basic ${Buffer.from(clientId).toString('base64')}` } },
      401,
      'invalid_client',
    ],
    [
      'with invalid percent-encoding in Basic credentials',
      '?grant_type=client_credentials',
      { headers: { authorization: toBasicAuth(clientId, '%zz') } },
      401,
      'invalid_client',
    ],
  ])('%s', async (_, query, sent, status, error) => {
    const answer = await posts(`/oauth2/token${query}`, sent);
    expectError(answer, status, error);
    expect(answer.text).not.toContain(secret);
  });

  it.each<[string, () => Promise<Partial<typeof client>> | Partial<typeof client>]>([
    [
      'an unknown client',
      () => ({ clientId: 'f'.repeat(32), secret: `roster_${'f'.repeat(32)}_${secret.slice(-43)}` }),
    ],
    [
      'a wrong secret',
      () => ({ secret: `${secret.slice(0, -43)}${otherClient.secret.slice(-43)}` }),
    ],
    ['the secret of another client', () => ({ secret: otherClient.secret })],
    ['an uppercase client ID', () => ({ clientId: clientId.toUpperCase() })],
    ['a client ID with a path', () => ({ clientId: `${clientId}/..` })],
    ['a secret that is too short', () => ({ secret: secret.slice(0, -1) })],
    ['a secret that is too long', () => ({ secret: `${secret}A` })],
    ['a NUL as secret', () => ({ secret: '\u0000' })],
    ['the client ID as secret', () => ({ secret: clientId })],
    [
      'a revoked client',
      () =>
        createTokenAppClient(service, 'acme', {
          revocation: { at: '2026-01-02T00:00:00.000Z', by: 'admin' },
        }),
    ],
    [
      'an expired client',
      () => createTokenAppClient(service, 'acme', { expiresAt: '2026-01-02T00:00:00.000Z' }),
    ],
    [
      'an expired secret',
      async () => {
        const one = await createTokenAppClient(service, 'acme');
        await one.keeps({ expiresAt: '2026-01-02T00:00:00.000Z' });
        return one;
      },
    ],
  ])('with %s as invalid_client, always with the same message', async (_, getCredentials) => {
    const answer = await requestAccessToken(service, {
      clientId,
      secret,
      ...(await getCredentials()),
    });
    expectError(answer, 401, 'invalid_client');
    expect(answer.body.error_description).toBe('The client ID or secret is not valid');
  });

  it('from a client of a suspended tenant', async () => {
    const clerk = await createTokenAppClient(service, 'globex');
    await service.updateTenantItem('globex', { status: 'suspended' });
    clock.advanceBy(30_000);
    expectError(await requestAccessToken(service, clerk), 400, 'unauthorized_client');
    await service.updateTenantItem('globex', { status: 'active' });
    clock.advanceBy(30_000);
    expectToken(await requestAccessToken(service, clerk));
  });

  it('with two Authorization headers', async () => {
    expectError(
      await posts('/token?grant_type=client_credentials', {
        headers: { authorization: [authorization, authorization] },
      }),
      400,
      'invalid_request',
    );
  });

  it('with another method than POST', async () => {
    expect(await service.get('/oauth2/token')).toMatchObject({
      status: 405,
      headers: { allow: 'POST' },
      body: { error: 'invalid_request' },
    });
  });
});

it('a secret is accepted from its storage until its removal', async () => {
  const clerk = await createTokenAppClient(service, 'acme');
  expectToken(await requestAccessToken(service, clerk));
  await clerk.keeps({ hash: 'f'.repeat(64) });
  expectError(await requestAccessToken(service, clerk), 401, 'invalid_client');
  await clerk.keeps();
  expectToken(await requestAccessToken(service, clerk));
});

it('the token endpoint records the last use of the app client', async () => {
  const clerk = await createTokenAppClient(service, 'acme');
  expectToken(await requestAccessToken(service, clerk));
  const uses = (await service.stored.all()).filter(
    ({ pk, sk }) => sk === 'USE' && String(pk).endsWith(clerk.appClientId),
  );
  expect(uses).toMatchObject([{ pk: `TENANT#${tenantId.acme}#APPCLIENT#${clerk.appClientId}` }]);
});

it('the discovery document describes the token endpoint', async () => {
  const answer = await service.get('/.well-known/openid-configuration');
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
