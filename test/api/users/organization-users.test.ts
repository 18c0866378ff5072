import { describe, expect, it } from 'vitest';
import { createUserIn, unknownUser, type UserRefs } from '../../support/authenticated-routes.ts';
import { createTokenAppClient } from '../../support/tokens/roster-tokens.ts';
import {
  adminToken,
  createTestService,
  systemToken,
  type TestRequest,
  userToken,
} from '../../support/service.ts';

const service = await createTestService();
const lookUp = (name: string, sent: TestRequest, organization = 'acme') =>
  service.get(
    `/credible/api/v0/organizations/${organization}/users/${encodeURIComponent(name)}`,
    sent,
  );
const getEmail = ({ credible }: UserRefs) => `${credible}@example.com`;
const member = { token: userToken('acme', []) };

describe('looking up a user of an organization', () => {
  it('returns the username and email to every caller of the organization', async () => {
    const user = await createUserIn(service, 'acme', { firstName: 'Jo' });
    const client = await createTokenAppClient(service, 'acme', { roles: [] });
    const callers: TestRequest[] = [
      member,
      { token: adminToken('acme') },
      { headers: client.key },
      { token: systemToken('globex') },
    ];
    for (const caller of callers)
      for (const name of [user.credible, getEmail(user), getEmail(user).toUpperCase()]) {
        const { status, body } = await lookUp(name, caller);
        expect({ status, body }).toEqual({
          status: 200,
          body: { userName: user.credible, email: getEmail(user) },
        });
      }
  });

  it('omits a username that the user lacks', async () => {
    const user = await createUserIn(service, 'acme', { userName: undefined });
    const { body } = await lookUp(getEmail(user), member);
    expect(body).toEqual({ email: getEmail(user) });
  });

  it('returns the same 404 for every other name', async () => {
    const elsewhere = await createUserIn(service, 'globex');
    const deleted = await createUserIn(service, 'acme');
    await service.send('DELETE', `/v1/users/${deleted.native}`, { token: adminToken('acme') });
    const names = [
      unknownUser.credible,
      'unknown@example.com',
      elsewhere.credible,
      getEmail(elsewhere),
      deleted.credible,
      getEmail(deleted),
      deleted.native,
      '@',
      'a b',
      'a#b',
      'x'.repeat(2000),
    ];
    const answers: object[] = [];
    for (const name of names) {
      const { status, headers, body } = await lookUp(name, member);
      answers.push({ status, headers: Object.keys(headers), body: { ...body, details: null } });
    }
    expect(answers[0]).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(answers).toEqual(names.map(() => answers[0]));
  });

  it('returns 403 in another organization', async () => {
    const user = await createUserIn(service, 'globex');
    for (const organization of ['globex', 'nobody'])
      expect(await lookUp(user.credible, member, organization)).toMatchObject({
        status: 403,
        body: { code: 'tenant_mismatch' },
      });
  });
});
