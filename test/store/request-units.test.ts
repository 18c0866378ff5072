import { randomUUID } from 'node:crypto';
import { createDeliveryService } from '../support/webhooks/delivery-service.ts';
import { describe, expect, it } from 'vitest';
import { hashAccount, hashEmail } from '../../lib/domain/password-resets/password-reset.ts';
import { toHex } from '../../lib/domain/kernel/ids.ts';
import { type Key, keys } from '../../lib/store/keys.ts';
import { auditTables } from '../support/database/table-audit.ts';
import type { Operation } from '../../lib/api/routes.ts';
import {
  authenticatedRoutes,
  createDomainIn,
  createConnectionForRoute,
  createWebhookIn,
  webhookInput,
  createUserForRoute,
  createUserIn,
  type UserRefs,
  unknownUser,
} from '../support/authenticated-routes.ts';
import { goodPassword } from '../support/dialects/create-user.ts';
import { picture, unique } from '../support/dialects/dialects.ts';
import { seedUsers } from '../support/dialects/list-users.ts';
import { buildRecord, type Entity, toInsertRecord } from '../support/feed/recorded-changes.ts';
import {
  appendEvents,
  type TestEvent,
  updatedUser,
  writeAnchor,
  writeFeed,
} from '../support/feed/write-feed.ts';
import { createFaultyService, type Sent as Request } from '../support/faults/fault-proxy.ts';
import { createFeed } from '../support/feed/build-feed.ts';
import { createPng, toDataUri } from '../support/scenarios/logos.ts';
import { importRows } from '../support/scenarios/bulk-users.ts';
import { createUserWithStatus, requestTransition } from '../support/scenarios/user-states.ts';
import { createConnection } from '../support/scim/create-connection.ts';
import { createTokenAppClient, requestAccessToken } from '../support/tokens/roster-tokens.ts';
import { readSection } from '../support/project/docs-examples.ts';
import {
  adminToken,
  userToken,
  type TestResponse,
  systemToken,
  aws,
  issuer,
  type TestRequest,
  tenantId,
} from '../support/service.ts';

const { database, service } = await createFaultyService({ warm: ['acme', 'globex', 'north'] });
const token = adminToken('acme');
const email = () => `${unique()}@example.com`;
const domain = () => `${unique()}.example`;
const creates = (fields: object, sent: TestRequest = {}) =>
  service.post('/v1/users', { email: email(), ...fields }, { token, ...sent });
await seedUsers(service, 'globex', 101, (index) => ({
  email: `ada.lovelace-${index}@analytical-engines.example`,
  userName: `ada.lovelace-${index}`,
  name: 'Ada Lovelace',
  firstName: 'Ada',
  lastName: 'Lovelace',
  roles: ['user'],
  createdBy: `cradl:user:${'0'.repeat(32)}`,
}));
// Loads the deployment key and the tenants.
await creates({}, { headers: { 'idempotency-key': 'warm' } });

const writeOperations = [
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
];

/** Requests and the consumed capacity that the database reports. */
function spentOn(sent: readonly Request[]) {
  for (const { operation, text } of sent)
    if (!writeOperations.includes(operation)) expect(isConsistent(JSON.parse(text))).toBe(true);
  const [writes = [], reads = []] = [true, false].map((isWrite) =>
    sent.filter(({ operation }) => writeOperations.includes(operation) === isWrite),
  );
  return { requests: sent.length, writes: sumUnits(writes), reads: sumUnits(reads) };
}

const sumUnits = (sent: readonly Request[]): number =>
  sent.reduce((sum, { units = Number.NaN }) => sum + units, 0);

interface Read {
  readonly ConsistentRead?: boolean;
  readonly RequestItems?: Readonly<Record<string, Read>>;
}

const isConsistent = ({ RequestItems, ...read }: Read): boolean =>
  [RequestItems ? Object.values(RequestItems) : read]
    .flat()
    .every(({ ConsistentRead }) => ConsistentRead === true);

const asks = (user: UserRefs, sub = user.native): TestRequest => ({
  token: issuer.mintAccessToken({ sub, tenantId: tenantId.acme }),
});
const fresh = (more: object = {}) =>
  createUserIn(service, 'acme', { userName: undefined, ...more });
const patches = (body: object) => async (user: UserRefs) =>
  requestTransition(service, 'PATCH', user, '', { body });

const buildRows = () => Array.from({ length: 10 }, () => ({ email: email() }));
const imports = (rows: readonly object[], options: object = {}) =>
  importRows(service, rows, options, { token });
let existingRows = buildRows();
const importTen = async (): Promise<UserRefs> => {
  existingRows = buildRows();
  await imports(existingRows);
  return unknownUser;
};
// Loads the deployment key in the function.
await imports([{ email: email(), rowKey: unique() }]);
const importExisting = (more: object) => () =>
  imports(
    existingRows.map((row) => ({ ...row, ...more })),
    { onExisting: 'update' },
  );

const organizations = '/credible/api/v0/organizations';

