import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { bundle } from '../infra/bundle.ts';
import { createGateway } from '../infra/local/gateway.ts';
import { openapi } from '../infra/openapi.ts';
import { docsFiles } from '../lib/http/documents.ts';
import { type Route, routes } from '../lib/http/routes.ts';

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { in: string; name: string; required?: boolean }[];
  readonly security: readonly object[];
  readonly requestBody?: { content: { 'application/json': Media } };
  readonly responses: Readonly<Record<string, { content?: Readonly<Record<string, Media>> }>>;
}

interface Media {
  readonly schema: { $ref: string };
  readonly example?: Readonly<Record<string, unknown>>;
}

const document = openapi() as unknown as {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
};
const table = (routes as readonly Route[]).filter(({ route }) => route !== '$default');
const operationOf = ({ route }: Route): Operation => {
  const [method = '', path = ''] = route.split(' ');
  const operation = document.paths[path]?.[method.toLowerCase()];
  if (!operation) throw new Error(`${route} is not described`);
  return operation;
};

describe('the description', () => {
  test('has exactly the routes of the table', () => {
    const described = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(table.map(({ route }) => route).toSorted());
  });

  test('names nothing that it does not hold', () => {
    const text = JSON.stringify(document);
    const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path);
    expect(references.length).toBeGreaterThan(20);
    for (const path of references) {
      const target = path.split('/').reduce<unknown>((value, part) => (value as Record<string, unknown>)[part], document);
      expect(target, path).toBeTypeOf('object');
    }
  });

  test('asks for a token where the table does, and says what it is for everywhere', () => {
    for (const row of table) {
      const { security, responses } = operationOf(row);
      expect(security, row.route).toEqual(row.access === 'bearer' ? [{ bearer: [] }] : []);
      expect('401' in responses && '403' in responses, row.route).toBe(row.access === 'bearer');
      expect(Object.keys(responses)).toContain(String(row.status));
      expect(Object.keys(responses)).toContain('429');
    }
  });

  test('requires X-Tenant-ID in JITSudo and offers it elsewhere', () => {
    const required = (row: Route) => operationOf(row).parameters?.find(({ name }) => name === 'X-Tenant-ID')?.required ?? false;
    const bearer = table.filter(({ access }) => access === 'bearer');
    expect(bearer.filter(required).map(({ dialect }) => dialect)).toEqual(['jitsudo', 'jitsudo']);
    for (const row of bearer)
      expect(operationOf(row).parameters).toContainEqual(expect.objectContaining({ in: 'header', name: 'X-Tenant-ID' }));
  });

  test('gives each failure of a create the status of its dialect', () => {
    const statuses = (dialect: string) =>
      Object.keys(operationOf(table.find((row) => row.dialect === dialect && row.operation === 'createUser') as Route).responses);
    const common = ['400', '401', '403', '404', '409', '413', '415', '429', '500', '503'];
    expect(statuses('native').toSorted()).toEqual(['201', ...common, '422'].toSorted());
    expect(statuses('cradl').toSorted(), 'no 422 in Cradl: a role or app client that is not there is a 404').toEqual(
      ['200', ...common].toSorted(),
    );
    expect(statuses('jitsudo').toSorted()).toEqual(['201', ...common, '422'].toSorted());
    expect(statuses('credible').toSorted()).toEqual(['201', ...common, '422'].toSorted());
  });

  test('shows a request with every create and an answer with every user', () => {
    for (const row of table.filter(({ access }) => access === 'bearer')) {
      const { requestBody, responses } = operationOf(row);
      expect(responses[row.status]?.content?.['application/json']?.example, row.route).toBeTypeOf('object');
      if (row.body === 'json') expect(requestBody?.content['application/json'].example, row.route).toHaveProperty('email');
    }
  });

  test('never has a password in an answer', () => {
    const answers = Object.entries(document.components.schemas).filter(([name]) => name.endsWith('User'));
    expect(answers.map(([name]) => name).toSorted()).toEqual(['CradlUser', 'CredibleUser', 'JitsudoUser', 'User']);
    for (const [name, schema] of answers) expect(JSON.stringify(schema), name).not.toMatch(/password/i);
  });
});

