/** The owner of a tenant is always an active administrator, even with concurrent changes [K18]. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { createUserIn, type UserRefs, verifyEmail } from '../../support/authenticated-routes.ts';
import {
  createFaultyService,
  type Fault,
  faultsInOrder,
  dropResponse,
  passThrough,
} from '../../support/faults/fault-proxy.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import {
  type TestResponse,
  systemToken,
  userToken,
  adminToken,
  issuer,
  type TestRequest,
  tenantId,
} from '../../support/service.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';

const clock = createTestClock();
const { service, database } = await createFaultyService({ now: clock.now });
// Allows administrators to set passwords. Only the ownership protects the owner's password.
await service.updateTenantItem('acme', { administratorsSetPasswords: true });
const system = systemToken('acme');
const admin = { password: 'tangled-orchard-7-lamps', roleIds: ['cradl:role:admin'] };
const newAdmin = async (more: object = {}): Promise<UserRefs> => {
  const user = await createUserIn(service, 'acme', { ...admin, ...more }, system);
  await verifyEmail(service, tenantId.acme, user.jitsudo);
  return user;
};
const as = ({ native }: UserRefs) => clock.aTokenOf('acme', ['admin'], native);
const transfers = (
  user: Pick<UserRefs, 'native'>,
  token = system,
  headers = {},
): Promise<TestResponse> =>
  service.post(
    `/v1/tenants/${tenantId.acme}/transfer-ownership`,
    { userId: user.native },
    { token, headers },
  );
const acts = (
  method: string,
  user: UserRefs,
  path = '',
  sent: TestRequest = {},
): Promise<TestResponse> =>
  service.send(method, `/v1/users/${user.native}${path}`, { token: system, ...sent });
const suspends = (user: UserRefs) => acts('POST', user, '/suspend');
const deletes = (user: UserRefs) => acts('DELETE', user);
const demotes = (user: UserRefs) =>
  acts('PATCH', user, '', { body: { roleIds: [] }, headers: { 'if-match': '*' } });
const setPassword = ({ credible }: UserRefs) =>
  service.send('PATCH', `/credible/api/v0/users/${credible}`, {
    token: system,
    body: { password: 'seven-lamps-in-an-orchard' },
  });
/** Creates an administrator and runs an operation on it. */
const createAdminAfter = async (
  act: (user: UserRefs) => Promise<TestResponse>,
): Promise<UserRefs> => {
  const user = await newAdmin();
  expect((await act(user)).status).toBeLessThan(300);
  return user;
};
const operations = [
  ['suspended', suspends],
  ['deleted', deletes],
  ['demoted', demotes],
] as const;

/** Current owner, read from both tables. */
const getOwner = async () => {
  const owner = (await service.stored.item(keys.tenant(tenantId.acme)))?.['ownerUserId'];
  return owner === undefined ? undefined : service.stored.item(keys.user(tenantId.acme, owner));
};
const expectActiveOwner = async () =>
  expect(await getOwner()).toMatchObject({ status: 'active', roles: ['admin'] });

const transferNotice =
  'Only the owner or a system administrator can transfer the ownership of a tenant.';

