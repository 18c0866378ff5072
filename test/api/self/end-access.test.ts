/** Users end their own tokens, or delete their own account. */
import { describe, expect, it } from 'vitest';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { keys } from '../../../lib/store/keys.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  type Account,
  admin,
  createCredentialService,
  newIdentity,
  system,
  tokenFor,
} from '../../support/scenarios/credentials.ts';
import { externalIssuer } from '../../support/scenarios/self.ts';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import { tenantId } from '../../support/service.ts';

const { service, clock, frontDesk, create, change, linkFor, signIn, promote, transfer, reset } =
  await createCredentialService();

const cacheMs = 31_000;
const signOut = (token: string, userId = 'me') =>
  service.post(`/v1/users/${userId}/sign-out`, undefined, { token });
const deleteSelf = (token: string, headers: Record<string, string> = {}) =>
  service.send('DELETE', '/v1/users/me', { token, headers });
const readSelf = async (token: string) => {
  const { status, body } = await service.get('/v1/users/me', { token });
  return status === 401 ? body.details.reason : status;
};
/** An operation that decides on current data: 404 for a valid token with the permission. */
const decidePermanently = async (token: string) =>
  (await service.send('DELETE', '/v1/users/cradl:user:nobody', { token })).status;
const readRecords = async ({ userId }: Account, token = admin) =>
  (await service.get(`/v1/users/${userId}/export`, { token })).body.changes;
const readItem = ({ userId }: Account) =>
  service.stored.item(keys.user(tenantId.acme, parseUserId(userId) ?? ''));
const getMails = ({ email }: Account) =>
  service.deliverPendingMail().then((mails) => mails.filter(({ to }) => to.includes(email)));

/** Token of the other issuer, after a sign-in at the time of the clock. */
const recentTokenFor = ({ issuer: iss, subject: sub }: ReturnType<typeof newIdentity>) => {
  const seconds = Math.floor(clock.now().getTime() / 1000);
  const times = { auth_time: seconds, exp: seconds + 7200 };
  return externalIssuer.mint({ iss, aud: 'roster', sub, tenant_id: tenantId.acme, ...times });
};

describe('a sign-out everywhere', () => {
  it('ends every token of Roster, at once for changes and within 30 s for reads', async () => {
    const user = await create({ password: goodPassword, roleIds: ['cradl:role:admin'] }, system);
    const tokens = [await signIn(user), await signIn(user)];
    for (const token of tokens)
      expect([await readSelf(token), await decidePermanently(token)]).toEqual([200, 404]);
    const mails = await getMails(user);
    const answer = await signOut(tokens[0] ?? '');
    expect(answer).toMatchObject({ status: 200, body: { endsCurrentToken: true } });
    for (const token of tokens) expect(await decidePermanently(token)).toBe(401);
    const later = await signIn(user);
    expect([await readSelf(later), await decidePermanently(later)]).toEqual([200, 404]);
    clock.advanceBy(cacheMs);
    for (const token of tokens) expect(await readSelf(token)).toBe('token_revoked');
    expect(await readRecords(user)).toEqual([
      expect.objectContaining({ action: 'signOut', by: user.userId, before: {} }),
    ]);
    expect(await getMails(user)).toEqual(mails);
  });

  it('of another user requires users:update and all permissions of the user', async () => {
    const user = await create({ password: goodPassword }, system);
    const token = await signIn(user);
    expect(await signOut(frontDesk, user.userId)).toMatchObject({ status: 204, text: '' });
    expect(await decidePermanently(token)).toBe(401);
    await promote(user);
    const refused = await expectNoWrites(service, () => signOut(frontDesk, user.userId));
    expect(refused).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await signOut(admin, user.userId)).status).toBe(204);
    expect((await signOut(admin, 'cradl:user:nobody')).status).toBe(404);
  });

  it('is possible 100 times a day, after any number of other changes', async () => {
    const user = await create({ authProvider: 'oidc' }, system);
    const token = () => clock.aTokenOf('acme', [], user.userId);
    const putChanges = async (counts: object) => {
      const selfChanges = { day: clock.now().toISOString().slice(0, 10), count: 100, ...counts };
      await service.stored.put({ ...(await readItem(user)), selfChanges });
    };
    const rename = () =>
      service.send('PATCH', '/v1/users/me', { token: token(), body: { name: 'Jo' } });
    await putChanges({ signOuts: 99 });
    expect(await rename()).toMatchObject({ body: { details: { limit: 'own_changes' } } });
    expect(await signOut(token())).toMatchObject({ status: 200 });
    expect(await expectNoWrites(service, () => signOut(token()))).toMatchObject({
      status: 429,
      body: { details: { limit: 'own_sign_outs' } },
    });
    // No limit applies to the deletion.
    expect((await deleteSelf(token())).status).toBe(204);
  });

  it('keeps reset links, and tokens of another issuer', async () => {
    const identity = newIdentity();
    const user = await create({ identity, password: goodPassword }, system);
    const request = { tenant: 'acme', email: user.email };
    await service.post('/v1/auth/password-reset', request);
    const link = await linkFor(user.email);
    const [own, foreign] = [await signIn(user), tokenFor(identity)];
    expect(await signOut(foreign)).toMatchObject({
      status: 200,
      body: { endsCurrentToken: false },
    });
    expect(await decidePermanently(own)).toBe(401);
    expect(await readSelf(foreign)).toBe(200);
    const completion = { token: link, password: 'seven-lamps-in-an-orchard' };
    expect((await service.post('/v1/auth/password-reset/complete', completion)).status).toBe(200);
  });
});

