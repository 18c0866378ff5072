/** Fields of a request body and their limits [R01 R09 R10 R11 R14]. */
import { describe, expect, inject, it } from 'vitest';
import { adapters, password, createSpeaker, unique } from '../../support/dialects/dialects.ts';
import type { Stage } from '../../support/dialects/stage.ts';
import { createTestService, adminToken, systemToken, tenantId } from '../../support/service.ts';

const service = await createTestService();
const tokens = { admin: adminToken('acme'), system: systemToken('acme') };
const stage: Stage = { ...service, tokens, tenantId: tenantId.acme, tenantHost: undefined };
const headers = { 'x-tenant-id': tenantId.acme };
const creates = (body: object) =>
  service.post(
    '/v1/users',
    { email: `jsmith.${unique()}@example.com`, ...body },
    { token: tokens.admin },
  );

/** Fields that only the service sets, with the names of every dialect and of the tables. */
const serviceFields = {
  id: '00000000-0000-4000-8000-000000000000',
  userId: 'cradl:user:00000000000040008000000000000000',
  profileId: 'cradl:profile:00000000000040008000000000000000',
  tenantId: tenantId.globex,
  tenant_id: tenantId.globex,
  status: 'inactive',
  active: false,
  emailVerified: true,
  email_verified: true,
  isOwner: true,
  is_owner: true,
  hasAvatar: true,
  version: 77,
  createdTime: '1999-01-01T00:00:00.000Z',
  created_at: '1999-01-01T00:00:00.000Z',
  createdBy: 'forged',
  updatedTime: '1999-01-01T00:00:00.000Z',
  updatedBy: 'forged',
  creation: { policies: ['forged'] },
  invitation: { inviter: { systemAdministrator: true }, invitedBy: 'forged' },
  dueAt: '1999-01-01T00:00:00.000Z',
  outboxShard: 'FORGED',
  mailAttempt: { id: 'forged', attempts: 2, notBefore: '2999-01-01T00:00:00.000Z' },
  passwordHash: '$argon2id$forged',
  mustChangePassword: true,
  tokenGeneration: 77,
  pk: 'TENANT#forged',
  sk: 'FORGED',
  schemaVersion: 99,
  expiresAt: 1,
  ttl: 1,
  systemAdministrator: true,
  system_admin: true,
};

/** Fields of the service that a native create accepts, for imports. */
const importFields = ['emailVerified', 'status', 'createdTime'];

describe.each(adapters)('a create in $name', (dialect) => {
  const { name, least } = dialect;
  const { creates } = createSpeaker(dialect, stage);

  const refusedFields = Object.entries(serviceFields).filter(
    ([field]) => name !== 'native' || !importFields.includes(field),
  );
  it.each(refusedFields)('returns 400 if the body contains %s [R01]', async (field, value) => {
    const body = { [field]: value, ...least(unique()) };
    const answer = await creates(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(JSON.stringify(answer.body.details.issues[0])).toContain(field);
  });
});

describe('the roles of a new user [R09]', () => {
  it('contain each role once', async () => {
    expect((await creates({ roleIds: ['cradl:role:user', 'las:role:user'] })).body.roleIds).toEqual(
      ['cradl:role:user'],
    );
  });

  it('are empty by default', async () => {
    expect((await creates({ roleIds: [] })).body.roleIds).toEqual([]);
    expect((await creates({})).body.roleIds).toEqual([]);
  });

  it.each([101, 1000])('return 400 if there are %i', async (count) => {
    const roleIds = Array.from({ length: count }, (_, index) => `cradl:role:role-${index}`);
    expect(await creates({ roleIds })).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path: 'roleIds' }] } },
    });
  });

  it('are all verified if there are 100', async () => {
    const roleIds = Array.from({ length: 100 }, (_, index) => `cradl:role:role-${index}`);
    const answer = await creates({ roleIds });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_roles' } });
    expect(answer.body.details.issues).toHaveLength(100);
  });
});