/** Fills a tenant and ends its restore window. */
async function deletesTenant(): Promise<UserRefs> {
  await seedUsers(service, 'south', 100, (index) => ({
    email: `ada.lovelace-${index}@analytical-engines.example`,
    name: 'Ada Lovelace',
    roles: ['user'],
    createdBy: `cradl:user:${'0'.repeat(32)}`,
  }));
  const path = `/v1/tenants/${tenantId.south}`;
  await service.send('DELETE', path, { token: systemToken('acme') });
  const key = keys.tenant(tenantId.south);
  const { deletion, ...tenant } = (await service.stored.item(key)) as Record<string, any>;
  const eraseAfter = '2026-01-01T00:00:00.000Z';
  // The seeded users have no system-wide claims.
  const uniqueness = 'tenant';
  await service.stored.put({ ...tenant, uniqueness, deletion: { ...deletion, eraseAfter } });
  return unknownUser;
}

/** Operations by the label of their row in docs/cost.md, each with the user and the request. */
const operations: Readonly<
  Record<
    string,
    readonly [() => Promise<UserRefs>, (user: UserRefs) => Promise<{ status: number }>]
  >
> = {
  'create with an email': [fresh, () => creates({})],
  'create with a username': [fresh, () => creates({ userName: unique() })],
  'create with a username that is another address': [
    fresh,
    () => creates({ userName: `zz-${unique()}@example.org` }),
  ],
  'create with roles, or with the default role of the tenant': [
    fresh,
    () => creates({ roleIds: ['cradl:role:user'] }),
  ],
  'create with an identity': [
    fresh,
    () => creates({ identity: { issuer: 'https://id.example.com', subject: unique() } }),
  ],
  'create with an external ID': [fresh, () => creates({ externalId: unique() })],
  'create with a password or a hash': [fresh, () => creates({ password: goodPassword })],
  'create with an Idempotency-Key, and each repetition': [
    fresh,
    () => creates({}, { headers: { 'idempotency-key': unique() } }),
  ],
  'import 10 new users': [fresh, () => imports(buildRows())],
  'import 10 new users with row keys': [
    fresh,
    () => imports(buildRows().map((row) => ({ ...row, rowKey: unique() }))),
  ],
  'forecast 10 new users': [fresh, () => imports(buildRows(), { dryRun: true })],
  'import 10 existing users without changes': [importTen, importExisting({})],
  'update 10 users by an import': [importTen, importExisting({ name: 'Changed' })],
  'create with a username in a tenant with `uniqueness: system`': [
    fresh,
    () => creates({ userName: unique() }, { token: adminToken('north') }),
  ],
  'get a user by ID': [fresh, (user) => requestTransition(service, 'GET', user)],
  'get a user by email or username': [
    () => createUserIn(service, 'acme'),
    (user) => service.get(`/credible/api/v0/users/${user.credible}`, { token }),
  ],
  'find a user by external ID': [
    () => createUserIn(service, 'acme', { externalId: 'hr-4711' }),
    () => service.get('/v1/users?externalId=hr-4711', { token }),
  ],
  'look up a user of an organization': [
    () => createUserIn(service, 'acme'),
    (user) => service.get(`${organizations}/acme/users/${user.credible}`, { token }),
  ],
  'list 10 users': [fresh, () => service.get('/v1/users?maxResults=10', { token })],
  'list 100 users': [
    fresh,
    () => service.get('/v1/users?maxResults=100', { token: adminToken('globex') }),
  ],
  'search 100 users': [
    fresh,
    () => service.get('/v1/users?search=ada+analytical', { token: adminToken('globex') }),
  ],
  'list 100 users by time': [
    fresh,
    () => service.get('/v1/users?sort=-createdTime', { token: adminToken('globex') }),
  ],
  'list 10 users, and count 100 users': [
    fresh,
    () => service.get('/v1/users?maxResults=10&count=true', { token: adminToken('globex') }),
  ],
  'list 1 deleted user': [
    deleted,
    ({ credible }) => service.get(`/v1/users?status=deleted&emailPrefix=${credible}`, { token }),
  ],
  'update a user': [fresh, patches({ name: 'Jo' })],
  'add a role to a user': [
    fresh,
    ({ native }) =>
      service.send('PUT', `/v1/users/${native}/roles/cradl:role:user`, {
        token: adminToken('acme'),
      }),
  ],
  'update a username': [
    () => createUserIn(service, 'acme'),
    (user) => patches({ userName: unique() })(user),
  ],
  'update the email of an invited user': [fresh, (user) => patches({ email: email() })(user)],
  'update an email, with a notice to the user': [
    withPassword,
    (user) => patches({ email: email() })(user),
  ],
  'send an account notice': [
    createMovedUser,
    (user) => hears(keys.accountNotice(tenantId.acme, user.jitsudo, 2)),
  ],
  'suspend or reactivate a user': [
    () => createUserWithStatus('active', service),
    (user) => requestTransition(service, 'POST', user, '/suspend'),
  ],
  'sign a user out everywhere': [
    fresh,
    (user) => requestTransition(service, 'POST', user, '/sign-out'),
  ],
  'delete a user': [fresh, (user) => requestTransition(service, 'DELETE', user)],
  'restore a user': [
    () => deleted(),
    (user) => requestTransition(service, 'POST', user, '/restore'),
  ],
  'erase a deleted user': [
    () => deleted(),
    (user) => requestTransition(service, 'POST', user, '/erase'),
  ],
  'export, first page': [fresh, (user) => requestTransition(service, 'GET', user, '/export')],
  'get the own account': [fresh, (user) => service.get('/v1/users/me', asks(user))],
  'get the session of a user': [fresh, (user) => service.get('/v1/session', asks(user))],
  'get the profile of another user': [
    fresh,
    (user) => service.get(`/cradl/v1/profiles/${user.profile}`, { token }),
  ],
  'update the own account': [
    fresh,
    (user) => service.send('PATCH', '/v1/users/me', { ...asks(user), body: { name: 'Jo' } }),
  ],
  'sign out everywhere': [
    fresh,
    (user) => service.post('/v1/users/me/sign-out', undefined, asks(user)),
  ],
  'delete the own account': [fresh, (user) => service.send('DELETE', '/v1/users/me', asks(user))],
  'change the own password': [withPassword, changesPassword],
  'send an invitation': [fresh, mails],
  'get an invitation': [fresh, (user) => requestTransition(service, 'GET', user, '/invitation')],
  'resend or revoke an invitation': [
    fresh,
    (user) => requestTransition(service, 'POST', user, '/invitation/revoke'),
  ],
  'copy an invitation link': [fresh, copiesLink],
  'inspect an invitation link': [
    linked,
    (user) => service.post('/v1/invitations/inspect', { token: links.get(user) }),
  ],
  'accept an invitation': [
    linked,
    (user) =>
      service.post('/v1/invitations/accept', { token: links.get(user), password: goodPassword }),
  ],
  'sign in': [signedInBefore, (user) => signsIn(user)],
  'sign in for the first time': [withPassword, (user) => signsIn(user)],
  'failed sign-in': [withPassword, (user) => signsIn(user, 'another-lamp-7-tangled')],
  'denied request, the first of its kind in a minute': [
    fresh,
    (user) => service.get(`/v1/users/${user.native}`, { token: userToken('acme', []) }),
  ],
  'get the sign-in methods of a domain': [
    addVerifiedDomain,
    ({ domain }) => service.get(`/v1/auth/providers?domain=${domain}`),
  ],
  'set a logo of 10 KB': [fresh, setsLogo],
  'get a logo of 10 KB': [branded, () => service.get(logoPath)],
  'request a password reset': [withPassword, asksForLink],
  'pass a reset by username on to the email': [
    async () => {
      const userName = randomUUID();
      const user = await fresh({ password: goodPassword, userName });
      await service.post('/v1/auth/password-reset', { tenant: 'acme', userName });
      return { ...user, credible: userName };
    },
    ({ credible: userName }) => hears(keys.passwordReset(tenantId.acme, hashAccount({ userName }))),
  ],
  'send a reset link': [forgetful, mailsLink],
  'inspect a reset link': [
    reminded,
    (user) => service.post('/v1/auth/password-reset/inspect', { token: links.get(user) }),
  ],
  'complete a password reset': [
    reminded,
    (user) =>
      service.post('/v1/auth/password-reset/complete', {
        token: links.get(user),
        password: 'seven-lamps-in-an-orchard',
      }),
  ],
  'request a verification link': [withPassword, requestVerification],
  'send a verification link': [verifying, mailVerification],
  'inspect a verification link': [
    verifyingWithLink,
    (user) => service.post('/v1/auth/email-verification/inspect', { token: links.get(user) }),
  ],
  'verify an email': [verifyingWithLink, useVerification],
  'change the own email by a link': [movingWithLink, useVerification],
  'issue a token to an app client': [fresh, () => requestAccessToken(service, client)],
  'add a domain': [fresh, () => service.post('/v1/domains', { domain: domain() }, { token })],
  'verify a domain': [addDomain, verifiesDomain],
  'delete a verified domain': [
    addVerifiedDomain,
    ({ native }) =>
      service.send('DELETE', `/v1/domains/${native}`, { token: adminToken('globex') }),
  ],
  'create a webhook': [webhooks, () => service.post('/v1/webhooks', webhookInput, { token })],
  'rotate the secret of a webhook': [
    webhooks,
    ({ native }) => service.post(`/v1/webhooks/${native}/rotate-secret`, {}, { token }),
  ],
  'send a test event': [
    webhooks,
    ({ native }) => service.send('POST', `/v1/webhooks/${native}/test`, { token }),
  ],
  'send events of a webhook again': [
    webhooks,
    ({ native }) => service.post(`/v1/webhooks/${native}/replay`, { after: 0 }, { token }),
  ],
  'delete a webhook': [
    webhooks,
    ({ native }) => service.send('DELETE', `/v1/webhooks/${native}`, { token }),
  ],
  'create a SCIM connection': [connections, () => createConnection(service)],
  'rotate the token of a SCIM connection': [
    connections,
    ({ native }) => service.post(`/v1/scim/connections/${native}/tokens`, {}, { token }),
  ],
  'delete a SCIM connection': [
    connections,
    ({ native }) => service.send('DELETE', `/v1/scim/connections/${native}`, { token }),
  ],
  'find a user by SCIM': [
    provisionUser,
    ({ credible }) => sendScim('GET', `Users?filter=userName eq "${credible}"`),
  ],
  'create a user by SCIM': [provisionUser, () => createByScim(`${unique()}@example.com`)],
  'replace the title of a user by SCIM': [
    provisionUser,
    ({ jitsudo }) => patchByScim(jitsudo, { title: 'Lead' }),
  ],
  'deactivate a user by SCIM': [
    provisionUser,
    ({ jitsudo }) => patchByScim(jitsudo, { active: false }),
  ],
  'delete a user by SCIM': [provisionUser, ({ jitsudo }) => sendScim('DELETE', `Users/${jitsudo}`)],
  'create 10 users by a bulk request of SCIM': [
    provisionUser,
    () => sendScim('POST', 'Bulk', { Operations: buildBulkOperations() }),
  ],
  'list 100 users by SCIM': [
    fillScimTenant,
    () => sendScim('GET', 'Users?count=100&attributes=userName,emails,active'),
  ],
  'request a level': [withPassword, requestsLevel],
  'email a request for a level': [
    ownedWithRequest,
    (user) => hears(keys.accountNotice(tenantId.acme, user.jitsudo, 2)),
  ],
  'read the requests for a level': [
    fresh,
    () => service.get(`${organizations}/acme/permissions?requestPermission=true`, { token }),
  ],
  'get an organization': [fresh, () => service.get(`${organizations}/acme`, { token })],
  'rename an organization': [fresh, renamesOrganization],
  'create a group': [fresh, () => service.post('/v1/groups', { name: unique() }, { token })],
  'get a group': [addGroup, ({ native }) => service.get(`/v1/groups/${native}`, { token })],
  'list 10 groups': [
    addGroups,
    () => service.get('/v1/groups?maxResults=10', { token: adminToken('globex') }),
  ],
  'update a group': [
    addGroup,
    ({ native }) =>
      service.send('PATCH', `/v1/groups/${native}`, { token, body: { description: 'Pays.' } }),
  ],
  'delete a group': [addGroup, deletesGroup],
  'restore a group': [
    deletedGroup,
    ({ native }) => service.send('POST', `/v1/groups/${native}/restore`, { token }),
  ],
  'add a member to a group': [addGroup, addsMember],
  'remove a member from a group': [
    addGroupWithMember,
    ({ native, memberId }) =>
      service.send('DELETE', `/v1/groups/${native}/members/${memberId}`, { token }),
  ],
  'nest a group': [addGroupWithGroup, addsMember],
  'list 10 members of a group': [addLargeGroup, (group) => listsMembers(group, 10)],
  'list 100 members of a group': [addLargeGroup, (group) => listsMembers(group, 100)],
  'list 10 groups of a user': [
    addGroups,
    ({ memberId }) => service.get(`/v1/users/${memberId}/groups`, { token: adminToken('globex') }),
  ],
  'sign in as a member of 10 groups': [memberOfGroups, (user) => signsIn(user)],
  'add a user to a group of Credible': [
    addGroupAndUser,
    ({ credible, memberEmail }) =>
      service.post(
        `${organizations}/acme/groups/${credible}/members`,
        { members: [{ userGroupId: `user:${memberEmail}` }] },
        { token },
      ),
  ],
  'list a group of Credible with 1 member': [
    () => addCredibleGroup('listAllGroupMembers'),
    ({ credible }) => service.get(`${organizations}/acme/groups/${credible}/members`, { token }),
  ],
  'create a group token': [
    () => addCredibleGroup('createGroupToken'),
    ({ credible }) =>
      service.send('POST', `${organizations}/acme/groups/${credible}/tokens?name=${unique()}`, {
        token,
      }),
  ],
  'list 1 group token': [
    () => addCredibleGroup('deleteGroupToken'),
    ({ credible }) => service.get(`${organizations}/acme/groups/${credible}/tokens`, { token }),
  ],
  'delete a group token': [
    () => addCredibleGroup('deleteGroupToken'),
    ({ credible, tokenName }) =>
      service.send('DELETE', `${organizations}/acme/groups/${credible}/tokens/${tokenName}`, {
        token,
      }),
  ],
  'read 100 events': [addsEvents, () => service.get('/v1/events?limit=100', { token })],
  'read 100 events with a filter that selects 10 of 1,000': [
    addsEvents,
    () => service.get('/v1/events?limit=100&types=app_client.revoked', { token }),
  ],
  'read the event feed without new events': [
    async () => {
      latestCursor = (await service.get('/v1/events?after=latest', { token })).body.nextCursor;
      return unknownUser;
    },
    () => service.get(`/v1/events?after=${latestCursor}`, { token }),
  ],
  'read 100 entries of the audit log': [
    addsEvents,
    () => service.get('/v1/audit-log?maxResults=100', { token }),
  ],
  'get a checkpoint proof': [
    addCheckpointProof,
    () => service.get('/v1/audit-log/checkpoint', { token }),
  ],
  'check a verified domain, once a week': [
    addDueDomain,
    async () => {
      await service.on.domainChecks();
      return { status: 200 };
    },
  ],
  'number a change': [async () => unknownUser, () => numberChanges(1)],
  'number 20 changes of a tenant at once': [async () => unknownUser, () => numberChanges(20)],
  'number a change of a membership': [
    async () => unknownUser,
    () => numberChanges(1, 'membership'),
  ],
  'deliver an event to a webhook': [() => prepareDelivery(1), deliverEvents],
  'deliver 20 events of a tenant to a webhook': [() => prepareDelivery(20), deliverEvents],
  'publish an event on the event bus': [async () => addExports(1), exportsFeed],
  'publish 20 events on the event bus at once': [async () => addExports(20), exportsFeed],
  'erase a tenant with 100 users': [
    deletesTenant,
    async () => {
      await service.on.tenantErasure();
      return { status: 200 };
    },
  ],
};

