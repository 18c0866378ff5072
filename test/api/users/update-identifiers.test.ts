/** Emails, usernames, identities and external IDs that move from one user to another. */
import { describe, expect, it } from 'vitest';
import { auditTables } from '../../support/database/table-audit.ts';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { updateUser, readNativeUser } from '../../support/dialects/update-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { createTestService, adminToken, type TenantSlug } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const service = await createTestService();
const expectConsistentTables = async () => {
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
};
const patch = (user: UserRefs, body: object, slug: TenantSlug = 'acme') =>
  updateUser(service, 'native', user, body, { slug });
const createUser = (body: object, slug: TenantSlug = 'acme') =>
  service.post('/v1/users', body, { token: adminToken(slug) });
const names = () => ({ email: `jo.${unique()}@example.com`, userName: `jo-${unique()}` });
const toConflict = (field: string) => ({
  status: 409,
  body: { code: 'user_exists', details: { field } },
});
const findByExternalId = async (externalId: string, slug: TenantSlug): Promise<string[]> => {
  const query = new URLSearchParams({ externalId }).toString();
  const { body } = await service.get(`/v1/users?${query}`, { token: adminToken(slug) });
  return body.users.map(({ userId }: { userId: string }) => userId);
};
/** Username of the user that a Credible path finds. */
const findUserName = async (name: string, slug: TenantSlug) =>
  (await service.get(`/credible/api/v0/users/${name}`, { token: adminToken(slug) })).body.userName;

describe.each(['acme', 'north'] as const)('in %s', (slug) => {
  const fields = ['email', 'userName'] as const;

  it.each(fields)('a new %s is taken and the old one is free at once', async (field) => {
    const [old, next] = [names(), names()];
    const user = await createUserIn(service, slug, old);
    const answer = await patch(user, { [field]: next[field] }, slug);
    expect(answer).toMatchObject({
      status: 200,
      body: { ...old, [field]: next[field], version: 2 },
    });
    expect(await findUserName(next[field], slug)).toBe({ ...old, [field]: next[field] }.userName);
    expect(
      await createUser({ ...names(), [field]: next[field].toUpperCase() }, slug),
    ).toMatchObject(toConflict(field));
    const other = await createUser({ ...names(), [field]: old[field] }, slug);
    expect(other.status).toBe(201);
    expect(await findUserName(old[field], slug)).toBe(other.body.userName);
    await expectConsistentTables();
  });

  it('the email and the username change together', async () => {
    const [old, next] = [names(), names()];
    const user = await createUserIn(service, slug, old);
    expect(await patch(user, next, slug)).toMatchObject({ status: 200, body: next });
    expect((await createUser(old, slug)).status).toBe(201);
    await expectConsistentTables();
  });

  it.each(fields)('a taken %s is rejected, and no other field changes', async (field) => {
    const [one, two] = [names(), names()];
    await createUserIn(service, slug, one);
    const user = await createUserIn(service, slug, two);
    const everything = {
      ...names(),
      name: 'Jo',
      metadata: { a: 1 },
      [field]: one[field].toUpperCase(),
    };
    for (const body of [everything, { [field]: one[field] }]) {
      expect(await expectNoWrites(service, () => patch(user, body, slug))).toMatchObject(
        toConflict(field),
      );
    }
  });

  it('a conflict names the email if both identifiers are taken', async () => {
    const [one, two, three] = [names(), names(), names()];
    await createUserIn(service, slug, one);
    await createUserIn(service, slug, two);
    const user = await createUserIn(service, slug, three);
    const body = { email: one.email, userName: two.userName };
    expect(await expectNoWrites(service, () => patch(user, body, slug))).toMatchObject(
      toConflict('email'),
    );
  });

  it.each(fields)('a %s that changes only in case stays taken', async (field) => {
    const old = names();
    const user = await createUserIn(service, slug, old);
    expect(await patch(user, { [field]: old[field].toUpperCase() }, slug)).toMatchObject({
      status: 200,
      body: { [field]: old[field].toUpperCase(), version: 2 },
    });
    expect(await createUser({ ...names(), [field]: old[field] }, slug)).toMatchObject(
      toConflict(field),
    );
    await expectConsistentTables();
  });

  it('a removed username is free', async () => {
    const old = names();
    const user = await createUserIn(service, slug, old);
    expect(await patch(user, { userName: null }, slug)).toMatchObject({
      status: 200,
      body: { userName: null },
    });
    expect((await createUser({ ...names(), userName: old.userName }, slug)).status).toBe(201);
    expect(await patch(user, { userName: old.userName }, slug)).toMatchObject(
      toConflict('userName'),
    );
    await expectConsistentTables();
  });

  it('identifiers can change back', async () => {
    const [one, two] = [names(), names()];
    const user = await createUserIn(service, slug, one);
    for (const each of [two, one, two, one])
      expect((await patch(user, each, slug)).status).toBe(200);
    expect(await readNativeUser(service, user, slug)).toMatchObject({ ...one, version: 5 });
    await expectConsistentTables();
  });

  it('identifiers of a deleted user can be taken', async () => {
    const [old, next] = [names(), names()];
    const deleted = await createUserIn(service, slug, old);
    const user = await createUserIn(service, slug, next);
    await service.send('DELETE', `/v1/users/${deleted.native}`, { token: adminToken(slug) });
    expect((await patch(user, old, slug)).status).toBe(200);
    expect(
      await service.post(`/v1/users/${deleted.native}/restore`, undefined, {
        token: adminToken(slug),
      }),
    ).toMatchObject(toConflict('email'));
    await expectConsistentTables();
  });

  it('an identity moves like other identifiers', async () => {
    const identities = [unique(), unique()].map((subject) => ({
      issuer: 'https://id.example.com',
      subject,
    }));
    const [one, two] = [
      await createUserIn(service, slug, { identity: identities[0] }),
      await createUserIn(service, slug),
    ];
    expect(
      await expectNoWrites(service, () => patch(two, { identity: identities[0] }, slug)),
    ).toMatchObject(toConflict('identity'));
    expect(await patch(one, { identity: identities[1] }, slug)).toMatchObject({
      status: 200,
      body: { identity: identities[1] },
    });
    expect((await patch(two, { identity: identities[0] }, slug)).status).toBe(200);
    expect(await patch(one, { identity: null }, slug)).toMatchObject({
      status: 200,
      body: { identity: null },
    });
    expect((await patch(two, { identity: identities[1] }, slug)).status).toBe(200);
    await expectConsistentTables();
  });

  it('an external ID moves like other identifiers, and is compared exactly', async () => {
    const [externalId, next] = [`HR ${unique()}`, `HR ${unique()}`];
    const [one, two] = [
      await createUserIn(service, slug, { externalId }),
      await createUserIn(service, slug, { externalId: externalId.toLowerCase() }),
    ];
    expect(await createUser({ ...names(), externalId }, slug)).toMatchObject(
      toConflict('externalId'),
    );
    expect(await expectNoWrites(service, () => patch(two, { externalId }, slug))).toMatchObject(
      toConflict('externalId'),
    );
    expect(await patch(one, { externalId: next }, slug)).toMatchObject({
      status: 200,
      body: { externalId: next },
    });
    expect((await patch(two, { externalId }, slug)).status).toBe(200);
    expect(await findByExternalId(externalId, slug)).toEqual([two.native]);
    expect(await findByExternalId(externalId.toUpperCase(), slug)).toEqual([]);
    expect((await patch(one, { externalId: null }, slug)).body.externalId).toBeNull();
    expect(await findByExternalId(next, slug)).toEqual([]);
    expect((await patch(two, { externalId: next }, slug)).status).toBe(200);
    await expectConsistentTables();
  });
});

