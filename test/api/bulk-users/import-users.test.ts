import { describe, expect, inject, it } from 'vitest';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { createOnlyFields } from '../../../lib/api/bulk-users/native.ts';
import { createUserIn, verifyEmail } from '../../support/authenticated-routes.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { importRows, listOutcomes } from '../../support/scenarios/bulk-users.ts';
import {
  adminToken,
  createTestService,
  issuer,
  tenantId,
  userToken,
} from '../../support/service.ts';

const elsewhere = createIssuer({ issuer: 'https://id.example.com' });
const service = await createTestService({
  environment: { ISSUERS: JSON.stringify([issuer.settings, elsewhere.settings]) },
});
await service.putRole('acme', {
  slug: 'importer',
  name: 'Importer',
  permissions: ['users:create'],
});
const token = adminToken('acme');
const email = () => `${unique()}@example.com`;
const getUser = async (userId: string) =>
  (await service.get(`/v1/users/${userId}`, { token })).body;
const find = async (filter: string) =>
  (await service.get(`/v1/users?${filter}`, { token })).body.users[0];

describe('an import', () => {
  it('reports each row in order, with the errors of single requests', async () => {
    const existing = await createUserIn(service, 'acme');
    const taken = `${existing.credible}@example.com`;
    const rows = [
      { email: email(), rowKey: 'a', externalId: unique(), metadata: { level: 1 } },
      { email: 'jo@', nam: 'Jo', rowKey: 'b' },
      { email: taken, rowKey: null },
      { email: email(), roleIds: ['cradl:role:nothing'] },
      { email: email(), password: 'password1234567' },
      { email: email(), appClientId: 'cradl:app-client:nothing' },
      { email: email(), rowKey: 'white space' },
      { email: email(), password: goodPassword, roleIds: ['cradl:role:admin'] },
    ];
    const { status, body } = await importRows(service, rows, {}, { token });
    expect(status).toBe(200);
    expect(body.results.map(({ index }: { index: number }) => index)).toEqual([...rows.keys()]);
    expect(body.summary).toEqual({
      created: 2,
      updated: 0,
      skipped: 0,
      unchanged: 0,
      failed: 6,
      notProcessed: 0,
    });
    for (const [index, row] of rows.entries()) {
      const { rowKey, outcome, userId, error, ignoredFields } = body.results[index];
      expect(ignoredFields).toEqual([]);
      const { rowKey: sentKey, ...fields } = row;
      if (outcome === 'created') {
        expect([rowKey, error]).toEqual([sentKey ?? null, null]);
        expect((await getUser(userId)).email).toBe(row.email);
        continue;
      }
      expect(userId).toBeNull();
      if (index === 6) {
        expect([rowKey, error.details.issues]).toEqual([
          null,
          [{ path: 'rowKey', message: 'must have 1 to 255 visible ASCII characters' }],
        ]);
        continue;
      }
      const single = (await service.post('/v1/users', fields, { token })).body;
      delete single.details.requestId;
      expect(error).toEqual(single);
    }
  });

  it.each([
    ['no rows', {}],
    ['an empty list', { users: [] }],
    ['101 rows', { users: Array.from({ length: 101 }, () => ({ email: 'jo@x.example' })) }],
    ['a row that is no object', { users: [{ email: 'jo@x.example' }, 'jo@x.example'] }],
    ['an unknown field', { users: [{ email: 'jo@x.example' }], mode: 'upsert' }],
    ['an unknown treatment', { users: [{ email: 'jo@x.example' }], onExisting: 'merge' }],
  ])('with %s is 400 and writes nothing', async (_, body) => {
    const answer = await expectNoWrites(service, () =>
      service.post('/v1/users/bulk', body, { token }),
    );
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_input']);
  });

  it('reports duplicates in the request on the later row', async () => {
    const [first, userName, externalId] = [email(), unique(), unique()];
    const identity = { issuer: 'https://id.example.com', subject: unique() };
    const rows = [
      { email: first, userName, externalId, identity },
      { email: first.toUpperCase() },
      { email: email(), userName: userName.toUpperCase() },
      { email: email(), userName: first },
      { email: email(), externalId },
      { email: email(), identity },
      { email: email(), rowKey: 'twice' },
      { email: email(), rowKey: 'twice' },
    ];
    const { body } = await importRows(service, rows, {}, { token });
    expect(listOutcomes(body)).toEqual([
      'created',
      'user_exists email',
      'user_exists userName',
      'user_exists userName',
      'user_exists externalId',
      'user_exists identity',
      'created',
      'idempotency_mismatch rowKey',
    ]);
  });

  it('creates a user if the earlier row with the same email failed', async () => {
    const row = { email: email() };
    const rows = [{ ...row, roleIds: ['cradl:role:nothing'] }, row, row];
    const { body } = await importRows(service, rows, {}, { token });
    expect(listOutcomes(body)).toEqual(['invalid_roles roleIds', 'created', 'user_exists email']);
  });
});

