/** Users verify an email, or change it, through a mailed link. */
import { describe, expect, it } from 'vitest';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { keys } from '../../../lib/store/keys.ts';
import {
  type Account,
  admin,
  createCredentialService,
  newEmail,
  newIdentity,
  newPassword,
  system,
  tokenFor,
} from '../../support/scenarios/credentials.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import { adminToken, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const { service, clock, frontDesk, create, change, signIn, promote, linkFor, reset, transfer } =
  await createCredentialService();

const request = (token: string) =>
  service.post('/v1/users/me/email/verification', undefined, { token });
const requestFor = ({ userId }: Account, token: string) =>
  service.post(`/v1/users/${userId}/email/verification`, undefined, { token });
const requestChange = (email: string, token: string) =>
  service.post('/v1/users/me/email', { email }, { token });
const cancel = (token: string) =>
  service.send('DELETE', '/v1/users/me/email/verification', { token });
const inspect = (token: string) => service.post('/v1/auth/email-verification/inspect', { token });
const complete = (token: string) => service.post('/v1/auth/email-verification/complete', { token });
const read = async ({ userId }: Account) =>
  (await service.get(`/v1/users/${userId}`, { token: admin })).body;
const stored = async ({ userId }: Account) =>
  service.stored.item(keys.user(tenantId.acme, parseUserId(userId) ?? ''));
const findMail = async (email: string, text = '/verify#token=') =>
  (await service.deliverPendingMail()).findLast(
    (mail) => mail.to.includes(email) && mail.text.includes(text),
  );
/** Creates an active user without a password, because hashing takes time. */
const createUser = (fields: object = {}): Promise<Account> =>
  create({ authProvider: 'oidc', ...fields }, system);
const createLocalUser = (token = system): Promise<Account> =>
  create({ password: goodPassword }, token);
/** Token of a recent sign-in without a limit. */
const mintToken = ({ userId }: Account) => clock.aTokenOf('acme', [], userId);

const minute = 60_000;
const day = 24 * 60 * minute;
const unknown = { status: 404, body: { code: 'not_found' } };

/** Requests a new email and returns its link. */
const requestNewEmail = async (user: Account, token?: string) => {
  const email = newEmail();
  expect((await requestChange(email, token ?? mintToken(user))).status).toBe(204);
  return { email, link: await linkFor(email) };
};

