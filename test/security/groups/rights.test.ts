/** Rights from groups count for each kind of credential, and as far as the credential carries. */
import { describe, expect, it } from 'vitest';
import { unknownUser } from '../../support/authenticated-routes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createAppClient } from '../../support/scenarios/app-clients.ts';
import {
  createCredentialService,
  getClaims,
  newEmail,
  newIdentity,
  newPassword,
  tokenFor,
} from '../../support/scenarios/credentials.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { requestAccessToken } from '../../support/tokens/roster-tokens.ts';
import { issuer, systemToken, type TestRequest, tenantId } from '../../support/service.ts';

const life = await createCredentialService();
const { service, clock, create, signIn, frontDesk } = life;
const system = systemToken('acme');
const groups = createGroupRequests(service, system);
const { createGroup, setRoles, addMember, removeMember, deleteGroup, restoreGroup } = groups;
await service.putRole('acme', {
  slug: 'clerk',
  name: 'Clerk',
  permissions: ['appClients:write', 'users:read', 'users:update'],
});

const foreignToken = (userId: string): string =>
  issuer.mintAccessToken({ sub: userId, tenantId: tenantId.acme });

/** True if the caller may change users. A permanent decision, which reads current data. */
const mayChange = async (sent: TestRequest): Promise<boolean> => {
  const { status } = await service.send('PATCH', `/v1/users/${unknownUser.native}`, {
    ...sent,
    body: { name: 'Jo' },
  });
  expect([404, 403, 401]).toContain(status);
  return status === 404;
};
/** True if the caller may read roles, decided on cached data. */
const mayRead = async (sent: TestRequest): Promise<boolean> =>
  (await service.get('/v1/roles', sent)).status === 200;

/** A caller of each kind, without roles of their own. */
async function createCallers() {
  const identity = newIdentity();
  const user = await create({ password: goodPassword, identity }, system);
  const { appClientId, clientId, secret } = await createAppClient(
    service,
    'acme',
    { roleIds: [] },
    system,
  );
  const clientToken = await requestAccessToken(service, { clientId, secret });
  return {
    members: [user.userId, appClientId],
    user,
    client: { clientId, secret },
    sent: {
      ownToken: { token: await signIn(user) },
      clientToken: { token: clientToken.body.access_token },
      apiKey: { headers: { 'x-api-key': secret } },
      foreignToken: { token: foreignToken(user.userId) },
      identityToken: { token: tokenFor(identity) },
    } satisfies Record<string, TestRequest>,
  };
}

const all = { ownToken: true, clientToken: true, apiKey: true, foreignToken: true };
const everyone = { ...all, identityToken: false };
const none = { ownToken: false, clientToken: false, apiKey: false, foreignToken: false };
const noOne = { ...none, identityToken: false };

async function decide(
  { sent }: Awaited<ReturnType<typeof createCallers>>,
  isAllowed: (sent: TestRequest) => Promise<boolean>,
) {
  const entries = Object.entries(sent).map(async ([kind, each]) => [kind, await isAllowed(each)]);
  return Object.fromEntries(await Promise.all(entries));
}

it('are in the roles of a token right after a change', async () => {
  const { user } = await createCallers();
  const group = await createGroup(['approver']);
  await addMember(group, user.userId);
  const readRoles = async () => getClaims(await signIn(user))['roles'];
  expect(await readRoles()).toEqual(['approver']);
  await setRoles(group, ['user']);
  expect(await readRoles()).toEqual(['user']);
});