describe('an existing user', () => {
  it('is matched by external ID, otherwise by email', async () => {
    const [externalId, first, second] = [unique(), email(), email()];
    await importRows(service, [{ email: first, externalId }, { email: second }], {}, { token });
    const rows = [
      { email: first.replace('@', '-new@'), externalId, name: 'Moved' },
      { email: second.toUpperCase(), name: 'Same' },
      { email: second, externalId: unique() },
    ];
    const { body } = await importRows(service, rows, { onExisting: 'update' }, { token });
    expect(listOutcomes(body)).toEqual(['updated', 'updated', 'user_exists email']);
    expect((await find(`externalId=${externalId}`)).email).toBe(rows[0]?.email);
    expect(await find(`email=${second}`)).toMatchObject({ name: 'Same', email: rows[1]?.email });
  });

  it('is matched again after an earlier row released the email', async () => {
    const [externalId, first] = [unique(), email()];
    await importRows(service, [{ email: first, externalId }], {}, { token });
    const rows = [{ email: email(), externalId }, { email: first }];
    for (const dryRun of [true, false]) {
      const options = { onExisting: 'update', dryRun };
      const { body } = await importRows(service, rows, options, { token });
      expect(listOutcomes(body)).toEqual(['updated', 'created']);
    }
    expect((await find(`externalId=${externalId}`)).email).toBe(rows[0]?.email);
  });

  it('is updated like by PATCH, without If-Match for roles', async () => {
    const row = { email: email(), name: 'Jo', description: 'one', metadata: { a: 1, b: 2 } };
    const [{ userId }] = (
      await importRows(service, [{ ...row, roleIds: ['cradl:role:user'] }], {}, { token })
    ).body.results;
    const patch = { email: row.email, name: null, metadata: { b: null, c: 3 }, roleIds: [] };
    const update = () => importRows(service, [patch], { onExisting: 'update' }, { token });
    expect((await update()).body.results[0]).toMatchObject({ outcome: 'updated', userId });
    expect(await getUser(userId)).toMatchObject({
      name: null,
      description: 'one',
      metadata: { a: 1, c: 3 },
      roleIds: [],
      version: 2,
    });
    const again = await expectNoWrites(service, update);
    expect(listOutcomes(again.body)).toEqual(['unchanged']);
  });

  it('is skipped on request', async () => {
    const { native, credible } = await createUserIn(service, 'acme');
    const row = { email: `${credible}@example.com`, name: 'Other' };
    const { body } = await expectNoWrites(service, () =>
      importRows(service, [row], { onExisting: 'skip' }, { token }),
    );
    expect(body.results).toMatchObject([{ outcome: 'skipped', userId: native, error: null }]);
  });

  it('keeps their password, status and sign-in method', async () => {
    const user = { email: email(), password: goodPassword };
    await service.post('/v1/users', user, { token });
    const hash =
      '$argon2id$v=19$m=19456,t=2,p=1$AQIDBAUGBwgJCgsMDQ4PEA$pBWWY0W7N5ilYZ2ORJ34VSJqEzBjLeF2nIvjYtPu/gw';
    const secretWrites = service.stored.writes(service.stored.secrets).length;
    const rows = [
      { email: user.email, password: 'seven-lamps-in-an-orchard', name: 'Jo' },
      { email: user.email, passwordHash: hash, acceptWeakPasswordHash: true },
      { email: user.email, authProvider: 'oidc' },
    ];
    const { body } = await importRows(service, rows, { onExisting: 'update' }, { token });
    expect(
      body.results.map(
        ({ outcome, ignoredFields }: { outcome: string; ignoredFields: string[] }) => [
          outcome,
          ...ignoredFields,
        ],
      ),
    ).toEqual([
      ['updated', 'password'],
      ['unchanged', 'passwordHash', 'acceptWeakPasswordHash'],
      ['unchanged', 'authProvider'],
    ]);
    expect(service.stored.writes(service.stored.secrets)).toHaveLength(secretWrites);
    const signIn = { tenant: 'acme', ...user };
    expect((await service.post('/v1/auth/token', signIn)).status).toBe(200);
  });

  it('ignores every field that an update does not have', () => {
    const { schemas } = inject('openapi').components as unknown as {
      schemas: Record<string, { properties: object }>;
    };
    const listFields = (name: string) => Object.keys(schemas[name]?.properties ?? {});
    const updateFields = listFields('UserChange');
    const otherFields = listFields('UserCreate').filter((name) => !updateFields.includes(name));
    expect(otherFields.toSorted()).toEqual(createOnlyFields.toSorted());
  });

  it('with more permissions than the caller is not changed', async () => {
    const boss = await createUserIn(service, 'acme', { roleIds: ['cradl:role:admin'] });
    await service.putRole('acme', {
      slug: 'clerk',
      name: 'Clerk',
      permissions: ['users:create', 'users:update', 'users:read'],
    });
    const clerk = userToken('acme', ['clerk']);
    const rows = [
      { email: `${boss.credible}@example.com`, name: 'Mine' },
      { email: email(), roleIds: ['cradl:role:admin'] },
      { email: email(), roleIds: ['cradl:role:clerk'] },
    ];
    const { body } = await importRows(service, rows, { onExisting: 'update' }, { token: clerk });
    expect(listOutcomes(body)).toEqual(['forbidden', 'forbidden', 'created']);
    expect((await getUser(boss.native)).name).toBeNull();
  });

  it('who owns the tenant keeps their roles', async () => {
    const owner = await createUserIn(service, 'acme', {
      password: goodPassword,
      roleIds: ['cradl:role:admin'],
    });
    await verifyEmail(service, tenantId.acme, owner.jitsudo);
    await service.updateTenantItem('acme', { ownerUserId: owner.jitsudo });
    const rows = [{ email: `${owner.credible}@example.com`, roleIds: [] }];
    const { body } = await importRows(service, rows, { onExisting: 'update' }, { token });
    await service.updateTenantItem('acme', { ownerUserId: undefined });
    expect(listOutcomes(body)).toEqual(['owner_protected roleIds']);
  });
});

