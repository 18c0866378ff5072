import { randomUUID } from 'node:crypto';
import { marshall } from '@aws-sdk/util-dynamodb';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { DeployedFunction } from '../../infra/build/bundle.ts';
import { grants, type Resource } from '../../infra/constructs/grants.ts';
import { eventSource } from '../../infra/constructs/event-bus.ts';
import { routes } from '../../lib/api/routes.ts';
import { keys, userConnectionLog, webhookKeys } from '../../lib/store/keys.ts';
import {
  createAppClientIn,
  createUserIn,
  createDomainIn,
  requestRoute,
  tenantInput,
  createUserForRoute,
  authenticatedRoutes,
  isSelfRoute,
  type UserRefs,
} from '../support/authenticated-routes.ts';
import {
  createFaultProxy,
  always,
  dropRequest,
  type Fault,
  passThrough,
  type Sent,
} from '../support/faults/fault-proxy.ts';
import { createdUser, type TestEvent, writeFeed } from '../support/feed/write-feed.ts';
import { getLogs } from '../support/logs.ts';
import {
  adminToken,
  createTestService,
  systemToken,
  aws,
  issuer,
  type Service,
  tenantId,
} from '../support/service.ts';
import { createFeed } from '../support/feed/build-feed.ts';
import { fillTenant } from '../support/scenarios/fill-tenant.ts';
import { createPng, toDataUri } from '../support/scenarios/logos.ts';
import { createConnection } from '../support/scim/create-connection.ts';
import { createDeliveryService, hour } from '../support/webhooks/delivery-service.ts';
import { createTestClock } from '../support/scenarios/user-states.ts';
import { createTokenAppClient, requestAccessToken } from '../support/tokens/roster-tokens.ts';
import { properties, resource, renderArn } from '../support/synthesized-stack.ts';
import {
  findMissingGrant,
  matchesPattern,
  readAccess,
  type TableAccess,
} from '../support/database/granted.ts';

/** Request to KMS, SES, EventBridge or S3, and the right that it needs. */
interface OtherAccess {
  readonly on: Resource;
  readonly action: string;
}

const others: Readonly<Record<string, OtherAccess>> = {
  GenerateMac: { on: 'linkKeys', action: 'kms:GenerateMac' },
  VerifyMac: { on: 'linkKeys', action: 'kms:VerifyMac' },
  Sign: { on: 'signingKeys', action: 'kms:Sign' },
  GetPublicKey: { on: 'signingKeys', action: 'kms:GetPublicKey' },
  PutEvents: { on: 'eventBus', action: 'events:PutEvents' },
  '/v2/email/outbound-emails': { on: 'mail', action: 'ses:SendEmail' },
  '/archive/events': { on: 'archivedEvents', action: 's3:PutObject' },
  '/archive/?list-type=2&prefix=checkpoints%2F': { on: 'archive', action: 's3:ListBucket' },
};

/** Maps a request to the right that the service checks. */
function readOtherAccess({ operation, text }: Sent): OtherAccess {
  if (operation.startsWith('/archive/checkpoints/'))
    return { on: 'checkpoints', action: text === '' ? 's3:GetObject' : 's3:PutObject' };
  if (text.includes('key/checkpoint')) return { ...others[operation]!, on: 'checkpointKey' };
  if (operation === 'GenerateMac' && text.includes('key/webhook-'))
    return { on: 'webhookKeys', action: 'kms:GenerateMac' };
  const access = others[operation] ?? others[operation.split('/').slice(0, 3).join('/')];
  if (access === undefined) throw new Error(`unknown right of ${operation}`);
  return access;
}

const senders = [
  'tokens',
  'users',
  'account',
  'bulk-users',
  'passwords',
  'link-redemption',
  'invitation-links',
  'sign-in',
  'app-clients',
  'tenants',
  'logos',
  'groups',
  'domains',
  'feed',
  'connections',
  'webhooks',
  'mailer',
  'invite-requests',
  'domain-checks',
  'group-cleanup',
  'tenant-erasure',
  'sequencer',
  'webhook-delivery',
  'feed-export',
  'checkpoints',
] as const satisfies DeployedFunction[];

const reads = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];
const writes = [
  'dynamodb:PutItem',
  'dynamodb:UpdateItem',
  'dynamodb:DeleteItem',
  'dynamodb:BatchWriteItem',
];

/** `TENANT#2489…#USER#1cda…` → `TENANT#*#USER#*`: upper-case parts are literal, the rest varies. */
const toPattern = (partition: string): string =>
  partition
    .split('#')
    .map((part) => (/^[A-Z]+$/.test(part) ? part : '*'))
    .join('#');

const tableArns: Partial<Record<Resource, string>> = {
  directory: '<Directory.Arn>',
  secrets: '<Secrets.Arn>',
  outbox: '<Directory.Arn>/index/outbox',
};

/**
 * Evaluates a request against the synthesized policies like IAM: one statement must allow all
 * parts.
 */
const isAllowed = (name: DeployedFunction, access: TableAccess): boolean => {
  const arn = tableArns[access.on] ?? '';
  return readStatements(name).some(({ arns, actions, patterns, attributes }) => {
    if (!arns.includes(arn)) return false;
    if (!access.actions.every((action) => actions.includes(action))) return false;
    if (patterns === undefined) return true;
    return (
      (access.attributes ?? []).every((each) => attributes?.includes(each) ?? true) &&
      access.partitions.length > 0 &&
      access.partitions.every((each) => patterns.some((pattern) => matchesPattern(each, pattern)))
    );
  });
};

/** Statement that allows requests to tables. */
interface AllowStatement {
  readonly arns: readonly string[];
  readonly actions: readonly string[];
  /** Undefined without a condition. */
  readonly patterns?: readonly string[];
  readonly attributes?: readonly string[] | undefined;
}