let latestCursor = '';
/** 1,000 events of typical size in full segments, with the change records of the last 100. */
async function addsEvents(): Promise<UserRefs> {
  const id = toHex(randomUUID());
  const events = Array.from(
    { length: 1000 },
    (_, index): TestEvent => ({
      type: index % 100 === 0 ? 'app_client.revoked' : 'app_client.updated',
      resource: { type: 'appClient', id, version: index + 2 },
      actor: { type: 'user', id: randomUUID() },
      changedFields: ['callbackUrls', 'name'],
      policies: ['write-app-client'],
      digest: 'a'.repeat(64),
    }),
  );
  const segments = [];
  for (let start = 0; start < events.length; start += 49)
    segments.push({ first: start + 1, events: events.slice(start, start + 49) });
  await writeFeed(service, 'acme', segments);
  await service.stored.putAll(
    events.slice(-100).map(({ resource: { version = 0 }, actor, policies }) => ({
      ...keys.appClientChange(tenantId.acme, id, version),
      action: 'update',
      version,
      actor,
      by: `cradl:user:${'0'.repeat(32)}`,
      issuer: 'https://roster.example.com',
      requestId: 'JKJaXmPLvHcESHA=',
      policies,
      before: JSON.stringify({ callbackUrls: [], name: 'Nightly import' }),
    })),
  );
  return unknownUser;
}

