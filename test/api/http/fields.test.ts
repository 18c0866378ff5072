/** R01, R09–R11, R14: what a body may set, how much of it, and that nothing else of it has any effect. */
import { describe, expect, it } from 'vitest';
import { openapi } from '../../../infra/build/openapi/document.ts';
import { adapters, password, speaker, unique } from '../../support/dialects/dialects.ts';
import type { Stage } from '../../support/dialects/stage.ts';
import { aService, anAdminOf, aSystemAdministrator, tenantId } from '../../support/service.ts';

const service = await aService();
const tokens = { admin: anAdminOf('acme'), system: aSystemAdministrator('acme') };
const stage: Stage = { ...service, tokens, tenantId: tenantId.acme, tenantHost: undefined };
const headers = { 'x-tenant-id': tenantId.acme };
const creates = (body: object) =>
  service.posts(
    '/v1/users',
    { email: `jsmith.${unique()}@example.com`, ...body },
    { token: tokens.admin },
  );

/** What only the service sets, under the names of every dialect and of the tables. */
const notForCallers = {
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

describe.each(adapters)('R01 in $name', (dialect) => {
  const { least } = dialect;
  const { creates } = speaker(dialect, stage);

  it.each(Object.entries(notForCallers))('a body that sets %s is refused', async (name, value) => {
    const body = { [name]: value, ...least(unique()) };
    const answer = await creates(body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_input' } });
    expect(JSON.stringify(answer.body.details.issues[0])).toContain(name);
  });
});

describe('R09: roles', () => {
  it('of the same name twice are one', async () => {
    expect((await creates({ roleIds: ['cradl:role:user', 'las:role:user'] })).body.roleIds).toEqual(
      ['cradl:role:user'],
    );
  });

  it('of which there are none are none', async () => {
    expect((await creates({ roleIds: [] })).body.roleIds).toEqual([]);
    expect((await creates({})).body.roleIds).toEqual([]);
  });

  it.each([101, 1000])('of which there are %i are too many', async (count) => {
    const roleIds = Array.from({ length: count }, (_, index) => `cradl:role:role-${index}`);
    expect(await creates({ roleIds })).toMatchObject({
      status: 400,
      body: { details: { issues: [{ path: 'roleIds' }] } },
    });
  });

  it('of which there are a hundred are looked at, each of them', async () => {
    const roleIds = Array.from({ length: 100 }, (_, index) => `cradl:role:role-${index}`);
    const answer = await creates({ roleIds });
    expect(answer).toMatchObject({ status: 422, body: { code: 'invalid_roles' } });
    expect(answer.body.details.issues).toHaveLength(100);
  });
});

it('R10: a password and another way to sign in exclude each other, and JITSudo wants one of them', async () => {
  for (const authProvider of ['oidc', 'saml'])
    expect((await creates({ authProvider, password })).status).toBe(400);
  const body = () => ({ email: `jsmith.${unique()}@example.com`, name: 'Jane', roles: ['user'] });
  const status = async (more: object) =>
    (
      await service.posts(
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

it('R11: a password and a password hash together are refused by the name of the second', async () => {
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

describe.each(['metadata', 'tutorialStatus'])('R14: %s', (field) => {
  const nested = (levels: number): object => (levels === 1 ? { a: 1 } : { a: nested(levels - 1) });
  const nestedLists = (levels: number): object => ({
    a: JSON.parse('['.repeat(levels - 1) + ']'.repeat(levels - 1)),
  });
  const refused = {
    status: 400,
    body: { code: 'invalid_input', details: { issues: [{ path: field }] } },
  };

  it('may be 32 levels deep', async () => {
    for (const value of [nested(32), nestedLists(32)]) {
      const { status, body } = await creates({ [field]: value });
      expect({ status, value: body[field] }).toMatchObject({ status: 201, value });
    }
  });

  it.each<[string, object]>([
    ['33 levels', nested(33)],
    ['33 levels of lists', nestedLists(33)],
    ['a thousand levels', nested(1000)],
    ['a thousand levels of lists', nestedLists(1000)],
    ['400 KB', { a: 'x'.repeat(400_000) }],
    ['64 KiB of four-byte characters and a little', { a: '🦜'.repeat(16_384) }],
    ['64 KiB of escapes', { a: '\0'.repeat(11_000) }],
    [
      '60 000 keys',
      Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 0])),
    ],
    ['100 000 items', { a: Array<number>(100_000).fill(0) }],
  ])('of %s is too much', async (_, value) => {
    expect(await creates({ [field]: value })).toMatchObject(refused);
  });
});

describe.each(adapters)('O10 in $name: the description names', (dialect) => {
  interface Described {
    properties: object;
    required?: string[];
  }
  const document = openapi() as unknown as {
    paths: Record<string, { post: object }>;
    components: { schemas: Record<string, Described> };
  };
  const { post } = document.paths[dialect.users]!;
  const [taken, shown] = ['"requestBody"', `"${dialect.created}"`].map((part) => {
    const [, name = ''] =
      new RegExp(`${part}.*?"#/components/schemas/(\\w+)"`).exec(JSON.stringify(post)) ?? [];
    return document.components.schemas[name]!;
  });

  it('every field that is taken, and no other', () => {
    // A hash stands in the place of a password, and what is said of it beside it.
    const others =
      dialect.name === 'native' ? ['passwordHash', 'acceptWeakPasswordHash', 'sendInvitation'] : [];
    expect(Object.keys(taken!.properties).toSorted()).toEqual(
      [...Object.keys(dialect.most('')), ...others].toSorted(),
    );
  });

  it('every field that is shown, and no other', async () => {
    const { body } = await speaker(dialect, stage).creates(dialect.most(unique()));
    expect(Object.keys(body).toSorted()).toEqual(Object.keys(shown!.properties).toSorted());
  });

  it('every field that is needed', async () => {
    const body = dialect.least(unique());
    for (const name of taken!.required ?? []) {
      const { [name]: _, ...without } = body;
      const answer = await speaker(dialect, stage).creates(without);
      expect(answer).toMatchObject({
        status: 400,
        body: { details: { issues: [{ path: name }] } },
      });
    }
  });
});
