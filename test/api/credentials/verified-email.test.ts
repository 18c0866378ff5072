/** Emails that administrators mark as verified. */
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { createFaultyService, passThrough } from '../../support/faults/fault-proxy.ts';
import {
  adminToken,
  systemToken,
  tenantId,
  type TestResponse,
  userToken,
} from '../../support/service.ts';

const { database, service } = await createFaultyService({ warm: [] });
const roles = {
  'front-desk': ['users:create', 'users:read', 'users:update'],
  verifier: ['users:create', 'users:read', 'users:update', 'users:verify'],
  observer: ['users:verify'],
} as const;
for (const [slug, permissions] of Object.entries(roles))
  await service.putRole('acme', { slug, name: slug, permissions });
const admin = adminToken('acme');
const frontDesk = userToken('acme', ['front-desk']);
const verifier = userToken('acme', ['verifier']);

const newEmail = () => `jo.${unique()}@example.com`;
const create = (fields: object, token = admin): Promise<TestResponse> =>
  service.post('/v1/users', { email: newEmail(), ...fields }, { token });
const patch = (userId: string, body: object, token = frontDesk): Promise<TestResponse> =>
  service.send('PATCH', `/v1/users/${userId}`, { token, body });
const readVerifier = async (userId: string) => {
  const { body } = await service.get(`/v1/users/${userId}/export`, { token: admin });
  return [body.user.emailVerified, body.emailVerifiedBy];
};
const needsVerify = {
  status: 403,
  body: {
    notices: [
      'Marking an email as verified or unverified requires the permission users:verify in this tenant.',
    ],
  },
};

describe('an email verified at creation [24]', () => {
  it('requires users:verify, which administrators have', async () => {
    for (const token of [admin, verifier, systemToken('acme')]) {
      const { status, body } = await create({ emailVerified: true }, token);
      expect([status, body.emailVerified]).toEqual([201, true]);
      expect(await readVerifier(body.userId)).toEqual([true, 'administrator']);
    }
    const isRefused = () => create({ emailVerified: true }, frontDesk);
    expect(await expectNoWrites(service, isRefused)).toMatchObject(needsVerify);
    for (const emailVerified of [false, null]) {
      const { status, body } = await create({ emailVerified }, frontDesk);
      expect([status, body.emailVerified]).toEqual([201, false]);
      expect(await readVerifier(body.userId)).toEqual([false, null]);
    }
  });

  it('does not suffice without users:create', async () => {
    expect(await create({ emailVerified: true }, userToken('acme', ['observer']))).toMatchObject({
      status: 403,
      body: { notices: ['Creating users requires the permission users:create in this tenant.'] },
    });
  });
});

describe('an update of emailVerified', () => {
  it('requires users:verify if it changes the value', async () => {
    const { userId, email } = (await create({ emailVerified: true })).body;
    const unverify = () => patch(userId, { emailVerified: false });
    expect(await expectNoWrites(service, unverify)).toMatchObject(needsVerify);
    // Clients send responses back.
    const unchanged = () => patch(userId, { email, emailVerified: true });
    expect((await expectNoWrites(service, unchanged)).status).toBe(200);

    expect((await patch(userId, { emailVerified: false }, verifier)).body).toMatchObject({
      emailVerified: false,
      version: 2,
    });
    expect(await readVerifier(userId)).toEqual([false, null]);
    expect(
      await expectNoWrites(service, () => patch(userId, { emailVerified: true })),
    ).toMatchObject(needsVerify);
    expect((await patch(userId, { name: 'Jo', emailVerified: false })).status).toBe(200);
    expect((await patch(userId, { emailVerified: true }, verifier)).body.version).toBe(4);
    expect(await readVerifier(userId)).toEqual([true, 'administrator']);
  });

  it('applies to the new email of the same request', async () => {
    const { userId } = (await create({ emailVerified: true })).body;
    // A new email is unverified, so `true` verifies it, and `false` changes nothing.
    expect(await patch(userId, { email: newEmail(), emailVerified: true })).toMatchObject(
      needsVerify,
    );
    expect((await patch(userId, { email: newEmail(), emailVerified: false })).body).toMatchObject({
      emailVerified: false,
    });
    const email = newEmail();
    expect((await patch(userId, { email, emailVerified: true }, verifier)).body).toMatchObject({
      email,
      emailVerified: true,
    });
    // Only the case of ASCII letters differs, which is the same address.
    const upperCase = { email: email.toUpperCase(), emailVerified: true };
    expect((await patch(userId, upperCase)).body).toMatchObject(upperCase);
    expect((await patch(userId, { email: newEmail() })).body.emailVerified).toBe(false);
  });

  it('keeps the verification by the account holder', async () => {
    const { userId } = (await create({})).body;
    const key = keys.user(tenantId.acme, parseUserId(userId) ?? '');
    const item = await service.stored.item(key);
    await service.stored.put({ ...item, emailVerified: true, emailVerifiedBy: 'holder' });
    expect((await patch(userId, { emailVerified: true }, verifier)).status).toBe(200);
    expect(await readVerifier(userId)).toEqual([true, 'holder']);
  });

  it('returns 404 for an unknown user, 403 without users:update, and 400 for null', async () => {
    const userId = 'cradl:user:00000000000000000000000000000000';
    expect((await patch(userId, { emailVerified: true })).status).toBe(404);
    const { body } = await create({});
    const observer = userToken('acme', ['observer']);
    expect(await patch(body.userId, { emailVerified: true }, observer)).toMatchObject({
      status: 403,
      body: { notices: ['Changing users requires the permission users:update in this tenant.'] },
    });
    expect((await patch(body.userId, { emailVerified: null }, verifier)).status).toBe(400);
  });

  it('is refused if the email becomes unverified after the decision', async () => {
    const { userId } = (await create({ emailVerified: true })).body;
    const key = keys.user(tenantId.acme, parseUserId(userId) ?? '');
    const item = await service.stored.item(key);
    let isDecided = false;
    database.goesWrong(({ operation, text }) => {
      if (!text.includes(key.pk)) return undefined;
      if (operation === 'Query' && !isDecided) {
        isDecided = true;
        return async (exchange) => {
          await service.stored.put({ ...item, emailVerified: false, version: 2 });
          await passThrough(exchange);
        };
      }
      return undefined;
    });
    const answer = await patch(userId, { emailVerified: true });
    database.isWell();
    expect([isDecided, answer.status, answer.body.notices]).toEqual([
      true,
      403,
      needsVerify.body.notices,
    ]);
    expect((await service.stored.item(key))?.['emailVerified']).toBe(false);
  });
});

it('an email that an administrator verified shows in JITSudo, and makes no owner', async () => {
  const fields = { emailVerified: true, roleIds: ['cradl:role:admin'], authProvider: 'oidc' };
  const { userId } = (await create(fields)).body;
  const id = parseUserId(userId);
  const headers = { 'x-tenant-id': tenantId.acme };
  const response = await service.get(`/jitsudo/v1/users/${id}`, { token: admin, headers });
  expect(response.body.email_verified).toBe(true);
  const transfer = await service.post(
    `/v1/tenants/${tenantId.acme}/transfer-ownership`,
    { userId },
    { token: systemToken('acme') },
  );
  expect(transfer).toMatchObject({
    status: 409,
    body: { code: 'owner_ineligible', details: { reason: 'email_not_verified' } },
  });
});
