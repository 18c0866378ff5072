/** Sessions: the caller, the tenant, and where each permission comes from. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../../lib/domain/access/policy.ts';
import type { Permission } from '../../../lib/domain/access/permissions.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { unique } from '../../support/dialects/dialects.ts';
import { scaleRuns } from '../../support/property-runs.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { toRoleId } from '../../support/scenarios/roles.ts';
import { createServiceWithExternalIssuer, externalIssuer } from '../../support/scenarios/self.ts';
import { createTestClock } from '../../support/scenarios/user-states.ts';
import { createTokenAppClient, requestAccessToken } from '../../support/tokens/roster-tokens.ts';
import {
  adminToken,
  systemToken,
  type TestRequest,
  tenantId,
  userToken,
} from '../../support/service.ts';

const clock = createTestClock();
const deployedPolicy = createPolicy();
/** Permissions of the caller in the latest decision. */
let decided: readonly Permission[] = [];
const service = await createServiceWithExternalIssuer({
  now: clock.now,
  policy: {
    authorize(context, action, policyContext) {
      decided = context.principal.permissions;
      deployedPolicy.authorize(context, action, policyContext);
    },
  },
});
await service.updateTenantItem('acme', { administratorsSetPasswords: true });
/** Permissions of the custom roles. */
const roles = {
  'front-desk': ['users:create', 'users:read', 'users:update'],
  reader: ['users:read', 'groups:read'],
  keeper: ['appClients:read', 'appClients:write'],
  editor: ['users:update', 'roles:read'],
} as const satisfies Record<string, readonly Permission[]>;
for (const [slug, permissions] of Object.entries(roles))
  await service.putRole('acme', { slug, name: slug, permissions });
const frontDesk = userToken('acme', ['front-desk'], 'front-desk');
const { createGroup, addMember, removeMember, deleteGroup } = createGroupRequests(
  service,
  systemToken('acme'),
);

const readSession = async (sent: TestRequest) => {
  const { status, body } = await service.get('/v1/session', sent);
  expect(status).toBe(200);
  return body;
};
/** Caches hold tenants and rights for 30 s. */
const expireCaches = () => clock.advanceBy(31_000);

async function createAccount(fields: object = {}, token = systemToken('acme')) {
  const email = `user-${unique()}@example.com`;
  const input = { email, password: goodPassword, ...fields };
  const { status, body } = await service.post('/v1/users', input, { token });
  expect(status).toBe(201);
  return { userId: String(body.userId), email };
}
const change = async (userId: string, body: object, token = systemToken('acme')) => {
  const headers = { 'if-match': '*' };
  const { status, text } = await service.send('PATCH', `/v1/users/${userId}`, {
    token,
    body,
    headers,
  });
  expect(status, text).toBe(200);
};
const signIn = async ({ email }: { email: string }): Promise<string> =>
  (await service.post('/v1/auth/token', { tenant: 'acme', email, password: goodPassword })).body
    .accessToken;

const acme = { tenantId: tenantId.acme, slug: 'acme', name: 'Acme' };
const none = { permissions: [], inactivePermissions: [], roleIds: [], groupIds: [] };
const startsAt = () => new Date(Math.floor(clock.now().getTime() / 1000) * 1000);
const oneHourLater = () => new Date(startsAt().getTime() + 3600_000).toISOString();

