/** Credentials that another principal set carry no more rights than their setter held. */
import { describe, expect, it } from 'vitest';
import { goodPassword } from './creations.ts';
import { unique } from './dialect-adapters.ts';
import { anAdminOf, type Answer, aService, aSystemAdministrator, aTokenOf } from './steps.ts';

const service = await aService();
await service.hasRole('acme', { slug: 'front-desk', name: 'Front desk', permissions: ['users:create', 'users:read'] });
const frontDesk = aTokenOf('acme', ['front-desk'], 'front-desk');
const admin = anAdminOf('acme');
const newEmail = () => `user-${unique()}@example.com`;

/** Signs in with the password and returns the access token. */
const signIn = async (email: string, password = goodPassword): Promise<string> => {
  const answer = await service.posts('/v1/auth/token', { tenant: 'acme', email, password });
  expect(answer.status).toBe(200);
  return answer.body.accessToken;
};
const getClaims = (token: string) => JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
const promote = async ({ body }: Answer, roleIds = ['cradl:role:admin']) => {
  const patch = { token: admin, headers: { 'if-match': '*' }, body: { roleIds } };
  expect((await service.send('PATCH', `/v1/users/${body.userId}`, patch)).status).toBe(200);
};

describe('a password that another principal set at create', () => {
  it('keeps the rights of its setter after a promotion [SEC-2]', async () => {
    const email = newEmail();
    const created = await service.posts('/v1/users', { email, password: goodPassword }, { token: frontDesk });
    expect(created.status).toBe(201);
    await promote(created);
    const token = await signIn(email);
    const escalation = await service.posts('/v1/users', { email: newEmail(), roleIds: ['cradl:role:admin'] }, { token });
    expect(escalation).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect((await service.posts('/v1/users', { email: newEmail() }, { token })).status).toBe(201);
    expect((await service.send('DELETE', `/v1/users/${created.body.userId}`, { token })).status).toBe(403);
    expect(getClaims(token).roles).toEqual([]);
  });

  it('has no limit if a system administrator set it', async () => {
    const email = newEmail();
    const created = await service.posts('/v1/users', { email, password: goodPassword }, { token: aSystemAdministrator('acme') });
    await promote(created);
    const token = await signIn(email);
    expect((await service.posts('/v1/users', { email: newEmail(), roleIds: ['cradl:role:admin'] }, { token })).status).toBe(201);
    expect(getClaims(token).roles).toEqual(['admin']);
  });
});
