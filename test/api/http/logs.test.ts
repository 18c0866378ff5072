import { describe, expect, it } from 'vitest';
import type { CodecDialect } from '../../../lib/api/routes.ts';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn } from '../../support/authenticated-routes.ts';
import { getLogs } from '../../support/logs.ts';
import {
  type TestResponse,
  createTestService,
  systemToken,
  userToken,
  adminToken,
  issuer,
  type TestRequest,
  type Service,
  tenantId,
} from '../../support/service.ts';

/** Secrets in a spelling that occurs nowhere else. */
const password = 'Tangled-Orchard-7-Lamps';
const domain = 'leaky-address.example';
const toEmail = (name: string) => `${name}@${domain}`;
const admin = adminToken('acme');
const roleless = userToken('acme', []);
const system = systemToken('acme');
const stolen = issuer.mintAccessToken({
  sub: 'stolen',
  tenantId: tenantId.globex,
  roles: ['admin'],
});
const expired = issuer.mint({
  iss: 'http://localhost:4000',
  aud: 'roster',
  sub: 'late',
  tenant_id: tenantId.acme,
  exp: 1,
});

const service = await createTestService();
const broken = await createTestService({
  policy: {
    authorize: () => {
      throw new Error(`broken by ${toEmail('cause')} with ${password} and ${stolen}`);
    },
  },
});
const knownUser = await createUserIn(service, 'acme');
// The first request reads the database endpoint.
await broken.get('/v1/users/x', { token: admin });
const unreachable = await createTestService({ databaseEndpoint: 'http://127.0.0.1:1' });

/** A request and its log line. */
interface Case {
  readonly title: string;
  readonly line: {
    readonly operation: string;
    readonly dialect: string;
    readonly tenant?: string;
    readonly status: number;
    readonly code?: string;
  };
  readonly method: string;
  readonly target: string;
  readonly sent: TestRequest;
  readonly through: Service;
}
interface More extends TestRequest {
  readonly dialect?: CodecDialect;
  /** Tenant in the line. Null for an unauthenticated caller. */
  readonly tenant?: string | null;
  readonly through?: Service;
}
type Outcome = readonly [status: number, code?: string];

const paths = {
  native: '/v1/users',
  cradl: '/cradl/v1/users',
  jitsudo: '/jitsudo/v1/users',
  credible: '/credible/api/v0/users',
};
const toCase = (
  method: string,
  operation: string,
  target: string,
  title: string,
  [status, code]: Outcome,
  more: More,
): Case => {
  const { dialect = 'native', tenant = tenantId.acme, through = service, ...sent } = more;
  return {
    title,
    line: { operation, dialect, ...(tenant && { tenant }), status, ...(code && { code }) },
    method,
    target,
    sent: { token: admin, ...sent },
    through,
  };
};
const creates = (title: string, outcome: Outcome, body: unknown, more: More = {}) =>
  toCase('POST', 'createUser', paths[more.dialect ?? 'native'], title, outcome, { body, ...more });
const reads = (title: string, outcome: Outcome, name: string, more: More = {}) =>
  toCase('GET', 'getUser', `${paths[more.dialect ?? 'native']}/${name}`, title, outcome, more);

const inAcme = { 'x-tenant-id': tenantId.acme };
const json = { 'content-type': 'application/json' };
const jo = { email: toEmail('jo'), name: 'Jo', password, roles: ['user'] };
const basic = `Basic ${Buffer.from(`${toEmail('jo')}:${password}`).toString('base64')}`;
const leakyHeaders = {
  'user-agent': toEmail('agent'),
  referer: `https://${domain}/${password}`,
  'x-request-id': stolen,
  cookie: `token=${stolen}`,
};