describe('the session', () => {
  it('of a user of Roster has the account, the sign-in and the sources of permissions', async () => {
    const account = await createAccount({ name: 'Ada', roleIds: [toRoleId('reader')] });
    const [inner, outer, plain] = [
      await createGroup(['editor']),
      await createGroup(['reader']),
      await createGroup(),
    ];
    await addMember(outer, inner);
    await addMember(inner, account.userId);
    await addMember(plain, account.userId);
    expireCaches();
    const token = await signIn(account);
    const direct = { roleId: 'cradl:role:reader', groupId: null };
    const throughOuter = { roleId: 'cradl:role:reader', groupId: outer };
    const throughInner = { roleId: 'cradl:role:editor', groupId: inner };
    const body = await readSession({ token });
    expect(body).toEqual({
      principal: {
        type: 'user',
        issuer: 'https://roster.example.com',
        subject: account.userId,
        userId: account.userId,
        appClientId: null,
        email: account.email,
        name: 'Ada',
      },
      tenant: acme,
      systemAdministrator: false,
      mustChangePassword: false,
      roleIds: [toRoleId('reader'), toRoleId('editor')],
      groupIds: expect.toSatisfy(
        (ids: string[]) => ids.toSorted().join() === [inner, outer, plain].toSorted().join(),
      ),
      permissions: [
        { permission: 'groups:read', sources: [direct, throughOuter] },
        { permission: 'roles:read', sources: [throughInner] },
        { permission: 'users:read', sources: [direct, throughOuter] },
        { permission: 'users:update', sources: [throughInner] },
      ],
      inactivePermissions: [],
      authenticatedTime: startsAt().toISOString(),
      expiresTime: oneHourLater(),
    });
    await deleteGroup(outer);
    await deleteGroup(plain);
    expireCaches();
    expect((await readSession({ token })).groupIds).toEqual([inner]);
    await removeMember(inner, account.userId);
    expireCaches();
    expect(await readSession({ token })).toMatchObject({
      groupIds: [],
      permissions: [{ permission: 'groups:read', sources: [direct] }, { permission: 'users:read' }],
    });
  });

  it('names the permissions that a limit or a password of an administrator makes inactive', async () => {
    const userName = `user-${unique()}`;
    const limited = await createAccount({ userName }, frontDesk);
    const roleIds = [toRoleId('editor')];
    await change(limited.userId, { roleIds });
    const sources = [{ roleId: toRoleId('editor'), groupId: null }];
    expect(await readSession({ token: await signIn(limited) })).toMatchObject({
      mustChangePassword: false,
      roleIds,
      permissions: [{ permission: 'users:update', sources }],
      inactivePermissions: [{ permission: 'roles:read', sources, reason: 'credential_limit' }],
    });
    // Only Credible's API sets the passwords of others.
    const body = { password: goodPassword };
    const path = `/credible/api/v0/users/${userName}`;
    await service.send('PATCH', path, { token: systemToken('acme'), body });
    expect(await readSession({ token: await signIn(limited) })).toMatchObject({
      ...none,
      principal: { userId: limited.userId, email: limited.email },
      mustChangePassword: true,
      inactivePermissions: ['roles:read', 'users:update'].map((permission) => ({
        permission,
        sources,
        reason: 'must_change_password',
      })),
    });
  });

  it('of an app client has its end, for API keys and for tokens', async () => {
    const secretEnd = new Date(clock.now().getTime() + 7200_000).toISOString();
    const client = await createTokenAppClient(service, 'acme', { roles: ['reader'] });
    const principal = {
      type: 'appClient',
      subject: client.subject,
      appClientId: client.subject,
      userId: null,
      email: null,
    };
    const expected = { principal, tenant: acme, roleIds: [toRoleId('reader')] };
    const key = { headers: client.key };
    expect(await readSession(key)).toMatchObject({ ...expected, expiresTime: null });
    const { body } = await requestAccessToken(service, client);
    expect(await readSession({ token: body.access_token })).toMatchObject({
      ...expected,
      expiresTime: oneHourLater(),
      authenticatedTime: null,
    });
    const later = new Date(clock.now().getTime() + 9000_000).toISOString();
    await client.becomes({ expiresAt: later });
    expireCaches();
    expect((await readSession(key)).expiresTime).toBe(later);
    await client.keeps({ expiresAt: secretEnd });
    expireCaches();
    expect((await readSession(key)).expiresTime).toBe(secretEnd);
  });

  it('of a token of another issuer has the account only if the token represents its holder', async () => {
    const subject = unique();
    const identity = { issuer: 'https://id.example.com', subject };
    const mint = (claims: object = {}) =>
      externalIssuer.mint({
        iss: identity.issuer,
        aud: 'roster',
        sub: subject,
        tenant_id: tenantId.acme,
        roles: ['reader', 'reader', 'unknown'],
        exp: Math.floor(clock.now().getTime() / 1000) + 7200.5,
        ...claims,
      });
    const external = { type: 'external', issuer: identity.issuer, subject };
    expect(await readSession({ token: mint() })).toMatchObject({
      principal: { ...external, userId: null, email: null, name: null },
      roleIds: [toRoleId('reader')],
      permissions: [{ permission: 'groups:read' }, { permission: 'users:read' }],
      authenticatedTime: null,
      expiresTime: new Date(startsAt().getTime() + 7_200_500).toISOString(),
    });
    const { userId, email } = await createAccount({ identity, firstName: 'Ada', lastName: 'L' });
    const own = { ...external, userId, email, name: 'Ada L' };
    expect(await readSession({ token: mint({ auth_time: 1e300 }) })).toMatchObject({
      principal: own,
      authenticatedTime: null,
    });
    // An identity that the front desk set does not carry the rights of an administrator.
    await change(userId, { identity: { ...identity, subject: `${subject}2` } }, frontDesk);
    await change(userId, { roleIds: [toRoleId('admin')] });
    const other = mint({ sub: `${subject}2` });
    expect((await readSession({ token: other })).principal).toMatchObject({ userId: null });
    await change(userId, { identity });
    expect((await readSession({ token: mint() })).principal).toEqual({ ...own, appClientId: null });
    await service.send('POST', `/v1/users/${userId}/suspend`, { token: systemToken('acme') });
    expect((await readSession({ token: mint() })).principal).toMatchObject({ userId: null });
  });

  it('of a system administrator is the one in the tenant of the request', async () => {
    const headers = { 'x-tenant-id': tenantId.globex };
    expect(await readSession({ token: systemToken(), headers })).toMatchObject({
      tenant: { tenantId: tenantId.globex, slug: 'globex' },
      systemAdministrator: true,
      ...none,
    });
    const denied = await service.get('/v1/session', { token: adminToken('acme'), headers });
    expect(denied).toMatchObject({ status: 403, body: { code: 'tenant_mismatch' } });
  });
});