it('a password and another sign-in method exclude each other, and JITSudo requires one of them [R10]', async () => {
  for (const authProvider of ['oidc', 'saml'])
    expect((await creates({ authProvider, password })).status).toBe(400);
  const body = () => ({ email: `jsmith.${unique()}@example.com`, name: 'Jane', roles: ['user'] });
  const status = async (more: object) =>
    (
      await service.post(
        '/jitsudo/v1/users',
        { ...body(), ...more },
        { token: tokens.admin, headers },
      )
    ).status;
  expect(await status({ auth_provider: 'oidc', password })).toBe(400);
  expect(await status({ auth_provider: 'local' })).toBe(400);
  expect(await status({})).toBe(400);
  expect(await status({ auth_provider: 'local', password })).toBe(201);
});

it('a password and a password hash together return 400 for the hash [R11]', async () => {
  const answer = await creates({
    password,
    passwordHash:
      '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  });
  expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
  expect(answer.body.details.issues).toEqual([
    { path: 'passwordHash', message: 'cannot be combined with password' },
  ]);
});

describe.each(['metadata', 'tutorialStatus'])('%s [R14]', (field) => {
  const nested = (levels: number): object => (levels === 1 ? { a: 1 } : { a: nested(levels - 1) });
  const nestedLists = (levels: number): object => ({
    a: JSON.parse('['.repeat(levels - 1) + ']'.repeat(levels - 1)),
  });
  const invalidInput = {
    status: 400,
    body: { code: 'invalid_input', details: { issues: [{ path: field }] } },
  };

  it('can have 32 levels', async () => {
    for (const value of [nested(32), nestedLists(32)]) {
      const { status, body } = await creates({ [field]: value });
      expect({ status, value: body[field] }).toMatchObject({ status: 201, value });
    }
  });

  it.each<[string, object]>([
    ['33 levels', nested(33)],
    ['33 levels of lists', nestedLists(33)],
    ['1000 levels', nested(1000)],
    ['1000 levels of lists', nestedLists(1000)],
    ['400 KB', { a: 'x'.repeat(400_000) }],
    ['more than 64 KiB of 4-byte characters', { a: '🦜'.repeat(16_384) }],
    ['more than 64 KiB of escapes', { a: '\0'.repeat(11_000) }],
    [
      '60,000 keys',
      Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 0])),
    ],
    ['100,000 items', { a: Array<number>(100_000).fill(0) }],
  ])('returns 400 for %s', async (_, value) => {
    expect(await creates({ [field]: value })).toMatchObject(invalidInput);
  });
});

describe.each(adapters)('the OpenAPI document of $name [O10]', (dialect) => {
  interface Described {
    properties: object;
    required?: string[];
  }
  const document = inject('openapi') as unknown as {
    paths: Record<string, { post: object }>;
    components: { schemas: Record<string, Described> };
  };
  const { post } = document.paths[dialect.users]!;
  const [request, response] = ['"requestBody"', `"${dialect.created}"`].map((part) => {
    const [, name = ''] =
      new RegExp(`${part}.*?"#/components/schemas/(\\w+)"`).exec(JSON.stringify(post)) ?? [];
    return document.components.schemas[name]!;
  });

  it('describes exactly the accepted fields', () => {
    // Alternatives to a password, which `most` contains.
    const alternatives =
      dialect.name === 'native'
        ? [
            'passwordHash',
            'acceptWeakPasswordHash',
            'sendInvitation',
            'status',
            'createdTime',
            'mustChangePassword',
          ]
        : [];
    expect(Object.keys(request!.properties).toSorted()).toEqual(
      [...Object.keys(dialect.most('')), ...alternatives].toSorted(),
    );
  });

  it('describes exactly the returned fields', async () => {
    const { body } = await createSpeaker(dialect, stage).creates(dialect.most(unique()));
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(response!.properties).toSorted());
  });

  it('marks only required fields as required', async () => {
    const body = dialect.least(unique());
    for (const name of request!.required ?? []) {
      const { [name]: _, ...without } = body;
      const answer = await createSpeaker(dialect, stage).creates(without);
      expect(answer).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path: name }] } },
      });
    }
  });
});
