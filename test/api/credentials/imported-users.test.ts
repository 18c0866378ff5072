/** Users with the status, creation time and password rule of another system. */
import { describe, expect, it } from 'vitest';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { auditTables } from '../../support/database/table-audit.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  admin,
  createCredentialService,
  getClaims,
  newEmail,
  newIdentity,
  newPassword,
  system,
} from '../../support/scenarios/credentials.ts';
import { tenantId } from '../../support/service.ts';

const { service, clock, create, changeInCredible, signIn, reset, transfer, linkFor } =
  await createCredentialService();
const passwordHash = '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy';
const post = (fields: object, path = '/v1/users') =>
  service.post(path, { email: newEmail(), ...fields }, { token: admin });
const readStatus = async (userId: string): Promise<string> =>
  (await service.get(`/v1/users/${userId}`, { token: admin })).body.status;
const refused = (path: string, message?: string) => ({
  status: 400,
  body: { code: 'invalid_input', details: { issues: [{ path, ...(message && { message }) }] } },
});

describe('an active user without a password [1]', () => {
  it('gets no mail, and sets a password by a reset', async () => {
    const user = await create({ status: 'active', roleIds: ['cradl:role:user'] }, admin);
    expect(await readStatus(user.userId)).toBe('active');
    expect(await linkFor(user.email)).toBe('');
    const credentials = { tenant: 'acme', email: user.email, password: goodPassword };
    expect((await service.post('/v1/auth/token', credentials)).status).toBe(401);
    await reset(user.email);
    // The mailbox defines the account holder, so the password has no limit.
    expect(getClaims(await signIn(user, newPassword)).roles).toEqual(['user']);
    const { body } = await service.get(`/v1/users/${user.userId}/export`, { token: admin });
    expect(body).toMatchObject({
      emailVerifiedBy: 'holder',
      credentialLimits: {},
      invitation: null,
    });
  });

  it('cannot be invited, and gets a password from an administrator', async () => {
    const userName = `jo-${unique()}`;
    const user = await create({ status: 'active', userName }, admin);
    for (const action of ['resend', 'link']) {
      const answer = await service.post(
        `/v1/users/${user.userId}/invitation/${action}`,
        undefined,
        {
          token: system,
        },
      );
      expect([action, answer.status, answer.body.code]).toEqual([action, 409, 'not_invitable']);
    }
    const { status } = await changeInCredible(userName, { password: newPassword }, admin);
    expect(status).toBe(200);
    const { body } = await service.get(`/v1/users/${user.userId}`, { token: admin });
    expect(body).toMatchObject({ status: 'active', mustChangePassword: true });
    await signIn(user, newPassword);
  });

  it('changes status like other users, and keeps its claims', async () => {
    const { userId } = await create({ status: 'active', userName: `jo-${unique()}` }, admin);
    const act = async (method: string, action: string) =>
      (await service.send(method, `/v1/users/${userId}${action}`, { token: admin })).status;
    expect(await act('POST', '/suspend')).toBe(200);
    expect(await act('POST', '/reactivate')).toBe(200);
    expect(await act('DELETE', '')).toBe(204);
    expect(await act('POST', '/restore')).toBe(200);
    expect(await readStatus(userId)).toBe('active');
  });

  it('cannot own the tenant before setting a password', async () => {
    const fields = { status: 'active', roleIds: ['cradl:role:admin'] };
    const user = await create(fields, system);
    const key = { tenantId: tenantId.acme, userId: parseUserId(user.userId) ?? '' };
    const items = await service.stored.all();
    const item = items.find(({ sk, userId }) => sk === 'USER' && userId === key.userId);
    await service.stored.put({ ...item!, emailVerified: true, emailVerifiedBy: 'holder' });
    expect(await expectNoWrites(service, () => transfer(user))).toMatchObject({
      status: 409,
      body: { code: 'owner_ineligible', details: { reason: 'no_credential' } },
    });
    await reset(user.email);
    expect((await transfer(user)).status).toBe(200);
  });
});

describe('an inactive user', () => {
  it.each([
    ['without a password', {}],
    ['with a hash', { passwordHash }],
    ['of another provider', { authProvider: 'oidc', identity: newIdentity() }],
  ])('%s becomes active when reactivated', async (_, fields) => {
    const user = await create({ status: 'inactive', ...fields }, admin);
    expect(await readStatus(user.userId)).toBe('inactive');
    // Suspended users get no reset.
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    expect(await linkFor(user.email)).toBe('');
    const path = `/v1/users/${user.userId}/reactivate`;
    expect((await service.post(path, undefined, { token: admin })).body.status).toBe('active');
    const { body } = await service.get('/v1/users?status=active&maxResults=100', { token: admin });
    expect(body.users.map(({ userId }: { userId: string }) => userId)).toContain(user.userId);
  });

  it('with a password cannot sign in until then', async () => {
    const user = await create({ status: 'inactive', password: goodPassword }, admin);
    const credentials = { tenant: 'acme', email: user.email, password: goodPassword };
    expect((await service.post('/v1/auth/token', credentials)).status).toBe(401);
    await service.post(`/v1/users/${user.userId}/reactivate`, undefined, { token: admin });
    await signIn(user);
  });
});

