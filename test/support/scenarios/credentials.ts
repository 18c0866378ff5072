/** Users who set, learn and use credentials. */
import { expect } from 'vitest';
import type { Permission } from '../../../lib/domain/access/permissions.ts';
import { goodPassword } from '../dialects/create-user.ts';
import { unique } from '../dialects/dialects.ts';
import { parseMailToken } from './mail-delivery.ts';
import { createTestClock } from './user-states.ts';
import { createServiceWithExternalIssuer, externalIssuer } from './self.ts';
import {
  type TestResponse,
  systemToken,
  userToken,
  adminToken,
  type TestRequest,
  tenantId,
} from '../service.ts';

export const newPassword = 'seven-lamps-in-an-orchard';
export const newEmail = (): string => `user-${unique()}@example.com`;
export const admin = adminToken('acme');
export const system = systemToken('acme');
export const getClaims = (token: string) =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
export const newIdentity = () => ({ issuer: 'https://id.example.com', subject: unique() });
/** Recent token of the other issuer for an identity. */
export const tokenFor = (
  { subject }: { readonly subject: string },
  roles: readonly string[] = [],
): string => externalIssuer.mintAccessToken({ sub: subject, tenantId: tenantId.acme, roles });

/** Account in a test. */
export interface Account {
  readonly userId: string;
  readonly email: string;
}

/** Creates a service with two issuers, and a front-desk role that creates and reads users. */
export async function createCredentialService() {
  const clock = createTestClock();
  const service = await createServiceWithExternalIssuer({ now: clock.now });
  await service.updateTenantItem('acme', { administratorsSetPasswords: true });
  const permissions: readonly Permission[] = ['users:create', 'users:read', 'users:update'];
  await service.putRole('acme', { slug: 'front-desk', name: 'Front desk', permissions });
  await service.putRole('acme', {
    slug: 'copier',
    name: 'Copier',
    permissions: [...permissions, 'invitations:copy'],
  });

  const create = async (fields: object, token: string): Promise<Account> => {
    const email = newEmail();
    const { status, body } = await service.post('/v1/users', { email, ...fields }, { token });
    expect(status).toBe(201);
    return { userId: body.userId, email };
  };
  const change = (
    user: Account,
    body: object,
    token: string,
    more: TestRequest = {},
  ): Promise<TestResponse> =>
    service.send('PATCH', `/v1/users/${user.userId}`, {
      token,
      body,
      headers: { 'if-match': '*' },
      ...more,
    });
  const changeInCredible = (name: string, body: object, token: string): Promise<TestResponse> =>
    service.send('PATCH', `/credible/api/v0/users/${name}`, { token, body });
  const signIn = async ({ email }: Account, password = goodPassword): Promise<string> => {
    const answer = await service.post('/v1/auth/token', { tenant: 'acme', email, password });
    expect(answer.status).toBe(200);
    return answer.body.accessToken;
  };
  const linkFor = async (email: string): Promise<string> =>
    (await service.deliverPendingMail())
      .filter(({ to }) => to.includes(email))
      .map(({ text }) => parseMailToken(text))
      .findLast(Boolean) ?? '';

  return {
    service,
    clock,
    frontDesk: userToken('acme', ['front-desk'], 'front-desk'),
    copier: userToken('acme', ['copier'], 'copier'),
    create,
    change,
    changeInCredible,
    signIn,
    promote: async (user: Account, roleIds = ['cradl:role:admin'], token = admin) => {
      expect((await change(user, { roleIds }, token)).status).toBe(200);
    },
    /** Sets a new password by a mailed link. */
    reset: async (email: string, password = newPassword) => {
      expect(
        (await service.post('/v1/auth/password-reset', { tenant: 'acme', email })).status,
      ).toBe(202);
      const completed = await service.post('/v1/auth/password-reset/complete', {
        token: await linkFor(email),
        password,
      });
      expect(completed.status).toBe(200);
    },
    accept: async (token: string, password = goodPassword) => {
      expect((await service.post('/v1/invitations/accept', { token, password })).status).toBe(200);
    },
    linkFor,
    readOwn: (token: string): Promise<TestResponse> => service.get('/v1/users/me', { token }),
    /** True if a token has the permissions of an administrator. */
    isAdministrator: async (token: string): Promise<boolean> => {
      const { status } = await service.post(
        '/v1/users',
        { email: newEmail(), roleIds: ['cradl:role:admin'] },
        { token },
      );
      expect([201, 403]).toContain(status);
      return status === 201;
    },
    transfer: (user: Account, token = system): Promise<TestResponse> =>
      service.post(
        `/v1/tenants/${tenantId.acme}/transfer-ownership`,
        { userId: user.userId },
        { token },
      ),
  };
}