describe('permissions', () => {
  it('to update and to read are required by existing users only', async () => {
    const { credible } = await createUserIn(service, 'acme');
    const importer = { token: userToken('acme', ['importer']) };
    const rows = () => [{ email: `${credible}@example.com`, name: 'Jo' }, { email: email() }];
    for (const onExisting of ['update', 'skip']) {
      const { body } = await importRows(service, rows(), { onExisting }, importer);
      expect(listOutcomes(body)).toEqual(['forbidden', 'created']);
      expect(body.results[0]).toMatchObject({
        userId: null,
        error: { notices: [expect.stringMatching(/requires the permission users:(update|read)/)] },
      });
    }
    const denied = await service.post(
      '/v1/users/bulk',
      { users: rows() },
      { token: userToken('acme', ['user']) },
    );
    expect([denied.status, denied.body.code]).toEqual([403, 'forbidden']);
  });

  it('end at the tenant: users, roles and app clients of others are unknown', async () => {
    const externalId = unique();
    const other = await createUserIn(service, 'globex', { externalId });
    await service.putRole('globex', { slug: 'auditor', name: 'Auditor', permissions: [] });
    const rows = (role: string) => [
      { email: `${other.credible}@example.com`, externalId, name: 'Taken over' },
      { email: email(), roleIds: [`cradl:role:${role}`] },
    ];
    const { body } = await importRows(
      service,
      rows('auditor'),
      { onExisting: 'update' },
      { token },
    );
    expect(listOutcomes(body)).toEqual(['created', 'invalid_roles roleIds']);
    const unknown = await importRows(
      service,
      rows('no-such-role'),
      { onExisting: 'update' },
      { token },
    );
    expect(body.results[1].error).toEqual(unknown.body.results[1].error);
    const untouched = await service.get(`/v1/users/${other.native}`, {
      token: adminToken('globex'),
    });
    expect([untouched.body.name, untouched.body.version]).toEqual([null, 1]);
  });
});

describe('a dry run', () => {
  it.each(['fail', 'skip', 'update'])(
    'with %s forecasts the outcomes and writes nothing',
    async (onExisting) => {
      const [externalId, taken, first] = [unique(), email(), email()];
      await service.post('/v1/users', { email: taken, externalId, userName: unique() }, { token });
      const userName = unique();
      const rows = [
        { email: taken, externalId, name: 'Jo', rowKey: unique() },
        { email: taken, externalId, name: 'Jo' },
        { email: first, userName, password: goodPassword },
        { email: first, name: 'Second' },
        { email: email(), userName },
        { email: email(), roleIds: ['cradl:role:nothing'] },
        { email: email(), password: 'short' },
        { email: taken.replace('@', '-new@'), externalId },
        { email: taken },
        { email: 'jo@' },
      ];
      const dryRun = await expectNoWrites(service, () =>
        importRows(service, rows, { onExisting, dryRun: true }, { token }),
      );
      const { body } = await importRows(service, rows, { onExisting }, { token });
      expect(listOutcomes(dryRun.body)).toEqual(listOutcomes(body));
      expect(dryRun.body.summary).toEqual(body.summary);
      expect(dryRun.body.results[2].userId).toBeNull();
      // A repeated row returns its outcome in a dry run, too.
      if (onExisting === 'update') {
        const again = await expectNoWrites(service, () =>
          importRows(service, rows.slice(0, 1), { onExisting, dryRun: true }, { token }),
        );
        expect(again.body.results).toEqual(body.results.slice(0, 1));
      }
    },
  );
});
