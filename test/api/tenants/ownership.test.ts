/** K18: a tenant that has an owner always has one who is active and its administrator, whoever does what at the same time. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../lib/store/keys.ts';
import { aUserIn, type Named, verifyEmail } from '../../support/authenticated-routes.ts';
import {
  aFaultyService,
  type Fault,
  inTurn,
  losesItsAnswer,
  passes,
} from '../../support/faults/fault-proxy.ts';
import { aClock } from '../../support/scenarios/user-states.ts';
import {
  type Answer,
  aSystemAdministrator,
  aTokenOf,
  anAdminOf,
  issuer,
  type Sent,
  tenantId,
} from '../../support/service.ts';
import { withoutEffect } from '../../support/expect-no-writes.ts';

const clock = aClock();
const { service, database } = await aFaultyService({ now: clock.now });
// So that what keeps administrators from setting the owner's password is whose it is.
await service.hasTenant('acme', { administratorsSetPasswords: true });
const system = aSystemAdministrator('acme');
const admin = { password: 'tangled-orchard-7-lamps', roleIds: ['cradl:role:admin'] };
const anAdmin = async (more: object = {}): Promise<Named> => {
  const user = await aUserIn(service, 'acme', { ...admin, ...more }, system);
  await verifyEmail(service, tenantId.acme, user.jitsudo);
  return user;
};
const as = ({ native }: Named) => clock.aTokenOf('acme', ['admin'], native);
const transfers = (user: Pick<Named, 'native'>, token = system, headers = {}): Promise<Answer> =>
  service.posts(
    `/v1/tenants/${tenantId.acme}/transfer-ownership`,
    { userId: user.native },
    { token, headers },
  );
const acts = (method: string, user: Named, path = '', sent: Sent = {}): Promise<Answer> =>
  service.send(method, `/v1/users/${user.native}${path}`, { token: system, ...sent });
const suspends = (user: Named) => acts('POST', user, '/suspend');
const deletes = (user: Named) => acts('DELETE', user);
const demotes = (user: Named) =>
  acts('PATCH', user, '', { body: { roleIds: [] }, headers: { 'if-match': '*' } });
const getsAPassword = ({ credible }: Named) =>
  service.send('PATCH', `/credible/api/v0/users/${credible}`, {
    token: system,
    body: { password: 'seven-lamps-in-an-orchard' },
  });
/** One to whom this has been done. */
const anAdminWho = async (act: (user: Named) => Promise<Answer>): Promise<Named> => {
  const user = await anAdmin();
  expect((await act(user)).status).toBeLessThan(300);
  return user;
};
const ways = [
  ['suspended', suspends],
  ['deleted', deletes],
  ['demoted', demotes],
] as const;

/** The owner as both tables have it. */
const ownerOf = async () => {
  const owner = (await service.stored.item(keys.tenant(tenantId.acme)))?.['ownerUserId'];
  return owner === undefined ? undefined : service.stored.item(keys.user(tenantId.acme, owner));
};
const isInOrder = async () =>
  expect(await ownerOf()).toMatchObject({ status: 'active', roles: ['admin'] });

const moved = 'Only the owner or a system administrator can transfer the ownership of a tenant.';