describe('simultaneous changes', () => {
  it('of password and sign-outs end every earlier token, and the new password works', async () => {
    const user = await create({ password: goodPassword, roleIds: ['cradl:role:admin'] }, system);
    const token = await signIn(user);
    const next = 'seven-lamps-in-an-orchard';
    const passwords = { currentPassword: goodPassword, newPassword: next };
    const answers = await Promise.all([
      service.post('/v1/users/me/password', passwords, { token }),
      ...[1, 2].map(() => signOut(token)),
      ...[1, 2].map(() => signOut(admin, user.userId)),
    ]);
    const [changed, ...signOuts] = answers.map(({ status }) => status);
    // A request that comes after another one finds its token ended.
    expect(changed).toBeOneOf([204, 401]);
    for (const status of signOuts) expect(status).toBeOneOf([200, 204, 401]);
    expect(await decidePermanently(token)).toBe(401);
    const later = await signIn(user, changed === 204 ? next : goodPassword);
    expect(await decidePermanently(later)).toBe(404);
    const ended = answers.filter(({ status }) => status < 300).length;
    const item = await readItem(user);
    expect(item).toMatchObject({ tokenGeneration: ended, version: ended + 1 });
    expect(await readRecords(user)).toHaveLength(ended);
  });

  it('of deletion and sign-outs leave one tombstone', async () => {
    const user = await create({ password: goodPassword }, system);
    const token = await signIn(user);
    const answers = await Promise.all([
      deleteSelf(token),
      deleteSelf(token),
      signOut(admin, user.userId),
      service.send('DELETE', `/v1/users/${user.userId}`, { token: admin }),
    ]);
    for (const { status } of answers) expect(status).toBeOneOf([204, 401, 404]);
    expect(await readItem(user)).toMatchObject({
      status: 'deleted',
      deletion: { status: 'active' },
    });
    const records = await readRecords(user);
    expect(records.filter(({ action }: { action: string }) => action === 'delete')).toHaveLength(1);
  });
});