const cases: readonly Case[] = [
  creates(
    'create with a password',
    [201],
    { email: toEmail('one'), password, userName: 'one' },
    { headers: leakyHeaders },
  ),
  creates('create of the same user', [409, 'user_exists'], { email: toEmail('one'), password }),
  creates('create with a password that is too short', [422, 'password_rejected'], {
    email: toEmail('two'),
    password: 'T-Orchard',
  }),
  creates('create with a password that contains the email', [422, 'password_rejected'], {
    email: toEmail('two'),
    password: `${toEmail('two')} ${password}`,
  }),
  creates('create with a list of passwords', [400, 'invalid_input'], {
    email: toEmail('two'),
    password: [password],
  }),
  creates('create with a password as a field name', [400, 'invalid_input'], {
    email: toEmail('two'),
    [password]: toEmail('two'),
    pass: password,
  }),
  creates('create with a password as the email', [400, 'invalid_input'], {
    email: password,
    userName: toEmail('two'),
  }),
  creates(
    'create with JSON that is invalid after a password',
    [400, 'malformed_json'],
    `{"password": ${password}\n    at ${toEmail('two')}`,
    { headers: json },
  ),
  creates(
    'create with another media type',
    [415, 'unsupported_media_type'],
    `password=${password}`,
    {
      headers: { 'content-type': `text/plain; ${password}` },
    },
  ),
  creates('create with an unknown role', [422, 'invalid_roles'], {
    email: toEmail('two'),
    password,
    roleIds: ['cradl:role:Lamps'],
  }),
  creates(
    'create by a caller without roles',
    [403, 'forbidden'],
    { email: toEmail('two'), password },
    { token: roleless },
  ),
  creates(
    'create in the wrong tenant',
    [403, 'tenant_mismatch'],
    { email: toEmail('two') },
    { headers: { 'x-tenant-id': tenantId.globex } },
  ),
  creates(
    'create with a token as the tenant',
    [400, 'invalid_input'],
    { email: toEmail('two') },
    { headers: { 'x-tenant-id': stolen } },
  ),
  creates(
    'create without a token',
    [401, 'unauthenticated'],
    { email: toEmail('two'), password },
    { token: undefined, tenant: null, headers: { 'x-api-key': stolen } },
  ),
  creates(
    'create with an expired token',
    [401, 'unauthenticated'],
    { email: toEmail('two'), password },
    { token: expired, tenant: null },
  ),
  creates(
    'create with two tokens',
    [400, 'invalid_input'],
    {},
    { headers: { authorization: [`Bearer ${admin}`, `Bearer ${stolen}`] }, tenant: null },
  ),
  creates(
    'create with a password as the token',
    [401, 'unauthenticated'],
    {},
    { headers: { authorization: basic }, tenant: null },
  ),
  creates(
    'create in another tenant',
    [201],
    { email: toEmail('else') },
    { token: system, headers: { 'x-tenant-id': tenantId.globex }, tenant: tenantId.globex },
  ),
  creates('create in Cradl', [200], { email: toEmail('cradl') }, { dialect: 'cradl' }),
  creates(
    'create in Cradl with an unknown role',
    [404, 'invalid_roles'],
    { email: toEmail('two'), roleIds: ['las:role:x'] },
    { dialect: 'cradl' },
  ),
  creates(
    'create in JITSudo with unknown fields',
    [400, 'invalid_input'],
    { ...jo, token: stolen, passwort: password },
    { dialect: 'jitsudo', headers: inAcme },
  ),
  creates(
    'create in JITSudo with a password and another provider',
    [400, 'invalid_input'],
    { ...jo, auth_provider: 'oidc' },
    { dialect: 'jitsudo', headers: inAcme },
  ),
  creates(
    'create in Credible',
    [201],
    { email: toEmail('cred'), userName: 'cred', password },
    { dialect: 'credible', token: system },
  ),
  creates(
    'create in Credible without permission',
    [403, 'forbidden'],
    { email: toEmail('two'), userName: 'two', password },
    { dialect: 'credible' },
  ),
  creates(
    'create that hits a defect',
    [500, 'internal'],
    { email: toEmail('two'), password },
    { through: broken },
  ),
  creates(
    'create while the database is unreachable',
    [503, 'unavailable'],
    { email: toEmail('two'), password },
    { through: unreachable },
  ),
  reads(
    'read with unknown query parameters',
    [400, 'invalid_input'],
    `${knownUser.native}?access_token=${stolen}&email=${toEmail('query')}`,
    { headers: leakyHeaders },
  ),
  reads('read with an email as the ID', [404, 'not_found'], toEmail('path')),
  reads('read with a token as the ID', [404, 'not_found'], stolen),
  reads('read by email in Credible', [200], toEmail('cred'), { dialect: 'credible' }),
  toCase(
    'GET',
    'answerUnrouted',
    `/cradl/v1/${toEmail('x')}/${stolen}`,
    'unknown path',
    [404, 'not_found'],
    { dialect: 'cradl', tenant: null },
  ),
  toCase(
    'PUT',
    'answerUnrouted',
    `/v1/users/${toEmail('x')}`,
    'method that is not allowed',
    [405, 'method_not_allowed'],
    { body: jo, tenant: null },
  ),
];