describe('the ownership of a tenant moves', () => {
  it('to an active administrator, and both are told apart at once', async () => {
    const [first, second] = [await anAdmin(), await anAdmin()];
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
    // The users' function knows the tenant from before it had an owner at all.
    for (const [, act] of ways)
      expect(await withoutEffect(service, () => act(second))).toMatchObject({
        status: 409,
        body: { code: 'owner_protected' },
      });
    expect((await suspends(first)).status).toBe(200);
    await isInOrder();
  });

  it.each<[string, () => Promise<Pick<Named, 'native'>>, number, string]>([
    [
      'a user who is no administrator',
      () => aUserIn(service, 'acme', { ...admin, roleIds: ['cradl:role:user'] }),
      409,
      'not_administrator',
    ],
    [
      'one who has yet to accept',
      () => aUserIn(service, 'acme', { roleIds: ['cradl:role:admin'] }),
      409,
      'not_active',
    ],
    ['one who is suspended', () => anAdminWho(suspends), 409, 'not_active'],
    [
      'one whose password somebody else has set',
      () => anAdminWho(getsAPassword),
      409,
      'password_set_by_administrator',
    ],
    ['one who is deleted', () => anAdminWho(deletes), 404, 'not_found'],
    [
      'an administrator of another tenant',
      () => aUserIn(service, 'globex', admin),
      404,
      'not_found',
    ],
    ['nobody', async () => ({ native: `cradl:user:${'0'.repeat(32)}` }), 404, 'not_found'],
    ['what is nobody’s id', async () => ({ native: 'cradl:user:me' }), 404, 'not_found'],
    ['what is no id', async () => ({ native: 'me' }), 400, 'invalid_input'],
  ])('but not to %s', async (_, somebody, status, code) => {
    const user = await somebody();
    const expected =
      status === 409 ? { code: 'owner_ineligible', details: { reason: code } } : { code };
    expect(await withoutEffect(service, () => transfers(user))).toMatchObject({
      status,
      body: expected,
    });
  });

  it('by the owner and by no other administrator, as soon as it is known everywhere who that is', async () => {
    const [owner, next] = [await anAdmin(), await anAdmin()];
    const elsewhere = aTokenOf('acme', ['admin'], owner.native.toUpperCase());
    await transfers(owner);
    clock.leaps(31_000);
    for (const token of [anAdminOf('acme'), as(next), elsewhere])
      expect(await withoutEffect(service, () => transfers(next, token))).toMatchObject({
        status: 403,
        body: { notices: [moved] },
      });
    expect(await transfers(next, as(owner))).toMatchObject({
      status: 200,
      body: { ownerUserId: next.native },
    });

    // What is remembered of the tenant for thirty seconds still says that it is theirs.
    expect(await withoutEffect(service, () => transfers(owner, as(owner)))).toMatchObject({
      status: 403,
      body: { notices: [moved] },
    });
    clock.leaps(31_000);
    expect(await withoutEffect(service, () => transfers(owner, as(owner)))).toMatchObject({
      status: 403,
      body: { notices: [moved] },
    });
    expect((await transfers(owner, as(next))).status).toBe(200);
  });

  it('of a tenant without an owner by a system administrator, and by no administrator of it, with an account or without', async () => {
    const next = await aUserIn(service, 'globex', admin, aSystemAdministrator('globex'));
    await verifyEmail(service, tenantId.globex, next.jitsudo);
    const path = `/tenants/${tenantId.globex}`;
    const headers = { 'x-tenant-id': tenantId.globex };
    const account = issuer.mintAccessToken({
      sub: next.native,
      tenantId: tenantId.globex,
      roles: ['admin'],
    });
    for (const token of [anAdminOf('globex'), account])
      await withoutEffect(service, async () => {
        const native = await service.posts(
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
          expect(answer).toMatchObject({ status: 403, body: { notices: [moved] } });
      });
    expect(
      (
        await service.posts(
          `/v1${path}/transfer-ownership`,
          { userId: next.native },
          { token: system },
        )
      ).status,
    ).toBe(200);
  });

  it('and with it who says whether administrators set passwords', async () => {
    const [owner, other] = [await anAdmin(), await anAdmin()];
    await transfers(owner);
    clock.leaps(31_000);
    const says = (administratorsSetPasswords: boolean, token: string) =>
      service.send('PATCH', `/v1/tenants/${tenantId.acme}`, {
        token,
        body: { administratorsSetPasswords },
      });
    expect(await withoutEffect(service, () => says(true, as(other)))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
    for (const allows of [false, true])
      expect(await says(allows, as(owner))).toMatchObject({
        status: 200,
        body: { administratorsSetPasswords: allows },
      });

    // What is remembered of the tenant for thirty seconds still says that it is theirs.
    await transfers(other);
    expect(await withoutEffect(service, () => says(false, as(owner)))).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    });
  });

  it('by nobody who knows the owner’s password because they have set it', async () => {
    const [owner, next] = [await anAdmin(), await anAdmin()];
    await transfers(owner);
    clock.leaps(31_000);
    const password = 'seven-lamps-in-an-orchard';
    const sets = (token: string) =>
      service.send('PATCH', `/credible/api/v0/users/${owner.credible}`, {
        token,
        body: { password },
      });
    expect((await withoutEffect(service, () => sets(as(next)))).status).toBe(403);
    expect((await sets(system)).status).toBe(200);
    const { body } = await service.posts('/v1/auth/token', {
      tenant: 'acme',
      userName: owner.credible,
      password,
    });
    for (const token of [String(body.accessToken), as(owner)]) {
      expect(await withoutEffect(service, () => transfers(next, token))).toMatchObject({
        status: 403,
        body: { notices: [moved] },
      });
    }
  });

  it('as it was seen, or not at all', async () => {
    const [first, second] = [await anAdmin(), await anAdmin()];
    const { headers } = await transfers(first);
    expect((await transfers(second, system, { 'if-match': '"1"' })).status).toBe(412);
    expect((await transfers(second, system, { 'if-match': String(headers['etag']) })).status).toBe(
      200,
    );
    expect((await ownerOf())?.['userId']).toBe(second.jitsudo);
  });

  it('to who has it already, and nothing happens', async () => {
    const owner = await anAdmin();
    await transfers(owner);
    expect((await withoutEffect(service, () => transfers(owner))).status).toBe(200);
  });
});