describe('the own email', () => {
  it('is verified by a mailed link, once, and keeps the access token', async () => {
    const user = await createUser({ locale: 'de-CH' });
    const token = mintToken(user);
    expect((await request(token)).status).toBe(204);
    const mail = await findMail(user.email);
    expect(mail?.subject).toBe('Bitte bestätigen Sie Ihre E-Mail-Adresse für Acme');
    expect(mail?.text).toMatch(/https:\/\/example\.com\/verify#token=[\w-]{92}&locale=de\s/);
    expect(mail?.text).toContain('24 Stunden');
    const link = await linkFor(user.email);
    expect(await expectNoWrites(service, () => inspect(link))).toMatchObject({
      status: 200,
      body: {
        status: 'pending',
        email: user.email,
        tenant: { name: 'Acme' },
        locale: 'de',
        expiresTime: new Date(clock.now().getTime() + day).toISOString(),
      },
    });
    expect(await read(user)).toMatchObject({ emailVerified: false, pendingEmail: null });
    expect(await complete(link)).toMatchObject({
      status: 200,
      body: { userId: user.userId, email: user.email, continueUrl: 'https://example.com' },
    });
    expect(await stored(user)).toMatchObject({ emailVerified: true, emailVerifiedBy: 'holder' });
    expect((await service.get('/v1/users/me', { token })).body).toMatchObject({
      emailVerified: true,
      version: 3,
    });
    const { body } = await service.get(`/v1/users/${user.userId}/export`, { token: admin });
    expect(body.changes.at(-1)).toMatchObject({
      action: 'verifyEmail',
      by: user.userId,
      issuer: 'email-verification:2',
      before: { emailVerified: false },
    });
    for (const use of [complete, inspect])
      expect(await expectNoWrites(service, () => use(link))).toMatchObject({
        status: 410,
        body: { code: 'email_verification_used' },
      });
    expect(await request(token)).toMatchObject({ status: 409, body: { code: 'not_verifiable' } });
  });

  it('keeps the limit of another principal who set it', async () => {
    const user = await createUser();
    const email = newEmail();
    expect((await change(user, { email }, admin)).status).toBe(200);
    const moved = { ...user, email };
    await request(mintToken(moved));
    const before = (await stored(user))?.['credentialLimits'];
    expect(before).toHaveProperty('email');
    expect((await complete(await linkFor(email))).status).toBe(200);
    expect((await stored(user))?.['credentialLimits']).toEqual(before);
  });
});

describe('an administrator', () => {
  it('mails the link to a user, unless the user has more rights or belongs to another tenant', async () => {
    const user = await createUser();
    expect((await requestFor(user, frontDesk)).status).toBe(204);
    expect((await complete(await linkFor(user.email))).status).toBe(200);
    const boss = await createUser();
    await promote(boss);
    const { userId } = user;
    for (const [target, token, status] of [
      [boss, frontDesk, 403],
      [boss, mintToken(user), 403],
      [boss, adminToken('globex'), 404],
      [{ userId: userId.replace(/.{8}$/, '00000000') }, admin, 404],
      [user, admin, 409],
      [await create({}, system), admin, 409],
    ] as const)
      expect(
        (await expectNoWrites(service, () => requestFor(target as Account, token))).status,
      ).toBe(status);
  });

  it('also lets a holder verify an email that an administrator marked as verified', async () => {
    const user = await createUser();
    const item = await stored(user);
    await service.stored.put({ ...item, emailVerified: true, emailVerifiedBy: 'administrator' });
    expect((await requestFor(user, admin)).status).toBe(204);
    expect((await complete(await linkFor(user.email))).status).toBe(200);
    expect(await stored(user)).toMatchObject({ emailVerifiedBy: 'holder' });
  });
});

describe('a new email', () => {
  it('replaces the current one when its link is used', async () => {
    const user = await createLocalUser();
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    const resetLink = await linkFor(user.email);
    const token = await signIn(user);
    const { email, link } = await requestNewEmail(user, token);
    const pending = { email: user.email, emailVerified: false, pendingEmail: email };
    expect(await read(user)).toMatchObject(pending);
    expect((await service.get('/v1/users/me', { token })).body).toMatchObject(pending);
    for (const filter of ['email', 'emailPrefix']) {
      const list = await service.get(`/v1/users?${filter}=${user.email}`, { token: admin });
      expect(list.body.users).toMatchObject([pending]);
    }
    expect((await findMail(email))?.subject).toBe('Verify your new email address for Acme');
    expect((await inspect(link)).body).toMatchObject({ email });

    expect((await complete(link)).body).toMatchObject({ email });
    expect(await read(user)).toMatchObject({ email, emailVerified: true, pendingEmail: null });
    expect((await stored(user))?.['credentialLimits']).toBeUndefined();
    expect((await service.get('/v1/users/me', { token })).status).toBe(200);
    await signIn({ ...user, email });
    const notice = await findMail(user.email, 'is no longer');
    expect(notice?.subject).toBe('Your email address for Acme was changed');
    expect(notice?.text).not.toContain(email);
    const completion = { token: resetLink, password: newPassword };
    expect(await service.post('/v1/auth/password-reset/complete', completion)).toMatchObject(
      unknown,
    );
    expect((await complete(link)).body.code).toBe('email_verification_used');
    clock.advanceBy(minute);
    expect((await requestNewEmail({ ...user, email })).link).not.toBe('');
  });

  it('takes the limit of the credential that requested it', async () => {
    const user = await createLocalUser(frontDesk);
    const password = (await stored(user))?.['credentialLimits'].password;
    expect(password.permissions).toContain('users:create');
    const { link } = await requestNewEmail(user, await signIn(user));
    expect((await complete(link)).status).toBe(200);
    expect((await stored(user))?.['credentialLimits']).toEqual({ password, email: password });
    await promote(user);
    expect((await transfer(user)).body.details.reason).toBe('credentials_limited');
  });

  it('requires a recent sign-in of the holder', async () => {
    const user = await createUser();
    const token = mintToken(user);
    const identity = newIdentity();
    const limited = await create({ authProvider: 'oidc', identity }, frontDesk);
    await promote(limited);
    for (const act of [request, cancel])
      expect(await expectNoWrites(service, () => act(tokenFor(identity)))).toMatchObject({
        status: 403,
      });
    const { key } = await createTokenAppClient(service, 'acme');
    const refuse = async (email: string, caller: string, expected: object) =>
      expect(await expectNoWrites(service, () => requestChange(email, caller))).toMatchObject(
        expected,
      );
    await refuse(newEmail(), tokenFor(identity), { status: 403 });
    const sent = { headers: key };
    expect(await service.post('/v1/users/me/email', { email: newEmail() }, sent)).toMatchObject(
      unknown,
    );
    await refuse(user.email, token, { status: 400, body: { code: 'invalid_input' } });
    await refuse('no address', token, { status: 400 });
    clock.advanceBy(6 * minute);
    await refuse(newEmail(), token, {
      status: 401,
      body: { code: 'insufficient_user_authentication' },
    });
  });

  it('is claimed when the link is used, so a request reveals nothing', async () => {
    const [user, other] = [await createUser(), await createUser()];
    expect((await requestChange(other.email, mintToken(user))).status).toBe(204);
    const link = await linkFor(other.email);
    expect((await inspect(link)).status).toBe(200);
    expect(await complete(link)).toMatchObject({
      status: 409,
      body: { code: 'user_exists', details: { field: 'email' } },
    });
    expect(await read(user)).toMatchObject({ email: user.email, emailVerified: false });
    expect((await change(other, { email: newEmail() }, admin)).status).toBe(200);
    expect((await complete(link)).status).toBe(200);
  });
});

describe('a link', () => {
  it('ends with a newer link, another email, identity or status, and with a cancellation', async () => {
    const ends: [string, (user: Account, token: string) => Promise<{ status: number }>][] = [
      ['email', (user) => change(user, { email: newEmail() }, admin)],
      ['spelling', (user) => change(user, { email: user.email.toUpperCase() }, admin)],
      ['identity', (user) => change(user, { identity: newIdentity() }, admin)],
      [
        'status',
        ({ userId }) => service.post(`/v1/users/${userId}/suspend`, undefined, { token: admin }),
      ],
      ['deletion', ({ userId }) => service.send('DELETE', `/v1/users/${userId}`, { token: admin })],
      ['cancellation', (_user, token) => cancel(token)],
    ];
    for (const [cause, end] of ends) {
      const user = await createUser();
      const token = mintToken(user);
      const isChange = cause !== 'email';
      if (!isChange) await request(token);
      const link = isChange ? (await requestNewEmail(user, token)).link : await linkFor(user.email);
      expect((await inspect(link)).status).toBe(200);
      expect((await end(user, token)).status, cause).toBeLessThan(300);
      for (const use of [inspect, complete])
        expect(await expectNoWrites(service, () => use(link)), cause).toMatchObject(unknown);
    }
    const user = await createUser();
    const token = mintToken(user);
    const { link } = await requestNewEmail(user, token);
    clock.advanceBy(minute);
    const newer = await requestNewEmail(user, token);
    expect(await complete(link)).toMatchObject(unknown);
    expect((await complete(newer.link)).status).toBe(200);
    expect((await expectNoWrites(service, () => cancel(token))).status).toBe(204);
    expect((await complete(newer.link)).body.code).toBe('email_verification_used');
  });

  it('to a new email ends with a new password, but a link to the current email does not', async () => {
    const [user, other] = [await createLocalUser(), await createLocalUser()];
    const { link } = await requestNewEmail(user);
    await request(mintToken(other));
    const ownLink = await linkFor(other.email);
    await reset(user.email);
    await reset(other.email);
    expect(await complete(link)).toMatchObject(unknown);
    expect((await read(user)).pendingEmail).toBeNull();
    expect((await complete(ownLink)).status).toBe(200);
  });

  it('works for its purpose and tenant alone', async () => {
    const user = await createLocalUser();
    const { link } = await requestNewEmail(user);
    const password = newPassword;
    for (const path of ['/v1/auth/password-reset/complete', '/v1/invitations/accept'])
      expect(await service.post(path, { token: link, password })).toMatchObject(unknown);
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    expect(await complete(await linkFor(user.email))).toMatchObject(unknown);
    const headers = { 'x-tenant-id': tenantId.globex };
    const elsewhere = { token: link };
    expect(
      await service.post('/v1/auth/email-verification/complete', elsewhere, { headers }),
    ).toMatchObject(unknown);
    expect((await complete(`${link.slice(0, -2)}AA`)).status).toBe(404);
    expect((await complete(link)).status).toBe(200);
  });

  it('expires after 24 hours', async () => {
    const user = await createUser();
    const token = mintToken(user);
    await request(token);
    const own = await linkFor(user.email);
    const other = await createUser();
    const { link } = await requestNewEmail(other);
    clock.advanceBy(day);
    for (const expired of [own, link])
      expect(await expectNoWrites(service, () => complete(expired))).toMatchObject({
        status: 410,
        body: {
          code: 'email_verification_expired',
          details: { expired: clock.now().toISOString() },
        },
      });
    expect((await read(other)).pendingEmail).toBeNull();
  });

  it('is mailed once a minute and 10 times a day', async () => {
    const user = await createUser();
    expect((await requestFor(user, admin)).status).toBe(204);
    expect((await cancel(mintToken(user))).status).toBe(204);
    const send = async (index: number) => {
      const token = mintToken(user);
      return index % 2 ? requestFor(user, admin) : requestChange(newEmail(), token);
    };
    for (const index of [0, 1])
      expect(await send(index)).toMatchObject({
        status: 429,
        body: { details: { limit: 'verification_interval', retryAfter: 60 } },
      });
    for (let index = 1; index < 10; index++) {
      clock.advanceBy(minute);
      expect((await send(index)).status).toBe(204);
    }
    clock.advanceBy(minute);
    for (const index of [0, 1])
      expect(await send(index)).toMatchObject({
        status: 429,
        body: { details: { limit: 'verification_requests' } },
      });
  });

  it('counts against the daily emails of its recipient', async () => {
    const email = newEmail();
    const links = [];
    for (let index = 0; index < 6; index++) {
      expect((await requestChange(email, mintToken(await createUser()))).status).toBe(204);
      links.push(await linkFor(email));
    }
    expect(new Set(links).size).toBe(5);
  });
});

it('a link leads to the page of the tenant, if it has one', async () => {
  await service.updateTenantItem('acme', { verifyUrl: 'https://app.acme.example/verify' });
  // Longer than tenants are cached.
  clock.advanceBy(minute);
  const user = await createUser();
  expect((await request(mintToken(user))).status).toBe(204);
  const mail = await findMail(user.email);
  expect(mail?.text).toContain('https://app.acme.example/verify#token=');
});
