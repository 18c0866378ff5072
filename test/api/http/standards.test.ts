import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, inject, it, test } from 'vitest';
import { listPathRoutes } from '../../../lib/api/path-routes.ts';
import { routes } from '../../../lib/api/routes.ts';
import { creations, goodPassword } from '../../support/dialects/create-user.ts';
import {
  createTestService,
  adminToken,
  systemToken,
  type TestResponse,
  tenantId,
} from '../../support/service.ts';
import { properties, resources, synthesize } from '../../support/synthesized-stack.ts';

const service = await createTestService();
const token = adminToken('acme');
const headers = { 'x-tenant-id': tenantId.acme };
const credible = systemToken('acme');

/** Status and headers without request IDs. */
const compare = ({
  status,
  headers: { 'x-request-id': _id, 'apigw-requestid': _gateway, ...rest },
}: TestResponse) => ({ status, headers: rest });

describe('HEAD [F12]', () => {
  const getPaths = routes
    .filter(({ route }) => route.startsWith('GET '))
    .map(({ route }) => route.slice(4));

  it.each(getPaths.map((path) => path.replaceAll(/\{\w+\}/g, 'nobody')))(
    'of %s returns the headers of GET without its body',
    async (path) => {
      const [get, head] = [
        await service.get(path, { token, headers }),
        await service.send('HEAD', path, { token, headers }),
      ];
      const { 'content-length': length, ...sent } = head.headers;
      expect(compare({ ...head, headers: sent })).toEqual(compare(get));
      expect([head.text, length]).toEqual(['', String(Buffer.byteLength(get.text))]);
    },
  );

  it('of a user returns its ETag, and 401 without a token', async () => {
    const { body } = await service.post('/v1/users', { email: 'head@example.com' }, { token });
    const head = await service.send('HEAD', `/v1/users/${body.userId}`, { token });
    expect([head.status, head.headers['etag'], head.text]).toEqual([200, '"1"', '']);
    expect((await service.send('HEAD', `/v1/users/${body.userId}`)).status).toBe(401);
    expect((await service.send('HEAD', '/v1/auth/token')).status).toBe(405);
  });
});

it.each([
  ['/v1/users', 'POST, GET, HEAD'],
  ['/oauth2/token', 'POST'],
  ['/docs', 'GET, HEAD'],
])('OPTIONS of %s returns its methods', async (path, allow) => {
  const answer = await service.send('OPTIONS', path);
  expect([answer.status, answer.headers['allow'], answer.text]).toEqual([204, allow, '']);
});

it.each(['/.well-known/openid-configuration', '/.well-known/jwks.json'])(
  '%s is publicly cacheable and varies by origin',
  async (path) => {
    const { headers: responseHeaders } = await service.get(path);
    expect([responseHeaders['cache-control'], responseHeaders['vary']]).toEqual([
      'public, max-age=300',
      expect.stringMatching(/\borigin\b/),
    ]);
  },
);

it.each(['/healthz', '/jitsudo/healthz'])('GET %s returns 200 without a token', async (path) => {
  const { status, body, headers: responseHeaders } = await service.get(path);
  expect([status, body, responseHeaders['cache-control']]).toEqual([
    200,
    { status: 'ok' },
    'no-store',
  ]);
});

describe('the discovery document', () => {
  it('has a response type [F9a] and is served at both well-known paths [F9b]', async () => {
    const [oidc, oauth] = [
      await service.get('/.well-known/openid-configuration'),
      await service.get('/.well-known/oauth-authorization-server'),
    ];
    expect([oidc.status, oauth.status, oauth.body]).toEqual([200, 200, oidc.body]);
    // RFC 8414 §3.2: claims with zero elements must be omitted.
    for (const [name, value] of Object.entries(oidc.body))
      if (Array.isArray(value)) expect(value, name).not.toHaveLength(0);
    for (const name of [
      'issuer',
      'jwks_uri',
      'response_types_supported',
      'subject_types_supported',
      'id_token_signing_alg_values_supported',
    ])
      expect(oidc.body).toHaveProperty(name);
  });
});

describe('an email that changes when a path is decoded', () => {
  const creators = Object.entries(creations);

  it.each([
    'q%41b@example.com',
    'a%b@example.com',
    '%62oss@example.com',
    'a?b@example.com',
    'a%3Fb@example.com',
  ])('such as %s cannot be created or set in any dialect [F5a] [F5b] [F5c]', async (email) => {
    for (const [dialect, { target, token: tokenFor, body }] of creators) {
      const answer = await service.post(target, body({ email }), {
        token: tokenFor('acme'),
        headers,
      });
      expect([dialect, answer.status, answer.text]).toEqual([
        dialect,
        400,
        expect.stringContaining('decode'),
      ]);
    }
    const { body: user } = await service.post(
      '/v1/users',
      { email: `other-${email.length}@example.com` },
      { token },
    );
    const changed = await service.send('PATCH', `/v1/users/${user.userId}`, {
      token,
      body: { email },
    });
    expect([changed.status, changed.text]).toEqual([400, expect.stringContaining('decode')]);
  });

  it('returns 404 in Credible', async () => {
    for (const path of ['q%252541b%40example.com', '%252541'])
      expect(
        (await service.get(`/credible/api/v0/users/${path}`, { token: credible })).status,
      ).toBe(404);
  });
});

