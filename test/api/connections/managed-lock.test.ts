import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { parseConnectionId } from '../../../lib/domain/kernel/ids.ts';
import { createUserIn, type UserRefs } from '../../support/authenticated-routes.ts';
import { expectNoWrites } from '../../support/database/expect-no-writes.ts';
import { goodPassword } from '../../support/dialects/create-user.ts';
import { createGroupRequests } from '../../support/scenarios/groups.ts';
import { createConnection } from '../../support/scim/create-connection.ts';
import { provisionGroup } from '../../support/scim/managed-groups.ts';
import { provisionUser } from '../../support/scim/managed-users.ts';
import { adminToken, createTestService, issuer, tenantId } from '../../support/service.ts';

let passedMs = 0;
const service = await createTestService({ now: () => new Date(Date.now() + passedMs) });
const admin = adminToken('acme');
const { body: connection } = await createConnection(service);
const connectionId = parseConnectionId(connection.connectionId) ?? '';
const bearer = { token: admin };

type Step = readonly [field: string, method: string, path: string, body?: object];

const send = async (
  [, method, path, body]: Step,
  sent: { token?: string; headers?: Record<string, string> } = bearer,
) => {
  const headers = { 'x-tenant-id': tenantId.acme, ...sent.headers };
  const response = await service.send(method, path, { ...sent, headers, body });
  return { status: response.status, code: response.body?.code, details: response.body?.details };
};

const expectLocked = async (steps: readonly Step[], sent: Parameters<typeof send>[1]) => {
  for (const step of steps) {
    const response = await expectNoWrites(service, () => send(step, sent));
    expect(response, `${step[1]} ${step[2]}`).toMatchObject({
      status: 409,
      code: 'managed_by_connection',
      details: { field: step[0] },
    });
  }
};

const expectAllowed = async (steps: readonly Step[], sent: Parameters<typeof send>[1] = bearer) => {
  for (const step of steps) {
    const { status, code } = await send(step, sent);
    expect([step, status, code]).toEqual([step, status < 300 ? status : 'success', code]);
  }
};

const createManagedUser = async (): Promise<UserRefs> => {
  const user = await createUserIn(service, 'acme', { password: goodPassword, name: 'Babs' });
  await provisionUser(service, user, { managedBy: { connectionId, externalId: randomUUID() } });
  return user;
};

const listUserSteps = ({ native, credible }: UserRefs): readonly Step[] => {
  const path = `/v1/users/${native}`;
  return [
    ['email', 'PATCH', path, { email: `${randomUUID()}@example.com` }],
    ['userName', 'PATCH', path, { userName: randomUUID() }],
    ['externalId', 'PATCH', path, { externalId: randomUUID() }],
    ['name', 'PATCH', path, { name: 'Barbara' }],
    ['name', 'PATCH', `/cradl${path}`, { name: 'Barbara J.' }],
    ['firstName', 'PATCH', path, { firstName: 'Barbara' }],
    ['lastName', 'PATCH', path, { lastName: 'Jensen' }],
    ['businessRole', 'PATCH', `/credible/api/v0/users/${credible}`, { businessRole: 'Guide' }],
    ['locale', 'PATCH', path, { locale: 'de' }],
    ['status', 'POST', `${path}/suspend`],
  ];
};

const listFreeSteps = ({ native }: UserRefs): readonly Step[] => {
  const path = `/v1/users/${native}`;
  return [
    ['', 'PATCH', path, { name: 'Babs', metadata: { a: 1 }, description: 'x', phoneNumber: null }],
    ['', 'PUT', `${path}/roles/cradl:role:user`],
    ['', 'POST', `${path}/sign-out`],
  ];
};