describe('rights from groups', async () => {
  const callers = await createCallers();
  const { members } = callers;

  it('count in permanent decisions at once', async () => {
    const [group, parent, top] = [
      await createGroup(['admin']),
      await createGroup(['admin']),
      await createGroup(['admin']),
    ];
    const forEach = async (act: (memberId: string) => Promise<unknown>) => {
      for (const member of members) await act(member);
    };
    const steps: readonly (readonly [string, () => Promise<unknown>, object])[] = [
      ['no group', async () => {}, noOne],
      ['member', () => forEach((member) => addMember(group, member)), everyone],
      ['removed', () => forEach((member) => removeMember(group, member)), noOne],
      ['administrator', () => forEach((member) => addMember(group, member, 'admin')), everyone],
      ['group without role', () => setRoles(group, []), noOne],
      ['group with role', () => setRoles(group, ['user', 'admin']), everyone],
      ['group deleted', () => deleteGroup(group), noOne],
      ['group restored', () => restoreGroup(group), everyone],
      ['without role again', () => setRoles(group, []), noOne],
      ['nested', () => addMember(parent, group), everyone],
      ['removed from parent', () => removeMember(parent, group), noOne],
      ['nested again', () => addMember(parent, group), everyone],
      ['parent without role', () => setRoles(parent, []), noOne],
      ['nested twice', () => addMember(top, parent), everyone],
      ['parent deleted', () => deleteGroup(parent), noOne],
      ['parent restored', () => restoreGroup(parent), everyone],
      ['top without role', () => setRoles(top, []), noOne],
      ['top with role', () => setRoles(top, ['admin']), everyone],
      ['top deleted', () => deleteGroup(top), noOne],
      ['top restored', () => restoreGroup(top), everyone],
      ['both deleted', () => deleteGroup(parent).then(() => deleteGroup(group)), noOne],
      ['group restored without parent', () => restoreGroup(group), noOne],
      ['parent restored, too', () => restoreGroup(parent), everyone],
      ['removed from deleted parent', () => deleteGroup(group), noOne],
      ['child removed', () => removeMember(parent, group), noOne],
      ['restored without edge', () => restoreGroup(group), noOne],
    ];
    const actual: [string, object][] = [];
    for (const [step, act] of steps) {
      await act();
      actual.push([step, await decide(callers, mayChange)]);
    }
    expect(actual).toEqual(steps.map(([step, , expected]) => [step, expected]));
    await forEach((member) => removeMember(group, member));
  });

  it('count in cached decisions within 30 s', async () => {
    const group = await createGroup(['admin']);
    expect(await decide(callers, mayRead)).toEqual(noOne);
    for (const member of members) await addMember(group, member);
    // A denial is decided again.
    expect(await decide(callers, mayRead)).toEqual(everyone);
    for (const member of members) await removeMember(group, member);
    clock.advanceBy(30_001);
    expect(await decide(callers, mayRead)).toEqual(noOne);
    for (const member of members) await addMember(group, member);
    expect(await decide(callers, mayRead)).toEqual(everyone);
    await deleteGroup(group);
    clock.advanceBy(30_001);
    expect(await decide(callers, mayRead)).toEqual(noOne);
  });

  it('are in the roles of new tokens', async () => {
    const group = await createGroup(['user']);
    const parent = await createGroup(['clerk']);
    await addMember(parent, group);
    for (const member of members) await addMember(group, member);
    clock.advanceBy(30_001);
    const token = await requestAccessToken(service, callers.client);
    for (const each of [await signIn(callers.user), token.body.access_token])
      expect(getClaims(each).roles.toSorted()).toEqual(['clerk', 'user']);
    await deleteGroup(parent);
    await deleteGroup(group);
  });
});

