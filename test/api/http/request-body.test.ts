/** Media type, encoding and size of a body, and headers that cannot be repeated [J09]. */
import { gzipSync } from 'node:zlib';
import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { usersApi } from '../../../functions/users.ts';
import { toGatewayEvent } from '../../../infra/local/gateway/request-event.ts';
import { createUserDeps } from '../../../lib/deps/http-deps.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { createTestService, adminToken, tenantId } from '../../support/service.ts';

const service = await createTestService();
const token = adminToken('acme');
const json = { 'content-type': 'application/json' };
const user = (more: object = {}): string =>
  JSON.stringify({ email: `jsmith.${unique()}@example.com`, ...more });
const posts = (
  body: string | Uint8Array,
  headers: Record<string, string | readonly string[]> = json,
  path = '/v1/users',
) => service.post(path, body, { token, headers });
const unsupported = { status: 415, body: { code: 'unsupported_media_type' } };

describe('the media type', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json;charset=utf-8',
    'application/json; charset=UTF-8; q="a"',
    'application/json ; charset=latin1',
    'application/json;',
    '  application/json  ',
  ])('%j is accepted', async (contentType) => {
    expect((await posts(user(), { 'content-type': contentType })).status).toBe(201);
  });

  it.each([
    'text/plain',
    'text/json',
    'text/html',
    'application/jsonp',
    'application/x-json',
    'application/vnd.api+json',
    'application/scim+json',
    'application/json-patch+json',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=application/json',
    'application',
    '*/*',
    'json',
    ' ',
    ';application/json',
  ])('%j returns 415', async (contentType) => {
    expect(await posts(user(), { 'content-type': contentType })).toMatchObject(unsupported);
  });

  it('is required with a body', async () => {
    expect(await posts(user(), {})).toMatchObject(unsupported);
  });

  it('is ignored without a body, and the missing body returns 400', async () => {
    for (const headers of [{}, json, { 'content-type': 'text/plain' }]) {
      expect(await posts('', headers)).toMatchObject({
        status: 400,
        body: { code: 'malformed_json' },
      });
    }
  });

  it('does not change the charset, which is UTF-8', async () => {
    const { status, body } = await posts(user({ name: 'Zoë' }), {
      'content-type': 'application/json; charset=iso-8859-1',
    });
    expect({ status, name: body.name }).toEqual({ status: 201, name: 'Zoë' });
    const utf16 = { 'content-type': 'application/json; charset=utf-16' };
    expect(await posts(Buffer.from(`\ufeff${user()}`, 'utf16le'), utf16)).toMatchObject({
      status: 400,
      body: { code: 'malformed_json' },
    });
  });
});

describe('the content encoding', () => {
  it.each(['gzip', 'GZIP', 'deflate', 'br', 'zstd', 'x-gzip', 'none'])(
    '%s returns 415',
    async (encoding) => {
      expect(
        await posts(gzipSync(user()), { ...json, 'content-encoding': encoding }),
      ).toMatchObject(unsupported);
    },
  );

  it('identity is accepted', async () => {
    expect((await posts(user(), { ...json, 'content-encoding': ' Identity ' })).status).toBe(201);
  });

  it('gzip is never decoded, which prevents decompression bombs', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    expect(await posts(bomb, { ...json, 'content-encoding': 'gzip' })).toMatchObject(unsupported);
    expect(await posts(bomb)).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
  });
});