async function addCheckpointProof(): Promise<UserRefs> {
  await writeAnchor(service, 'acme');
  return unknownUser;
}

/** Group with a member, and with a token for the operation that deletes it. */
async function addCredibleGroup(operation: Operation): Promise<UserRefs> {
  const route = authenticatedRoutes.find((each) => each.operation === operation);
  if (!route) throw new Error(`${operation} has no route`);
  return createUserForRoute(route, service, 'acme');
}

async function addGroupAndUser(): Promise<UserRefs> {
  const [group, user] = [await addCredibleGroup('addGroupMembers'), await fresh()];
  return { ...group, memberEmail: getEmail(user) };
}

/** Group with a user who is not a member. */
async function addGroup(): Promise<UserRefs> {
  const { body } = await service.post('/v1/groups', { name: unique() }, { token });
  return { ...(await fresh()), native: body.groupId, memberId: (await fresh()).native };
}

function addsMember({ native, memberId }: UserRefs): Promise<TestResponse> {
  return service.post(`/v1/groups/${native}/members`, { members: [{ memberId }] }, { token });
}

async function addGroupWithMember(): Promise<UserRefs> {
  const group = await addGroup();
  await addsMember(group);
  return group;
}

async function addGroupWithGroup(): Promise<UserRefs> {
  return { ...(await addGroup()), memberId: (await addGroup()).native };
}

