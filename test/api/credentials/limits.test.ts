/** Credentials set by another principal carry at most the permissions of their setter. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { hashPassword } from '../../../lib/domain/credentials/hash-password.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  type Account,
  createCredentialService,
  admin,
  getClaims,
  newEmail,
  newIdentity,
  newPassword,
  system,
  tokenFor,
} from '../../support/scenarios/credentials.ts';
import { externalIssuer } from '../../support/scenarios/self.ts';
import { createTokenAppClient, requestAccessToken } from '../../support/tokens/roster-tokens.ts';
import { tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const steps = await createCredentialService();
const {
  service,
  clock,
  frontDesk,
  copier,
  create,
  change,
  changeInCredible,
  signIn,
  promote,
  reset,
  accept,
  linkFor,
  isAdministrator,
} = steps;
const getLimits = async ({ userId }: Account) =>
  (await service.stored.item(keys.user(tenantId.acme, parseUserId(userId) ?? '')))?.[
    'credentialLimits'
  ];
const frontDeskLimit = {
  permissions: 'users:create users:read users:update',
  setBy: 'front-desk',
  setAt: expect.any(String),
};
const forbidden = { status: 403, body: { code: 'forbidden' } };

const cheapHash = await hashPassword(goodPassword, { memory: 8, passes: 1, parallelism: 1 });

describe('a password set at create', () => {
  it.each([
    ['password', { password: goodPassword }],
    ['hash', { passwordHash: cheapHash, acceptWeakPasswordHash: true }],
  ])('keeps the permissions of its setter after a promotion: %s [SEC-2]', async (_kind, fields) => {
    const user = await create(fields, frontDesk);
    await promote(user);
    const token = await signIn(user);
    expect(await isAdministrator(token)).toBe(false);
    expect((await service.post('/v1/users', { email: newEmail() }, { token })).status).toBe(201);
    expect(await service.send('DELETE', `/v1/users/${user.userId}`, { token })).toMatchObject(
      forbidden,
    );
    expect(getClaims(token).roles).toEqual([]);
  });

  it('keeps its limit after the user changes it with the current one', async () => {
    const user = await create({ password: goodPassword }, frontDesk);
    await promote(user);
    const body = { currentPassword: goodPassword, newPassword };
    expect(
      (await service.post('/v1/users/me/password', body, { token: await signIn(user) })).status,
    ).toBe(204);
    expect(await isAdministrator(await signIn(user, newPassword))).toBe(false);
  });

  it('keeps its limit after the user changes the email and the password', async () => {
    const user = await create(
      { password: goodPassword, userName: `desk-${Date.now()}` },
      frontDesk,
    );
    await promote(user);
    const email = newEmail();
    expect((await changeInCredible(user.email, { email }, await signIn(user))).status).toBe(200);
    expect(await getLimits(user)).toEqual({ password: frontDeskLimit, email: frontDeskLimit });
    expect(
      (await changeInCredible(email, { password: newPassword }, await signIn({ ...user, email })))
        .status,
    ).toBe(200);
    expect(await isAdministrator(await signIn({ ...user, email }, newPassword))).toBe(false);
    await reset(email, goodPassword);
    expect(await isAdministrator(await signIn({ ...user, email }))).toBe(false);
  });

  it('loses its limit through a mailed reset', async () => {
    const user = await create({ password: goodPassword }, frontDesk);
    await promote(user);
    await reset(user.email);
    const token = await signIn(user, newPassword);
    expect(await isAdministrator(token)).toBe(true);
    expect(getClaims(token).roles).toEqual(['admin']);
    expect(await getLimits(user)).toBeUndefined();
  });

  it('has no limit if a system administrator set it', async () => {
    const user = await create({ password: goodPassword }, system);
    await promote(user);
    expect(await isAdministrator(await signIn(user))).toBe(true);
  });

  it('carries the roles given at create, and lists them in the token', async () => {
    const body = {
      email: newEmail(),
      name: 'Jo',
      password: goodPassword,
      roles: ['front-desk', 'user'],
    };
    const headers = { 'x-tenant-id': tenantId.acme };
    expect(
      (await service.post('/jitsudo/v1/users', body, { token: frontDesk, headers })).status,
    ).toBe(201);
    const token = await signIn({ email: body.email, userId: '' });
    expect(getClaims(token).roles).toEqual(['front-desk', 'user']);
    expect((await service.get('/v1/users', { token })).status).toBe(200);
  });

  it('does not grow with a role that gains permissions', async () => {
    await service.putRole('acme', {
      slug: 'growing',
      name: 'Growing',
      permissions: ['users:read'],
    });
    clock.advanceBy(31_000);
    const user = await create(
      { password: goodPassword, roleIds: ['cradl:role:growing'] },
      frontDesk,
    );
    await service.putRole('acme', {
      slug: 'growing',
      name: 'Growing',
      permissions: ['users:read', 'roles:read'],
    });
    clock.advanceBy(31_000);
    const token = await signIn(user);
    expect((await service.get('/v1/users', { token })).status).toBe(200);
    expect(await service.get('/v1/roles', { token })).toMatchObject(forbidden);
    expect(getClaims(token).roles).toEqual([]);
  });
});

describe('a password set by an update', () => {
  it('has the limit of its last setter', async () => {
    const user = await create({ password: goodPassword }, frontDesk);
    expect((await changeInCredible(user.email, { password: newPassword }, admin)).status).toBe(200);
    expect((await getLimits(user)).password.setBy).toBe('admin-of-acme');
    expect((await changeInCredible(user.email, { password: newPassword }, frontDesk)).status).toBe(
      200,
    );
    expect(await getLimits(user)).toEqual({ password: frontDeskLimit });
    expect((await changeInCredible(user.email, { password: newPassword }, system)).status).toBe(
      200,
    );
    expect(await getLimits(user)).toBeUndefined();
  });

  it('carries no roles until the user changes it, and then at most the permissions of its setter', async () => {
    const user = await create({}, admin);
    expect((await changeInCredible(user.email, { password: goodPassword }, frontDesk)).status).toBe(
      200,
    );
    await promote(user);
    const token = await signIn(user);
    expect(await service.get('/v1/users', { token })).toMatchObject(forbidden);
    const body = { currentPassword: goodPassword, newPassword };
    expect((await service.post('/v1/users/me/password', body, { token })).status).toBe(204);
    const changed = await signIn(user, newPassword);
    expect((await service.get('/v1/users', { token: changed })).status).toBe(200);
    expect(await isAdministrator(changed)).toBe(false);
  });

  it('also limits an email set with it, unlike an email of an invited user', async () => {
    const user = await create({}, admin);
    expect((await change(user, { email: newEmail() }, frontDesk)).status).toBe(200);
    expect(await getLimits(user)).toBeUndefined();
    const other = await create({}, admin);
    expect(
      (
        await changeInCredible(
          other.email,
          { email: newEmail(), password: goodPassword },
          frontDesk,
        )
      ).status,
    ).toBe(200);
    expect(await getLimits(other)).toEqual({ password: frontDeskLimit, email: frontDeskLimit });
  });
});

describe('an email changed by another principal', () => {
  it('limits a password set through a mailed reset to the permissions of its setter', async () => {
    const user = await create({ password: goodPassword }, system);
    const email = newEmail();
    expect((await change(user, { email }, frontDesk)).status).toBe(200);
    await promote(user);
    await reset(email);
    expect(await isAdministrator(await signIn({ ...user, email }, newPassword))).toBe(false);
    expect(await getLimits(user)).toEqual({ password: frontDeskLimit, email: frontDeskLimit });
  });

  it('keeps its limit if it is sent again, and loses it if the user changes it', async () => {
    const user = await create({ password: goodPassword }, system);
    const email = newEmail();
    expect((await change(user, { email }, frontDesk)).status).toBe(200);
    expect((await change(user, { email, name: 'Jo' }, admin)).status).toBe(200);
    expect(await getLimits(user)).toEqual({ email: frontDeskLimit });
    const own = await signIn({ ...user, email });
    expect((await changeInCredible(email, { email: user.email }, own)).status).toBe(200);
    expect(await getLimits(user)).toBeUndefined();
  });
});

describe('an invitation', () => {
  it('by mail leaves the password and the email unlimited, but not the identity', async () => {
    const user = await create({ identity: newIdentity() }, frontDesk);
    await accept(await linkFor(user.email));
    await promote(user);
    expect(await isAdministrator(await signIn(user))).toBe(true);
    expect(await getLimits(user)).toEqual({ identity: frontDeskLimit });
  });

  it('by a copied link limits the password to the permissions of the copier', async () => {
    const user = await create({}, admin);
    const copied = await service.post(`/v1/users/${user.userId}/invitation/link`, undefined, {
      token: copier,
    });
    expect(copied.status).toBe(200);
    await accept(new URLSearchParams(new URL(copied.body.link).hash.slice(1)).get('token') ?? '');
    await promote(user);
    expect(await isAdministrator(await signIn(user))).toBe(false);
    expect((await getLimits(user)).password.setBy).toBe('copier');
    await reset(user.email);
    expect(await isAdministrator(await signIn(user, newPassword))).toBe(true);
  });

  it('grants no role beyond the limit of the inviter’s password', async () => {
    await service.putRole('acme', {
      slug: 'widening',
      name: 'Widening',
      permissions: ['users:read'],
    });
    const inviter = await create(
      { password: goodPassword, roleIds: ['cradl:role:front-desk'] },
      frontDesk,
    );
    clock.advanceBy(31_000);
    const guest = await create({ roleIds: ['cradl:role:widening'] }, await signIn(inviter));
    await promote(inviter);
    await service.putRole('acme', {
      slug: 'widening',
      name: 'Widening',
      permissions: ['users:read', 'roles:write'],
    });
    const token = await linkFor(guest.email);
    clock.advanceBy(31_000);
    const accepted = await service.post('/v1/invitations/accept', {
      token,
      password: goodPassword,
    });
    expect(accepted).toMatchObject({
      status: 200,
      body: { refusedRoleIds: ['cradl:role:widening'] },
    });
  });

  it('grants no role while the inviter must change their password', async () => {
    const roleIds = ['cradl:role:approver'];
    const inviter = await create({ password: goodPassword, roleIds: ['cradl:role:admin'] }, system);
    const token = await signIn(inviter);
    const [first, second] = [await create({ roleIds }, token), await create({ roleIds }, token)];
    const acceptFor = async ({ email }: Account) =>
      service.post('/v1/invitations/accept', {
        token: await linkFor(email),
        password: goodPassword,
      });
    await service.updateTenantItem('acme', { requireOwnPassword: true });
    expect((await acceptFor(first)).body.refusedRoleIds).toEqual(roleIds);
    await service.updateTenantItem('acme', { requireOwnPassword: false });
    expect((await changeInCredible(inviter.email, { password: newPassword }, system)).status).toBe(
      200,
    );
    expect((await acceptFor(second)).body.refusedRoleIds).toEqual(roleIds);
  });
});

describe('an identity set by another principal', () => {
  it.each(['create', 'change'])('cannot use Roster’s own issuer: %s [SEC-1]', async (way) => {
    const client = await createTokenAppClient(service, 'acme');
    const identity = { issuer: 'https://roster.example.com', subject: client.subject };
    const issues = [{ path: 'identity.issuer', message: 'cannot be the issuer of this service' }];
    const user = await create({}, frontDesk);
    const answer = await expectNoWrites(service, () =>
      way === 'create'
        ? service.post('/v1/users', { email: newEmail(), identity }, { token: frontDesk })
        : change(user, { identity }, frontDesk),
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', details: { issues } },
    });
  });

  it('does not make an app client a user [SEC-1]', async () => {
    const client = await createTokenAppClient(service, 'acme', { roles: [] });
    const user = await create({ password: goodPassword }, system);
    const key = keys.user(tenantId.acme, parseUserId(user.userId) ?? '');
    const identity = { issuer: 'https://roster.example.com', subject: client.subject };
    const planted = await create({ password: goodPassword, identity: newIdentity() }, system);
    // Requests can no longer store this identity. The claim is written directly instead.
    const claim = (await service.stored.all()).find(
      ({ sk, userId }) => sk.startsWith('IDENTITY#') && userId === parseUserId(planted.userId),
    );
    await service.stored.put({ ...(await service.stored.item(key)), identity });
    const sk = `IDENTITY#${createHash('sha256')
      .update(JSON.stringify([identity.issuer, identity.subject]))
      .digest('hex')}`;
    await service.stored.put({ ...claim, sk, userId: parseUserId(user.userId) });
    const token = (await requestAccessToken(service, client)).body.access_token;
    for (const sent of [{ token }, { headers: client.key }]) {
      expect((await service.get('/v1/users/me', sent)).status).toBe(404);
      expect(
        await service.send('PATCH', `/credible/api/v0/users/${user.email}`, {
          ...sent,
          body: { firstName: 'X' },
        }),
      ).toMatchObject(forbidden);
    }
  });

  it('no longer identifies the user once a role exceeds its limit', async () => {
    const identity = newIdentity();
    const role = { slug: 'outgrowing', name: 'Outgrowing' };
    await service.putRole('acme', { ...role, permissions: [] });
    clock.advanceBy(31_000);
    const user = await create(
      { password: goodPassword, identity, roleIds: ['cradl:role:outgrowing'] },
      frontDesk,
    );
    const rename = () =>
      service.send('PATCH', '/v1/users/me', {
        token: tokenFor(identity),
        body: { name: 'Renamed' },
      });
    expect((await rename()).status).toBe(200);
    await service.putRole('acme', { ...role, permissions: ['roles:write'] });
    expect(await expectNoWrites(service, rename)).toMatchObject(forbidden);
    expect((await change(user, { identity: null }, system)).status).toBe(200);
  });

  it('identifies the user for reads and names within its limit, but never for credentials [SEC-1]', async () => {
    const identity = newIdentity();
    const user = await create({ identity, userName: `u-${identity.subject}` }, frontDesk);
    await accept(await linkFor(user.email));
    const token = tokenFor(identity);
    expect((await steps.readOwn(token)).status).toBe(200);
    expect((await changeInCredible(user.email, { firstName: 'Vera' }, token)).status).toBe(200);
    expect(
      (await service.send('PATCH', '/v1/users/me', { token, body: { name: 'Vera' } })).status,
    ).toBe(200);
    for (const body of [
      { email: newEmail() },
      { userName: 'mallory' },
      { password: newPassword },
    ]) {
      expect(
        await expectNoWrites(service, () => changeInCredible(user.email, body, token)),
      ).toMatchObject(forbidden);
    }
    const body = { currentPassword: goodPassword, newPassword };
    expect(
      await expectNoWrites(service, () => service.post('/v1/users/me/password', body, { token })),
    ).toMatchObject(forbidden);

    await promote(user);
    expect(await steps.readOwn(token)).toMatchObject(forbidden);
    expect(
      await service.send('PATCH', '/v1/users/me', { token, body: { name: 'Mallory' } }),
    ).toMatchObject(forbidden);
    expect(await changeInCredible(user.email, { firstName: 'Mallory' }, token)).toMatchObject(
      forbidden,
    );
  });

  it('stays limited after its setter is deleted and the user changes the password [SEC-1]', async () => {
    const planter = await create(
      { password: goodPassword, roleIds: ['cradl:role:front-desk'] },
      admin,
    );
    const identity = newIdentity();
    const user = await create({ identity }, await signIn(planter));
    await accept(await linkFor(user.email));
    await promote(user);
    expect(
      (await service.send('DELETE', `/v1/users/${planter.userId}`, { token: admin })).status,
    ).toBe(204);
    await service.post(
      '/v1/users/me/password',
      { currentPassword: goodPassword, newPassword },
      { token: await signIn(user) },
    );
    const takeOver = () => changeInCredible(user.email, { email: newEmail() }, tokenFor(identity));
    expect(await expectNoWrites(service, takeOver)).toMatchObject(forbidden);
  });

  it('has no limit if the user or a system administrator set it', async () => {
    const user = await create(
      { password: goodPassword, roleIds: ['cradl:role:front-desk'] },
      system,
    );
    const identity = newIdentity();
    expect((await change(user, { identity }, await signIn(user))).status).toBe(200);
    expect(await getLimits(user)).toBeUndefined();
    const email = newEmail();
    const iat = Math.floor(clock.now().getTime() / 1000);
    const token = externalIssuer.mint({
      iss: externalIssuer.settings.issuer,
      aud: 'roster',
      sub: identity.subject,
      tenant_id: tenantId.acme,
      iat,
      auth_time: iat,
      exp: iat + 3600,
    });
    expect((await changeInCredible(user.email, { email }, token)).status).toBe(200);
    expect((await change(user, { identity: newIdentity() }, frontDesk)).status).toBe(200);
    expect(await getLimits(user)).toEqual({ identity: frontDeskLimit });
    expect((await change(user, { identity: null }, frontDesk)).status).toBe(200);
    expect(await getLimits(user)).toBeUndefined();
  });
});

describe('inactive permissions', () => {
  const inactive = async ({ userId }: Account) =>
    (await service.get(`/v1/users/${userId}`, { token: admin })).body.inactivePermissions;

  it('are those of the assigned roles beyond the limit of the password', async () => {
    const user = await create(
      { password: goodPassword, roleIds: ['cradl:role:front-desk'] },
      frontDesk,
    );
    expect(await inactive(user)).toEqual([]);
    await promote(user);
    expect(await inactive(user)).toEqual(expect.arrayContaining(['roles:write', 'users:delete']));
    expect(await inactive(user)).not.toContain('users:read');
    await reset(user.email);
    expect(await inactive(user)).toEqual([]);
  });

  it('are all permissions until the user changes a password set by an administrator', async () => {
    const user = await create({ roleIds: ['cradl:role:front-desk'] }, admin);
    expect((await changeInCredible(user.email, { password: goodPassword }, admin)).status).toBe(
      200,
    );
    expect(await inactive(user)).toEqual(['users:create', 'users:read', 'users:update']);
  });
});

describe('a tenant with requireOwnPassword', () => {
  const require = async (requireOwnPassword: boolean) => {
    const update = { token: system, body: { requireOwnPassword } };
    expect(await service.send('PATCH', `/v1/tenants/${tenantId.acme}`, update)).toMatchObject({
      status: 200,
      body: { requireOwnPassword },
    });
    clock.advanceBy(31_000);
  };

  it.each([
    ['an administrator', admin],
    ['a system administrator', system],
  ])('gives a password set by %s no roles until the user changes it', async (_setter, token) => {
    const user = await create(
      { password: goodPassword, roleIds: ['cradl:role:front-desk'] },
      token,
    );
    const before = await signIn(user);
    await require(true);
    const { body } = await service.post('/v1/auth/token', {
      tenant: 'acme',
      email: user.email,
      password: goodPassword,
    });
    expect([body.mustChangePassword, getClaims(body.accessToken).roles]).toEqual([true, []]);
    for (const accessToken of [before, body.accessToken]) {
      expect(await service.get('/v1/users', { token: accessToken })).toMatchObject(forbidden);
      expect((await service.get('/v1/users/me', { token: accessToken })).body).toMatchObject({
        mustChangePassword: true,
      });
    }
    const change = { currentPassword: goodPassword, newPassword };
    expect((await service.post('/v1/users/me/password', change, { token: before })).status).toBe(
      204,
    );
    expect(
      (await service.get('/v1/users', { token: await signIn(user, newPassword) })).status,
    ).toBe(200);
    await require(false);
  });
});

describe('approving credentials', () => {
  const approve = ({ userId }: Account, body: object, token: string) =>
    service.post(`/v1/users/${userId}/credentials/approve`, body, { token });

  it('replaces the limits of email and identity with the permissions of the caller', async () => {
    const identity = newIdentity();
    const user = await create({ password: goodPassword, identity }, system);
    expect(
      (await change(user, { email: newEmail(), identity: newIdentity() }, frontDesk)).status,
    ).toBe(200);
    await promote(user);
    expect(
      await expectNoWrites(service, () =>
        approve(user, { email: true, identity: true }, frontDesk),
      ),
    ).toMatchObject(forbidden);
    expect(await approve(user, { email: true }, admin)).toMatchObject({
      status: 200,
      body: { userId: user.userId },
    });
    const limits = await getLimits(user);
    expect([limits.email.setBy, limits.identity]).toEqual(['admin-of-acme', frontDeskLimit]);
    expect((await approve(user, { email: true, identity: true }, system)).status).toBe(200);
    expect(await getLimits(user)).toBeUndefined();
    expect(
      (await expectNoWrites(service, () => approve(user, { email: true, identity: true }, admin)))
        .status,
    ).toBe(200);
    const { body } = await service.get(`/v1/users/${user.userId}/export`, { token: admin });
    expect([body.credentialLimits, body.emailVerifiedBy]).toEqual([{}, null]);
    expect(body.changes.at(-1)).toMatchObject({
      action: 'approveCredentials',
      before: { credentialLimits: { email: { setBy: 'admin-of-acme' }, identity: frontDeskLimit } },
      after: { credentialLimits: null },
    });
  });

  it('does not remove the limit of a password', async () => {
    const user = await create({ password: goodPassword }, frontDesk);
    for (const body of [{ password: true }, {}, { email: false }])
      expect((await approve(user, body, system)).status).toBe(400);
    expect((await approve(user, { email: true, identity: true }, system)).status).toBe(200);
    expect(await getLimits(user)).toEqual({ password: frontDeskLimit });
  });
});