describe('the rights of a user from groups', () => {
  it('end with a suspension or deletion, as does the administration of groups', async () => {
    const user = await create({ password: goodPassword }, system);
    const sent = { token: foreignToken(user.userId) };
    const [group, club] = [await createGroup(['admin']), await createGroup()];
    await addMember(group, user.userId);
    await addMember(club, user.userId, 'admin');
    const path = `/v1/users/${user.userId}`;
    const readsMembers = () => service.get(groups.toMembers(club), sent);
    const { userId: memberId } = await create({}, system);
    const addsMembers = () =>
      service.post(groups.toMembers(club), { members: [{ memberId }] }, sent);
    const act = async (method: string, end = '') =>
      expect((await groups.send(method, `${path}${end}`)).status).toBeLessThan(300);

    for (const [ending, reversal] of [
      [() => act('POST', '/suspend'), () => act('POST', '/reactivate')],
      [() => act('DELETE'), () => act('POST', '/restore')],
    ] as const) {
      expect(await mayChange(sent)).toBe(true);
      await ending();
      expect(await mayChange(sent)).toBe(false);
      clock.advanceBy(30_001);
      expect(await mayRead(sent)).toBe(false);
      await removeMember(group, user.userId);
      expect((await addsMembers()).status).toBe(403);
      expect((await readsMembers()).status).toBe(403);
      await reversal();
      expect(await mayChange(sent)).toBe(false);
      expect((await addsMembers()).status).toBe(200);
      expect((await readsMembers()).status).toBe(200);
      await addMember(group, user.userId);
    }
  });

  it('need a password of their own, if another user set one', async () => {
    const [user, club] = [await create({ password: goodPassword }, system), await createGroup()];
    const group = await createGroup(['admin']);
    await addMember(group, user.userId);
    await addMember(club, user.userId, 'admin');
    const readsMembers = async (sent: TestRequest) =>
      (await service.get(groups.toMembers(club), sent)).status;

    await service.updateTenantItem('acme', { requireOwnPassword: true });
    clock.advanceBy(30_001);
    const ownPasswordRequired = { token: await signIn(user) };
    expect(getClaims(ownPasswordRequired.token).roles).toEqual([]);
    expect(await mayChange(ownPasswordRequired)).toBe(false);
    expect(await readsMembers(ownPasswordRequired)).toBe(403);
    await service.updateTenantItem('acme', { requireOwnPassword: false });
    clock.advanceBy(30_001);
    expect(await mayChange(ownPasswordRequired)).toBe(true);
    await removeMember(group, user.userId);
    expect(await readsMembers(ownPasswordRequired)).toBe(200);

    // The user must change the password that another user sets.
    await addMember(group, user.userId);
    const changed = await life.changeInCredible(user.email, { password: newPassword }, system);
    expect(changed.status).toBe(200);
    const mustChange = { token: await signIn(user, newPassword) };
    expect(getClaims(mustChange.token).roles).toEqual([]);
    expect(await mayChange(mustChange)).toBe(false);
    expect(await readsMembers(mustChange)).toBe(403);
    const passwords = { currentPassword: newPassword, newPassword: goodPassword };
    await service.post('/v1/users/me/password', passwords, mustChange);
    expect(await mayChange({ token: await signIn(user) })).toBe(true);
  });

  it('stay inactive beyond the limit of the password', async () => {
    const user = await create({ password: goodPassword }, frontDesk);
    const group = await createGroup(['front-desk', 'admin']);
    await addMember(group, user.userId, 'admin');
    // Sign-in finds new groups within 30 s.
    clock.advanceBy(30_001);
    const limited = { token: await signIn(user) };
    expect(getClaims(limited.token).roles).toEqual(['front-desk']);
    expect(await mayChange(limited)).toBe(true);
    expect(await mayRead(limited)).toBe(false);
    expect((await service.get(groups.toMembers(group), limited)).status).toBe(403);
    await life.reset(user.email);
    const unlimited = { token: await signIn(user, newPassword) };
    expect(getClaims(unlimited.token).roles.toSorted()).toEqual(['admin', 'front-desk']);
    expect(await mayRead(unlimited)).toBe(true);
    await setRoles(group, []);
    expect((await service.get(groups.toMembers(group), unlimited)).status).toBe(200);
  });

  it('must be covered by an identity that another user set', async () => {
    const identity = newIdentity();
    const user = await create({ identity, authProvider: 'oidc' }, frontDesk);
    const token = tokenFor(identity);
    const read = async () => [
      (await service.get('/v1/users/me', { token })).status,
      (await service.get('/v1/users/me/groups', { token })).status,
    ];
    const group = await createGroup(['front-desk']);
    await addMember(group, user.userId);
    expect(await read()).toEqual([200, 200]);
    await setRoles(group, ['admin']);
    clock.advanceBy(30_001);
    const limited = tokenFor(identity);
    expect([
      (await service.get('/v1/users/me', { token: limited })).status,
      (await service.get('/v1/users/me/groups', { token: limited })).status,
    ]).toEqual([403, 403]);
  });
});

describe('the rights of an app client from groups', () => {
  it('stay inactive beyond the limit of the secret', async () => {
    const clerk = clock.aTokenOf('acme', ['clerk']);
    const { appClientId, secret } = await createAppClient(service, 'acme', { roleIds: [] }, clerk);
    const group = await createGroup(['clerk', 'admin']);
    await addMember(group, appClientId);
    const key = { headers: { 'x-api-key': secret } };
    expect(await mayChange(key)).toBe(true);
    clock.advanceBy(30_001);
    expect(await mayRead(key)).toBe(false);
    const rotated = await groups.send('POST', `/v1/app-clients/${appClientId}/secrets`, {
      body: { overlapSeconds: 60 },
    });
    expect(await mayRead({ headers: { 'x-api-key': rotated.body.secret } })).toBe(true);
  });
});

describe('an invitation', () => {
  it.each([
    ['keeps roles that the inviter has through a group', false, ['cradl:role:front-desk']],
    ['loses roles that the inviter had through a group', true, []],
  ])('%s', async (_title, leaves, roleIds) => {
    const inviter = await create({ password: goodPassword }, system);
    const group = await createGroup(['front-desk']);
    await addMember(group, inviter.userId);
    const body = { email: newEmail(), roleIds: ['cradl:role:front-desk'] };
    const invited = await service.post('/v1/users', body, { token: await signIn(inviter) });
    expect(invited.status).toBe(201);
    if (leaves) await removeMember(group, inviter.userId);
    await life.accept(await life.linkFor(body.email));
    const accepted = await groups.send('GET', `/v1/users/${invited.body.userId}`);
    expect(accepted.body).toMatchObject({ status: 'active', roleIds });
  });
});
