/** Users need the current password or a recent sign-in to change their credentials (RFC 9470). */
import { describe, expect, it } from 'vitest';
import { goodPassword } from '../../support/dialects/create-user.ts';
import {
  type Account,
  createCredentialService,
  getClaims,
  newEmail,
  newIdentity,
  newPassword,
  system,
  tokenFor,
} from '../../support/scenarios/credentials.ts';
import { externalIssuer } from '../../support/scenarios/self.ts';
import { issuer, tenantId } from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const steps = await createCredentialService();
const { service, clock, create, change, changeInCredible, signIn } = steps;
const seconds = () => Math.floor(clock.now().getTime() / 1000);
const insufficient = {
  status: 401,
  headers: {
    'www-authenticate': expect.stringMatching(
      /^Bearer error="insufficient_user_authentication", error_description="[^"]+", max_age="300"$/,
    ),
  },
  body: { code: 'insufficient_user_authentication', details: { maxAge: 300 } },
};
const mint = ({ userId }: Account, claims: object) =>
  issuer.mint({
    iss: issuer.settings.issuer,
    aud: 'roster',
    sub: userId,
    tenant_id: tenantId.acme,
    roles: ['admin'],
    iat: seconds(),
    exp: seconds() + 3600,
    ...claims,
  });

describe('a stolen token from an old sign-in', () => {
  it.each([
    ['password', () => ({ password: newPassword })],
    ['email', () => ({ email: newEmail() })],
    ['username', () => ({ userName: `name-${Date.now()}` })],
  ])('cannot change the %s through Credible [SEC-15]', async (_credential, fields) => {
    const user = await create({ password: goodPassword }, system);
    const token = await signIn(user);
    const { auth_time: signInTime, iat } = getClaims(token);
    // The second can change between the sign-in and the token.
    expect([0, 1]).toContain(iat - signInTime);
    clock.advanceBy(301_000);
    expect(
      await expectNoWrites(service, () => changeInCredible(user.email, fields(), token)),
    ).toMatchObject(insufficient);
    expect(
      (await changeInCredible(user.email, { firstName: 'Jo', email: user.email }, token)).status,
    ).toBe(200);
    expect((await changeInCredible(user.email, fields(), await signIn(user))).status).toBe(200);
  });

  it.each([
    ['email', () => ({ email: newEmail() })],
    ['identity', () => ({ identity: newIdentity() })],
  ])(
    'cannot change the %s of its own administrator in the native API',
    async (_credential, fields) => {
      const user = await create({ password: goodPassword, roleIds: ['cradl:role:admin'] }, system);
      const token = await signIn(user);
      clock.advanceBy(301_000);
      expect(await expectNoWrites(service, () => change(user, fields(), token))).toMatchObject(
        insufficient,
      );
      expect((await change(user, { name: 'Jo' }, token)).status).toBe(200);
      const other = await create({ password: goodPassword }, system);
      expect((await change(other, fields(), token)).status).toBe(200);
    },
  );

  it('can change the password only with the current one', async () => {
    const user = await create({ password: goodPassword }, system);
    const token = await signIn(user);
    clock.advanceBy(301_000);
    const changePassword = (currentPassword: string) =>
      service.post('/v1/users/me/password', { currentPassword, newPassword }, { token });
    expect((await changePassword('not-the-current-password')).status).toBe(400);
    expect((await changePassword(goodPassword)).status).toBe(204);
  });
});

describe('a token of another issuer', () => {
  it.each([
    ['is absent', {}, false],
    ['is 290 s old', { auth_time: () => seconds() - 290 }, true],
    ['is 310 s old', { auth_time: () => seconds() - 310 }, false],
    ['is a string', { auth_time: () => String(seconds()) }, false],
    ['is in the future', { auth_time: () => seconds() + 3600 }, false],
  ])('is checked by auth_time, which %s', async (_case, claims, isEnough) => {
    const user = await create({ password: goodPassword }, system);
    const token = mint(
      user,
      Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, value()])),
    );
    const answer = await changeInCredible(user.email, { email: newEmail() }, token);
    expect(answer).toMatchObject(isEnough ? { status: 200 } : insufficient);
  });

  it('is also checked if an identity without a limit identifies the user', async () => {
    const identity = newIdentity();
    const user = await create({ password: goodPassword, identity }, system);
    const old = externalIssuer.mint({
      ...getClaims(tokenFor(identity)),
      auth_time: seconds() - 400,
    });
    expect(await changeInCredible(user.email, { email: newEmail() }, old)).toMatchObject(
      insufficient,
    );
    expect(
      (await changeInCredible(user.email, { email: newEmail() }, tokenFor(identity))).status,
    ).toBe(401);
  });
});