const results: (Case & { answer: TestResponse; lines: string[] })[] = [];
for (const each of cases) {
  const before = getLogs.length;
  const answer = await each.through.send(each.method, each.target, each.sent);
  results.push({ ...each, answer, lines: getLogs.slice(before) });
}

describe('a request logs one line with its outcome [O08]', () => {
  it.each(results)('$title', ({ line: expectedLine, answer, lines }) => {
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^\{.*\}\n$/);
    const {
      _aws,
      error: _error,
      policies: _policies,
      caller,
      missingPermissions: _missing,
      ...line
    } = JSON.parse(lines[0]!);
    // Lines have either both caller and tenant or neither.
    expect(typeof caller).toBe(expectedLine.tenant ? 'string' : 'undefined');
    const requestId = answer.headers['x-request-id'];
    const numbers = { duration: expect.any(Number), serverErrors: answer.status >= 500 ? 1 : 0 };
    expect(line).toEqual({ ...expectedLine, deployment: 'Roster', requestId, ...numbers });
    // The ID comes from the gateway, not from the client.
    expect(requestId).toBe(answer.headers['apigw-requestid']);
    expect(answer.status).toBe(expectedLine.status);
    if (answer.status >= 400) expect(answer.body).toMatchObject({ details: { requestId } });

    const Metrics = [{ Name: 'duration', Unit: 'Milliseconds' }, { Name: 'serverErrors' }];
    const CloudWatchMetrics = [{ Namespace: 'Roster', Dimensions: [['deployment']], Metrics }];
    expect(_aws).toEqual({ Timestamp: expect.any(Number), CloudWatchMetrics });
  });
});

