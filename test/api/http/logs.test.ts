import { describe, expect, it } from 'vitest';
import type { DialectName } from '../../../lib/api/routes.ts';
import { keys } from '../../../lib/store/keys.ts';
import { aUserIn } from '../../support/authenticated-routes.ts';
import { logged } from '../../support/logs.ts';
import {
  type Answer,
  aService,
  aSystemAdministrator,
  aTokenOf,
  anAdminOf,
  issuer,
  type Sent,
  type Service,
  tenantId,
} from '../../support/service.ts';

/** What must turn up nowhere, each in a spelling that nothing else has. */
const password = 'Tangled-Orchard-7-Lamps';
const domain = 'leaky-address.example';
const at = (name: string) => `${name}@${domain}`;
const admin = anAdminOf('acme');
const roleless = aTokenOf('acme', []);
const system = aSystemAdministrator('acme');
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

const service = await aService();
const broken = await aService({
  policy: {
    authorize: () => {
      throw new Error(`broken by ${at('cause')} with ${password} and ${stolen}`);
    },
  },
});
const known = await aUserIn(service, 'acme');
// Where the database is, is read with the first request.
await broken.gets('/v1/users/x', { token: admin });
const unreachable = await aService({ databaseEndpoint: 'http://127.0.0.1:1' });