describe('the space that north and south share', () => {
  it('contains each identifier once, and identifiers can move between the tenants', async () => {
    const [one, two] = [names(), names()];
    const [northern, southern] = [
      await createUserIn(service, 'north', one),
      await createUserIn(service, 'south', two),
    ];
    for (const [field, value] of Object.entries(one)) {
      expect(
        await expectNoWrites(service, () => patch(southern, { [field]: value }, 'south')),
      ).toMatchObject(toConflict(field));
    }
    expect((await patch(northern, names(), 'north')).status).toBe(200);
    expect((await patch(southern, one, 'south')).status).toBe(200);
    expect((await patch(northern, two, 'north')).status).toBe(200);
    await expectConsistentTables();
  });

  it('is separate from the identifiers of other tenants', async () => {
    const identity = { issuer: 'https://id.example.com', subject: unique() };
    const one = names();
    await createUserIn(service, 'north', { ...one, identity });
    expect((await patch(await createUserIn(service, 'acme'), { ...one, identity })).status).toBe(
      200,
    );
    expect(
      (await patch(await createUserIn(service, 'globex'), { ...one, identity }, 'globex')).status,
    ).toBe(200);
    // An identity is unique in its tenant, regardless of the uniqueness space.
    expect((await patch(await createUserIn(service, 'south'), { identity }, 'south')).status).toBe(
      200,
    );
    await expectConsistentTables();
  });
});

describe('a verified email', () => {
  const createVerified = async () => {
    const user = await createUserIn(service, 'acme');
    const { email } = await readNativeUser(service, user);
    const [item] = (await service.stored.all()).filter(
      (each) => each['sk'] === 'USER' && each['email'] === email,
    );
    await service.stored.put({ ...item, emailVerified: true });
    return { user, email: String(email) };
  };

  it.each(['native', 'credible'] as const)(
    'must be verified again if it changes through %s',
    async (dialect) => {
      const { user } = await createVerified();
      expect((await updateUser(service, dialect, user, { email: names().email })).status).toBe(200);
      expect((await readNativeUser(service, user)).emailVerified).toBe(false);
    },
  );

  it('stays verified if only its case or another field changes', async () => {
    const { user, email } = await createVerified();
    expect(await patch(user, { email: email.toUpperCase() })).toMatchObject({
      body: { email: email.toUpperCase(), emailVerified: true },
    });
    expect(await patch(user, { email, userName: names().userName, name: 'Jo' })).toMatchObject({
      body: { email, emailVerified: true },
    });
  });
});

describe('a Credible path', () => {
  it('finds the user by new names and not by old ones', async () => {
    const [old, next] = [names(), names()];
    const user = await createUserIn(service, 'acme', old);
    const at = (name: string): UserRefs => ({ ...user, credible: name });
    expect(
      (await updateUser(service, 'credible', at(old.email), { userName: next.userName })).status,
    ).toBe(200);
    expect(
      (await updateUser(service, 'credible', at(old.userName), { firstName: 'Jo' })).status,
    ).toBe(404);
    expect(
      (await updateUser(service, 'credible', at(next.userName), { email: next.email })).status,
    ).toBe(200);
    expect((await updateUser(service, 'credible', at(old.email), { firstName: 'Jo' })).status).toBe(
      404,
    );
    expect(
      (await updateUser(service, 'credible', at(next.email), { firstName: 'Jo' })).status,
    ).toBe(200);
    expect(
      await expectNoWrites(service, () => updateUser(service, 'credible', at(next.email), next)),
    ).toMatchObject({ status: 200 });
    await expectConsistentTables();
  });
});