describe('the log line of a denied request', async () => {
  const getLine = async (send: () => Promise<TestResponse>, status: number) => {
    expect((await send()).status).toBe(status);
    return JSON.parse(getLogs.at(-1) ?? '{}');
  };
  const approver = userToken('acme', ['approver'], 'cradl:user:0123456789ab4def8123456789abcdef');

  it('contains the caller, the missing permission and the policies [UX7]', async () => {
    const line = await getLine(
      () => service.post('/v1/users', { email: toEmail('denied') }, { token: approver }),
      403,
    );
    expect(line).toMatchObject({
      operation: 'createUser',
      status: 403,
      caller: 'cradl:user:0123456789ab4def8123456789abcdef',
      missingPermissions: ['users:create'],
      policies: ['create-user'],
    });
  });

  it.each<[string, () => Promise<TestResponse>, string[], string[]]>([
    [
      'two permissions',
      () =>
        service.post(`/v1/users/${knownUser.native}/invitation/link`, undefined, {
          token: approver,
        }),
      ['invitations:copy', 'users:create'],
      ['copy-invitation-link'],
    ],
    [
      'a role with more permissions',
      async () => {
        await service.putRole('acme', {
          slug: 'front-desk',
          name: 'Front desk',
          permissions: ['users:create'],
        });
        const token = userToken('acme', ['front-desk']);
        return service.post(
          '/v1/users',
          { email: toEmail('denied'), roleIds: ['cradl:role:user', 'cradl:role:approver'] },
          { token },
        );
      },
      [],
      ['create-user-beyond-own-permissions'],
    ],
    [
      'a read',
      () => service.get('/v1/app-clients', { token: approver }),
      ['appClients:read'],
      ['read-app-client'],
    ],
  ])(
    'contains the missing permissions and policies for %s',
    async (_what, send, missing, policies) => {
      const line = await getLine(send, 403);
      expect(line.policies).toEqual(policies);
      if (missing.length > 0) expect(line.missingPermissions).toEqual(missing);
      else expect(line.missingPermissions.length).toBeGreaterThan(0);
    },
  );

  it('lists permissions of the target user that the caller lacks', async () => {
    await service.putRole('acme', {
      slug: 'changes',
      name: 'Changes',
      permissions: ['users:update', 'users:read'],
    });
    const { body } = await service.post(
      '/v1/users',
      { email: toEmail('above'), roleIds: ['cradl:role:admin'] },
      { token: admin },
    );
    const token = userToken('acme', ['changes'], 'helpdesk');
    const line = await getLine(
      () => service.send('PATCH', `/v1/users/${body.userId}`, { token, body: { name: 'X' } }),
      403,
    );
    expect(line).toMatchObject({ caller: 'helpdesk', policies: ['update-user'] });
    expect(line.missingPermissions).toContain('users:erase');
    expect(line.missingPermissions).not.toContain('users:update');
  });

  it('has the caller if the tenant is wrong, and a hash of a subject that is not an ID', async () => {
    const deniedLine = await getLine(
      () => service.get('/v1/users', { token: admin, headers: { 'x-tenant-id': tenantId.globex } }),
      403,
    );
    expect(deniedLine).toMatchObject({ caller: 'admin-of-acme', code: 'tenant_mismatch' });
    for (const sub of [toEmail('sub'), '+4915112345678', '4915112345678', 'Ada Lovelace', 'Ада']) {
      const line = await getLine(
        () => service.get('/v1/users/me', { token: userToken('acme', [], sub) }),
        404,
      );
      expect(line.caller).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
  });

  it('has no missing permissions if the request is allowed', async () => {
    const line = await getLine(() => service.get('/v1/users', { token: admin }), 200);
    expect(line).toMatchObject({ caller: 'admin-of-acme', policies: ['get-user'] });
    expect(line).not.toHaveProperty('missingPermissions');
  });
});

const items = (await service.stored.all()).map((item) => JSON.stringify(item));
const secrets = (await service.stored.all(service.stored.secrets)).filter(
  ({ pk }) => pk !== keys.deploymentKey.pk,
);

describe('after these requests [O08]', () => {
  const lines = getLogs.map((line) => line.toLowerCase());
  const findLeaks = (texts: readonly string[], ...needles: string[]) =>
    texts.filter((text) => needles.some((needle) => text.includes(needle)));
  const parts = [admin, roleless, system, stolen, expired].flatMap((token) =>
    token.split('.').slice(1),
  );

  it('no log line and no directory item contains a password or a hash', () => {
    expect(findLeaks(lines, 'orchard', 'argon2')).toEqual([]);
    expect(findLeaks(items, 'Orchard', 'argon2')).toEqual([]);
  });

  it('no log line and no directory item contains a token or a part of one', () => {
    expect(findLeaks(getLogs, ...parts, 'Bearer', basic.slice(6))).toEqual([]);
    expect(findLeaks(items, ...parts)).toEqual([]);
  });

  it('no log line contains an email, a path or a username', () => {
    expect(
      findLeaks(lines, domain, ...Object.values(paths), '/cradl/v1', 'access_token', '%40'),
    ).toEqual([]);
    expect(findLeaks(getLogs, knownUser.native, knownUser.jitsudo, knownUser.credible)).toEqual([]);
  });

  it('only password hashes are in the secrets table', () => {
    expect(secrets.length).toBeGreaterThan(0);
    for (const { passwordHash } of secrets) expect(passwordHash).toMatch(/^\$argon2id\$v=19\$/);
    expect(findLeaks([JSON.stringify(secrets)], 'Orchard', ...parts)).toEqual([]);
  });
});