function deletesGroup({ native }: UserRefs): Promise<TestResponse> {
  return service.send('DELETE', `/v1/groups/${native}`, { token });
}

async function deletedGroup(): Promise<UserRefs> {
  const group = await addGroup();
  await deletesGroup(group);
  return group;
}

/** Groups with the same member. */
let groups: Promise<readonly UserRefs[]> | undefined;
function listGroups(): Promise<readonly UserRefs[]> {
  const add = async () => {
    const { body } = await service.get('/v1/users?maxResults=100', { token: adminToken('globex') });
    const members = body.users.map(({ userId }: { userId: string }) => ({ memberId: userId }));
    const added: UserRefs[] = [];
    for (let index = 0; index < 10; index++) {
      const sent = { token: adminToken('globex') };
      const { groupId } = (await service.post('/v1/groups', { name: unique() }, sent)).body;
      // The first group has all of them.
      const size = index === 0 ? members.length : 1;
      for (let start = 0; start < size; start += 20) {
        const part = { members: members.slice(start, Math.min(size, start + 20)) };
        await service.post(`/v1/groups/${groupId}/members`, part, sent);
      }
      added.push({ ...(await fresh()), native: groupId, memberId: members[0].memberId });
    }
    return added;
  };
  return (groups ??= add());
}

async function addGroups(): Promise<UserRefs> {
  return (await listGroups())[1] as UserRefs;
}

async function addLargeGroup(): Promise<UserRefs> {
  return (await listGroups())[0] as UserRefs;
}

function listsMembers({ native }: UserRefs, count: number): Promise<TestResponse> {
  const path = `/v1/groups/${native}/members?maxResults=${count}`;
  return service.get(path, { token: adminToken('globex') });
}

async function memberOfGroups(): Promise<UserRefs> {
  const user = await withPassword();
  for (let index = 0; index < 10; index++) {
    const { groupId } = (await service.post('/v1/groups', { name: unique() }, { token })).body;
    await addsMember({ ...user, native: groupId, memberId: user.native });
  }
  return user;
}

function requestsLevel(user: UserRefs): Promise<TestResponse> {
  const body = { userGroupId: `user:${getEmail(user)}`, permission: 'member' };
  return service.post(`${organizations}/acme/permissions?requestPermission=true`, body, asks(user));
}

