import { describe, expect, it } from 'vitest';
import { createIssuer } from '../../../infra/local/fakes/issuer.ts';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { unique } from '../../support/dialects/dialects.ts';
import {
  createTestClock,
  createUserWithStatus,
  requestTransition,
  getStatus,
} from '../../support/scenarios/user-states.ts';
import {
  adminToken,
  createTestService,
  systemToken,
  issuer,
  type TestRequest,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

/** Issuer whose subjects are not user IDs of Roster. Its users are found by their identity. */
const externalIssuer = createIssuer({ issuer: 'https://id.example.com' });
const clock = createTestClock();
const service = await createTestService({
  now: clock.now,
  environment: {
    ISSUERS: JSON.stringify([
      issuer.settings,
      { ...externalIssuer.settings, subjectsAreUsers: false },
    ]),
  },
});
const token = adminToken('acme');

/** All operations that suspend or remove a user. */
const removals = [
  [
    'a suspension',
    (user: UserRefs, sent: TestRequest) =>
      requestTransition(service, 'POST', user, '/suspend', sent),
  ],
  [
    'a deletion',
    (user: UserRefs, sent: TestRequest) => requestTransition(service, 'DELETE', user, '', sent),
  ],
  [
    'an erasure',
    (user: UserRefs, sent: TestRequest) => requestTransition(service, 'POST', user, '/erase', sent),
  ],
  [
    'a deletion in Cradl',
    (user: UserRefs, sent: TestRequest) =>
      service.send('DELETE', `/cradl/v1/users/${user.cradl}`, sent),
  ],
  [
    'a suspension in JITSudo',
    (user: UserRefs, sent: TestRequest) =>
      service.post(`/jitsudo/v1/users/${user.jitsudo}/suspend`, { active: false }, inAcme(sent)),
  ],
  [
    'an erasure in JITSudo',
    (user: UserRefs, sent: TestRequest) =>
      service.send('DELETE', `/jitsudo/v1/users/${user.jitsudo}`, inAcme(sent)),
  ],
] as const;
const inAcme = (sent: TestRequest): TestRequest => ({
  ...sent,
  headers: { 'x-tenant-id': tenantId.acme },
});

describe('a suspension [L08]', () => {
  it('is visible in every response, and so is a reactivation', async () => {
    const user = await createUserWithStatus('active', service, { roleIds: ['cradl:role:user'] });
    const me = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.acme });
    const readEverywhere = async () => {
      const jitsudo = { token, headers: { 'x-tenant-id': tenantId.acme } };
      return {
        native: (await requestTransition(service, 'GET', user)).body.status,
        own: (await service.get('/v1/users/me', { token: me })).status,
        ownInCredible: (
          await service.send('PATCH', `/credible/api/v0/users/${user.credible}`, {
            token: me,
            body: { firstName: 'Jo' },
          })
        ).status,
        listed: (await service.get(`/v1/users?emailPrefix=${user.credible}`, { token })).body
          .users[0].status,
        active: (
          await service.get(`/v1/users?emailPrefix=${user.credible}&status=active`, { token })
        ).body.users.length,
        cradl: (await service.get(`/cradl/v1/users/${user.cradl}`, { token })).body.status,
        jitsudo: (await service.get(`/jitsudo/v1/users/${user.jitsudo}`, jitsudo)).body.active,
        credible: (await service.get(`/credible/api/v0/users/${user.credible}`, { token })).status,
      };
    };
    const active = {
      native: 'active',
      own: 200,
      ownInCredible: 200,
      listed: 'active',
      active: 1,
      cradl: 'active',
      jitsudo: true,
      credible: 200,
    };
    const inactive = {
      native: 'inactive',
      own: 403,
      ownInCredible: 403,
      listed: 'inactive',
      active: 0,
      cradl: 'inactive',
      jitsudo: false,
      credible: 200,
    };
    expect(await readEverywhere()).toEqual(active);
    await requestTransition(service, 'POST', user, '/suspend');
    expect(await readEverywhere()).toEqual(inactive);
    await requestTransition(service, 'POST', user, '/reactivate');
    expect(await readEverywhere()).toEqual(active);
  });
});

describe('the owner of a tenant', () => {
  it.each(removals)(
    'is protected from %s, even by a system administrator, until the ownership is transferred',
    async (_way, act) => {
      const user = await createUserWithStatus('active', service);
      const setOwner = async (ownerUserId?: string) => {
        await service.updateTenantItem('acme', { ownerUserId });
        // Tenants are cached for up to 30 s.
        clock.advanceBy(31_000);
      };
      await setOwner(user.jitsudo);
      for (const as of [token, systemToken('acme')])
        expect(await expectNoWrites(service, () => act(user, { token: as }))).toMatchObject({
          status: 409,
          body: { code: 'owner_protected' },
        });
      expect((await requestTransition(service, 'GET', user)).body.isOwner).toBe(true);
      await setOwner();
      expect((await act(user, { token })).status).toBeLessThan(300);
    },
  );
});

describe('a caller', () => {
  const admin = { roleIds: ['cradl:role:admin'] };
  const callers = [
    [
      'whose ID is the subject of the token',
      async () => {
        const user = await createUserWithStatus('active', service, admin);
        return {
          user,
          as: issuer.mintAccessToken({
            sub: user.native,
            tenantId: tenantId.acme,
            roles: ['admin'],
          }),
        };
      },
    ],
    [
      'whose UUID is the subject of the token',
      async () => {
        const user = await createUserWithStatus('active', service, admin);
        return {
          user,
          as: issuer.mintAccessToken({
            sub: user.jitsudo.toUpperCase(),
            tenantId: tenantId.acme,
            roles: ['admin'],
          }),
        };
      },
    ],
    [
      'whose identity is the issuer and subject of the token',
      async () => {
        const subject = unique();
        const user = await createUserWithStatus('active', service, {
          ...admin,
          identity: { issuer: 'https://id.example.com', subject },
        });
        return {
          user,
          as: externalIssuer.mintAccessToken({
            sub: subject,
            tenantId: tenantId.acme,
            roles: ['admin'],
          }),
        };
      },
    ],
  ] as const;
  const cases = callers.flatMap(([who, self]) =>
    removals.map(([way, act]) => [who, way, self, act] as const),
  );

  it.each(cases)('%s cannot request %s of their own account', async (_who, _way, self, act) => {
    const { user, as } = await self();
    const answer = await expectNoWrites(service, () => act(user, { token: as }));
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'self_protected', message: 'You cannot suspend or delete your own account' },
    });
    expect(
      (
        await act(await createUserIn(service, 'acme', { password: 'tangled-orchard-7-lamps' }), {
          token: as,
        })
      ).status,
    ).toBeLessThan(300);
  });

  it('with a subject of another issuer that looks like a user ID is a different user', async () => {
    const user = await createUserWithStatus('active', service, admin);
    const as = externalIssuer.mintAccessToken({
      sub: user.native,
      tenantId: tenantId.acme,
      roles: ['admin'],
    });
    expect((await requestTransition(service, 'POST', user, '/suspend', { token: as })).status).toBe(
      200,
    );
    expect(await getStatus(service, user)).toBe('inactive');
  });
});