describe('a request body', () => {
  const mebibyte = 1024 * 1024;
  const createBody = (bytes: number, filling = ' '): string => {
    const around = JSON.stringify({
      email: `j.${unique()}@example.com`,
      name: 'J',
      roles: ['user'],
      auth_provider: 'oidc',
      avatar_base64: '',
    });
    return around.replace(
      '""',
      `"${filling.repeat(Math.floor((bytes - around.length) / Buffer.byteLength(filling)))}"`,
    );
  };
  const jitsudo = { ...json, 'x-tenant-id': tenantId.acme };

  it('can have 1 MiB', async () => {
    const body = createBody(mebibyte);
    expect(Buffer.byteLength(body)).toBe(mebibyte);
    expect((await posts(body, jitsudo, '/jitsudo/v1/users')).status).toBe(201);
  });

  it.each([
    ['1 byte more than 1 MiB', createBody(mebibyte + 1)],
    ['4 MiB of 4-byte characters', createBody(4 * mebibyte - 8192, '🦜')],
    ['5 MiB', createBody(5 * mebibyte)],
    ['10 MiB, which the gateway rejects', createBody(10 * mebibyte)],
  ])('returns 413 if it has %s', async (_, body) => {
    const answer = await posts(body, jitsudo, '/jitsudo/v1/users');
    expect(answer.status).toBe(413);
    expect(answer.body).toHaveProperty('message');
  });

  it('is measured in sent bytes, not in decoded text', async () => {
    const answer = await posts(Buffer.concat([Buffer.of(0xff), Buffer.alloc(mebibyte - 1, 'x')]));
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_json' } });
  });
});

describe('a repeated header', () => {
  it.each<[string, readonly string[]]>([
    ['authorization', [`Bearer ${token}`, `Bearer ${token}`]],
    ['authorization', [`Bearer ${token}`, 'Bearer nonsense']],
    ['content-type', ['application/json', 'application/json']],
    ['content-type', ['application/json', 'text/plain']],
    ['content-encoding', ['identity', 'identity']],
    ['content-encoding', ['identity, gzip']],
    ['x-tenant-id', [tenantId.acme, tenantId.acme]],
    ['x-tenant-id', [tenantId.acme, tenantId.globex]],
    ['x-tenant-id', [`${tenantId.acme},${tenantId.globex}`]],
    ['x-tenant-id', [`${tenantId.acme},`]],
  ])('returns 400: %s %j', async (name, values) => {
    const answer = await posts(user(), { ...json, [name]: values });
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues: [{ path: name }] } },
    });
  });

  it('is accepted if it can have several values', async () => {
    expect(
      (
        await posts(user(), {
          ...json,
          accept: ['application/json', '*/*'],
          'x-forwarded-for': ['10.0.0.1', '10.0.0.2'],
        })
      ).status,
    ).toBe(201);
  });
});

describe('the body of a GET request is ignored', () => {
  it.each<[string, Record<string, string>, string | Uint8Array]>([
    ['with a content type and no body', json, ''],
    ['with a body', json, '{"userId":"another"}'],
    ['with invalid JSON', json, '{'],
    ['with a body of any type', { 'content-type': 'text/plain' }, 'text'],
    ['with a body without a type', {}, 'text'],
    ['with bytes', json, Buffer.of(0xff, 0xfe)],
    ['with more than 1 MiB', json, 'x'.repeat(2 * 1024 * 1024)],
  ])('%s', async (_, headers, body) => {
    const { body: created } = await posts(user());
    expect(
      await service.send('GET', `/v1/users/${created.userId}`, { token, headers, body }),
    ).toMatchObject({
      status: 200,
      body: created,
    });
  });
});

it('a base64 body from the gateway is decoded', async () => {
  const handler = usersApi(createUserDeps(service.environment)) as unknown as (
    event: object,
    context: Partial<Context>,
  ) => Promise<{ statusCode: number; body: string }>;
  const headers = Object.entries({ ...json, host: 'localhost', authorization: `Bearer ${token}` });
  const request = {
    method: 'POST',
    target: '/v1/users',
    headers,
    body: Buffer.of(),
    sourceIp: '127.0.0.1',
    port: 4000,
    protocol: 'HTTP/1.1',
  };
  const event = toGatewayEvent(request, '/v1/users', {
    routeKey: 'POST /v1/users',
    pathParameters: {},
  });
  const send = (text: string) =>
    handler(
      { ...event, body: Buffer.from(text).toString('base64'), isBase64Encoded: true },
      { getRemainingTimeInMillis: () => 10_000 },
    );
  const answer = await send(user({ name: 'Zoë 🦜' }));
  expect({ status: answer.statusCode, name: JSON.parse(answer.body).name }).toEqual({
    status: 201,
    name: 'Zoë 🦜',
  });
  expect(await send('{')).toMatchObject({ statusCode: 400 });
});
