import { createRequire } from 'node:module';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { bundleFunctions } from '../../infra/build/bundle.ts';
import { writeDocuments } from '../../infra/build/documents.ts';
import { createGateway } from '../../infra/local/gateway/gateway.ts';
import { openapi } from '../../infra/build/openapi/document.ts';
import {
  buildConfirmationUrl,
  buildResetUrl,
  buildVerificationUrl,
  buildInvitationUrl,
} from '../../lib/domain/links/link-url.ts';
import { acceptFiles, docsFiles } from '../../lib/api/documents/files.ts';
import { listPathRoutes } from '../../lib/api/path-routes.ts';
import { createTemporaryFolder } from '../support/temporary-folder.ts';

describe('the deployed documents function', () => {
  const folder = createTemporaryFolder();
  let send: (
    method: string,
    target: string,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; headers: Headers; body: Buffer }>;

  beforeAll(async () => {
    const { documents } = await bundleFunctions(['documents'], folder);
    await writeDocuments(documents, { cacheFolder: inject('buildFolder') });
    const { handler } = createRequire(import.meta.url)(join(documents, 'documents.js'));
    const target = { name: 'documents', handler, timeoutMs: 60_000, memoryMb: 256 };
    const served = listPathRoutes()
      .filter((row) => row.function === 'documents')
      .map(({ routeKey }) => ({ routeKey, target }));
    const gateway = createGateway({ routes: served });
    send = async (method, path, headers = {}) => {
      const all = Object.entries({ host: 'localhost', ...headers });
      const answer = await gateway({
        method,
        target: path,
        headers: all,
        body: Buffer.alloc(0),
        sourceIp: '127.0.0.1',
        port: 1,
        protocol: 'HTTP/1.1',
      });
      return {
        status: answer.status,
        headers: new Headers(answer.headers.map(([name, value]) => [name, value])),
        body: Buffer.from(answer.body),
      };
    };
  });

  test('serves the generated OpenAPI document', async () => {
    const { status, headers, body } = await send('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(body.toString())).toEqual(JSON.parse(JSON.stringify(openapi())));
  });

  const acceptFile = (name: string) => acceptFiles.filter((file) => file.name === name);
  test.each([
    ['/docs', '/docs', docsFiles, []],
    // The script loads the common passwords when the user types one.
    [
      '/accept',
      '/accept',
      acceptFiles.filter(({ name }) => name !== 'confirm.js' && name !== 'verify.js'),
      ['common-passwords.js'],
    ],
    ['/confirm', '/accept', [...acceptFile('confirm.js'), ...acceptFile('accept.css')], []],
    ['/verify', '/accept', [...acceptFile('verify.js'), ...acceptFile('accept.css')], []],
  ])(
    'serves %s and all its files from its own host, without inline scripts',
    async (path, folderPath, documents, onDemand) => {
      const { body, headers } = await send('GET', path);
      const page = body.toString();
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('content-security-policy')).toMatch(
        path === '/docs'
          ? /^default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; /
          : /^default-src 'none'; script-src 'self'; style-src 'self'; /,
      );
      const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(
        ([, url = '']) => new URL(url, `https://roster.example${path}`),
      );
      const files = loaded
        .filter(({ pathname }) => pathname.startsWith(`${folderPath}/`))
        .map(({ pathname }) => pathname.slice(folderPath.length + 1));
      expect([...files, ...onDemand].toSorted()).toEqual(
        documents.map(({ name }) => name).toSorted(),
      );
      for (const { protocol, host } of loaded)
        expect(protocol === 'data:' || host === 'roster.example').toBe(true);
      expect(page).not.toMatch(/<script(?![^>]*src=)|\son\w+=|<style|style=/);
      for (const { name, type } of documents) {
        const file = await send('GET', `${folderPath}/${name}`);
        expect([
          file.status,
          file.headers.get('content-type'),
          file.headers.get('x-content-type-options'),
        ]).toEqual([200, type, 'nosniff']);
        expect(file.body.length).toBeGreaterThan(50);
      }
    },
  );

  test.each([buildInvitationUrl, buildResetUrl, buildConfirmationUrl, buildVerificationUrl])(
    'serves the page of each link in mails',
    async (buildLink) => {
      const { pathname } = new URL(buildLink({ origin: 'https://acme.example' }, 'token', 'en'));
      const { status, headers } = await send('GET', pathname);
      expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    },
  );

  test.each(['/accept', '/reset', '/confirm', '/verify'])(
    'protects %s against caching, framing and referrer leaks',
    async (path) => {
      const { headers } = await send('GET', path);
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'referrer-policy': 'no-referrer',
        'cross-origin-opener-policy': 'same-origin',
        'x-content-type-options': 'nosniff',
      });
      const policy = headers.get('content-security-policy')?.split('; ');
      expect(policy).toEqual(
        expect.arrayContaining([
          "connect-src 'self'",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'",
          "require-trusted-types-for 'script'",
        ]),
      );
    },
  );

  test.each<[accepted: string | undefined, compressed: boolean]>([
    ['gzip', true],
    ['br, GZIP;q=0.5', true],
    ['gzip;q=1.0, *;q=0', true],
    [undefined, false],
    ['br', false],
    ['gzip;q=0', false],
    ['x-gzip-not', false],
  ])('compresses for a client that accepts %s: %s', async (accepted, compressed) => {
    const { headers, body } = await send(
      'GET',
      '/docs/docs.css',
      accepted === undefined ? {} : { 'accept-encoding': accepted },
    );
    expect(headers.get('content-encoding')).toBe(compressed ? 'gzip' : null);
    expect(headers.get('vary')).toBe('accept-encoding, origin');
    expect((compressed ? gunzipSync(body) : body).toString()).toContain('--scalar-color-3');
  });

  test.each([
    '/docs/index.html',
    '/docs/openapi.json',
    '/docs/documents.js',
    '/docs/package.json',
    '/docs/..%2Fdocuments.js',
    '/docs/docs.js.gz',
    '/docs/',
    '/accept/password.html',
    '/accept/docs.js',
    '/accept/confirm.html',
    '/accept/verify.html',
    '/confirm/confirm.js',
  ])('returns 404 for %s', async (path) => {
    const { status, body } = await send('GET', path);
    expect([status, JSON.parse(body.toString()).code]).toEqual([404, 'not_found']);
  });

  test.each([
    '/docs',
    '/openapi.json',
    '/accept',
    '/reset',
    '/confirm',
    '/verify',
    '/docs/docs.css',
    '/accept/accept.js',
    '/healthz',
  ])('answers HEAD of %s like GET, without the body [F12]', async (path) => {
    const [get, head] = [await send('GET', path), await send('HEAD', path)];
    expect([get.status, head.status, head.body.length]).toEqual([200, 200, 0]);
    expect(head.headers.get('content-length')).toBe(String(get.body.length));
    for (const name of ['content-type', 'cache-control', 'vary', 'content-security-policy'])
      expect(head.headers.get(name), name).toBe(get.headers.get(name));
  });

  test.each([
    ['PUT', '/openapi.json', 'GET, HEAD'],
    ['DELETE', '/docs', 'GET, HEAD'],
    ['POST', '/docs/docs.css', 'GET, HEAD'],
    ['TRACE', '/healthz', 'GET, HEAD'],
  ])('%s %s returns 405 and allows %s', async (method, path, allow) => {
    const { status, headers, body } = await send(method, path);
    expect([status, headers.get('allow'), JSON.parse(body.toString()).code]).toEqual([
      405,
      allow,
      'method_not_allowed',
    ]);
  });

  test.each(['/', '/v1', '/v1/users/', '/v1/users/a/b', '/v2/users', '/jitsudo/v1', '/nothing'])(
    '%s returns 404 with the request ID',
    async (path) => {
      const { status, headers, body } = await send('GET', path);
      const { code, details } = JSON.parse(body.toString());
      expect([status, code]).toEqual([404, 'not_found']);
      expect(details.requestId).toBe(headers.get('x-request-id'));
    },
  );
});