const allowStatements = new Map<DeployedFunction, readonly AllowStatement[]>();
/** Reads the statements of a function's role about tables from the template. */
function readStatements(name: DeployedFunction): readonly AllowStatement[] {
  const cached = allowStatements.get(name);
  if (cached) return cached;
  const id = name.replaceAll(/(^|-)([a-z])/g, (_match, _dash, letter: string) =>
    letter.toUpperCase(),
  );
  const { Policies } = resource('AWS::IAM::Role', `${id}Role`).Properties;
  const all: readonly Statement[] = Policies.flatMap(
    ({ PolicyDocument }: { PolicyDocument: { Statement: Statement[] } }) =>
      PolicyDocument.Statement,
  );
  const statements = all.flatMap(({ Effect, Action, Resource, Condition, ...unknown }) => {
    expect([Effect, unknown]).toEqual(['Allow', {}]);
    const arns = [Resource].flat().map(renderArn);
    if (!arns.some((arn) => Object.values(tableArns).includes(arn))) return [];
    const allowed: AllowStatement = { arns, actions: [Action].flat() };
    if (Condition === undefined) return [allowed];
    const {
      'ForAllValues:StringLike': like,
      'ForAllValues:StringEquals': equal,
      Null,
      ...more
    } = Condition;
    expect([more, Null]).toEqual([{}, { 'dynamodb:LeadingKeys': 'false' }]);
    const attributes = equal && [equal['dynamodb:Attributes'] ?? []].flat();
    return [{ ...allowed, patterns: [like?.['dynamodb:LeadingKeys'] ?? []].flat(), attributes }];
  });
  allowStatements.set(name, statements);
  return statements;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, string | string[]>>;
}

const inviteSources = JSON.stringify([
  { account: '123456789012', source: 'com.example.crm', tenant: tenantId.north, roles: ['admin'] },
]);
const inviteEvent = {
  account: '123456789012',
  source: 'com.example.crm',
  'detail-type': 'User Invite Requested',
  id: 'an-event',
};

