import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { createGateway } from '../../../infra/local/gateway/gateway.ts';
import { type LocalServer, listen } from '../../../infra/local/gateway/server.ts';

// Behavior of API Gateway: recorded on AWS where `at AWS` says so, otherwise from its
// documentation.

let server: LocalServer;
let seen: APIGatewayProxyEventV2;
const failures: unknown[] = [];

const target = (
  name: string,
  handler: (event: APIGatewayProxyEventV2, context: any) => unknown,
  timeoutMs = 60_000,
) => ({
  name,
  handler,
  timeoutMs,
  memoryMb: 128,
});
const echo = target('echo', (event) => {
  seen = event;
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event),
  };
});
const answering = (result: unknown) => target('answering', () => result);

beforeAll(async () => {
  server = await listen(0);
  const routes = {
    'POST /users': echo,
    'GET /users/{id}': echo,
    'GET /users/me': echo,
    'ANY /users/{id}': echo,
    'GET /files/{path+}': echo,
    'GET /a-b.c/{x-y}': echo,
    $default: echo,
    'GET /throws': target('throws', () => {
      throw new Error('a secret reason');
    }),
    'GET /slow': target('slow', () => new Promise(() => {}), 50),
    'GET /context': target(
      'context',
      (_event, context) => ({ ...context, left: context.getRemainingTimeInMillis() }),
      60_000,
    ),
    'GET /plain-object': answering({ hello: 'world' }),
    'GET /string': answering('hello'),
    'GET /nothing': answering(undefined),
    'GET /no-type': answering({ statusCode: 418, body: 'short and stout' }),
    'GET /empty': answering({ statusCode: 204 }),
    'GET /binary': answering({
      statusCode: 200,
      headers: { 'Content-Type': 'image/png' },
      body: 'AP+A',
      isBase64Encoded: true,
    }),
    'GET /cookies': answering({ statusCode: 200, cookies: ['a=1; Path=/', 'b=2'] }),
    'GET /hop-by-hop': answering({
      statusCode: 200,
      headers: {
        Connection: 'upgrade',
        'Keep-Alive': 'timeout=99',
        'Content-Length': '1',
        'X-Number': 7,
      },
    }),
    'GET /own-cors': answering({
      statusCode: 200,
      headers: { 'Access-Control-Allow-Origin': 'https://evil.example' },
    }),
    'GET /status-float': answering({ statusCode: 200.5, body: '' }),
    'GET /status-text': answering({ statusCode: 'fine', body: '' }),
    'GET /body-object': answering({ statusCode: 200, body: { no: 'string' } }),
    'GET /headers-list': answering({ statusCode: 200, headers: ['a'], body: '' }),
    'GET /too-long': answering({ statusCode: 200, body: 'x'.repeat(6 * 1024 * 1024 + 1) }),
  };
  const gateway = createGateway({
    routes: Object.entries(routes).map(([routeKey, fn]) => ({ routeKey, target: fn })),
    cors: {
      AllowOrigins: ['https://app.example.com'],
      AllowMethods: ['GET', 'POST'],
      AllowHeaders: ['authorization', 'content-type'],
      ExposeHeaders: ['etag'],
      MaxAge: 3600,
    },
    onFailure: (_name, error) => failures.push(error),
  });
  server.respondWith([gateway]);
});

afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string[]>>;
  readonly body: string;
  readonly raw: string;
}

/** Sends raw bytes and reads the response to its end. */
function send(head: string, body: string | Buffer = ''): Promise<Answer> {
  const length = Buffer.byteLength(body);
  const lines = head.split('\n').map((line) => line.trim());
  if (!/^\s*host:/im.test(head)) lines.push(`Host: localhost:${server.port}`);
  if (length > 0 && !/^\s*(content-length|transfer-encoding):/im.test(head))
    lines.push(`Content-Length: ${length}`);
  return exchange([
    Buffer.from(`${[...lines, 'Connection: close'].join('\r\n')}\r\n\r\n`),
    Buffer.from(body),
  ]);
}

function exchange(parts: readonly Buffer[]): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1');
    const chunks: Buffer[] = [];
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', reject);
    socket.on('end', () => resolve(parse(Buffer.concat(chunks).toString('latin1'))));
    for (const part of parts) socket.write(part);
  });
}