/** User with a request for a level in a tenant with an active owner. */
async function ownedWithRequest(): Promise<UserRefs> {
  const owner = await withPassword();
  await service.updateTenantItem('acme', { ownerUserId: owner.jitsudo });
  const user = await withPassword();
  await requestsLevel(user);
  return user;
}

function renamesOrganization(): Promise<TestResponse> {
  const body = { displayName: unique() };
  return service.send('PATCH', `${organizations}/acme`, { token, body });
}

function addDomain(): Promise<UserRefs> {
  return createDomainIn(service, 'globex');
}

function webhooks(): Promise<UserRefs> {
  return createWebhookIn(service, 'acme');
}

function connections(): Promise<UserRefs> {
  return createConnectionForRoute(service, 'acme');
}

let scimToken = '';

function sendScim(method: string, path: string, body?: object): Promise<TestResponse> {
  const headers = { authorization: `Bearer ${scimToken}` };
  return service.send(method, `/scim/v2/${path}`, { headers, ...(body && { body }) });
}

const createByScim = (userName: string) =>
  sendScim('POST', 'Users', {
    userName,
    externalId: unique(),
    name: { givenName: 'Ada', familyName: 'Lovelace' },
    emails: [{ value: userName, type: 'work', primary: true }],
    active: true,
  });

const buildBulkOperations = () =>
  Array.from({ length: 10 }, (_, index) => {
    const userName = `${unique()}@example.com`;
    const data = { userName, externalId: unique(), emails: [{ value: userName, primary: true }] };
    return { method: 'POST', path: '/Users', bulkId: `user-${index}`, data };
  });

const patchByScim = (userId: string, value: object) =>
  sendScim('PATCH', `Users/${userId}`, { Operations: [{ op: 'replace', value }] });

/** Creates a user with an only connection, which the function then has in its cache. */
async function provisionUser(): Promise<UserRefs> {
  await createConnectionForRoute(service, 'acme');
  scimToken = (await createConnection(service)).body.token;
  const credible = `${unique()}@example.com`;
  const { body } = await createByScim(credible);
  return { ...unknownUser, jitsudo: body.id, credible };
}

/** Creates a connection in a tenant with more than 100 users. */
async function fillScimTenant(): Promise<UserRefs> {
  scimToken = (await createConnection(service, 'globex')).body.token;
  await sendScim('GET', 'Users?count=1');
  return unknownUser;
}

function verifiesDomain({ native }: UserRefs): Promise<TestResponse> {
  return service.send('POST', `/v1/domains/${native}/verify`, { token: adminToken('globex') });
}

async function addVerifiedDomain(): Promise<UserRefs> {
  const added = await addDomain();
  await verifiesDomain(added);
  return added;
}

/** Verified domain whose check is due. */
async function addDueDomain(): Promise<UserRefs> {
  const added = await addVerifiedDomain();
  const claim = await service.stored.item(keys.domainClaim(added.domain ?? ''));
  await service.stored.put({ ...claim, checkAt: '2026-01-01T00:00:00.000Z' });
  return added;
}

/** User after an email change. */
async function createMovedUser(): Promise<UserRefs> {
  const user = await withPassword();
  await patches({ email: email() })(user);
  return user;
}

function changesPassword(user: UserRefs): Promise<TestResponse> {
  return service.post(
    '/v1/users/me/password',
    { currentPassword: goodPassword, newPassword: 'seven-lamps-in-an-orchard' },
    asks(user),
  );
}

function copiesLink(user: UserRefs): Promise<TestResponse> {
  return requestTransition(service, 'POST', user, '/invitation/link', {
    token: systemToken('acme'),
  });
}

/** Delivers the pending mail of a user, like the stream. */
function mails({ jitsudo }: UserRefs): Promise<{ status: number }> {
  return hears(keys.user(tenantId.acme, jitsudo));
}

async function hears({ pk, sk }: Key): Promise<{ status: number }> {
  const { batchItemFailures } = await service.on.records([
    { dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } } } },
  ]);
  return { status: batchItemFailures.length === 0 ? 200 : 500 };
}

const getEmail = ({ credible }: UserRefs) => `${credible}@example.com`;

/** Creates a user whose latest sign-in is more than a minute ago. */
async function signedInBefore(): Promise<UserRefs> {
  const user = await withPassword();
  await service.stored.put({
    ...keys.lastSignIn(tenantId.acme, user.jitsudo),
    lastSignInAt: new Date(Date.now() - 3_600_000).toISOString(),
  });
  return user;
}

function withPassword(): Promise<UserRefs> {
  return fresh({ password: goodPassword });
}

function signsIn(user: UserRefs, password = goodPassword): Promise<TestResponse> {
  return service.post('/v1/auth/token', {
    tenant: 'acme',
    email: getEmail(user),
    password,
  });
}

function asksForLink(user: UserRefs): Promise<TestResponse> {
  return service.post('/v1/auth/password-reset', { tenant: 'acme', email: getEmail(user) });
}

function mailsLink(user: UserRefs): Promise<{ status: number }> {
  return hears(keys.passwordReset(tenantId.acme, hashEmail(getEmail(user))));
}

/** User who requested a password reset. */
async function forgetful(): Promise<UserRefs> {
  const user = await withPassword();
  await asksForLink(user);
  return user;
}