describe('the deletion of the own account', () => {
  it('leaves a tombstone that an administrator can restore, and ends the tokens', async () => {
    const user = await create({ password: goodPassword, roleIds: ['cradl:role:admin'] }, system);
    const token = await signIn(user);
    expect(await readSelf(token)).toBe(200);
    const stale = await expectNoWrites(service, () => deleteSelf(token, { 'if-match': '"7"' }));
    expect(stale.status).toBe(412);
    expect(await deleteSelf(token, { 'if-match': '"1"' })).toMatchObject({ status: 204, text: '' });
    expect([await readSelf(token), await decidePermanently(token)]).toEqual([404, 401]);
    clock.advanceBy(cacheMs);
    expect(await readSelf(token)).toBe('token_revoked');
    const again = await create({ email: user.email }, system);
    await service.send('DELETE', `/v1/users/${again.userId}`, { token: admin });
    const restored = await service.post(`/v1/users/${user.userId}/restore`, undefined, {
      token: admin,
    });
    expect(restored).toMatchObject({ status: 200, body: { status: 'active', email: user.email } });
    expect(await readRecords(user)).toMatchObject([
      { action: 'delete', by: user.userId, before: { status: 'active' } },
      { action: 'restore' },
    ]);
  });

  it('requires a recent sign-in', async () => {
    const user = await create({ password: goodPassword }, system);
    const token = await signIn(user);
    clock.advanceBy(301_000);
    const { status, body, headers } = await expectNoWrites(service, () => deleteSelf(token));
    expect([status, body.code]).toEqual([401, 'insufficient_user_authentication']);
    expect(headers['www-authenticate']).toContain('max_age="300"');
    expect((await deleteSelf(await signIn(user))).status).toBe(204);
  });

  it('is refused to the owner, to app clients and to suspended users', async () => {
    const owner = await create({ password: goodPassword, roleIds: ['cradl:role:admin'] }, system);
    await reset(owner.email);
    const before = (await service.get(`/v1/tenants/${tenantId.acme}`, { token: system })).body;
    expect((await transfer(owner)).status).toBe(200);
    clock.advanceBy(cacheMs);
    const token = await signIn(owner, 'seven-lamps-in-an-orchard');
    const refused = await expectNoWrites(service, () => deleteSelf(token));
    expect(refused).toMatchObject({ status: 409, body: { code: 'owner_protected' } });
    await service.updateTenantItem('acme', { ownerUserId: before.ownerUserId ?? undefined });

    const client = await createTokenAppClient(service, 'acme', { roles: ['admin'] });
    const byClient = await service.send('DELETE', '/v1/users/me', { headers: client.key });
    expect(byClient).toMatchObject({ status: 404, body: { code: 'not_found' } });

    const identity = newIdentity();
    const suspended = await create({ identity }, system);
    await service.stored.put({ ...(await readItem(suspended)), status: 'inactive' });
    for (const act of [deleteSelf, signOut])
      expect(await expectNoWrites(service, () => act(recentTokenFor(identity)))).toMatchObject({
        status: 403,
        body: { code: 'account_suspended' },
      });
  });

  it('is refused with a credential whose setter could not delete the account', async () => {
    const forbidden = { status: 403, body: { code: 'forbidden' } };
    // The front desk cannot delete users.
    const limited = await create({ password: goodPassword }, frontDesk);
    const token = await signIn(limited);
    expect(await expectNoWrites(service, () => deleteSelf(token))).toMatchObject(forbidden);
    await reset(limited.email);
    const own = await signIn(limited, 'seven-lamps-in-an-orchard');
    expect((await deleteSelf(own)).status).toBe(204);

    // An administrator can, but not users with further permissions.
    const byAdmin = await create({ password: goodPassword }, admin);
    await promote(byAdmin, ['cradl:role:copier'], system);
    const promoted = await signIn(byAdmin);
    expect(await expectNoWrites(service, () => deleteSelf(promoted))).toMatchObject(forbidden);
    await change(byAdmin, { roleIds: [] }, system);
    clock.advanceBy(cacheMs);
    expect((await deleteSelf(await signIn(byAdmin))).status).toBe(204);

    const identity = newIdentity();
    const linked = await create({ identity }, admin);
    expect(await expectNoWrites(service, () => deleteSelf(recentTokenFor(identity)))).toMatchObject(
      forbidden,
    );
    await change(linked, { identity: newIdentity() }, system);
    await change(linked, { identity }, system);
    expect((await deleteSelf(recentTokenFor(identity))).status).toBe(204);
  });
});