describe('the ownership of a tenant', () => {
  it('can be transferred to an active administrator, and protects only the new owner at once', async () => {
    const [first, second] = [await newAdmin(), await newAdmin()];
    expect(await transfers(first)).toMatchObject({
      status: 200,
      body: { ownerUserId: first.native },
    });
    expect(await transfers(second)).toMatchObject({
      status: 200,
      body: { ownerUserId: second.native },
    });
    expect((await acts('GET', second, '/export')).body.changes).toMatchObject([
      { action: 'becomeOwner', version: 2, by: 'system' },
    ]);
    // The cached tenant has no owner.
    for (const [, act] of operations)
      expect(await expectNoWrites(service, () => act(second))).toMatchObject({
        status: 409,
        body: { code: 'owner_protected' },
      });
    expect((await suspends(first)).status).toBe(200);
    await expectActiveOwner();
  });

  it.each<[string, () => Promise<Pick<UserRefs, 'native'>>, number, string]>([
    [
      'a user without the role admin',
      () => createUserIn(service, 'acme', { ...admin, roleIds: ['cradl:role:user'] }),
      409,
      'not_administrator',
    ],
    [
      'an invited user',
      () => createUserIn(service, 'acme', { roleIds: ['cradl:role:admin'] }),
      409,
      'not_active',
    ],
    ['a suspended user', () => createAdminAfter(suspends), 409, 'not_active'],
    [
      'a user whose password an administrator set',
      () => createAdminAfter(setPassword),
      409,
      'password_set_by_administrator',
    ],
    ['a deleted user', () => createAdminAfter(deletes), 404, 'not_found'],
    [
      'an administrator of another tenant',
      () => createUserIn(service, 'globex', admin),
      404,
      'not_found',
    ],
    ['an unknown user', async () => ({ native: `cradl:user:${'0'.repeat(32)}` }), 404, 'not_found'],
    ['an unknown user ID', async () => ({ native: 'cradl:user:me' }), 404, 'not_found'],
    ['a value that is not a user ID', async () => ({ native: 'me' }), 400, 'invalid_input'],
  ])('cannot be transferred to %s', async (_, createTarget, status, code) => {
    const user = await createTarget();
    const expected =
      status === 409 ? { code: 'owner_ineligible', details: { reason: code } } : { code };
    expect(await expectNoWrites(service, () => transfers(user))).toMatchObject({
      status,
      body: expected,
    });
  });

  it('can be transferred by the owner and by no other administrator', async () => {
    const [owner, next] = [await newAdmin(), await newAdmin()];
    const uppercaseToken = userToken('acme', ['admin'], owner.native.toUpperCase());
    await transfers(owner);
    clock.advanceBy(31_000);
    for (const token of [adminToken('acme'), as(next), uppercaseToken])
      expect(await expectNoWrites(service, () => transfers(next, token))).toMatchObject({
        status: 403,
        body: { notices: [transferNotice] },
      });
    expect(await transfers(next, as(owner))).toMatchObject({
      status: 200,
      body: { ownerUserId: next.native },
    });

    // The tenant, cached for 30 s, still has the previous owner.
    expect(await expectNoWrites(service, () => transfers(owner, as(owner)))).toMatchObject({
      status: 403,
      body: { notices: [transferNotice] },
    });
    clock.advanceBy(31_000);
    expect(await expectNoWrites(service, () => transfers(owner, as(owner)))).toMatchObject({
      status: 403,
      body: { notices: [transferNotice] },
    });
    expect((await transfers(owner, as(next))).status).toBe(200);
  });

  it('can be assigned only by a system administrator if there is no owner', async () => {
    const next = await createUserIn(service, 'globex', admin, systemToken('globex'));
    await verifyEmail(service, tenantId.globex, next.jitsudo);
    const path = `/tenants/${tenantId.globex}`;
    const headers = { 'x-tenant-id': tenantId.globex };
    const account = issuer.mintAccessToken({
      sub: next.native,
      tenantId: tenantId.globex,
      roles: ['admin'],
    });
    for (const token of [adminToken('globex'), account])
      await expectNoWrites(service, async () => {
        const native = await service.post(
          `/v1${path}/transfer-ownership`,
          { userId: next.native },
          { token },
        );
        const jitsudo = await service.send('PUT', `/jitsudo/v1${path}`, {
          token,
          headers,
          body: { owner_user_id: next.jitsudo },
        });
        for (const answer of [native, jitsudo])
          expect(answer).toMatchObject({ status: 403, body: { notices: [transferNotice] } });
      });
    expect(
      (
        await service.post(
          `/v1${path}/transfer-ownership`,
          { userId: next.native },
          { token: system },
        )
      ).status,
    ).toBe(200);
  });

  it('includes the setting that lets administrators set passwords', async () => {
    const [owner, other] = [await newAdmin(), await newAdmin()];
    await transfers(owner);
    clock.advanceBy(31_000);
    const says = (administratorsSetPasswords: boolean, token: string) =>
      service.send('PATCH', `/v1/tenants/${tenantId.acme}`, {
        token,
        body: { administratorsSetPasswords },
      });
    expect(await expectNoWrites(service, () => says(true, as(other)))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    for (const allows of [false, true])
      expect(await says(allows, as(owner))).toMatchObject({
        status: 200,
        body: { administratorsSetPasswords: allows },
      });

    // The tenant, cached for 30 s, still has the previous owner.
    await transfers(other);
    expect(await expectNoWrites(service, () => says(false, as(owner)))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });

  it('cannot be transferred by an owner whose password another user set', async () => {
    const [owner, next] = [await newAdmin(), await newAdmin()];
    await transfers(owner);
    clock.advanceBy(31_000);
    const password = 'seven-lamps-in-an-orchard';
    const sets = (token: string) =>
      service.send('PATCH', `/credible/api/v0/users/${owner.credible}`, {
        token,
        body: { password },
      });
    expect((await expectNoWrites(service, () => sets(as(next)))).status).toBe(403);
    expect((await sets(system)).status).toBe(200);
    const { body } = await service.post('/v1/auth/token', {
      tenant: 'acme',
      userName: owner.credible,
      password,
    });
    for (const token of [String(body.accessToken), as(owner)]) {
      expect(await expectNoWrites(service, () => transfers(next, token))).toMatchObject({
        status: 403,
        body: { notices: [transferNotice] },
      });
    }
  });

  it('returns 412 if the tenant changed after the version in If-Match', async () => {
    const [first, second] = [await newAdmin(), await newAdmin()];
    const { headers } = await transfers(first);
    expect((await transfers(second, system, { 'if-match': '"1"' })).status).toBe(412);
    expect((await transfers(second, system, { 'if-match': String(headers['etag']) })).status).toBe(
      200,
    );
    expect((await getOwner())?.['userId']).toBe(second.jitsudo);
  });

  it('does not change in a transfer to the current owner', async () => {
    const owner = await newAdmin();
    await transfers(owner);
    expect((await expectNoWrites(service, () => transfers(owner))).status).toBe(200);
  });
});

describe('the credentials of the owner', () => {
  const credentialsNotice =
    "Only the owner or a system administrator can change the owner's credentials.";
  const newCredentials = () => ({
    email: { email: `${randomUUID()}@elsewhere.example.com` },
    identity: { identity: { issuer: 'https://elsewhere.example.com', subject: randomUUID() } },
    password: { password: 'another-orchard-9-lamps' },
  });
  const changes = (
    user: UserRefs,
    what: keyof ReturnType<typeof newCredentials>,
    token: string,
  ) => {
    const path =
      what === 'password' ? `/credible/api/v0/users/${user.credible}` : `/v1/users/${user.native}`;
    return service.send('PATCH', path, {
      token,
      body: newCredentials()[what],
      headers: { 'x-tenant-id': tenantId.acme },
    });
  };
  const externalFields = () => ({
    authProvider: 'oidc',
    password: undefined,
    identity: { issuer: 'https://id.example.com', subject: randomUUID() },
  });

  it.each([
    ['email', () => ({})],
    ['password', () => ({})],
    ['identity', externalFields],
  ] as const)('cannot be changed by another administrator: %s', async (what, more) => {
    const [owner, other] = [await newAdmin(more()), await newAdmin(more())];
    await transfers(owner);
    for (const token of [adminToken('acme'), as(other)])
      expect(await expectNoWrites(service, () => changes(owner, what, token))).toMatchObject({
        status: 403,
        body: { notices: [credentialsNotice] },
      });
    expect((await changes(other, what, adminToken('acme'))).status).toBe(200);
    expect((await changes(owner, what, as(owner))).status).toBe(200);
    expect((await changes(owner, what, system)).status).toBe(200);
  });

  it('can be sent back unchanged with other changes', async () => {
    const owner = await newAdmin();
    await transfers(owner);
    const { body } = await acts('GET', owner);
    const sent = await acts('PATCH', owner, '', {
      token: adminToken('acme'),
      body: { email: body.email, identity: null, name: 'Jo' },
    });
    expect(sent).toMatchObject({ status: 200, body: { name: 'Jo' } });
  });

  it('cannot be set through a copied invitation link', async () => {
    await service.putRole('acme', { slug: 'copier', permissions: ['invitations:copy'] });
    const invited = await createUserIn(service, 'acme', { roleIds: ['cradl:role:admin'] });
    await service.updateTenantItem('acme', { ownerUserId: invited.jitsudo });
    clock.advanceBy(31_000);
    const copies = (token: string) => acts('POST', invited, '/invitation/link', { token });
    const response = await expectNoWrites(service, () =>
      copies(userToken('acme', ['admin', 'copier'])),
    );
    expect(response).toMatchObject({ status: 403, body: { notices: [credentialsNotice] } });
    expect((await copies(system)).status).toBe(200);
    await transfers(await newAdmin());
  });
});

describe('concurrent requests', () => {
  /** Runs an action just before the next transaction arrives. */
  const comesSecondTo = (act: () => Promise<TestResponse>, then: Fault = passThrough): Fault => {
    return async (exchange) => {
      expect((await act()).status).toBeLessThan(300);
      await then(exchange);
    };
  };
  const after = async (first: () => Promise<TestResponse>, second: () => Promise<TestResponse>) => {
    database.goesWrong(faultsInOrder('TransactWriteItems', comesSecondTo(first)));
    const answer = await second();
    database.isWell();
    return answer;
  };

  it.each(operations)(
    'do not transfer the ownership to a user who has just been %s',
    async (_, act) => {
      const [owner, next] = [await newAdmin(), await newAdmin()];
      await transfers(owner);
      const answer = await after(
        () => act(next),
        () => transfers(next),
      );
      expect([404, 409]).toContain(answer.status);
      expect((await getOwner())?.['userId']).toBe(owner.jitsudo);
      await expectActiveOwner();
    },
  );

  it.each(operations)('return 409 if a new owner would be %s', async (_, act) => {
    const [owner, next] = [await newAdmin(), await newAdmin()];
    await transfers(owner);
    const answer = await after(
      () => transfers(next),
      () => act(next),
    );
    expect(answer).toMatchObject({ status: 409, body: { code: 'owner_protected' } });
    expect((await getOwner())?.['userId']).toBe(next.jitsudo);
    await expectActiveOwner();
  });

  it('to transfer the ownership protect only the final owner', async () => {
    const [one, other] = [await newAdmin(), await newAdmin()];
    const answers = await Promise.all([transfers(one), transfers(other)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const [owner, former] =
      (await getOwner())?.['userId'] === one.jitsudo ? [one, other] : [other, one];
    expect((await suspends(owner)).status).toBe(409);
    expect((await suspends(former)).status).toBe(200);
  });

  it('do not repeat a transfer after a lost response', async () => {
    const next = await newAdmin();
    database.goesWrong(faultsInOrder('TransactWriteItems', dropResponse));
    expect(await transfers(next)).toMatchObject({
      status: 200,
      body: { ownerUserId: next.native },
    });
    database.isWell();
    expect((await acts('GET', next, '/export')).body.changes).toHaveLength(1);
  });

  it('on 10 users leave an active administrator as the owner', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => newAdmin()));
    await transfers(people[0]!);
    const all = people.flatMap((user, index) => [
      () => transfers(user),
      () => operations[index % 3]![1](user),
    ]);
    const answers = await Promise.all(all.map((act) => act()));
    for (const { status } of answers) expect([200, 204, 404, 409]).toContain(status);
    await expectActiveOwner();
  });
});