/** User with a mailed reset link. */
async function reminded(): Promise<UserRefs> {
  const user = await forgetful();
  await mailsLink(user);
  await keepLink(user);
  return user;
}

function requestVerification(user: UserRefs): Promise<TestResponse> {
  return service.post(`/v1/users/${user.native}/email/verification`, undefined, { token });
}

function mailVerification({ jitsudo }: UserRefs): Promise<{ status: number }> {
  return hears(keys.accountNotice(tenantId.acme, jitsudo, 2));
}

/** User with a requested verification link. */
async function verifying(): Promise<UserRefs> {
  const user = await withPassword();
  await requestVerification(user);
  return user;
}

async function verifyingWithLink(): Promise<UserRefs> {
  const user = await verifying();
  await mailVerification(user);
  await keepLink(user);
  return user;
}

/** User with a mailed link to a new email. */
async function movingWithLink(): Promise<UserRefs> {
  const user = await withPassword();
  await service.post('/v1/users/me/email', { email: `new-${getEmail(user)}` }, asks(user));
  await mailVerification(user);
  await keepLink(user);
  return user;
}

function useVerification(user: UserRefs): Promise<TestResponse> {
  return service.post('/v1/auth/email-verification/complete', { token: links.get(user) });
}

let logoPath = '';
async function setsLogo(): Promise<TestResponse> {
  const logo = toDataUri('png', createPng(120, 40, '#0b6e4f', 10_000));
  const path = `/v1/tenants/${tenantId.north}`;
  const body = { branding: { logo } };
  return service.send('PATCH', path, { token: adminToken('north'), body });
}

async function branded(): Promise<UserRefs> {
  logoPath = new URL((await setsLogo()).body.branding.logo).pathname;
  return fresh();
}

const links = new Map<UserRefs, string | undefined>();
/** User with a mailed invitation. */
async function linked(): Promise<UserRefs> {
  const user = await fresh();
  await mails(user);
  await keepLink(user);
  return user;
}

