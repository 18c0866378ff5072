/** Mails about credentials set by another user. */
import { describe, expect, it } from 'vitest';
import {
  createCredentialService,
  admin,
  newEmail,
  newIdentity,
} from '../../support/scenarios/credentials.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { externalIssuer } from '../../support/scenarios/self.ts';

const { service, frontDesk, create, promote, accept, linkFor } = await createCredentialService();
const mailsTo = async (email: string) =>
  (await service.deliverPendingMail()).filter(({ to }) => to.includes(email));

describe('an account with a password', () => {
  it('is announced in a mail that advises resetting the password', async () => {
    const user = await create({ password: goodPassword }, frontDesk);
    const [mail, ...more] = await mailsTo(user.email);
    expect([mail?.subject, more]).toEqual(['Your Acme account was created', []]);
    expect(mail?.text).toContain(`An account at Acme was created for ${user.email} on `);
    expect(mail?.text).toContain(
      'The person who created it also set the password. To choose your own, reset your password',
    );
    expect(mail?.text).not.toContain('inactive');
  });

  it('is announced once for a repeated request', async () => {
    const body = { email: newEmail(), password: goodPassword, locale: 'de' };
    const headers = { 'idempotency-key': body.email };
    for (let index = 0; index < 2; index++)
      await service.post('/v1/users', body, { token: frontDesk, headers });
    expect((await mailsTo(body.email)).map(({ subject }) => subject)).toEqual([
      'Ihr Konto bei Acme wurde angelegt',
    ]);
  });

  it('sends a notice about permissions that a password reset activates', async () => {
    const user = await create({ password: goodPassword }, frontDesk);
    await promote(user);
    await promote(user, ['cradl:role:admin', 'cradl:role:user']);
    const mails = await mailsTo(user.email);
    expect(mails.map(({ subject }) => subject).toSorted()).toEqual([
      'Your Acme account was created',
      'Your permissions for Acme were changed',
    ]);
    const text = mails.find(
      ({ subject }) => subject === 'Your permissions for Acme were changed',
    )?.text;
    expect(text).toContain(
      'Some of your permissions are inactive because someone else set your password. To activate them, reset',
    );
  });
});

describe('the identity of an invited user', () => {
  it('is returned when the link is inspected, and named in a notice after acceptance', async () => {
    const identity = newIdentity();
    const user = await create({ identity }, frontDesk);
    const token = await linkFor(user.email);
    expect((await service.post('/v1/invitations/inspect', { token })).body.identity).toEqual(
      identity,
    );
    await accept(token);
    const notice = (await mailsTo(user.email)).at(-1);
    expect(notice?.subject).toBe('The sign-in service of your Acme account was changed');
    expect(notice?.text).toContain(
      `Your account is now linked to ${new URL(externalIssuer.settings.issuer).host}.`,
    );
  });

  it('is not named in a mail if the deployment does not trust its issuer', async () => {
    const user = await create(
      { identity: { issuer: 'https://evil.example', subject: 'x' } },
      admin,
    );
    await accept(await linkFor(user.email));
    const notice = (await mailsTo(user.email)).at(-1);
    expect(notice?.text).toContain(
      "Your account is now linked to a service that we don't recognize.",
    );
    expect(notice?.text).not.toContain('evil');
  });

  it('is null if the user has none', async () => {
    const user = await create({}, frontDesk);
    const { body } = await service.post('/v1/invitations/inspect', {
      token: await linkFor(user.email),
    });
    expect(body.identity).toBeNull();
  });
});