describe('the documents function as it is deployed', () => {
  const folder = mkdtempSync(join(tmpdir(), 'roster-test-'));
  let send: (
    method: string,
    target: string,
    headers?: Record<string, string>,
  ) => Promise<{ status: number; headers: Headers; body: Buffer }>;

  beforeAll(async () => {
    // What it logs is tested where requests are.
    vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    const { documents } = await bundle(folder);
    const { handler } = createRequire(import.meta.url)(join(documents, 'documents.js'));
    const target = { name: 'documents', handler, timeoutMs: 5000, memoryMb: 256 };
    const served = routes.filter((row) => row.function === 'documents').map(({ route }) => ({ routeKey: route, target }));
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
      return { status: answer.status, headers: new Headers(answer.headers.map(([name, value]) => [name, value])), body: answer.body };
    };
  });
  afterAll(() => {
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  test('serves the description that is generated', async () => {
    const { status, headers, body } = await send('GET', '/openapi.json');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(JSON.parse(body.toString())).toEqual(JSON.parse(JSON.stringify(document)));
  });

  test('serves the page and all that it loads, from its own host only, without scripts in the page', async () => {
    const { body, headers } = await send('GET', '/docs');
    const page = body.toString();
    expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
    const loaded = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => new URL(url, 'https://roster.example/docs'));
    const files = loaded.filter(({ pathname }) => pathname.startsWith('/docs/')).map(({ pathname }) => pathname.slice('/docs/'.length));
    expect(files.toSorted()).toEqual(docsFiles.map(({ name }) => name).toSorted());
    for (const { protocol, host } of loaded) expect(protocol === 'data:' || host === 'roster.example').toBe(true);
    expect(page).not.toMatch(/<script(?![^>]*src=)|\son\w+=|<style|style=/);
    for (const { name, type } of docsFiles) {
      const file = await send('GET', `/docs/${name}`);
      expect([file.status, file.headers.get('content-type'), file.headers.get('x-content-type-options')]).toEqual([200, type, 'nosniff']);
      expect(file.body.length).toBeGreaterThan(50);
    }
  });

  test.each<[accepted: string | undefined, compressed: boolean]>([
    ['gzip', true],
    ['br, GZIP;q=0.5', true],
    ['gzip;q=1.0, *;q=0', true],
    [undefined, false],
    ['br', false],
    ['gzip;q=0', false],
    ['x-gzip-not', false],
  ])('compresses for a client that takes %s: %s', async (accepted, compressed) => {
    const { headers, body } = await send('GET', '/docs/swagger-ui.css', accepted === undefined ? {} : { 'accept-encoding': accepted });
    expect(headers.get('content-encoding')).toBe(compressed ? 'gzip' : null);
    expect(headers.get('vary')).toBe('accept-encoding');
    expect((compressed ? gunzipSync(body) : body).toString()).toContain('.swagger-ui');
  });

  test.each([
    '/docs/index.html',
    '/docs/openapi.json',
    '/docs/documents.js',
    '/docs/package.json',
    '/docs/..%2Fdocuments.js',
    '/docs/docs.js.gz',
    '/docs/',
  ])('has nothing at %s', async (path) => {
    const { status, body } = await send('GET', path);
    expect([status, JSON.parse(body.toString()).code]).toEqual([404, 'not_found']);
  });

  test.each([
    ['PUT', '/v1/users', 'POST'],
    ['DELETE', '/cradl/v1/users/cradl:user:1', 'GET'],
    ['HEAD', '/docs', 'GET'],
    ['POST', '/openapi.json', 'GET'],
  ])('%s %s is 405 and names %s', async (method, path, allow) => {
    const { status, headers, body } = await send(method, path);
    expect([status, headers.get('allow'), JSON.parse(body.toString()).code]).toEqual([405, allow, 'method_not_allowed']);
  });

  test.each(['/', '/v1', '/v1/users/', '/v1/users/a/b', '/v2/users', '/jitsudo/v1', '/nothing'])(
    '%s is 404, with the id of the request',
    async (path) => {
      const { status, headers, body } = await send('GET', path);
      const { code, details } = JSON.parse(body.toString());
      expect([status, code]).toEqual([404, 'not_found']);
      expect(details.requestId).toBe(headers.get('x-request-id'));
    },
  );
});