describe('a conditional read', () => {
  it('returns 304 while the version is current', async () => {
    const { body, headers: created } = await service.post(
      '/v1/users',
      { email: 'cond@example.com', password: goodPassword },
      { token },
    );
    const path = `/v1/users/${body.userId}`;
    const reads = (tags: string, method = 'GET') =>
      service.send(method, path, { token, headers: { 'if-none-match': tags } });
    for (const tags of ['"1"', 'W/"1"', '"7", "1"', '*']) {
      const answer = await reads(tags);
      expect([
        answer.status,
        answer.headers['etag'],
        answer.text,
        answer.headers['content-type'],
      ]).toEqual([304, created['etag'], '', undefined]);
    }
    expect((await reads('"1"', 'HEAD')).status).toBe(304);
    expect((await reads('"2"')).status).toBe(200);
    expect((await reads('1')).status).toBe(400);
    expect(
      (
        await service.send('PATCH', path, {
          token,
          headers: { 'if-none-match': '"1"' },
          body: { name: 'Jo' },
        })
      ).status,
    ).toBe(200);
  });
});

describe('CORS', () => {
  const document = inject('openapi') as unknown as {
    paths: Record<
      string,
      Record<
        string,
        {
          parameters?: { in: string; name: string }[];
          responses: Record<string, { headers?: Record<string, unknown> }>;
        }
      >
    >;
    components: { securitySchemes: Record<string, { in?: string; name?: string }> };
  };
  const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
  const [api] = properties(
    'AWS::ApiGatewayV2::Api',
    synthesize({ corsOrigins: ['https://app.example.com'] }),
  );
  const { AllowHeaders, ExposeHeaders } = api.CorsConfiguration as {
    AllowHeaders: string[];
    ExposeHeaders: string[];
  };

  test('allows every documented or used request header [F11]', () => {
    const documentedNames = [
      ...operations.flatMap(({ parameters = [] }) =>
        parameters.filter((each) => each.in === 'header').map(({ name }) => name),
      ),
      ...Object.values(document.components.securitySchemes).map(
        ({ in: where, name }) => (where === 'header' && name) || 'authorization',
      ),
    ];
    const sources = ['lib/api/http', 'lib/api/auth', 'functions'].flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.ts'))
        .map((file) => readFileSync(`${folder}/${file}`, 'utf8')),
    );
    // Browsers set Accept-Encoding themselves, and pages may always send Accept.
    const readNames = sources.flatMap((text) =>
      [...text.matchAll(/headers(?:\['|: \{ ')([a-z-]+)'/g)].map(([, name = '']) => name),
    );
    const usedNames = new Set(
      [...documentedNames.map((name) => name.toLowerCase()), ...readNames].filter(
        (name) => !['accept', 'accept-encoding'].includes(name),
      ),
    );
    expect([...usedNames]).toContain('x-api-key');
    for (const name of usedNames) expect(AllowHeaders, name).toContain(name);
  });

  test('exposes every response header', () => {
    const responseHeaders = operations.flatMap(({ responses }) =>
      Object.values(responses).flatMap(({ headers: names = {} }) => Object.keys(names)),
    );
    for (const name of new Set(responseHeaders))
      expect(ExposeHeaders, name).toContain(name.toLowerCase());
    expect(ExposeHeaders).toContain('allow');
  });
});

test('the stack stays within the limits of API Gateway and CloudFormation', () => {
  expect(listPathRoutes().length).toBeLessThan(250);
  expect(Object.keys(synthesize().Resources).length).toBeLessThan(450);
  expect(resources('AWS::ApiGatewayV2::Route')).toHaveLength(listPathRoutes().length);
});

test('the OpenAPI document describes gateway responses and the limit of one credential [F16] [F18]', () => {
  const document = inject('openapi') as unknown as {
    components: { securitySchemes: Record<string, { description: string }> };
    paths: Record<string, Record<string, { responses: Record<string, object> }>>;
  };
  for (const name of ['bearer', 'apiKey', 'authorizationApiKey'])
    expect(document.components.securitySchemes[name]?.description).toMatch(/one credential/i);
  expect(JSON.stringify(document.paths['/v1/users/{userId}']?.['get']?.responses['400'])).toContain(
    'GatewayProblem',
  );
});
