/** Users confirm an email or identity that another user set, through a mailed link. */
import { describe, expect, it } from 'vitest';
import { parseUserId } from '../../../lib/domain/kernel/ids.ts';
import { keys } from '../../../lib/store/keys.ts';
import {
  type Account,
  createCredentialService,
  admin,
  newEmail,
  newIdentity,
  newPassword,
  system,
  tokenFor,
} from '../../support/scenarios/credentials.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import { tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const {
  service,
  clock,
  frontDesk,
  create,
  change,
  changeInCredible,
  signIn,
  promote,
  accept,
  linkFor,
  transfer,
} = await createCredentialService();
const request = (credential: string, token: string) =>
  service.post('/v1/users/me/credentials/confirmation', { credential }, { token });
const confirm = (link: string, token: string) =>
  service.post('/v1/users/me/credentials/confirm', { token: link }, { token });
const read = async ({ userId }: Account) =>
  service.stored.item(keys.user(tenantId.acme, parseUserId(userId) ?? ''));
/** Tenants are cached for 30 s. */
const cacheMs = 31_000;
const forbidden = { status: 403, body: { code: 'forbidden' } };
const unknown = { status: 404, body: { code: 'not_found' } };

/** Creates a user with an unlimited password and an email that an administrator changed. */
const createMoved = async (fields: object = {}): Promise<Account> => {
  const user = await create({ password: goodPassword, ...fields }, system);
  const email = newEmail();
  expect((await change(user, { email }, admin)).status).toBe(200);
  return { ...user, email };
};