it('locks what a connection writes, for all other callers and in every API', async () => {
  const user = await createManagedUser();
  const self = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.acme, roles: [] });
  const suspended = await createManagedUser();
  const resume: Step = ['status', 'POST', `/v1/users/${suspended.native}/reactivate`];
  await provisionUser(service, suspended, { managedBy: { connectionId }, status: 'inactive' });
  const steps: readonly Step[] = [
    ...listUserSteps(user).filter(([, , path]) => !path.startsWith('/credible')),
    ['status', 'POST', `/jitsudo/v1/users/${user.jitsudo}/suspend`, { active: false }],
    ['status', 'DELETE', `/v1/users/${user.native}`],
    resume,
  ];

  await expectLocked(steps, bearer);
  await expectLocked(
    [
      ['firstName', 'PATCH', '/v1/users/me', { firstName: 'Barbara' }],
      ['locale', 'PATCH', '/v1/users/me', { locale: 'de' }],
      ['email', 'POST', '/v1/users/me/email', { email: `${randomUUID()}@example.com` }],
      ['status', 'DELETE', '/v1/users/me'],
    ],
    { token: self },
  );
  await expectAllowed(listFreeSteps(user));
  await expectAllowed(
    [
      ['', 'PATCH', '/v1/users/me', { timeZone: 'Europe/Oslo' }],
      [
        '',
        'POST',
        '/v1/users/me/password',
        { currentPassword: goodPassword, newPassword: 'seven-lamps-in-an-orchard' },
      ],
    ],
    { token: self },
  );
});

it('ends without the lock or the connection', async () => {
  const foreign = await createManagedUser();
  const [two, three] = [await createManagedUser(), await createManagedUser()];
  const native = (user: UserRefs) =>
    listUserSteps(user).filter(([, , path]) => path.startsWith('/v1'));

  const path = `/v1/scim/connections/${connection.connectionId}`;
  await expectAllowed([['', 'PATCH', path, { lockManaged: false }]]);
  await expectAllowed([...native(two), ['', 'DELETE', `/v1/users/${two.native}`]]);
  await expectAllowed([['', 'PATCH', path, { lockManaged: true }]]);
  await expectLocked(native(three).slice(0, 1), bearer);
  // An erasure is no change that an identity provider could undo.
  await expectAllowed([['', 'POST', `/v1/users/${foreign.native}/erase`]]);
  await expectAllowed([['', 'DELETE', path], ...native(three)]);
});

it('locks names, members and the deletion of managed groups', async () => {
  const { body: owner } = await createConnection(service);
  const id = parseConnectionId(owner.connectionId) ?? '';
  const { createGroup } = createGroupRequests(service);
  const groupId = await createGroup();
  const { native: memberId } = await createUserIn(service, 'acme');
  await provisionGroup(service, groupId, { managedBy: { connectionId: id }, displayName: 'Sales' });
  const path = `/v1/groups/${groupId}`;
  const members: readonly Step[] = [
    ['members', 'POST', `${path}/members`, { members: [{ memberId }] }],
    ['members', 'PATCH', `${path}/members/${memberId}`, { status: 'admin' }],
    ['members', 'DELETE', `${path}/members/${memberId}`],
  ];
  const steps: readonly Step[] = [
    ['name', 'PATCH', path, { name: 'Other' }],
    ['displayName', 'PATCH', path, { displayName: 'Other' }],
    ['externalId', 'PATCH', path, { externalId: 'other' }],
    ...members,
  ];

  await expectLocked([...steps, ['status', 'DELETE', path]], bearer);
  await expectAllowed([
    ['', 'PATCH', path, { displayName: 'Sales', description: 'x', roleIds: ['cradl:role:user'] }],
    ['', 'PATCH', path, { roleIds: [] }],
  ]);
});

it('ends with the ownership of the tenant', async () => {
  const user = await createUserIn(service, 'globex', {
    authProvider: 'oidc',
    roleIds: ['cradl:role:admin'],
  });
  const { body } = await createConnection(service, 'globex');
  const managedBy = { connectionId: parseConnectionId(body.connectionId) ?? '', externalId: '1' };
  const eligible = {
    emailVerified: true,
    emailVerifiedBy: 'holder',
    identity: { issuer: 'https://id.example.com', subject: 'next-owner' },
  } as const;
  await provisionUser(service, user, { managedBy, ...eligible }, 'globex');
  const token = issuer.mintAccessToken({
    sub: 'system',
    tenantId: tenantId.acme,
    roles: ['system_admin'],
  });
  const transfer = await service.post(
    `/v1/tenants/${tenantId.globex}/transfer-ownership`,
    { userId: user.native },
    { token },
  );
  expect([transfer.status, transfer.text]).toEqual([200, transfer.text]);
  // Functions read the tenant again after 30 s.
  passedMs = 31_000;
  const read = await service.get(`/v1/users/${user.native}`, { token: adminToken('globex') });
  expect(read.body).toMatchObject({ isOwner: true, managedBy: null });
  const rename = { token: adminToken('globex'), body: { name: 'Owner' } };
  const { status } = await service.send('PATCH', `/v1/users/${user.native}`, rename);
  expect(status).toBe(200);
});