describe('requests of a function', async () => {
  const database = await createFaultProxy(inject('databaseEndpoint'));
  const standIn = await createFaultProxy((await aws()).endpoint);
  const { endpoint, environment } = await aws();
  const endpoints = Object.entries(environment).map(([name, url]) => [
    name,
    url.replace(endpoint, standIn.endpoint),
  ]);
  const service = await createTestService({
    hasOutboxIndex: true,
    databaseEndpoint: database.endpoint,
    environment: {
      ...Object.fromEntries(endpoints),
      MAILS_PER_TENANT_HOUR: '2',
      INVITE_SOURCES: inviteSources,
    },
  });
  const sent: Record<string, { tables: TableAccess[]; others: OtherAccess[] }> = {};
  const isSent = async <Result>(
    name: DeployedFunction,
    act: () => Promise<Result>,
    { stored }: Service = service,
  ): Promise<Result> => {
    database.isWell();
    standIn.isWell();
    const result = await act();
    const all = (sent[name] ??= { tables: [], others: [] });
    all.tables.push(
      ...database.sent.flatMap(({ operation, text }) =>
        readAccess(operation, JSON.parse(text), (table) => table === stored.secrets),
      ),
    );
    all.others.push(...standIn.sent.map(readOtherAccess));
    return result;
  };

  /** First, while the deployment key does not exist yet. */
  beforeAll(async () => {
    const detail = {
      id: 'a-request',
      email: 'dee@x.example',
      userName: 'dee',
      appClientId: 'cradl:app-client:default',
    };
    await isSent('invite-requests', () => service.on.inviteRequest({ ...inviteEvent, detail }));
    expect((await aws()).events.map((each) => each['detail-type'])).toContain('User Invited');
  });

  /** Every route with a token, and every code path of the store. */
  beforeAll(async () => {
    for (const route of authenticatedRoutes) {
      const user = await createUserForRoute(route, service, 'acme');
      const headers = {
        'x-tenant-id': tenantId.acme,
        'idempotency-key': route.route.replaceAll(' ', ''),
      };
      const token = issuer.mintAccessToken({
        sub: isSelfRoute(route) ? user.native : 'system',
        roles: ['system_admin'],
      });
      const { status } = await isSent(route.function, () =>
        requestRoute(service, route, { user, token, headers }),
      );
      expect(status, route.route).toBe(route.status);
    }
    const token = adminToken('acme');
    const avatar = 'data:image/png;base64,iVBORw0KGgo=';
    const more = {
      userName: 'jsmith',
      avatar,
      password: 'tangled-orchard-7-lamps',
      identity: { issuer: 'https://id.example.com', subject: 'jo' },
    };
    await isSent('users', async () => {
      const { body } = await service.post(
        '/v1/users',
        { email: 'jo@example.com', ...more },
        { token },
      );
      await service.send('PATCH', `/v1/users/${body.userId}`, {
        token,
        body: { email: 'joan@example.com', userName: null, avatar: null },
      });
      // The claim of the email stores the size.
      await service.send('PATCH', `/v1/users/${body.userId}`, {
        token,
        body: { metadata: { text: 'x'.repeat(8000) } },
      });
      await service.get('/v1/users?userName=jsmith', { token });
      await service.send('POST', `/v1/users/${body.userId}/erase`, { token });
    });
    // The cursor of the next page is encrypted.
    const invitations = '/v1/invitations?maxResults=1';
    const page = await isSent('invitation-links', () => service.get(invitations, { token }));
    expect(page.body.nextToken).toEqual(expect.any(String));
    const { native: sub } = await createUserIn(service, 'acme');
    const own = { token: issuer.mintAccessToken({ sub, tenantId: tenantId.acme, roles: [] }) };
    await isSent('account', async () => {
      await service.send('PATCH', '/v1/users/me', { ...own, body: { avatar } });
      await service.send('PATCH', '/v1/users/me', { ...own, body: { avatar: null } });
    });
    const identity = { issuer: 'https://id.example.com', subject: 'leaver' };
    const leaver = await createUserIn(service, 'north', { identity });
    const leaves = issuer.mintAccessToken({ sub: leaver.native, tenantId: tenantId.north });
    const { status } = await isSent('account', () =>
      service.send('DELETE', '/v1/users/me', { token: leaves }),
    );
    expect(status).toBe(204);
  });

  /** Each function denies a request that names another tenant. */
  beforeAll(async () => {
    const request = {
      token: adminToken('acme'),
      headers: { 'x-tenant-id': tenantId.globex },
    };
    for (const name of senders) {
      const route = authenticatedRoutes.find((each) => each.function === name);
      if (!route) continue;
      const { status } = await isSent(name, () => requestRoute(service, route, request));
      expect(status).toBe(403);
    }
  });

  /** A user is exported and erased, and an app client revoked, as members of a group. */
  beforeAll(async () => {
    const token = adminToken('acme');
    const created = await service.post('/v1/groups', { name: 'Members' }, { token });
    const password = 'tangled-orchard-7-lamps';
    const member = await createUserIn(service, 'acme', { password });
    const { native: userId } = member;
    const { native: appClientId } = await createAppClientIn(service, 'acme');
    const members = [{ memberId: userId }, { memberId: appClientId }];
    await service.post(`/v1/groups/${created.body.groupId}/members`, { members }, { token });
    const own = { token: issuer.mintAccessToken({ sub: userId, tenantId: tenantId.acme }) };
    await isSent('account', () => service.get('/v1/session', own));
    const { pk, prefix } = userConnectionLog(tenantId.acme, member.jitsudo);
    const entry = { connectionId: randomUUID(), position: 'time#request' };
    await service.stored.put({ pk, sk: `${prefix}${entry.position}`, ...entry });
    await isSent('bulk-users', async () => {
      const { body } = await service.get(`/v1/users/${userId}/export`, { token });
      expect(body.groups).toHaveLength(1);
    });
    const signsIn = ({ credible }: UserRefs) =>
      service.post('/v1/auth/token', { tenant: 'acme', userName: credible, password });
    expect((await isSent('sign-in', () => signsIn(member))).status).toBe(200);
    await isSent('users', () => service.send('POST', `/v1/users/${userId}/erase`, { token }));
    // A sign-in removes its record if the user is deleted meanwhile.
    const leaver = await createUserIn(service, 'acme', { password });
    const key = keys.user(tenantId.acme, leaver.jitsudo);
    await isSent('sign-in', () => {
      database.goesWrong(({ operation, text }) =>
        operation === 'PutItem' && text.includes('#USERACTIVITY#')
          ? async (exchange) => {
              await service.stored.put({ ...(await service.stored.item(key)), deletion: {} });
              await passThrough(exchange);
            }
          : undefined,
      );
      return signsIn(leaver);
    });
    await isSent('app-clients', () =>
      service.send('DELETE', `/v1/app-clients/${appClientId}`, { token }),
    );
  });

  /** Domains are listed on two pages, and a verified one is deleted. */
  beforeAll(async () => {
    const token = adminToken('acme');
    const { native } = await createDomainIn(service, 'acme');
    await createDomainIn(service, 'acme');
    await isSent('domains', async () => {
      await service.send('POST', `/v1/domains/${native}/verify`, { token });
      expect((await service.send('DELETE', `/v1/domains/${native}`, { token })).status).toBe(204);
      const { body } = await service.get('/v1/domains?maxResults=1', { token });
      expect(body.nextToken).toEqual(expect.any(String));
    });
  });

  /** The audit log has events about resources of every kind, members and activity. */
  beforeAll(async () => {
    const id = randomUUID();
    const resources = (
      ['user', 'group', 'role', 'appClient', 'domain', 'webhook', 'connection', 'tenant'] as const
    ).map((type): TestEvent => ({ type: 'user.updated', resource: { type, id, version: 2 } }));
    const events: readonly TestEvent[] = [
      ...resources,
      createdUser(),
      { type: 'user.signed_in', resource: { type: 'user', id } },
      { type: 'access.denied', resource: { type: 'tenant', id: tenantId.acme } },
      {
        type: 'group.member_added',
        resource: { type: 'group', id },
        member: { type: 'user', id },
      },
    ];
    await writeFeed(service, 'north', [{ first: 1, events }]);
    await createFeed(service, tenantId.south)([1], { at: new Date() });
    await isSent('checkpoints', service.on.checkpoint);
    await isSent('checkpoints', service.on.checkpoint);
    await isSent('feed', async () => {
      const { body } = await service.get('/v1/audit-log', { token: adminToken('north') });
      expect(body.entries).toHaveLength(events.length);
    });
  });

  /** Webhooks are listed on two pages. */
  beforeAll(async () => {
    const token = adminToken('acme');
    const url = 'https://hooks.example.com/';
    await isSent('webhooks', async () => {
      for (let count = 0; count < 2; count++)
        await service.post('/v1/webhooks', { url }, { token });
      const { body } = await service.get('/v1/webhooks?maxResults=1', { token });
      expect(body.nextToken).toEqual(expect.any(String));
    });
  });

  /** A connection in a group gets another token, and is deleted. */
  beforeAll(async () => {
    const token = adminToken('acme');
    const { body } = await createConnection(service);
    const { groupId } = (await service.post('/v1/groups', { name: 'linked' }, { token })).body;
    const members = [{ memberId: body.appClientId }];
    await service.post(`/v1/groups/${groupId}/members`, { members }, { token });
    const path = `/v1/scim/connections/${body.connectionId}`;
    const email = `${randomUUID()}@example.com`;
    const { userId } = (await service.post('/v1/users', { email }, { token })).body;
    await isSent('connections', async () => {
      await createConnection(service);
      await service.send('PUT', `${path}/users/${userId}`, { token });
      await service.get(`${path}/log`, { token });
      await service.post(`${path}/brake/release`, undefined, { token });
      await service.get('/v1/scim/connections', { token });
      await service.post(`${path}/tokens`, {}, { token });
      await service.send('DELETE', `${path}/tokens/${body.tokens[0].secretId}`, { token });
      await service.send('DELETE', path, { token });
    });
  });

  /** A verified domain passes a check, then loses its DNS record. */
  beforeAll(async () => {
    const clock = createTestClock();
    const fresh = await createTestService({ databaseEndpoint: database.endpoint, now: clock.now });
    const token = clock.aTokenOf('acme', ['admin']);
    const { body } = await fresh.post('/v1/domains', { domain: 'x.example' }, { token });
    fresh.dnsRecords.set(body.dnsRecord, [body.dnsValue]);
    await fresh.send('POST', `/v1/domains/${body.domainId}/verify`, { token });
    for (const records of [[body.dnsValue], [], []]) {
      fresh.dnsRecords.set(body.dnsRecord, records);
      clock.advanceBy(7 * 24 * 3600 * 1000);
      await isSent('domain-checks', fresh.on.domainChecks, fresh);
    }
    clock.advanceBy(7 * 24 * 3600 * 1000);
    // The outcome of the first write is unknown at its deadline.
    const lost: Fault = (exchange) => {
      clock.advanceBy(60_000);
      return dropRequest(exchange);
    };
    const fails = () => {
      database.goesWrong(always(lost, 'TransactWriteItems'));
      return fresh.on.domainChecks().catch((error: unknown) => error);
    };
    expect(await isSent('domain-checks', fails, fresh)).toMatchObject({ code: 'unavailable' });
    await isSent('domain-checks', fresh.on.domainChecks, fresh);
    expect(await fresh.stored.item(keys.domainClaim('x.example'))).toBeUndefined();
  });

  /** A deleted group with a parent and members of each kind, which are removed. */
  beforeAll(async () => {
    const clock = createTestClock();
    const fresh = await createTestService({
      databaseEndpoint: database.endpoint,
      environment: { RESTORE_DAYS: '0' },
      hasOutboxIndex: true,
      now: clock.now,
    });
    const token = clock.aTokenOf('acme', ['admin']);
    const create = async (path: string, body: object) =>
      (await fresh.post(path, body, { token })).body;
    const { userId } = await create('/v1/users', { email: 'ann@x.example' });
    const { appClientId } = await create('/v1/app-clients', { name: 'Import' });
    const [outer, group, inner] = [
      (await create('/v1/groups', { name: 'outer' })).groupId,
      (await create('/v1/groups', { name: 'group' })).groupId,
      (await create('/v1/groups', { name: 'inner' })).groupId,
    ];
    const addMembers = (groupId: string, ...memberIds: string[]) =>
      create(`/v1/groups/${groupId}/members`, {
        members: memberIds.map((memberId) => ({ memberId })),
      });
    await addMembers(outer, group);
    await addMembers(group, userId, appClientId, inner);
    const many = await Promise.all(
      Array.from({ length: 21 }, (_, index) =>
        create('/v1/users', { email: `u${index}@x.example` }),
      ),
    );
    const ids = many.map((each) => each.userId);
    // The consumer applies the additions, and the removals after them.
    database.goesWrong(({ operation, text }) =>
      operation === 'TransactWriteItems' && text.includes('GROUPCHANGE#')
        ? (exchange) => {
            clock.advanceBy(3000);
            return dropRequest(exchange);
          }
        : undefined,
    );
    await addMembers(outer, ...ids);
    await create(`/v1/groups/${outer}/members/remove`, { memberIds: ids });
    database.isWell();
    const removed = await fresh.send('DELETE', `/v1/groups/${group}`, { token });
    expect(removed.status).toBe(204);
    clock.advanceBy(120_000);
    await isSent('group-cleanup', fresh.on.groupCleanup, fresh);
    expect(await fresh.stored.item(keys.groupCount(tenantId.acme))).toMatchObject({
      totalCount: 2,
    });
  });

  beforeAll(async () => {
    const clock = createTestClock();
    const fresh = await createTestService({
      databaseEndpoint: database.endpoint,
      now: clock.now,
      hasOutboxIndex: true,
    });
    await fillTenant(fresh, clock, 'north');
    const path = `/v1/tenants/${tenantId.north}`;
    const token = clock.aTokenOf('globex', ['system_admin']);
    await isSent('tenants', () => fresh.send('DELETE', path, { token }), fresh);
    await isSent('tenants', () => fresh.send('POST', `${path}/restore`, { token }), fresh);
    await fresh.send('DELETE', path, { token });
    await fresh.send('POST', `${path}/erase`, { token });
    clock.advanceBy(6 * 60_000);
    await isSent('tenant-erasure', fresh.on.tenantErasure, fresh);
  });

  /** Records that the stream did not show, and those that it repeats. */
  beforeAll(async () => {
    const clock = createTestClock();
    const fresh = await createTestService({
      databaseEndpoint: database.endpoint,
      environment: Object.fromEntries(endpoints),
      now: clock.now,
      hasStream: true,
      hasOutboxIndex: true,
    });
    await fillTenant(fresh, clock, 'acme');
    const tenantPath = `/v1/tenants/${tenantId.acme}`;
    const token = clock.aTokenOf('globex', ['system_admin']);
    await fresh.send('PATCH', tenantPath, { token, body: { name: 'Renamed' } });
    for (const version of [1, 2])
      await fresh.stored.put({
        ...webhookKeys.webhookChange(tenantId.acme, randomUUID(), version),
      });
    const records = await fresh.readNewRecords();
    const newest = new Map(records.map((record) => [record.dynamodb.Keys?.['pk']?.S, record]));
    for (const batch of [[...newest.values()], records])
      await isSent('sequencer', () => fresh.on.changes(batch), fresh);
    const announced = {
      source: eventSource,
      'detail-type': 'Feed Advanced',
      detail: { tenantId: tenantId.acme },
    };
    await isSent('feed-export', () => fresh.on.feedExport(announced), fresh);
    // Each sweep of an hour compares other tenants.
    for (let sweeps = 0; sweeps < 12; sweeps++) {
      clock.advanceBy(5 * 60_000);
      await isSent('feed-export', () => fresh.on.feedExport(), fresh);
    }
  });

  /** Endpoints that accept, fail and are gone, and one that was deleted. */
  beforeAll(async () => {
    const setup = await createDeliveryService({ database, amazon: standIn });
    await setup.startTenant();
    const gone = await setup.createReceiver();
    const deleted = await setup.createReceiver();
    const unverified = await setup.createReceiver({ status: 'unverified' });
    gone.failFor((sequence) => sequence === 2, 410);
    deleted.failFor(() => true);
    await setup.append([1, 1]);
    await isSent('webhook-delivery', setup.advance, setup.service);
    await setup.deleteWebhook(deleted.webhook);
    await isSent('webhook-delivery', () => setup.sweepAfter(hour), setup.service);
    const { tenantId: tenant, webhookId } = unverified.webhook;
    const request = { tenantId: tenant, webhookId, eventId: randomUUID() };
    await isSent('webhook-delivery', () => setup.service.on.webhookTest(request), setup.service);
    // The notice about the webhook that is gone.
    await isSent('mailer', setup.service.deliverPendingMail, setup.service);
  });

  /** First cursor of a deployment without a deployment key. */
  beforeAll(async () => {
    const fresh = await createTestService({ databaseEndpoint: database.endpoint });
    const list = () => fresh.get('/v1/roles?maxResults=1', { token: adminToken('acme') });
    expect((await isSent('tenants', list, fresh)).body.nextToken).toEqual(expect.any(String));
  });

  /** The first request of a deployment is a sign-in. */
  beforeAll(async () => {
    const fresh = await createTestService({ databaseEndpoint: database.endpoint });
    const signsIn = () =>
      fresh.post('/v1/auth/token', { tenant: 'acme', email: 'eve@x.example', password: 'U*U' });
    expect((await isSent('sign-in', signsIn, fresh)).status).toBe(401);
    const lookUp = () => fresh.get('/v1/auth/providers?domain=x.example');
    expect((await isSent('sign-in', lookUp, fresh)).status).toBe(404);
  });

  /** The first request of a deployment is a password reset. */
  beforeAll(async () => {
    const fresh = await createTestService({ databaseEndpoint: database.endpoint });
    const asks = () =>
      fresh.post('/v1/auth/password-reset', { tenant: 'acme', email: 'eve@x.example' });
    expect((await isSent('link-redemption', asks, fresh)).status).toBe(202);
  });

  /** Callers with an API key, and with a token of Roster. */
  beforeAll(async () => {
    const client = await createTokenAppClient(service, 'acme', { systemAdministrator: true });
    const { body } = await isSent('tokens', () => requestAccessToken(service, client));
    await isSent('tokens', async () =>
      requestAccessToken(service, await createTokenAppClient(service, 'acme')),
    );
    await isSent('tokens', () => service.get('/.well-known/jwks.json'));
    for (const route of served) {
      for (const headers of [client.key, { authorization: `Bearer ${body.access_token}` }]) {
        const user = await createUserForRoute(route, service, 'acme');
        const { status } = await isSent(route.function, () =>
          requestRoute(service, route, { user, headers }),
        );
        expect(status, route.route).toBe(isSelfRoute(route) ? 404 : route.status);
      }
    }
  });

  /**
   * An invitation from mail to acceptance, in a tenant without earlier mails, beyond the hourly
   * limit.
   */
  beforeAll(async () => {
    const token = adminToken('globex');
    for (const name of ['ann', 'bob', 'cy'])
      await service.post(
        '/v1/users',
        { email: `${name}@x.example`, name, roleIds: ['cradl:role:user'] },
        { token },
      );
    const names = ['ann', 'bob', 'cy'];
    const delivered = await isSent('mailer', service.deliverPendingMail);
    const mails = delivered.filter(({ to }) =>
      names.some((name) => to.includes(`${name}@x.example`)),
    );
    const tokens = mails.flatMap(({ text }) => /#token=([\w-]+)/.exec(text)?.[1] ?? []);
    expect(tokens.length).toBeGreaterThan(0);
    await isSent('mailer', service.on.sweep);
    const { messageId } = mails.findLast(({ text }) => text.includes('/accept#token=')) ?? {};
    const [user] = (await service.stored.all()).filter((item) => item['messageId'] === messageId);
    const tags = { tenant: [user?.['tenantId']], user: [user?.['userId']] };
    const bounce = { bounceType: 'Permanent', bounceSubType: 'General' };
    await isSent('mailer', () =>
      service.on.mailEvent({
        source: 'aws.ses',
        detail: { eventType: 'Bounce', bounce, mail: { messageId, tags } },
      }),
    );
    expect((await service.stored.all()).filter(({ state }) => state === 'bounced')).toHaveLength(1);

    // The acceptance reads an app client that invited the user.
    const { key } = await createTokenAppClient(service, 'south');
    const email = 'invited-by-an-app-client@example.com';
    await service.post('/v1/users', { email }, { headers: key });
    const sentMails = await isSent('mailer', service.deliverPendingMail);
    const mail = sentMails.findLast(({ to }) => to.includes(email));
    tokens.push(/#token=([\w-]+)/.exec(mail?.text ?? '')?.[1] ?? '');
    for (const invitation of tokens.slice(-2)) {
      const accepted = await isSent('link-redemption', async () => {
        await service.post('/v1/invitations/inspect', { token: invitation });
        return service.post('/v1/invitations/accept', {
          token: invitation,
          password: 'tangled-orchard-7-lamps',
        });
      });
      expect(accepted.status).toBe(200);
    }
  });

  /** The first request of a deployment lists app clients on two pages. A secret gets an expiry. */
  beforeAll(async () => {
    const another = await createTestService({ databaseEndpoint: database.endpoint });
    const { native } = await createAppClientIn(another, 'acme');
    const token = adminToken('acme');
    await isSent(
      'app-clients',
      () => another.get('/v1/app-clients?maxResults=1', { token }),
      another,
    );
    await isSent(
      'app-clients',
      () => another.post(`/v1/app-clients/${native}/secrets`, {}, { token }),
      another,
    );
  });

  /** Every function with callers counts requests per tenant. */
  beforeAll(async () => {
    const environment = { TENANT_REQUESTS_PER_SECOND: '1' };
    const counting = await createTestService({ databaseEndpoint: database.endpoint, environment });
    for (const [name, [route]] of Map.groupBy(authenticatedRoutes, (route) => route.function)) {
      await isSent(
        name,
        () => requestRoute(counting, route!, { token: adminToken('acme') }),
        counting,
      );
      expect(sent[name]?.tables).toContainEqual(
        expect.objectContaining({
          on: 'directory',
          actions: ['dynamodb:UpdateItem'],
          partitions: [`TENANT#${tenantId.acme}#REQUESTS`],
        }),
      );
    }
  });

  /** A user with an old hash signs in, then resets the password. */
  beforeAll(async () => {
    const email = 'eve@x.example';
    const passwordHash = '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
    await service.post(
      '/v1/users',
      { email, userName: 'eve', passwordHash, acceptWeakPasswordHash: true },
      { token: adminToken('south') },
    );
    const signsIn = (password: string) =>
      service.post('/v1/auth/token', { tenant: 'south', email, password });
    for (const password of ['U*U', 'U*V', 'U*V', 'U*V', 'U*V', 'U*V', 'U*V'])
      await isSent('sign-in', () => signsIn(password));
    await isSent('link-redemption', () =>
      service.post('/v1/auth/password-reset', { tenant: 'south', email }),
    );
    await isSent('link-redemption', () =>
      service.post('/v1/auth/password-reset', { tenant: 'south', userName: 'eve' }),
    );
    const mails = await isSent('mailer', service.deliverPendingMail);
    const mail = mails.findLast(
      ({ to, text }) => to.includes(email) && text.includes('/reset#token='),
    );
    const token = /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
    await isSent('link-redemption', () =>
      service.post('/v1/auth/password-reset/inspect', { token }),
    );
    const completed = await isSent('link-redemption', () =>
      service.post('/v1/auth/password-reset/complete', {
        token,
        password: 'tangled-orchard-7-lamps',
      }),
    );
    expect(completed.status).toBe(200);
  });

  /** A user of a tenant whose emails are unique across tenants changes the own email by a link. */
  beforeAll(async () => {
    const token = adminToken('north');
    const draft = { email: 'ned@x.example', authProvider: 'oidc' };
    const { body: user } = await service.post('/v1/users', draft, { token });
    const ownToken = issuer.mintAccessToken({ sub: user.userId, tenantId: tenantId.north });
    const email = 'ned.moved@x.example';
    await isSent('account', () =>
      service.post('/v1/users/me/email', { email }, { token: ownToken }),
    );
    const mails = await isSent('mailer', service.deliverPendingMail);
    const mail = mails.findLast(({ to }) => to.includes(email));
    const link = { token: /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1] };
    const verified = await isSent('link-redemption', async () => {
      await service.post('/v1/auth/email-verification/inspect', link);
      return service.post('/v1/auth/email-verification/complete', link);
    });
    expect(verified.status).toBe(200);
    const change = (await service.stored.all()).find(({ action }) => action === 'verifyEmail');
    const record = { Keys: marshall({ pk: change?.['pk'], sk: change?.['sk'] }) as never };
    await isSent('mailer', () =>
      service.on.records([{ dynamodb: { ...record, NewImage: marshall(change) as never } }]),
    );
  });

  /** A new member, and the first page of groups, whose cursor needs the deployment key. */
  beforeAll(async () => {
    const fresh = await createTestService({ databaseEndpoint: database.endpoint });
    const token = adminToken('acme');
    const { body: user } = await fresh.post('/v1/users', { email: 'in@x.example' }, { token });
    const body = { members: [{ memberId: user.userId }] };
    for (const name of ['first', 'second']) {
      const { groupId } = (await fresh.post('/v1/groups', { name }, { token })).body;
      const { status } = await isSent(
        'groups',
        () => fresh.post(`/v1/groups/${groupId}/members`, body, { token }),
        fresh,
      );
      expect(status).toBe(200);
    }
    const list = () => fresh.get('/v1/groups?maxResults=1', { token });
    expect((await isSent('groups', list, fresh)).body.nextToken).toEqual(expect.any(String));
  });

  const served = [...new Map(authenticatedRoutes.map((route) => [route.function, route])).values()];

  /**
   * A user of Roster, and a system administrator on a tenant host: every function looks up both.
   */
  beforeAll(async () => {
    const fresh = await createTestService({ databaseEndpoint: database.endpoint });
    const password = 'tangled-orchard-7-lamps';
    const own = { email: 'own@example.com', password, roleIds: ['cradl:role:admin'] };
    await fresh.post('/v1/users', own, { token: systemToken('acme') });
    const { body } = await fresh.post('/v1/auth/token', {
      tenant: 'acme',
      email: own.email,
      password,
    });
    for (const route of served) {
      await isSent(
        route.function,
        () => requestRoute(fresh, route, { token: body.accessToken }),
        fresh,
      );
      await isSent(
        route.function,
        () => requestRoute(fresh, route, { token: systemToken(), host: 'acme.admin.localhost' }),
        fresh,
      );
    }
    const host = 'acme.admin.localhost';
    await isSent(
      'sign-in',
      () => fresh.post('/v1/auth/token', { email: own.email, password }, { host }),
      fresh,
    );
    await isSent(
      'link-redemption',
      () => fresh.post('/v1/auth/password-reset', { email: own.email }, { host }),
      fresh,
    );
  });

  /** Identifiers that are unique across tenants, claimed and released. */
  beforeAll(async () => {
    const token = adminToken('north');
    await isSent('users', async () => {
      const { body } = await service.post(
        '/v1/users',
        { email: 'nora@x.example', userName: 'nora' },
        { token },
      );
      const target = `/v1/users/${body.userId}`;
      expect(
        (await service.send('PATCH', target, { token, body: { userName: 'nor' } })).status,
      ).toBe(200);
      expect((await service.send('DELETE', target, { token })).status).toBe(204);
    });
    await isSent('bulk-users', async () => {
      const identity = { issuer: 'https://id.example.com', subject: 'nils' };
      const created = { email: 'nils@x.example', userName: 'nils', externalId: '1', identity };
      const updated = { email: 'nilsson@x.example', userName: null, externalId: '1' };
      const users = [
        { ...created, rowKey: '1', password: 'tangled-orchard-7-lamps' },
        { ...updated, rowKey: '2', identity: null },
      ];
      const body = { onExisting: 'update', users };
      await service.post('/v1/users/bulk', { ...body, dryRun: true }, { token });
      const { summary } = (await service.post('/v1/users/bulk', body, { token })).body;
      expect(summary).toMatchObject({ created: 1, updated: 1 });
    });
    const draft = { ...tenantInput(), uniqueness: 'system' };
    const { status } = await isSent('tenants', () =>
      service.post('/v1/tenants', draft, { token: systemToken('acme') }),
    );
    expect(status).toBe(201);
  });

  /** Logos of existing and new tenants. */
  beforeAll(async () => {
    const branding = { logo: toDataUri('png', createPng(1, 1)) };
    const path = `/v1/tenants/${tenantId.acme}`;
    const request = { token: adminToken('acme'), body: { branding } };
    const { body } = await isSent('tenants', () => service.send('PATCH', path, request));
    const draft = { ...tenantInput(), branding };
    await isSent('tenants', () =>
      service.post('/v1/tenants', draft, { token: systemToken('acme') }),
    );
    for (let count = 0; count < 5; count++)
      await isSent('logos', () => service.get(new URL(body.branding.logo).pathname));
  });

  /** First request of a deployment without a deployment key. */
  beforeAll(async () => {
    const fresh = await createTestService({ databaseEndpoint: database.endpoint });
    for (let count = 0; count < 2; count++)
      await fresh.post('/v1/users', { email: `${count}@x.example` }, { token: adminToken('acme') });
    const list = () => fresh.get('/v1/users?maxResults=1', { token: adminToken('acme') });
    expect((await isSent('users', list, fresh)).body.nextToken).toEqual(expect.any(String));
    const another = await createTestService({ databaseEndpoint: database.endpoint });
    const [route] = authenticatedRoutes.filter(
      ({ operation }) => operation === 'changeOwnPassword',
    );
    const user = await createUserForRoute(route!, another, 'acme');
    const token = issuer.mintAccessToken({ sub: user.native, tenantId: tenantId.acme, roles: [] });
    expect(
      (await isSent('passwords', () => requestRoute(another, route!, { user, token }), another))
        .status,
    ).toBe(204);
  });

  /** Writes with an unknown outcome at the deadline, which a read then resolves. */
  beforeAll(async () => {
    const timeoutMs = 20_000;
    let elapsedMs = 0;
    const environment = { AWS_MAX_ATTEMPTS: '1', INVITE_SOURCES: inviteSources };
    const hasty = await createTestService({
      databaseEndpoint: database.endpoint,
      timeoutMs: () => (database.isFaulty() ? timeoutMs : 60_000),
      now: () => new Date(Date.now() + elapsedMs),
      environment,
    });
    /** Reaches the deadline without waiting. */
    const lost: Fault = (exchange) => {
      elapsedMs += timeoutMs;
      return dropRequest(exchange);
    };
    const loses = () => database.goesWrong(always(lost, 'TransactWriteItems'));
    const writing = authenticatedRoutes.filter(
      ({ route, dialect }) => dialect === 'native' && !route.startsWith('GET'),
    );
    const statuses = new Set<number>();
    for (const route of writing) {
      database.isWell();
      const user = await createUserForRoute(route, hasty, 'acme');
      const token = issuer.mintAccessToken({
        sub: isSelfRoute(route) ? user.native : 'system',
        tenantId: tenantId.acme,
        roles: ['system_admin'],
      });
      const headers = { 'idempotency-key': route.route.replaceAll(' ', '') };
      const write = async () => {
        loses();
        return requestRoute(hasty, route, { user, token, headers });
      };
      statuses.add((await isSent(route.function, write, hasty)).status);
    }
    expect(statuses).toContain(503);
    const create = async () => {
      loses();
      return hasty.post(
        '/v1/users',
        { email: 'nil@x.example', userName: 'nil' },
        { token: adminToken('north') },
      );
    };
    expect((await isSent('users', create, hasty)).status).toBe(503);
    const detail = {
      id: 'lost',
      email: 'lost@x.example',
      userName: 'lost',
      appClientId: 'cradl:app-client:default',
    };
    const invite = async () => {
      loses();
      await expect(hasty.on.inviteRequest({ ...inviteEvent, detail })).rejects.toThrow();
    };
    await isSent('invite-requests', invite, hasty);
    database.isWell();
  });

  it.each(senders)('%s: the role allows every request', (name) => {
    const requests = sent[name]?.tables ?? [];
    expect(requests.length).toBeGreaterThan(4);
    expect([
      ...new Set(requests.flatMap((access) => findMissingGrant(name, access) ?? [])),
    ]).toEqual([]);
    expect(requests.filter((access) => !isAllowed(name, access))).toEqual([]);
    const unforeseen = sent[name]?.others.filter(
      ({ on, action }) =>
        !grants[name].statements.some(
          (allowance) => allowance.on === on && allowance.actions.includes(action),
        ),
    );
    expect(unforeseen).toEqual([]);
  });

  it.each(senders)('%s: the role allows nothing else', (name) => {
    const { tables = [], others: calls = [] } = sent[name] ?? {};
    const unused = grants[name].statements.flatMap(({ on, actions, partitions = [] }) => {
      const covered = tables.filter(
        (access) =>
          access.on === on &&
          access.actions.every((action) => actions.includes(action)) &&
          (partitions.length === 0 ||
            access.partitions.every((each) =>
              partitions.some((pattern) => matchesPattern(each, pattern)),
            )),
      );
      const isUsed = (action: string) =>
        covered.some((access) => access.actions.includes(action)) ||
        calls.some((call) => call.on === on && call.action === action);
      const isSeen = (pattern: string) =>
        covered.some((access) => access.partitions.some((each) => matchesPattern(each, pattern)));
      return [
        ...actions.filter((action) => !isUsed(action)),
        ...partitions.filter((pattern) => !isSeen(pattern)),
      ].map((each) => `${on}: ${each}`);
    });
    expect(unused, 'to be taken out of infra/constructs/grants.ts').toEqual([]);
  });

  it.each(senders)('%s: the role denies items of other functions [SEC-19]', (name) => {
    const everything = Object.values(sent).flatMap(({ tables }) => tables);
    for (const actions of [reads, writes]) {
      for (const on of ['directory', 'secrets'] as const) {
        const isOne = (access: TableAccess) =>
          access.on === on && access.actions.some((action) => actions.includes(action));
        const own = new Set(
          (sent[name]?.tables ?? [])
            .filter(isOne)
            .flatMap(({ partitions }) => partitions.map(toPattern)),
        );
        const samples = new Map(
          everything
            .filter((access) => access.on === on)
            .flatMap(({ partitions }) => partitions.map((each) => [toPattern(each), each])),
        );
        const wider = [...samples].flatMap(([kind, each]) =>
          own.has(kind)
            ? []
            : actions
                .filter((action) => isAllowed(name, { on, actions: [action], partitions: [each] }))
                .map((action) => `${action} ${kind}`),
        );
        expect(wider).toEqual([]);
        expect(
          actions.filter((action) => isAllowed(name, { on, actions: [action], partitions: [] })),
        ).toEqual([]);
      }
    }
  });

  it.each(['link-redemption', 'invitation-links', 'passwords'] as const)(
    '%s cannot create app clients or change permissions of roles [SEC-19]',
    (name) => {
      for (const partition of [
        keys.appClient(tenantId.acme, 'mine').pk,
        keys.clientIdClaim('mine').pk,
      ]) {
        for (const action of writes)
          expect(
            isAllowed(name, { on: 'directory', actions: [action], partitions: [partition] }),
          ).toBe(false);
      }
      for (const action of writes) {
        const partitions = [keys.appClientSecret(tenantId.acme, 'mine', 'a').pk];
        expect(isAllowed(name, { on: 'secrets', actions: [action], partitions })).toBe(false);
      }
    },
  );

  it('sign-in can change only the time of the latest sign-in of a user', () => {
    const access = {
      on: 'directory',
      partitions: [keys.user(tenantId.acme, randomUUID()).pk],
    } as const;
    const names = [
      'status',
      'roles',
      'email',
      'tokenGeneration',
      'credentialLimits',
      'schemaVersion',
    ];
    const allowed = [
      ['pk', 'sk', 'lastSignInAt'],
      ...names.map((name) => ['pk', 'sk', name]),
    ].filter((attributes) =>
      isAllowed('sign-in', { ...access, actions: ['dynamodb:UpdateItem'], attributes }),
    );
    expect(allowed).toEqual([['pk', 'sk', 'lastSignInAt']]);
    const others = writes.filter((action) => action !== 'dynamodb:UpdateItem');
    expect(
      others.filter((action) => isAllowed('sign-in', { ...access, actions: [action] })),
    ).toEqual([]);
  });

  it('only passwords and sign-in read password hashes, and client secret hashes are read only by query', () => {
    const readers = (partition: string) =>
      senders.filter((name) =>
        reads.some((action) =>
          isAllowed(name, { on: 'secrets', actions: [action], partitions: [partition] }),
        ),
      );
    expect(readers(keys.userSecret(tenantId.acme, randomUUID()).pk)).toEqual([
      'passwords',
      'sign-in',
    ]);
    const partitions = [keys.appClientSecret(tenantId.acme, 'mine', 'a').pk];
    expect(
      senders.filter((name) =>
        isAllowed(name, { on: 'secrets', actions: ['dynamodb:GetItem'], partitions }),
      ),
    ).toEqual([]);
  });

  it.each([
    ['mailer', 'pending mail', 'oldestDueSeconds'],
    ['webhook-delivery', 'due webhook', 'oldestDueWebhookSeconds'],
  ])('%s logs the age of the oldest %s for the alarm', (_name, _what, metricName) => {
    const { Namespace, MetricName, Dimensions } = properties('AWS::CloudWatch::Alarm').find(
      ({ MetricName: name }) => name === metricName,
    );
    const line = getLogs.map((text) => JSON.parse(text)).find((each) => MetricName in each);
    const dimensions = Dimensions.map(({ Name }: { Name: string }) => Name);
    expect(line['_aws'].CloudWatchMetrics).toEqual([
      {
        Namespace,
        Dimensions: [dimensions],
        Metrics: expect.arrayContaining([{ Name: MetricName }]),
      },
    ]);
    expect(Dimensions).toEqual(dimensions.map((Name: string) => ({ Name, Value: line[Name] })));
  });

  it('invite-requests sends events only from its own source', async () => {
    const { events } = await aws();
    expect(new Set(events.map(({ bus, source }) => `${bus} ${source}`))).toEqual(
      new Set([`roster ${eventSource}`]),
    );
  });

  it('documents has no rights', () => {
    expect(grants.documents.statements).toEqual([]);
    expect(
      routes
        .filter((route) => route.function === 'documents')
        .every(({ access }) => access === 'public'),
    ).toBe(true);
  });
});