describe('a limited email', () => {
  it('loses its limit if the user signs in with an unlimited password and opens a mailed link', async () => {
    const user = await createMoved({ roleIds: ['cradl:role:admin'] });
    const token = await signIn(user);
    expect((await transfer(user)).body.details.reason).toBe('credentials_limited');
    expect((await request('email', token)).status).toBe(204);
    const link = await linkFor(user.email);
    const mail = (await service.deliverPendingMail()).findLast(({ to }) => to.includes(user.email));
    expect(mail?.subject).toBe('Confirm your email address for Acme');
    expect(mail?.text).toMatch(/https:\/\/example\.com\/confirm#token=[\w-]{92}&locale=en/);
    expect((await confirm(link, token)).status).toBe(204);
    expect(await read(user)).toMatchObject({ emailVerified: true, emailVerifiedBy: 'holder' });
    expect((await read(user))?.['credentialLimits']).toBeUndefined();
    expect(await expectNoWrites(service, () => confirm(link, token))).toMatchObject(unknown);
    expect((await transfer(user)).status).toBe(200);
  });

  it('cannot be confirmed with a password that another user set', async () => {
    const user = await create({ password: goodPassword }, frontDesk);
    const email = newEmail();
    expect((await change(user, { email }, frontDesk)).status).toBe(200);
    const token = await signIn({ ...user, email });
    const refused = { ...forbidden, body: { code: 'forbidden', details: { credential: 'email' } } };
    expect(await expectNoWrites(service, () => request('email', token))).toMatchObject(refused);
  });

  it('cannot be confirmed with a link that was mailed before another change', async () => {
    const user = await createMoved();
    const token = await signIn(user);
    await request('email', token);
    const link = await linkFor(user.email);
    const email = newEmail();
    expect((await change(user, { email }, admin)).status).toBe(200);
    expect(await expectNoWrites(service, () => confirm(link, token))).toMatchObject(unknown);
  });

  it('accepts one confirmation request per minute, from its user and while it is limited', async () => {
    const user = await createMoved();
    const token = await signIn(user);
    expect((await request('email', token)).status).toBe(204);
    expect(await request('email', token)).toMatchObject({
      status: 429,
      body: { details: { limit: 'confirmation_interval' } },
    });
    const other = await create({ password: goodPassword }, system);
    expect(await request('email', await signIn(other))).toMatchObject({
      status: 400,
      body: { code: 'invalid_input' },
    });
    expect(await confirm(await linkFor(user.email), await signIn(other))).toMatchObject(unknown);
    expect((await request('password', token)).status).toBe(400);
    const client = await createTokenAppClient(service, 'acme');
    const sent = { headers: client.key };
    expect(
      await service.post('/v1/users/me/credentials/confirmation', { credential: 'email' }, sent),
    ).toMatchObject(unknown);
  });

  it('is confirmed on the confirmation page of the tenant', async () => {
    for (const confirmUrl of ['https://app.acme.example/confirm-email', undefined]) {
      await service.updateTenantItem('acme', { confirmUrl });
      clock.advanceBy(cacheMs);
      const user = await createMoved({ locale: 'de' });
      const sent = {
        token: await signIn(user),
        host: 'evil.example',
        headers: { 'x-forwarded-host': 'evil.example', origin: 'https://evil.example' },
      };
      expect(
        (await service.post('/v1/users/me/credentials/confirmation', { credential: 'email' }, sent))
          .status,
      ).toBe(204);
      const mail = (await service.deliverPendingMail()).findLast(({ to }) =>
        to.includes(user.email),
      );
      const [page, fragment] = (/https:\S+/.exec(mail?.text ?? '')?.[0] ?? '').split('#');
      expect([page, mail?.html?.includes(`"${page}#`)]).toEqual([
        confirmUrl ?? 'https://example.com/confirm',
        true,
      ]);
      expect(fragment).toMatch(/^token=[\w-]{92}&locale=de$/);
    }
  });

  it('cannot be confirmed with a link of another kind', async () => {
    const user = await createMoved();
    await service.post('/v1/auth/password-reset', { tenant: 'acme', email: user.email });
    const reset = await linkFor(user.email);
    const token = await signIn(user);
    await request('email', token);
    expect(await confirm(reset, token)).toMatchObject(unknown);
    const link = await linkFor(user.email);
    const completion = { token: link, password: newPassword };
    expect(await service.post('/v1/auth/password-reset/complete', completion)).toMatchObject(
      unknown,
    );
  });
});

describe('a limited identity', () => {
  it('loses its limit through its own token and a link mailed to the user', async () => {
    const identity = newIdentity();
    const user = await create({ identity }, frontDesk);
    await accept(await linkFor(user.email));
    await promote(user);
    const token = tokenFor(identity);
    expect(await request('identity', await signIn(user))).toMatchObject(forbidden);
    expect((await request('identity', token)).status).toBe(204);
    const link = await linkFor(user.email);
    const refused = {
      ...forbidden,
      body: { code: 'forbidden', details: { credential: 'identity' } },
    };
    expect(await confirm(link, await signIn(user))).toMatchObject(refused);
    expect((await confirm(link, token)).status).toBe(204);
    expect((await read(user))?.['credentialLimits']).toBeUndefined();
    expect((await service.get('/v1/users/me', { token })).status).toBe(200);
  });

  it('keeps its limit while the email is limited or unverified', async () => {
    const identity = newIdentity();
    const user = await create({ password: goodPassword, identity }, frontDesk);
    expect(await request('identity', tokenFor(identity))).toMatchObject(forbidden);
    const moved = await create({ identity: newIdentity() }, frontDesk);
    await accept(await linkFor(moved.email));
    const next = newIdentity();
    expect((await change(moved, { email: newEmail(), identity: next }, frontDesk)).status).toBe(
      200,
    );
    expect(await request('identity', tokenFor(next))).toMatchObject(forbidden);
    expect(
      await changeInCredible(user.email, { email: newEmail() }, tokenFor(identity)),
    ).toMatchObject(forbidden);
  });
});

describe('after an hour', () => {
  it('a confirmation link has expired', async () => {
    const user = await createMoved();
    await request('email', await signIn(user));
    const link = await linkFor(user.email);
    clock.advanceBy(3_600_000);
    const late = clock.aTokenOf('acme', [], user.userId);
    expect(await expectNoWrites(service, () => confirm(link, late))).toMatchObject({
      status: 410,
      body: { code: 'confirmation_expired' },
    });
  });
});