const slugs = Object.keys(roles) as (keyof typeof roles)[];
const groupCount = 3;
const situation = fc.record({
  direct: fc.subarray(slugs),
  groups: fc.array(
    fc.record({
      roles: fc.subarray(slugs, { maxLength: 2 }),
      isMember: fc.boolean(),
      isInNext: fc.boolean(),
    }),
    { minLength: groupCount, maxLength: groupCount },
  ),
  isLimited: fc.boolean(),
});

it('lists the permissions that decisions use, each from roles that the user has', async () => {
  await fc.assert(
    fc.asyncProperty(situation, async ({ direct, groups, isLimited }) => {
      const account = await createAccount({}, isLimited ? frontDesk : systemToken('acme'));
      await change(account.userId, { roleIds: direct.map(toRoleId) });
      const ids: string[] = [];
      for (const each of groups) ids.push(await createGroup(each.roles));
      for (const [index, { isMember, isInNext }] of groups.entries()) {
        const [id = '', next] = ids.slice(index);
        if (isMember) await addMember(id, account.userId);
        if (isInNext && next !== undefined) await addMember(next, id);
      }
      expireCaches();
      const session = await readSession({ token: await signIn(account) });

      const assignments: (readonly [keyof typeof roles, string | null])[] = direct.map((role) => [
        role,
        null,
      ]);
      let isReached = false;
      for (const [index, { isMember, ...group }] of groups.entries()) {
        isReached ||= isMember;
        if (isReached)
          assignments.push(...group.roles.map((role) => [role, ids[index] ?? ''] as const));
        isReached &&= group.isInNext;
      }
      const expected = new Map<string, string[]>();
      for (const [role, groupId] of assignments) {
        for (const permission of roles[role]) {
          const sources = expected.get(permission) ?? [];
          expected.set(permission, [...sources, `${toRoleId(role)} ${groupId}`]);
        }
      }
      const collectSources = (...lists: (typeof session.permissions)[]) =>
        new Map(
          lists
            .flat()
            .map(({ permission, sources }) => [
              permission,
              sources
                .map(
                  ({ roleId, groupId }: { roleId: string; groupId: string }) =>
                    `${roleId} ${groupId}`,
                )
                .toSorted(),
            ]),
        );
      expect(collectSources(session.permissions, session.inactivePermissions)).toEqual(
        new Map([...expected].map(([permission, sources]) => [permission, sources.toSorted()])),
      );
      const names = session.permissions.map(({ permission }: { permission: string }) => permission);
      expect(names).toEqual(decided);
      expect(names).toEqual(
        [...expected.keys()]
          .filter((name) => !isLimited || roles['front-desk'].some((each) => each === name))
          .toSorted(),
      );
    }),
    {
      numRuns: scaleRuns(6),
      examples: [
        [
          {
            direct: ['reader'],
            groups: [
              { roles: ['keeper'], isMember: true, isInNext: true },
              { roles: ['editor', 'reader'], isMember: false, isInNext: false },
              { roles: ['front-desk'], isMember: true, isInNext: false },
            ],
            isLimited: true,
          },
        ],
      ],
    },
  );
});