describe('how the owner signs in', () => {
  const notTheirs = "Only the owner or a system administrator can change the owner's credentials.";
  const changed = () => ({
    email: { email: `${randomUUID()}@elsewhere.example.com` },
    identity: { identity: { issuer: 'https://elsewhere.example.com', subject: randomUUID() } },
    password: { password: 'another-orchard-9-lamps' },
  });
  const changes = (user: Named, what: keyof ReturnType<typeof changed>, token: string) => {
    const path =
      what === 'password' ? `/credible/api/v0/users/${user.credible}` : `/v1/users/${user.native}`;
    return service.send('PATCH', path, {
      token,
      body: changed()[what],
      headers: { 'x-tenant-id': tenantId.acme },
    });
  };
  const elsewhere = () => ({
    authProvider: 'oidc',
    password: undefined,
    identity: { issuer: 'https://id.example.com', subject: randomUUID() },
  });

  it.each([
    ['email', () => ({})],
    ['password', () => ({})],
    ['identity', elsewhere],
  ] as const)(
    'is not for another administrator to choose, who could then move the ownership: %s',
    async (what, more) => {
      const [owner, other] = [await anAdmin(more()), await anAdmin(more())];
      await transfers(owner);
      for (const token of [anAdminOf('acme'), as(other)])
        expect(await withoutEffect(service, () => changes(owner, what, token))).toMatchObject({
          status: 403,
          body: { notices: [notTheirs] },
        });
      expect((await changes(other, what, anAdminOf('acme'))).status).toBe(200);
      expect((await changes(owner, what, as(owner))).status).toBe(200);
      expect((await changes(owner, what, system)).status).toBe(200);
    },
  );

  it('stays as it is for who sends back what they have read, and changes the rest', async () => {
    const owner = await anAdmin();
    await transfers(owner);
    const { body } = await acts('GET', owner);
    const sent = await acts('PATCH', owner, '', {
      token: anAdminOf('acme'),
      body: { email: body.email, identity: null, name: 'Jo' },
    });
    expect(sent).toMatchObject({ status: 200, body: { name: 'Jo' } });
  });

  it('is not for who copies the link of their invitation to choose', async () => {
    await service.hasRole('acme', { slug: 'copier', permissions: ['invitations:copy'] });
    const invited = await aUserIn(service, 'acme', { roleIds: ['cradl:role:admin'] });
    await service.hasTenant('acme', { ownerUserId: invited.jitsudo });
    clock.leaps(31_000);
    const copies = (token: string) => acts('POST', invited, '/invitation/link', { token });
    const refused = await withoutEffect(service, () =>
      copies(aTokenOf('acme', ['admin', 'copier'])),
    );
    expect(refused).toMatchObject({ status: 403, body: { notices: [notTheirs] } });
    expect((await copies(system)).status).toBe(200);
    await transfers(await anAdmin());
  });
});

describe('of two things at once', () => {
  /** Something else is done in the moment before the next transaction arrives, which then fares as it may. */
  const comesSecondTo = (act: () => Promise<Answer>, then: Fault = passes): Fault => {
    return async (exchange) => {
      expect((await act()).status).toBeLessThan(300);
      await then(exchange);
    };
  };
  const after = async (first: () => Promise<Answer>, second: () => Promise<Answer>) => {
    database.goesWrong(inTurn('TransactWriteItems', comesSecondTo(first)));
    const answer = await second();
    database.isWell();
    return answer;
  };

  it.each(ways)('who is being made the owner and has just been %s is not', async (_, act) => {
    const [owner, next] = [await anAdmin(), await anAdmin()];
    await transfers(owner);
    const answer = await after(
      () => act(next),
      () => transfers(next),
    );
    expect([404, 409]).toContain(answer.status);
    expect((await ownerOf())?.['userId']).toBe(owner.jitsudo);
    await isInOrder();
  });

  it.each(ways)('who has just been made the owner cannot be %s any more', async (_, act) => {
    const [owner, next] = [await anAdmin(), await anAdmin()];
    await transfers(owner);
    const answer = await after(
      () => transfers(next),
      () => act(next),
    );
    expect(answer).toMatchObject({ status: 409, body: { code: 'owner_protected' } });
    expect((await ownerOf())?.['userId']).toBe(next.jitsudo);
    await isInOrder();
  });

  it('two transfers end with the owner of the one that came last, who alone is protected', async () => {
    const [one, other] = [await anAdmin(), await anAdmin()];
    const answers = await Promise.all([transfers(one), transfers(other)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const [owner, former] =
      (await ownerOf())?.['userId'] === one.jitsudo ? [one, other] : [other, one];
    expect((await suspends(owner)).status).toBe(409);
    expect((await suspends(former)).status).toBe(200);
  });

  it('a transfer whose answer is lost has happened once', async () => {
    const next = await anAdmin();
    database.goesWrong(inTurn('TransactWriteItems', losesItsAnswer));
    expect(await transfers(next)).toMatchObject({
      status: 200,
      body: { ownerUserId: next.native },
    });
    database.isWell();
    expect((await acts('GET', next, '/export')).body.changes).toHaveLength(1);
  });

  it('whatever is done to ten at once, the owner is one who can be', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => anAdmin()));
    await transfers(people[0]!);
    const all = people.flatMap((user, index) => [
      () => transfers(user),
      () => ways[index % 3]![1](user),
    ]);
    const answers = await Promise.all(all.map((act) => act()));
    for (const { status } of answers) expect([200, 204, 404, 409]).toContain(status);
    await isInOrder();
  });
});