/** A request, and what its line says of it. */
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
  readonly sent: Sent;
  readonly through: Service;
}
interface More extends Sent {
  readonly dialect?: DialectName;
  /** Whose line it is; null where nobody has been recognised. */
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
const asked = (
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
  asked('POST', 'createUser', paths[more.dialect ?? 'native'], title, outcome, { body, ...more });
const reads = (title: string, outcome: Outcome, name: string, more: More = {}) =>
  asked('GET', 'getUser', `${paths[more.dialect ?? 'native']}/${name}`, title, outcome, more);

const inAcme = { 'x-tenant-id': tenantId.acme };
const json = { 'content-type': 'application/json' };
const jo = { email: at('jo'), name: 'Jo', password, roles: ['user'] };
const basic = `Basic ${Buffer.from(`${at('jo')}:${password}`).toString('base64')}`;
const everywhere = {
  'user-agent': at('agent'),
  referer: `https://${domain}/${password}`,
  'x-request-id': stolen,
  cookie: `token=${stolen}`,
};

const cases: readonly Case[] = [
  creates(
    'a user with a password',
    [201],
    { email: at('one'), password, userName: 'one' },
    { headers: everywhere },
  ),
  creates('the same user again', [409, 'user_exists'], { email: at('one'), password }),
  creates('a password that is too short', [422, 'password_rejected'], {
    email: at('two'),
    password: 'T-Orchard',
  }),
  creates('a password with the e-mail in it', [422, 'password_rejected'], {
    email: at('two'),
    password: `${at('two')} ${password}`,
  }),
  creates('a password that is a list', [400, 'invalid_input'], {
    email: at('two'),
    password: [password],
  }),
  creates('a password in a field that is not there', [400, 'invalid_input'], {
    email: at('two'),
    [password]: at('two'),
    pass: password,
  }),
  creates('a password for an e-mail', [400, 'invalid_input'], {
    email: password,
    userName: at('two'),
  }),
  creates(
    'JSON that breaks at a password',
    [400, 'malformed_json'],
    `{"password": ${password}\n    at ${at('two')}`,
    { headers: json },
  ),
  creates('another media type', [415, 'unsupported_media_type'], `password=${password}`, {
    headers: { 'content-type': `text/plain; ${password}` },
  }),
  creates('a role that is not there', [422, 'invalid_roles'], {
    email: at('two'),
    password,
    roleIds: ['cradl:role:Lamps'],
  }),
  creates(
    'somebody without a role',
    [403, 'forbidden'],
    { email: at('two'), password },
    { token: roleless },
  ),
  creates(
    'another tenant',
    [403, 'tenant_mismatch'],
    { email: at('two') },
    { headers: { 'x-tenant-id': tenantId.globex } },
  ),
  creates(
    'a token for a tenant',
    [400, 'invalid_input'],
    { email: at('two') },
    { headers: { 'x-tenant-id': stolen } },
  ),
  creates(
    'no token',
    [401, 'unauthenticated'],
    { email: at('two'), password },
    { token: undefined, tenant: null, headers: { 'x-api-key': stolen } },
  ),
  creates(
    'an expired token',
    [401, 'unauthenticated'],
    { email: at('two'), password },
    { token: expired, tenant: null },
  ),
  creates(
    'two tokens',
    [400, 'invalid_input'],
    {},
    { headers: { authorization: [`Bearer ${admin}`, `Bearer ${stolen}`] }, tenant: null },
  ),
  creates(
    'a password for a token',
    [401, 'unauthenticated'],
    {},
    { headers: { authorization: basic }, tenant: null },
  ),
  creates(
    'elsewhere',
    [201],
    { email: at('else') },
    { token: system, headers: { 'x-tenant-id': tenantId.globex }, tenant: tenantId.globex },
  ),
  creates('Cradl', [200], { email: at('cradl') }, { dialect: 'cradl' }),
  creates(
    'Cradl, for a role that is not there',
    [404, 'invalid_roles'],
    { email: at('two'), roleIds: ['las:role:x'] },
    { dialect: 'cradl' },
  ),
  creates(
    'JITSudo',
    [400, 'invalid_input'],
    { ...jo, token: stolen, passwort: password },
    { dialect: 'jitsudo', headers: inAcme },
  ),
  creates(
    'JITSudo, with a password too many',
    [400, 'invalid_input'],
    { ...jo, auth_provider: 'oidc' },
    { dialect: 'jitsudo', headers: inAcme },
  ),
  creates(
    'Credible',
    [201],
    { email: at('cred'), userName: 'cred', password },
    { dialect: 'credible', token: system },
  ),
  creates(
    'Credible, without the right',
    [403, 'forbidden'],
    { email: at('two'), userName: 'two', password },
    { dialect: 'credible' },
  ),
  creates('a defect', [500, 'internal'], { email: at('two'), password }, { through: broken }),
  creates(
    'a database that is away',
    [503, 'unavailable'],
    { email: at('two'), password },
    { through: unreachable },
  ),
  reads(
    'a user',
    [400, 'invalid_input'],
    `${known.native}?access_token=${stolen}&email=${at('query')}`,
    { headers: everywhere },
  ),
  reads('an e-mail for a user', [404, 'not_found'], at('path')),
  reads('a token for a user', [404, 'not_found'], stolen),
  reads('a user by e-mail', [200], at('cred'), { dialect: 'credible' }),
  asked(
    'GET',
    'answerUnrouted',
    `/cradl/v1/${at('x')}/${stolen}`,
    'no such path',
    [404, 'not_found'],
    { dialect: 'cradl', tenant: null },
  ),
  asked(
    'PUT',
    'answerUnrouted',
    `/v1/users/${at('x')}`,
    'no such method',
    [405, 'method_not_allowed'],
    { body: jo, tenant: null },
  ),
];

const answered: (Case & { answer: Answer; lines: string[] })[] = [];
for (const each of cases) {
  const before = logged.length;
  const answer = await each.through.send(each.method, each.target, each.sent);
  answered.push({ ...each, answer, lines: logged.slice(before) });
}

describe('O08: every request leaves one line, which says what came of it', () => {
  it.each(answered)('$title', ({ line: wanted, answer, lines }) => {
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
    // Each token here says who calls, and a line without a tenant is of nobody.
    expect(typeof caller).toBe(wanted.tenant ? 'string' : 'undefined');
    const requestId = answer.headers['x-request-id'];
    const numbers = { duration: expect.any(Number), serverErrors: answer.status >= 500 ? 1 : 0 };
    expect(line).toEqual({ ...wanted, deployment: 'Roster', requestId, ...numbers });
    // The same id everywhere, and none that the client made up.
    expect(requestId).toBe(answer.headers['apigw-requestid']);
    expect(answer.status).toBe(wanted.status);
    if (answer.status >= 400) expect(answer.body).toMatchObject({ details: { requestId } });

    const Metrics = [{ Name: 'duration', Unit: 'Milliseconds' }, { Name: 'serverErrors' }];
    const CloudWatchMetrics = [{ Namespace: 'Roster', Dimensions: [['deployment']], Metrics }];
    expect(_aws).toEqual({ Timestamp: expect.any(Number), CloudWatchMetrics });
  });
});

describe('the line of a denied call', async () => {
  const lineOf = async (send: () => Promise<Answer>, status: number) => {
    expect((await send()).status).toBe(status);
    return JSON.parse(logged.at(-1) ?? '{}');
  };
  const approver = aTokenOf('acme', ['approver'], 'cradl:user:0123456789ab4def8123456789abcdef');

  it('names the caller, the permission that is missing and the policies [UX7]', async () => {
    const line = await lineOf(
      () => service.posts('/v1/users', { email: at('denied') }, { token: approver }),
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

  it.each<[string, () => Promise<Answer>, string[], string[]]>([
    [
      'two permissions',
      () =>
        service.posts(`/v1/users/${known.native}/invitation/link`, undefined, { token: approver }),
      ['invitations:copy', 'users:create'],
      ['copy-invitation-link'],
    ],
    [
      'a role that carries more',
      async () => {
        await service.hasRole('acme', {
          slug: 'front-desk',
          name: 'Front desk',
          permissions: ['users:create'],
        });
        const token = aTokenOf('acme', ['front-desk']);
        return service.posts(
          '/v1/users',
          { email: at('denied'), roleIds: ['cradl:role:user', 'cradl:role:approver'] },
          { token },
        );
      },
      [],
      ['grant-only-what-is-held'],
    ],
    [
      'a permission to read',
      () => service.gets('/v1/app-clients', { token: approver }),
      ['appClients:read'],
      ['read-app-client'],
    ],
  ])('says so of %s', async (_what, send, missing, policies) => {
    const line = await lineOf(send, 403);
    expect(line.policies).toEqual(policies);
    if (missing.length > 0) expect(line.missingPermissions).toEqual(missing);
    else expect(line.missingPermissions.length).toBeGreaterThan(0);
  });

  it('lists permissions of a user that the caller lacks', async () => {
    await service.hasRole('acme', {
      slug: 'changes',
      name: 'Changes',
      permissions: ['users:update', 'users:read'],
    });
    const { body } = await service.posts(
      '/v1/users',
      { email: at('above'), roleIds: ['cradl:role:admin'] },
      { token: admin },
    );
    const token = aTokenOf('acme', ['changes'], 'helpdesk');
    const line = await lineOf(
      () => service.send('PATCH', `/v1/users/${body.userId}`, { token, body: { name: 'X' } }),
      403,
    );
    expect(line).toMatchObject({ caller: 'helpdesk', policies: ['update-user'] });
    expect(line.missingPermissions).toContain('users:erase');
    expect(line.missingPermissions).not.toContain('users:update');
  });

  it('has the caller of a refused tenant, and the hash of a subject that is not an ID', async () => {
    const refused = await lineOf(
      () =>
        service.gets('/v1/users', { token: admin, headers: { 'x-tenant-id': tenantId.globex } }),
      403,
    );
    expect(refused).toMatchObject({ caller: 'admin-of-acme', code: 'tenant_mismatch' });
    for (const sub of [at('sub'), '+4915112345678', '4915112345678', 'Ada Lovelace', 'Ада']) {
      const line = await lineOf(
        () => service.gets('/v1/users/me', { token: aTokenOf('acme', [], sub) }),
        404,
      );
      expect(line.caller).toMatch(/^sha256:[0-9a-f]{64}$/);
    }
  });

  it('says nothing of a missing permission where none is missing', async () => {
    const line = await lineOf(() => service.gets('/v1/users', { token: admin }), 200);
    expect(line).toMatchObject({ caller: 'admin-of-acme', policies: ['get-user'] });
    expect(line).not.toHaveProperty('missingPermissions');
  });
});

const items = (await service.stored.all()).map((item) => JSON.stringify(item));
const secrets = (await service.stored.all(service.stored.secrets)).filter(
  ({ pk }) => pk !== keys.deploymentKey.pk,
);

describe('O08: nothing that is secret is found afterwards', () => {
  const lines = logged.map((line) => line.toLowerCase());
  const leaking = (texts: readonly string[], ...needles: string[]) =>
    texts.filter((text) => needles.some((needle) => text.includes(needle)));
  const parts = [admin, roleless, system, stolen, expired].flatMap((token) =>
    token.split('.').slice(1),
  );

  it('no password is in a line or in the directory, nor is a hash', () => {
    expect(leaking(lines, 'orchard', 'argon2')).toEqual([]);
    expect(leaking(items, 'Orchard', 'argon2')).toEqual([]);
  });

  it('no token is in a line or in the directory, nor is a part of one', () => {
    expect(leaking(logged, ...parts, 'Bearer', basic.slice(6))).toEqual([]);
    expect(leaking(items, ...parts)).toEqual([]);
  });

  it('no e-mail is in a line, no path, and no name of a user', () => {
    expect(
      leaking(lines, domain, ...Object.values(paths), '/cradl/v1', 'access_token', '%40'),
    ).toEqual([]);
    expect(leaking(logged, known.native, known.jitsudo, known.credible)).toEqual([]);
  });

  it('what is kept of a password is its hash, in the table of secrets', () => {
    expect(secrets.length).toBeGreaterThan(0);
    for (const { passwordHash } of secrets) expect(passwordHash).toMatch(/^\$argon2id\$v=19\$/);
    expect(leaking([JSON.stringify(secrets)], 'Orchard', ...parts)).toEqual([]);
  });
});
