import { spawn, spawnSync } from 'node:child_process';
import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { once } from 'node:events';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { request } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startDatabase } from '../../infra/local/process/database.ts';
import { getShellEnvironment } from '../support/environment.ts';
import { startCommandProcess } from '../support/scenarios/run-cli.ts';
import { serverArguments, startWithSharedBuild } from '../support/scenarios/local-server.ts';

// One `npm start` in its own folder, from the first start to `--fresh`. The tests run in this
// order.

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'roster-local-'));
const acme = '2489e9ad-2ee2-8e00-8ec9-32d5f69181c0';
const hasCurl = spawnSync('curl', ['--version']).status === 0;
const started: Npm[] = [];
let port: number;
let url: string;
let npm: Npm;

interface Npm {
  readonly pid: number;
  /** Output so far, errors included. */
  output(): string;
  /** Exit code. */
  readonly ended: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

const getEnvironment = (): NodeJS.ProcessEnv => {
  const { AWS_ENDPOINT_URL_DYNAMODB: _, ...environment } = getShellEnvironment();
  return { ...environment, ROSTER_LOCAL: folder };
};

const run = (
  script: string,
  args: readonly string[] = [],
  variables: Record<string, string> = {},
): Npm => runCommand('npm', ['run', '--silent', script, '--', ...args], variables);

/** Runs the command of `npm start` without npm, which takes 0.4 s of CPU time. */
const runServer = (args: readonly string[] = [], variables: Record<string, string> = {}): Npm =>
  runCommand(process.execPath, [...serverArguments, ...args], variables);

function runCommand(
  command: string,
  args: readonly string[],
  variables: Record<string, string> = {},
): Npm {
  const child = spawn(command, args, {
    cwd: root,
    env: { ...getEnvironment(), PORT: String(port), ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const result = {
    pid: child.pid ?? 0,
    output: () => output,
    ended: once(child, 'close').then(([code]) => code as number | null),
    kill: (signal: NodeJS.Signals) => void child.kill(signal),
  };
  started.push(result);
  return result;
}

/** Waits until a server is ready. */
async function untilReady(starting: Npm): Promise<Npm> {
  let hasEnded = false;
  void starting.ended.then(() => (hasEnded = true));
  while (!starting.output().includes('Ctrl-C stops it')) {
    if (hasEnded) throw new Error(starting.output());
    await sleep(10);
  }
  return starting;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

const running = () =>
  JSON.parse(readFileSync(join(folder, 'running.json'), 'utf8')) as {
    pid: number;
    database: { pid?: number; endpoint: string };
  };

/** True if a process runs and is not a zombie. */
function isRunning(pid: number | undefined): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (const deadline = Date.now() + 60_000; !condition() && Date.now() < deadline; )
    await sleep(20);
}

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

async function mint(body: unknown): Promise<string> {
  const answer = (await (await post('/_local/token', body)).json()) as { access_token: string };
  return answer.access_token;
}

const as = (token: string) => ({ authorization: `Bearer ${token}` });
const decode = (token: string, part: 0 | 1) =>
  JSON.parse(Buffer.from(token.split('.')[part] ?? '', 'base64url').toString()) as Record<
    string,
    unknown
  >;
const jwks = async () =>
  (await (await fetch(`${url}/_local/jwks.json`)).json()) as {
    keys: (JsonWebKey & { kid: string })[];
  };

beforeAll(async () => {
  port = await freePort();
  url = `http://localhost:${port}`;
  npm = await startWithSharedBuild(folder, () => untilReady(run('start')));
});

afterAll(async () => {
  for (const { kill, ended } of started) {
    kill('SIGTERM');
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('npm start', () => {
  test('is ready', async () => {
    const answer = await fetch(`${url}/healthz`);
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ok' }]);
  });

  test('names the sample tenants', () => {
    for (const line of [
      `acme    ${acme}  in the tenant`,
      /globex {2}[0-9a-f-]{36} {2}in the tenant/,
      /north {3}[0-9a-f-]{36} {2}across/,
      /south {3}[0-9a-f-]{36} {2}across/,
    ]) {
      expect(npm.output()).toMatch(line);
    }
  });

  test.skipIf(!hasCurl)('prints a working command for each dialect', () => {
    const pasted = npm
      .output()
      .slice(
        npm.output().indexOf('# Tokens for an administrator'),
        npm.output().indexOf('Ctrl-C stops it'),
      );
    const { stdout } = spawnSync('bash', ['-c', pasted], { encoding: 'utf8' });
    expect(stdout.match(/^HTTP\/1\.1 \d+/gm)).toEqual([
      'HTTP/1.1 201',
      'HTTP/1.1 200',
      'HTTP/1.1 201',
      'HTTP/1.1 201',
      'HTTP/1.1 201',
    ]);
    expect(stdout).toMatch(
      /"name":"Ada Lovelace".*"name":"Grace Hopper".*"name":"Joan Clarke".*"firstName":"Edsger".*"displayName":"Barbara Liskov"/s,
    );
  });

  test('mails an invitation with a working link to a user without a password', async () => {
    const token = await mint({ tenant: 'acme', roles: ['admin'] });
    await post('/v1/users', { email: 'invited@example.com', name: 'Hedy' }, as(token));
    const findMail = async () => {
      const { mails } = (await (
        await fetch(`${url}/_local/mailbox?to=invited@example.com`)
      ).json()) as { mails: { text: string }[] };
      return mails[0]?.text;
    };
    await expect.poll(findMail).toContain(`${url}/accept#`);
    const [, link = ''] = /#token=([^&]+)&/.exec((await findMail()) ?? '') ?? [];
    const inspected = await post('/v1/invitations/inspect', { token: link });
    expect([inspected.status, await inspected.json()]).toEqual([
      200,
      expect.objectContaining({ email: 'invited@example.com' }),
    ]);
  });

  test('accepts invite requests as events and reports their outcomes', async () => {
    const detail = { id: 'crm-1', email: 'by-event@example.com', roleIds: [] };
    await post('/_local/events', {
      account: '123456789012',
      source: 'com.example.crm',
      'detail-type': 'User Invite Requested',
      detail,
    });
    const listTypes = async () => {
      const { events } = (await (await fetch(`${url}/_local/events`)).json()) as {
        events: { 'detail-type': string }[];
      };
      return events.map((event) => event['detail-type']);
    };
    await expect.poll(listTypes).toContain('User Invited');
  });

  test('has its own issuer beside the test issuer', async () => {
    const read = async (path: string) =>
      (await (await fetch(`${url}${path}`)).json()) as Record<string, unknown>;
    expect(await read('/.well-known/openid-configuration')).toMatchObject({
      issuer: url,
      jwks_uri: `${url}/.well-known/jwks.json`,
    });
    const { keys } = (await read('/.well-known/jwks.json')) as unknown as Awaited<
      ReturnType<typeof jwks>
    >;
    // Next, current and previous key of the example configuration.
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(3);
    expect(keys.map(({ kid }) => kid)).not.toContain((await jwks()).keys[0]?.kid);
  });

  test('writes the logs of functions to a file', async () => {
    const answer = await post('/v1/users', {}, as('no.token.atall'));
    const requestId = answer.headers.get('x-request-id') ?? 'none';
    const log = () => readFileSync(join(folder, 'requests.log'), 'utf8');
    await until(() => log().includes(requestId));
    expect(log()).toContain(`"requestId":"${requestId}"`);
    expect(npm.output()).not.toContain(requestId);
  });

  test('reports a port that is in use', async () => {
    const second = runServer([], { ROSTER_LOCAL: `${folder}-other` });
    expect([await second.ended, second.output().trim()]).toEqual([
      1,
      `Port ${port} is in use. Stop the other process, or choose another port: PORT=${port + 1} npm start`,
    ]);
    expect(existsSync(`${folder}-other`)).toBe(false);
  });

  test('does not touch data that another process uses', async () => {
    const second = runServer(['--fresh'], { PORT: '0' });
    expect(await second.ended).toBe(1);
    expect(second.output()).toContain(`${folder} is in use by process ${running().pid} at ${url}.`);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('rejects an invalid port and unknown options', async () => {
    const wrongPort = runServer([], { PORT: 'http' });
    const wrongOption = run('start', ['--frehs']);
    expect([await wrongPort.ended, wrongPort.output().trim()]).toEqual([
      1,
      'PORT must be a port number, not http.',
    ]);
    expect([await wrongOption.ended, wrongOption.output()]).toEqual([
      1,
      expect.stringMatching(/frehs[^]*Usage: npm start \[-- --fresh\]/),
    ]);
  });

  test('rejects a limit that is not a number', async () => {
    const wrongLimit = runServer([], { MAILS_PER_TENANT_HOUR: 'many' });
    expect([await wrongLimit.ended, wrongLimit.output().trim()]).toEqual([
      1,
      'MAILS_PER_TENANT_HOUR must be a whole number from 1 to 100000.',
    ]);
  });

  test('prints its options and variables for --help', async () => {
    const help = runServer(['--help']);
    expect([await help.ended, help.output()]).toEqual([
      0,
      expect.stringMatching(/^Usage: npm start[^]*MAILS_PER_TENANT_HOUR/),
    ]);
  });
});

describe('the local issuer', () => {
  test('signs with the key that it publishes', async () => {
    const token = await mint({ sub: 'ada', tenant: 'acme', roles: ['admin'] });
    const { keys } = await jwks();
    const [key] = keys;
    const [head, claims, signature = ''] = token.split('.');
    expect(keys).toHaveLength(1);
    expect(Object.keys(key ?? {}).toSorted()).toEqual([
      'alg',
      'crv',
      'kid',
      'kty',
      'use',
      'x',
      'y',
    ]);
    expect(decode(token, 0)).toEqual({ alg: 'ES256', kid: key?.kid, typ: 'at+jwt' });
    const publicKey = createPublicKey({ key: key as JsonWebKey, format: 'jwk' });
    const isSigned = verify(
      'sha256',
      Buffer.from(`${head}.${claims}`),
      { key: publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    expect(isSigned).toBe(true);
  });

  test.each(['acme', acme, acme.toUpperCase()])(
    'issues a token for the tenant %s',
    async (tenant) => {
      const before = Math.floor(Date.now() / 1000);
      const answer = await post('/_local/token', { sub: 'ada', tenant, roles: ['admin', 'user'] });
      const body = (await answer.json()) as { access_token: string };
      expect(answer.status).toBe(200);
      expect(body).toEqual({
        access_token: expect.any(String),
        token_type: 'Bearer',
        expires_in: 3600,
      });
      const { iat, ...claims } = decode(body.access_token, 1);
      expect(claims).toEqual({
        iss: `${url}/_local`,
        aud: 'roster',
        sub: 'ada',
        tenant_id: acme,
        roles: ['admin', 'user'],
        exp: Number(iat) + 3600,
        auth_time: iat,
      });
      expect(iat).toBeGreaterThanOrEqual(before);
      expect(iat).toBeLessThanOrEqual(Date.now() / 1000);
    },
  );

  test('issues a token without a tenant and without roles', async () => {
    const claims = decode(await mint({ roles: [] }), 1);
    expect(claims).toMatchObject({ sub: 'local', roles: [] });
    expect(claims).not.toHaveProperty('tenant_id');
  });

  test('signs exactly the given claims and header', async () => {
    const claims = { iss: 'https://elsewhere.example', exp: 1, nested: { a: [null] } };
    const token = await mint({ claims, header: { typ: 'JWT', crit: ['x'], alg: 'none' } });
    expect(decode(token, 1)).toEqual(claims);
    expect(decode(token, 0)).toEqual({
      alg: 'none',
      kid: expect.any(String),
      typ: 'JWT',
      crit: ['x'],
    });
    expect(decode(await mint({ claims: {} }), 1)).toEqual({});
    const odd = await mint('{"claims":{"__proto__":1}}');
    expect(Buffer.from(odd.split('.')[1] ?? '', 'base64url').toString()).toBe('{"__proto__":1}');
  });

  test.each([
    [{ tenant: 'missing' }, 'No tenant has the slug or ID "missing".'],
    [{ tenant: 7 }, 'No tenant has the slug or ID 7.'],
    [{ sub: '' }, '"sub" must be a non-empty string.'],
    [{ roles: 'admin' }, '"roles" must be a list of strings.'],
    [{ claims: [] }, '"claims" and "header" must be objects.'],
    [{ claims: {}, header: 'x' }, '"claims" and "header" must be objects.'],
    [
      { claims: {}, sub: 'x' },
      'sub is not a known field; send {"sub"?, "tenant"?, "roles"?} or {"claims", "header"?}.',
    ],
    [[], 'The body must be a JSON object.'],
    ['{', 'The body must be a JSON object.'],
  ])('rejects %j with a message', async (body, message) => {
    const answer = await post('/_local/token', body);
    expect([answer.status, await answer.text()]).toEqual([400, `${message}\n`]);
  });

  test('hides its key from other accounts of the machine', () => {
    expect(statSync(join(folder, 'issuer-key.json')).mode & 0o777).toBe(0o600);
  });
});

describe('local routes', () => {
  test.each(['/_local/jwks.json', '/_local/token', '/_local/anything'])(
    'reject requests of other origins to %s',
    async (path) => {
      const ask = (origin: string) => fetch(`${url}${path}`, { headers: { origin } });
      for (const origin of ['https://evil.example', 'null', 'http://localhost.evil.example'])
        expect((await ask(origin)).status).toBe(403);
      expect((await ask('http://localhost:5173')).status).not.toBe(403);
    },
  );

  test('store files that other accounts of the machine cannot read [SEC-20]', () => {
    const mode = (...path: string[]) => (statSync(join(folder, ...path)).mode & 0o777).toString(8);
    expect([mode(), mode('data')]).toEqual(['700', '700']);
    for (const name of readdirSync(join(folder, 'data')))
      expect([name, mode('data', name)]).toEqual([name, '600']);
    for (const name of [
      'issuer-key.json',
      'link-key',
      'app-client-key',
      'requests.log',
      'running.json',
    ]) {
      expect([name, mode(name)]).toEqual([name, '600']);
    }
  });

  test('use a database address that web pages cannot guess [SEC-20]', async () => {
    const { hostname, port: databasePort } = new URL(running().database.endpoint);
    expect(hostname).toMatch(/^127\.\d+\.\d+\.\d+$/);
    expect(hostname).not.toBe('127.0.0.1');
    // Headers of a browser after DNS rebinding.
    const scan = {
      headers: {
        host: `evil.example:${databasePort}`,
        origin: `http://evil.example:${databasePort}`,
      },
      method: 'POST',
    };
    const reach = (host: string) =>
      new Promise((resolve) => {
        const sent = request({ ...scan, host, port: databasePort }, (answer) =>
          resolve(answer.resume().statusCode),
        );
        sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code)).end('{}');
      });
    for (const host of ['127.0.0.1', 'localhost', '127.0.1.1'])
      expect(await reach(host)).toBe('ECONNREFUSED');
  });

  test('reject pages with another host name for this machine', async () => {
    const outgoing = request(`http://127.0.0.1:${port}/_local/token`, {
      method: 'POST',
      headers: { host: `evil.example:${port}` },
    });
    outgoing.end('{}');
    const [answer] = (await once(outgoing, 'response')) as [{ statusCode: number; resume(): void }];
    answer.resume();
    expect(answer.statusCode).toBe(403);
  });

  test('allow one method each', async () => {
    expect((await fetch(`${url}/_local/token`)).status).toBe(405);
    expect((await post('/healthz', {})).status).toBe(405);
  });

  test('do not exist in the stack', () => {
    const template = readFileSync(join(folder, 'cdk.out', 'Roster.template.json'), 'utf8');
    expect(template).toContain('"RouteKey": "ANY /v1/users"');
    expect(template).not.toMatch(/_local|localhost/);
  });
});

describe('npm run bootstrap', () => {
  /** Runs the command in one process for all calls, after the previous call has ended. */
  const runNext = startCommandProcess({ cwd: root, env: getEnvironment() });

  test('creates a tenant once', async () => {
    const owner = ['--owner', 'bill@initech.example'];
    const options = ['--local', '--tenant', 'initech', ...owner, '--name', 'Initech'];
    const first = run('bootstrap', options);
    expect(await first.ended).toBe(0);
    const { tenantId, ...made } = JSON.parse(first.output());
    const again = await runNext({ name: 'bootstrap', args: ['--tenant', 'initech', ...owner] });
    expect(JSON.parse(again.output)).toEqual({ tenantId, ...made, clientSecret: null });
    const token = await mint({ tenant: 'initech', roles: ['admin'] });
    expect(decode(token, 1).tenant_id).toBe(tenantId);
    const created = await post(
      '/v1/users',
      { email: 'peter@initech.example', appClientId: 'cradl:app-client:default' },
      as(token),
    );
    expect([created.status, await created.json()]).toEqual([
      201,
      expect.objectContaining({ tenantId }),
    ]);
  });

  test.each([
    [[], '--tenant must be'],
    [['--tenant', 'No Slug'], '--tenant must be'],
    [['--tenant', 'umbrella'], '--owner must be'],
    [
      ['--tenant', 'umbrella', '--owner', 'a@b.example', '--uniqueness', 'galaxy'],
      '--uniqueness must be',
    ],
    [
      ['--tenant', 'umbrella', '--owner', 'a@b.example', '--origin', 'http://umbrella.example'],
      '--origin must be',
    ],
    [
      ['--tenant', 'umbrella', '--owner', 'a@b.example', '--table', 'Directory'],
      '--secrets-table is required with --table',
    ],
    [
      [
        '--tenant',
        'umbrella',
        '--owner',
        'a@b.example',
        '--table',
        'Directory',
        '--secrets-table',
        'Secrets',
      ],
      '--origin must be',
    ],
    [
      ['--tenant', 'umbrella', '--owner', 'a@b.example', '--sender', 'a@b.example'],
      '--sender must be an ASCII address at example.com:',
    ],
    [['--tenant', 'umbrella', '--tabel', 'Directory'], '--tabel'],
  ])('prints its usage for %j', async (args, problem) => {
    const { code, output } = await runNext({ name: 'bootstrap', args });
    expect([code, output]).toEqual([
      1,
      expect.stringMatching(new RegExp(`^[^\\n]*${problem}[^]*Usage: npm run bootstrap`)),
    ]);
  });
});

describe('npm start again', () => {
  let before: {
    keys: unknown;
    linkKey: string;
    token: string;
    user: { userId: string };
    built: number;
  };
  const linkKey = () => readFileSync(join(folder, 'link-key'), 'utf8');
  const readScimToken = () => /^SCIM_TOKEN=(.+)$/m.exec(npm.output())?.[1] ?? '';
  const find = (token: string) =>
    fetch(`${url}/v1/users/${before.user.userId}`, { headers: as(token) });

  test('after SIGTERM has the same data, key and build', async () => {
    const token = await mint({ tenant: 'acme', roles: ['admin'] });
    const created = await post('/v1/users', { email: 'kept@example.com' }, as(token));
    before = {
      keys: await jwks(),
      linkKey: linkKey(),
      token,
      user: (await created.json()) as { userId: string },
      built: statSync(join(folder, 'build.json')).ctimeMs,
    };
    const scimToken = readScimToken();
    const { pid, database } = running();
    expect([isRunning(pid), isRunning(database.pid)]).toEqual([true, true]);

    npm.kill('SIGTERM');
    expect(await npm.ended).toBe(0);
    expect([
      isRunning(pid),
      isRunning(database.pid),
      existsSync(join(folder, 'running.json')),
    ]).toEqual([false, false, false]);

    npm = await untilReady(runServer());
    expect((await find(token)).status).toBe(200);
    expect([await jwks(), linkKey()]).toEqual([before.keys, before.linkKey]);
    expect(statSync(join(folder, 'build.json')).ctimeMs).toBe(before.built);
    expect(readScimToken()).toBe(scimToken);
    const provisioned = await fetch(`${url}/scim/v2/Users`, { headers: as(scimToken) });
    expect(provisioned.status).toBe(200);
  });

  test('after a kill of the server finds no orphaned database and the same data', async () => {
    const { pid, database } = running();
    process.kill(pid, 'SIGKILL');
    await npm.ended;
    await until(() => !isRunning(database.pid));
    expect(isRunning(database.pid)).toBe(false);

    npm = await untilReady(run('start'));
    expect((await find(before.token)).status).toBe(200);
  });

  test('after a kill of npm finds no running process', async () => {
    const { pid, database } = running();
    npm.kill('SIGKILL');
    await until(() => !isRunning(pid) && !isRunning(database.pid));
    expect([isRunning(pid), isRunning(database.pid)]).toEqual([false, false]);
  });

  test('after a change of a function rebuilds the functions and keeps the template', async () => {
    const file = join(folder, 'build.json');
    const build = JSON.parse(readFileSync(file, 'utf8')) as object;
    writeFileSync(file, JSON.stringify({ ...build, functions: 'that of other sources' }));
    npm = await untilReady(runServer());
    const built = (name: string) => statSync(join(folder, 'cdk.out', name)).ctimeMs;
    expect(built('functions')).toBeGreaterThan(before.built);
    expect(built('Roster.template.json')).toBeLessThanOrEqual(before.built);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(build);
    expect((await find(before.token)).status).toBe(200);
    npm.kill('SIGINT');
    expect(await npm.ended).toBe(0);
  }, 60_000);

  test('with --fresh has neither the data nor the key', async () => {
    const variables = {
      PASSWORD_MIN_LENGTH: '8',
      INVITATION_DAYS: '3',
      RESTORE_DAYS: '0',
      MAIL_SENDERS: 'globex.example',
    };
    npm = await untilReady(runServer(['--fresh'], variables));
    expect(await jwks()).not.toEqual(before.keys);
    expect((await find(before.token)).status).toBe(401);
    expect((await find(await mint({ tenant: 'acme', roles: ['admin'] }))).status).toBe(404);
    expect(linkKey()).not.toBe(before.linkKey);
  });

  test('with variables has their limits', async () => {
    const [admin, system] = [
      as(await mint({ tenant: acme, roles: ['admin'] })),
      as(await mint({ tenant: acme, roles: ['system_admin'] })),
    ];
    const createUser = async (fields: object) => {
      const answer = await post('/v1/users', fields, admin);
      return [answer.status, (await answer.json()) as { userId: string }] as const;
    };
    const [created, { userId }] = await createUser({
      email: 'short@example.com',
      password: 'grey owl',
    });
    const [refused] = await createUser({ email: 'shorter@example.com', password: 'wet owl' });
    expect([created, refused]).toEqual([201, 422]);

    await fetch(`${url}/v1/users/${userId}`, { method: 'DELETE', headers: admin });
    expect(await (await post(`/v1/users/${userId}/restore`, {}, admin)).json()).toMatchObject({
      code: 'restore_expired',
    });

    const [, invited] = await createUser({ email: 'guest@example.com' });
    const invitation = await fetch(`${url}/v1/users/${invited.userId}/invitation`, {
      headers: admin,
    });
    const { invitedTime, expiresTime } = (await invitation.json()) as Record<string, string>;
    expect(Date.parse(expiresTime ?? '') - Date.parse(invitedTime ?? '')).toBe(
      3 * 24 * 3600 * 1000,
    );

    const tenant = {
      origin: 'https://globex.example',
      name: 'Hooli',
      ownerEmail: 'gavin@hooli.example',
    };
    const own = await post(
      '/v1/tenants',
      { ...tenant, slug: 'hooli', sender: 'hello@globex.example' },
      system,
    );
    const foreign = await post(
      '/v1/tenants',
      { ...tenant, slug: 'hooli-2', sender: 'hello@example.com' },
      system,
    );
    expect([own.status, foreign.status, await foreign.json()]).toEqual([
      201,
      400,
      expect.objectContaining({ code: 'invalid_input' }),
    ]);

    npm.kill('SIGINT');
    expect(await npm.ended).toBe(0);
  });

  test('with another database uses it, starts none, and reports its loss', async () => {
    const other = await startDatabase();
    npm = await untilReady(runServer([], { AWS_ENDPOINT_URL_DYNAMODB: other.endpoint }));
    expect(running().database).toEqual({ endpoint: other.endpoint });
    const token = await mint({ tenant: acme, roles: ['admin'] });
    expect((await post('/v1/users', { email: 'elsewhere@example.com' }, as(token))).status).toBe(
      201,
    );

    await other.stop();
    const answer = await fetch(`${url}/v1/users/cradl:user:${'0'.repeat(32)}`, {
      headers: as(token),
    });
    expect(answer.status).toBe(503);
    expect(npm.output()).toMatch(
      new RegExp(`"requestId":"${answer.headers.get('x-request-id')}".*"error":\\{"names"`),
    );
  });
});