async function keepLink(user: UserRefs): Promise<void> {
  links.set(user, /#token=([\w-]+)/.exec((await aws()).mailbox.mails.at(-1)?.text ?? '')?.[1]);
}
// Loads the deployment key in sign-in, and the tenant in account, link redemption and tenants.
await service.get(`${organizations}/acme`, { token });
await service.get('/v1/session', { token });
await changesPassword(await withPassword());
await copiesLink(await linked());
await service.post('/v1/invitations/inspect', { token: [...links.values()][0] });
await signsIn(await withPassword());
const client = await createTokenAppClient(service, 'acme');
await requestAccessToken(service, client);
await asksForLink(await withPassword());
await service.get('/v1/auth/providers?slug=globex');
await service.get('/v1/groups', { token });
await service.get('/v1/events', { token });
await addGroups();
await service.get('/v1/groups?maxResults=1', { token: adminToken('globex') });

/** Numbers the creations of entities. */
async function numberChanges(count: number, kind: Entity['kind'] = 'user') {
  const records = Array.from({ length: count }, () => {
    const audit = {
      actor: { type: 'user', id: randomUUID() },
      requestId: randomUUID(),
      policies: ['create-user'],
    };
    return toInsertRecord(buildRecord(tenantId.acme, { kind, id: randomUUID() }, 1, audit));
  });
  expect(await service.on.changes(records)).toEqual({ batchItemFailures: [] });
  return { status: 200 };
}
const delivery = await createDeliveryService({ database });

async function prepareDelivery(count: number): Promise<UserRefs> {
  await delivery.startTenant();
  await delivery.createReceiver();
  await delivery.append(Array.from({ length: count }, (_, index) => index));
  return unknownUser;
}

async function deliverEvents() {
  await delivery.advance();
  return { status: 200 };
}

// Loads the deployment key and the end of the feed in the sequencer.
await numberChanges(1);

let exportedTenant = '';

/** Adds events to a feed whose archive is due already. */
async function addExports(count: number): Promise<UserRefs> {
  exportedTenant = randomUUID();
  await appendEvents(service, exportedTenant, [updatedUser(randomUUID())]);
  await exportsFeed();
  const events = Array.from({ length: count }, () => updatedUser(randomUUID()));
  await appendEvents(service, exportedTenant, events);
  return unknownUser;
}

async function exportsFeed() {
  const detail = { tenantId: exportedTenant };
  await service.on.feedExport({ source: 'roster', 'detail-type': 'Feed Advanced', detail });
  return { status: 200 };
}

async function deleted(): Promise<UserRefs> {
  const user = await fresh();
  await requestTransition(service, 'DELETE', user);
  return user;
}

/** Status of operations that are rejected. */
const rejections: ReadonlyMap<string, number> = new Map([
  ['failed sign-in', 401],
  ['denied request, the first of its kind in a minute', 403],
]);

async function measured(what: string): Promise<ReturnType<typeof spentOn>> {
  const [given, act] = operations[what] ?? [];
  const user = (await given?.()) as UserRefs;
  database.isWell();
  const answer = await act?.(user);
  const expected = rejections.get(what);
  if (expected === undefined) expect(answer?.status).toBeLessThan(300);
  else expect(answer?.status).toBe(expected);
  return spentOn(database.sent);
}

/** Rows `| operation | requests | writes | reads |`. The last two rows are surcharges. */
const rows = readSection('docs/cost.md', 'DynamoDB units per operation')
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .filter(([, what, requests]) => what && /^\d+$/.test(requests ?? ''))
  .map(([, what = '', ...cells]): [string, ...number[]] => [
    what,
    ...cells.slice(0, 3).map(Number),
  ]);

describe('docs/cost.md', () => {
  it('has a row for each operation', () => {
    expect(rows.map(([what]) => what)).toEqual(Object.keys(operations));
  });

  it.each(rows)('%s: %i requests, %i units written, %i read', async (what, ...costs) => {
    for (let index = 0; index < 10; index++) if (what.startsWith('list')) await fresh();
    const { requests, writes: written, reads } = await measured(what);
    expect([requests, written, reads]).toEqual(costs);
  });

  it('has no operation that leaves a list entry or claim behind its user', async () => {
    const { users, missing, stray } = await auditTables(service);
    expect([users.length > 50, missing, stray]).toEqual([true, [], []]);
  });
});

describe('a default role', () => {
  it('costs as much as a role in the request', async () => {
    const other = await createFaultyService({ warm: [] });
    await other.service.updateTenantItem('acme', { defaultRole: 'user' });
    const create = () => other.service.post('/v1/users', { email: email() }, { token });
    await create();
    other.database.isWell();
    expect((await create()).body.roleIds).toEqual(['cradl:role:user']);
    const { requests, writes: written, reads } = spentOn(other.database.sent);
    const label = 'create with roles, or with the default role of the tenant';
    expect(rows).toContainEqual([label, requests, written, reads]);
  });
});

describe('a checkpoint', () => {
  it('costs 4 requests for a feed, and 1 for a tenant without events', async () => {
    const other = await createFaultyService({ warm: [] });
    await createFeed(other.service, tenantId.globex)([1], { at: new Date() });
    other.database.isWell();
    expect(await other.service.on.checkpoint()).toMatchObject({ tenants: 1, refused: 0 });
    expect(spentOn(other.database.sent)).toMatchObject({ requests: 8, writes: 1, reads: 7 });
  });
});

describe('a pending email', () => {
  it('costs one unit of the index to add and one to remove', async () => {
    const indexed = await createFaultyService({ warm: ['acme'], hasOutboxIndex: true });
    const consume = async (act: () => Promise<unknown>) => {
      indexed.database.isWell();
      await act();
      return spentOn(indexed.database.sent).writes;
    };
    const create = () => indexed.service.post('/v1/users', { email: email() }, { token });
    await create();
    await indexed.service.deliverPendingMail();
    const [created = 0, sent = 0] = ['create with an email', 'send an invitation'].map(
      (operation) => rows.find(([label]) => label === operation)?.[2],
    );

    expect(await consume(create)).toBe(created + 1);
    expect(await consume(() => indexed.service.deliverPendingMail())).toBe(sent + 1);
  });
});

describe('a request with additional costs', () => {
  const listOperations = async (act: () => Promise<TestResponse>) => {
    database.isWell();
    expect((await act()).status).toBeLessThan(300);
    return database.sent
      .map(({ operation, text }) =>
        operation === 'TransactWriteItems'
          ? `Transact(${JSON.parse(text).TransactItems.length})`
          : operation,
      )
      .join(' ');
  };
  const allFields = () => ({
    avatar: picture,
    password: goodPassword,
    identity: { issuer: 'https://id.example.com', subject: unique() },
  });

  it.each([
    [
      'an update of every identifier and the avatar',
      'PATCH',
      '',
      { email: 'x@x.example', userName: 'x', identity: null, avatar: null },
      'Query Query GetItem Transact(10)',
    ],
    [
      'an update without identifiers',
      'PATCH',
      '',
      { name: 'Jo' },
      'Query Query GetItem Transact(3)',
    ],
    ['an update that changes nothing', 'PATCH', '', { name: null }, 'Query Query GetItem'],
    [
      'a delete, which releases each identifier',
      'DELETE',
      '',
      undefined,
      'Query Query GetItem Transact(7)',
    ],
    [
      'an erasure, which removes each item',
      'POST',
      '/erase',
      undefined,
      'Query GetItem Query GetItem Transact(7) GetItem DeleteItem Query Query BatchWriteItem DeleteItem',
    ],
  ])('is %s', async (_what, method, path, body, expected) => {
    const user = await createUserIn(service, 'acme', allFields());
    expect(
      await listOperations(() => requestTransition(service, method, user, path, { body })),
    ).toBe(expected);
  });

  it.each([
    ['GET', 200, 'GetItem GetItem'],
    ['PATCH', 200, 'Query GetItem GetItem Query Transact(3)'],
    ['DELETE', 204, 'Query GetItem Query Transact(5)'],
  ])('is finding a user by identifier: %s', async (method, _status, expected) => {
    const user = await createUserIn(service, 'acme');
    const sent = {
      token: systemToken('acme'),
      ...(method === 'PATCH' && { body: { firstName: 'Jo' } }),
    };
    expect(
      await listOperations(() =>
        service.send(method, `/credible/api/v0/users/${user.credible}`, sent),
      ),
    ).toBe(expected);
  });
});