it('a status excludes an invitation', async () => {
  for (const status of ['active', 'inactive']) {
    expect(await post({ status, sendInvitation: true })).toMatchObject(refused('sendInvitation'));
    expect((await post({ status, sendInvitation: false })).body.status).toBe(status);
  }
  for (const status of ['invite_pending', 'deleted', 'Active', true])
    expect(await post({ status })).toMatchObject(refused('status'));
});

describe('a creation time [25]', () => {
  it('replaces the time of the request, which the export shows', async () => {
    const [at, now] = ['2019-03-01T12:00:00+02:00', clock.now().toISOString()];
    const createdTime = '2019-03-01T10:00:00.000Z';
    const user = await create({ createdTime: at, password: goodPassword }, admin);
    const { body } = await service.get(`/v1/users/${user.userId}/export`, { token: admin });
    expect(body).toMatchObject({ user: { createdTime }, creation: { time: now } });
    const list = await service.get(`/v1/users?email=${user.email}`, { token: admin });
    expect(list.body.users).toMatchObject([{ createdTime }]);
    // The mail is due now, not in 2019.
    const mails = await service.deliverPendingMail();
    expect(mails.filter(({ to }) => to.includes(user.email))).toHaveLength(1);
    // Without a time, the creation is the request.
    const other = await create({}, admin);
    const exported = await service.get(`/v1/users/${other.userId}/export`, { token: admin });
    expect(exported.body.creation.time).toBe(exported.body.user.createdTime);
  });

  it('does not affect an invitation', async () => {
    const { userId, email } = await create({ createdTime: '1970-01-01T00:00:00Z' }, admin);
    const { body } = await service.get(`/v1/users/${userId}/invitation`, { token: admin });
    expect(body.invitedTime).toBe(clock.now().toISOString());
    const token = await linkFor(email);
    const accepted = await service.post('/v1/invitations/accept', { token, password: newPassword });
    expect(accepted.status).toBe(200);
  });

  it('is a time from 1970 until now', async () => {
    const next = new Date(clock.now().getTime() + 1).toISOString();
    expect((await post({ createdTime: clock.now().toISOString() })).status).toBe(201);
    const isPost = () => post({ createdTime: next });
    const message = 'cannot be in the future';
    expect(await expectNoWrites(service, isPost)).toMatchObject(refused('createdTime', message));
    for (const createdTime of [
      '1969-12-31T23:59:59.999Z',
      '9999-12-31T23:59:59-23:59',
      '2019-03-01',
      '2019-02-30T12:00:00Z',
      '2019-03-01T12:00:00',
      `2019-03-01T12:00:00.${'0'.repeat(40)}Z`,
      1_551_441_600_000,
    ])
      expect(await post({ createdTime })).toMatchObject(refused('createdTime'));
  });
});

describe('mustChangePassword at creation [33]', () => {
  it.each([{ password: goodPassword }, { passwordHash }])(
    'leaves the user without roles until they change the password: %j',
    async (credential) => {
      const fields = { ...credential, mustChangePassword: true, roleIds: ['cradl:role:user'] };
      const user = await create(fields, system);
      const read = async () =>
        (await service.get(`/v1/users/${user.userId}`, { token: admin })).body.mustChangePassword;
      expect(await read()).toBe(true);
      if (!('password' in credential)) return;
      const token = await signIn(user);
      expect(getClaims(token).roles).toEqual([]);
      const refusal = 'Your roles are inactive until you change your password: Reading users';
      expect((await service.get('/v1/users', { token })).body).toMatchObject({
        code: 'forbidden',
        message: expect.stringContaining(refusal),
      });
      const passwords = { currentPassword: goodPassword, newPassword };
      const changed = await service.post('/v1/users/me/password', passwords, { token });
      expect(changed.status).toBe(204);
      expect(await read()).toBe(false);
      expect(getClaims(await signIn(user, newPassword)).roles).toEqual(['user']);
    },
  );

  it('requires a password or a hash', async () => {
    const message = 'cannot be set without password or passwordHash';
    for (const fields of [{}, { status: 'active' }, { authProvider: 'oidc' }]) {
      const answer = await post({ ...fields, mustChangePassword: true });
      expect(answer).toMatchObject(refused('mustChangePassword', message));
      expect((await post({ ...fields, mustChangePassword: false })).status).toBe(201);
    }
  });
});

it('the other APIs and invite requests refuse the fields of imports', async () => {
  const fields = {
    status: 'active',
    createdTime: '2019-03-01T12:00:00Z',
    mustChangePassword: true,
  };
  for (const [name, value] of Object.entries(fields)) {
    const answer = await post({ [name]: value }, '/cradl/v1/users');
    expect(answer).toMatchObject(refused(name));
  }
});

it('the tables agree', async () => {
  const { missing, stray } = await auditTables(service);
  expect([missing, stray]).toEqual([[], []]);
});