function parse(raw: string): Answer {
  const end = raw.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = raw.slice(0, end).split('\r\n');
  const headers: Record<string, string[]> = {};
  for (const line of lines)
    (headers[line.slice(0, line.indexOf(':')).toLowerCase()] ??= []).push(
      line.slice(line.indexOf(':') + 2),
    );
  return { status: Number(statusLine.split(' ')[1]), headers, body: raw.slice(end + 4), raw };
}

describe('the event', () => {
  test('has the fields of a recorded event', async () => {
    const sentAtMs = Date.now();
    await send(
      `POST /users?repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty= HTTP/1.1
       Host: acme.admin.localhost:4000
       accept: */*
       Content-Type: application/json
       Cookie: session=abc123; theme=dark
       User-Agent: curl/8.7.1
       X-Probe: first
       x-probe: second`,
      '{"unicode":"lambda-λ"}',
    );
    expect(seen).toEqual({
      version: '2.0',
      routeKey: 'POST /users',
      rawPath: '/users',
      rawQueryString:
        'repeat=one&repeat=two&redirect=https%3A%2F%2Fexample.com%2Fa%2Fb&literalPlus=a+b&encodedPlus=a%2Bb&empty=',
      cookies: ['session=abc123', 'theme=dark'],
      headers: {
        accept: '*/*',
        'content-length': '23',
        'content-type': 'application/json',
        host: 'acme.admin.localhost:4000',
        'user-agent': 'curl/8.7.1',
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        'x-forwarded-for': '127.0.0.1',
        'x-forwarded-port': String(server.port),
        'x-forwarded-proto': 'http',
        'x-probe': 'first,second',
      },
      queryStringParameters: {
        empty: '',
        encodedPlus: 'a+b',
        literalPlus: 'a b',
        redirect: 'https://example.com/a/b',
        repeat: 'one,two',
      },
      requestContext: {
        accountId: '000000000000',
        apiId: 'local',
        domainName: 'acme.admin.localhost',
        domainPrefix: 'acme',
        http: {
          method: 'POST',
          path: '/users',
          protocol: 'HTTP/1.1',
          sourceIp: '127.0.0.1',
          userAgent: 'curl/8.7.1',
        },
        requestId: expect.stringMatching(/^[\w-]{15}=$/),
        routeKey: 'POST /users',
        stage: '$default',
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.toSatisfy((time: number) => time >= sentAtMs && time <= Date.now()),
      },
      body: '{"unicode":"lambda-λ"}',
      isBase64Encoded: false,
    });
  });

  test('omits fields that the request lacks', async () => {
    await send('GET /elsewhere HTTP/1.1');
    for (const field of ['cookies', 'queryStringParameters', 'pathParameters', 'body'])
      expect(seen).not.toHaveProperty(field);
    expect(seen).toMatchObject({
      routeKey: '$default',
      rawQueryString: '',
      isBase64Encoded: false,
    });
  });

  test('keeps context headers of the client as headers', async () => {
    await send(`GET /users/me HTTP/1.1
                X-Forwarded-For: 10.0.0.1
                requestContext: {"domainName":"evil"}
                X-Amzn-Trace-Id: Root=mine
                X-Forwarded-Host: evil.example
                X-HTTP-Method-Override: POST`);
    expect(seen.requestContext).toMatchObject({
      domainName: 'localhost',
      http: { method: 'GET', sourceIp: '127.0.0.1' },
    });
    expect(seen.headers).toMatchObject({
      'x-forwarded-for': '10.0.0.1, 127.0.0.1',
      'x-amzn-trace-id': expect.stringMatching(/^Root=1-/),
    });
  });

  test('treats any name as an ordinary key', async () => {
    await send('GET /users/me?__proto__=1&constructor=2 HTTP/1.1\n__proto__: 3');
    expect(Object.entries(seen.queryStringParameters ?? {})).toEqual([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
    expect(Object.keys(seen.headers)).toContain('__proto__');
  });

  test('omits hop-by-hop headers', async () => {
    await send(
      'GET /users/me HTTP/1.1\nKeep-Alive: timeout=5\nTE: trailers\nProxy-Authorization: Basic x',
    );
    expect(
      Object.keys(seen.headers).filter((name) =>
        /^(connection|keep-alive|te|proxy-authorization)$/.test(name),
      ),
    ).toEqual([]);
  });
});

describe('the path', () => {
  test.each([
    ['/capture/plain', '/capture/plain'],
    ['/capture/space%20value', '/capture/space value'],
    ['/capture/question%3Fvalue', '/capture/question'],
    ['/capture/hash%23value', '/capture/hash#value'],
    ['/capture/slash%2Fvalue', '/capture/slash/value'],
    ['/capture/unicode-%CE%BB-%E4%B8%96%E7%95%8C', '/capture/unicode-λ-世界'],
    ['/capture/literal%252Fvalue', '/capture/literal/value'],
    ['/capture/literal%253Fvalue', '/capture/literal?value'],
    ['/capture/literal%2525value', '/capture/literal%value'],
  ])('%s arrives as %s, as at AWS', async (sent, arrived) => {
    await send(`GET ${sent}?q=1 HTTP/1.1`);
    expect(seen).toMatchObject({
      rawPath: arrived,
      rawQueryString: 'q=1',
      requestContext: { http: { path: arrived } },
    });
  });

  test.each(['/capture/percent%25done', '/capture/%zz', '/capture/%ff'])(
    '%s is rejected, as at AWS',
    async (path) => {
      const { status, body } = await send(`GET ${path} HTTP/1.1`);
      expect([status, body]).toEqual([400, '{"message":"Bad Request"}']);
    },
  );

  test.each([
    ['GET', '/users/me', 'GET /users/me', undefined],
    ['GET', '/users/42', 'GET /users/{id}', { id: '42' }],
    ['GET', '/users/cradl:user:0a', 'GET /users/{id}', { id: 'cradl:user:0a' }],
    ['GET', '/users/a%40b%2Bc.example', 'GET /users/{id}', { id: 'a@b+c.example' }],
    ['GET', '/users/user:a+b@c.example', 'GET /users/{id}', { id: 'user:a+b@c.example' }],
    ['GET', '/users/user%3Aa%2Bb%40c.example', 'GET /users/{id}', { id: 'user:a+b@c.example' }],
    ['DELETE', '/users/42', 'ANY /users/{id}', { id: '42' }],
    ['POST', '/users/me', 'ANY /users/{id}', { id: 'me' }],
    ['GET', '/files/a/b/c.txt', 'GET /files/{path+}', { path: 'a/b/c.txt' }],
    ['GET', '/a-b.c/1', 'GET /a-b.c/{x-y}', { 'x-y': '1' }],
    ['GET', '/a-bxc/1', '$default', undefined],
    ['GET', '/users/a%2Fb', '$default', undefined],
    ['GET', '/users/', '$default', undefined],
    ['GET', '/USERS/me', '$default', undefined],
    ['GET', '/users/../users/me', '$default', undefined],
    ['HEAD', '/users/me', 'ANY /users/{id}', { id: 'me' }],
    ['GET', '/users', '$default', undefined],
  ])('%s %s goes to %s', async (method, path, routeKey, pathParameters) => {
    await send(`${method} ${path} HTTP/1.1`);
    expect([seen.routeKey, seen.requestContext.routeKey, seen.pathParameters]).toEqual([
      routeKey,
      routeKey,
      pathParameters,
    ]);
  });

  test('returns 404 without a matching route and without $default', async () => {
    const gateway = createGateway({ routes: [{ routeKey: 'GET /a', target: echo }] });
    const request = {
      method: 'GET',
      target: '/b',
      headers: [],
      body: Buffer.alloc(0),
      sourceIp: '',
      port: 0,
      protocol: 'HTTP/1.1',
    };
    expect(await gateway(request)).toMatchObject({
      status: 404,
      body: '{"message":"Not Found"}',
    });
  });
});

describe('a request body', () => {
  const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x7d]);

  test.each([
    ['application/json', false],
    ['Application/JSON; charset=utf-8', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['text/csv', false],
    ['application/x-www-form-urlencoded', true],
    ['application/scim+json', true],
    ['application/jsonp', true],
    ['application/octet-stream', true],
    ['', true],
  ])('of type "%s" is base64: %s', async (type, isBase64Encoded) => {
    await send(`POST /users HTTP/1.1${type && `\nContent-Type: ${type}`}`, '{"ä":1}');
    expect(seen).toMatchObject({
      isBase64Encoded,
      body: isBase64Encoded ? Buffer.from('{"ä":1}').toString('base64') : '{"ä":1}',
    });
  });

  test.each(['DELETE', 'PATCH'])('of %s arrives', async (method) => {
    await send(`${method} /users/42 HTTP/1.1\nContent-Type: application/json`, '{"members":[]}');
    expect(seen).toMatchObject({ routeKey: 'ANY /users/{id}', body: '{"members":[]}' });
  });

  test('that is not valid text keeps its bytes, regardless of its type', async () => {
    await send('POST /users HTTP/1.1\nContent-Type: application/json', bytes);
    expect(seen).toMatchObject({ isBase64Encoded: true, body: bytes.toString('base64') });
  });

  test('in chunks arrives complete', async () => {
    await send(
      'POST /users HTTP/1.1\nContent-Type: text/plain\nTransfer-Encoding: chunked',
      '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n',
    );
    expect([seen.body, seen.headers['content-length'], seen.headers['transfer-encoding']]).toEqual([
      'abcde',
      '5',
      undefined,
    ]);
  });

  test('above 10 MB is 413 before the upload ends', async () => {
    const { status, body } = await send('POST /users HTTP/1.1', Buffer.alloc(10 * 1024 * 1024 + 1));
    expect([status, body]).toEqual([413, '{"message":"Request Entity Too Large"}']);
  });

  test('above the event limit of a function is 413', async () => {
    const { status } = await send(
      'POST /users HTTP/1.1\nContent-Type: text/plain',
      Buffer.alloc(7 * 1024 * 1024, 'x'),
    );
    expect(status).toBe(413);
  });

  test('gets 100 Continue unless it is too large', async () => {
    const accepted = await send('POST /users HTTP/1.1\nExpect: 100-continue', 'x');
    expect(accepted.raw).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n/);
    const refused = await send(
      `POST /users HTTP/1.1\nExpect: 100-continue\nContent-Length: ${11 * 1024 * 1024}`,
    );
    expect(refused.raw).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('a response', () => {
  test.each([
    ['/plain-object', 200, 'application/json', '{"hello":"world"}'],
    ['/string', 200, 'application/json', '"hello"'],
    ['/nothing', 200, 'application/json', 'null'],
    ['/no-type', 418, 'text/plain; charset=utf-8', 'short and stout'],
    ['/empty', 204, undefined, ''],
    ['/binary', 200, 'image/png', '\x00\xff\x80'],
  ])('of %s is %i, %s', async (path, status, type, body) => {
    const answer = await send(`GET ${path} HTTP/1.1`);
    expect([answer.status, answer.headers['content-type']?.[0], answer.body]).toEqual([
      status,
      type,
      body,
    ]);
    expect(answer.headers['apigw-requestid']).toHaveLength(1);
  });

  test('has a header per cookie', async () => {
    expect((await send('GET /cookies HTTP/1.1')).headers['set-cookie']).toEqual([
      'a=1; Path=/',
      'b=2',
    ]);
  });

  test('omits hop-by-hop headers of the function', async () => {
    const { headers } = await send('GET /hop-by-hop HTTP/1.1');
    expect([
      headers.connection,
      headers['keep-alive'],
      headers['content-length'],
      headers['x-number'],
    ]).toEqual([['close'], undefined, ['0'], ['7']]);
  });

  test('to HEAD has headers but no body', async () => {
    const { status, headers, body } = await send('HEAD /elsewhere HTTP/1.1');
    expect([status, body]).toEqual([200, '']);
    expect(Number(headers['content-length']?.[0])).toBeGreaterThan(100);
  });

  test.each([
    '/throws',
    '/status-float',
    '/status-text',
    '/body-object',
    '/headers-list',
    '/too-long',
  ])('of %s is 500, and only the server sees the cause', async (path) => {
    failures.length = 0;
    const { status, body } = await send(`GET ${path} HTTP/1.1`);
    expect([status, body]).toEqual([500, '{"message":"Internal Server Error"}']);
    expect(failures).toHaveLength(1);
  });

  test('is 503 after the timeout', async () => {
    const { status, body } = await send('GET /slow HTTP/1.1');
    expect([status, body]).toEqual([503, '{"message":"Service Unavailable"}']);
  });

  test('comes from a function with a context', async () => {
    const context = JSON.parse((await send('GET /context HTTP/1.1')).body) as Record<
      string,
      unknown
    >;
    expect(context).toMatchObject({
      functionName: 'context',
      memoryLimitInMB: '128',
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(context.left).toBeGreaterThan(30_000);
    expect(context.left).toBeLessThanOrEqual(60_000);
  });
});

describe('cross-origin requests', () => {
  const ask = (origin: string, more = 'Access-Control-Request-Method: POST') =>
    send(`OPTIONS /users HTTP/1.1\nOrigin: ${origin}\n${more}`);
  const cors = ({ headers }: Answer) =>
    Object.fromEntries(
      Object.entries(headers).filter(([name]) => name.startsWith('access-control-')),
    );

  test('of a configured origin pass the preflight without a function', async () => {
    const answer = await ask('https://app.example.com');
    expect(answer.status).toBe(204);
    expect(cors(answer)).toEqual({
      'access-control-allow-origin': ['https://app.example.com'],
      'access-control-allow-methods': ['GET,POST'],
      'access-control-allow-headers': ['authorization,content-type'],
      'access-control-max-age': ['3600'],
    });
  });

  test('of other origins do not', async () => {
    for (const origin of [
      'https://evil.example',
      'http://app.example.com',
      'https://app.example.com.evil.example',
      'null',
    ]) {
      expect(cors(await ask(origin))).toEqual({});
    }
  });

  test('get the configured headers and never those of the function', async () => {
    expect(cors(await send('GET /own-cors HTTP/1.1\nOrigin: https://app.example.com'))).toEqual({
      'access-control-allow-origin': ['https://app.example.com'],
      'access-control-expose-headers': ['etag'],
    });
    expect(cors(await send('GET /own-cors HTTP/1.1\nOrigin: https://evil.example'))).toEqual({});
    expect(cors(await send('GET /own-cors HTTP/1.1'))).toEqual({});
  });

  test('get CORS headers on errors of the gateway', async () => {
    expect(
      cors(await send('GET /throws HTTP/1.1\nOrigin: https://app.example.com')),
    ).toHaveProperty('access-control-allow-origin');
  });

  test('with OPTIONS but without preflight headers reach the function', async () => {
    const { status } = await ask('https://app.example.com', 'X: y');
    expect([status, seen.requestContext.http.method]).toEqual([200, 'OPTIONS']);
  });
});

describe('the server', () => {
  test.each(['localhost', 'LOCALHOST:1', '127.0.0.1', 'acme.admin.localhost:4000'])(
    'accepts the host %s',
    async (host) => {
      expect((await send(`GET /users/me HTTP/1.1\nHost: ${host}`)).status).toBe(200);
    },
  );

  test.each([
    'evil.example',
    'localhost.evil.example',
    'evil.example:4000',
    '127.0.0.1.evil.example',
    'xlocalhost',
    '192.168.0.1',
    '[::1]',
    '',
  ])('rejects the host "%s"', async (host) => {
    const { status, body } = await send(`GET /users/me HTTP/1.1\nHost: ${host}`);
    expect([status, body]).toEqual([
      403,
      'This server answers only to localhost, 127.0.0.1 and names under .localhost.\n',
    ]);
  });

  test('rejects two Host headers', async () => {
    expect((await send('GET /users/me HTTP/1.1\nHost: localhost\nHost: evil.example')).status).toBe(
      400,
    );
  });

  test('rejects a target that is not a path, and invalid HTTP', async () => {
    expect((await send('GET http://evil.example/users/me HTTP/1.1')).status).toBe(400);
    expect((await exchange([Buffer.from('nonsense\r\n\r\n')])).status).toBe(400);
  });
});
