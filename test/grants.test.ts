import { beforeAll, describe, expect, inject, it } from 'vitest';
import type { Deployed } from '../infra/bundle.ts';
import { grants, type Operated } from '../infra/grants.ts';
import { eventSource } from '../infra/invite-bus.ts';
import { routes } from '../lib/http/routes.ts';
import { keys } from '../lib/store/keys.ts';
import { anAppClientIn, asks, aUserFor, bearerRoutes, isOwnAccount } from './bearer-routes.ts';
import { aFaultyWayTo, type Sent } from './faults.ts';
import { anAdminOf, aService, aws, issuer, logged, type Service, tenantId } from './steps.ts';
import { anAppClient, asksForToken } from './own-tokens.ts';
import { properties } from './synthesis.ts';

/** What is asked for: of what, by which call, the right that it needs, and the partition of a table that it is about. */
interface Asked {
  readonly on: Operated;
  readonly call: string;
  readonly action: string;
  readonly partition?: string;
}

type Key = Readonly<Record<'pk' | 'sk', { readonly S: string }>>;

/** The rights that DynamoDB looks for in one request; a transaction needs those of each of its items. */
function askedOfTables({ operation, text }: Sent, secrets: string): Asked[] {
  const body = JSON.parse(text) as Record<string, any>;
  const asked = (action: string, TableName: string, partition: string): Asked => ({
    on: TableName === secrets ? 'secrets' : body['IndexName'] ? 'owed' : 'directory',
    call: operation,
    action: `dynamodb:${action}`,
    partition,
  });
  if (operation === 'TransactWriteItems') {
    const items = (body['TransactItems'] as Record<string, { TableName: string; Key?: Key; Item?: Key }>[]).flatMap(Object.entries);
    return items.map(([kind, { TableName, Key, Item }]) =>
      asked(kind === 'ConditionCheck' ? 'ConditionCheckItem' : `${kind}Item`, TableName, (Key ?? Item)!.pk.S),
    );
  }
  if (operation === 'BatchGetItem') {
    const tables = Object.entries(body['RequestItems'] as Record<string, { Keys: Key[] }>);
    return tables.flatMap(([TableName, { Keys }]) => Keys.map(({ pk }) => asked(operation, TableName, pk.S)));
  }
  if (operation === 'BatchWriteItem') {
    const tables = Object.entries(body['RequestItems'] as Record<string, { DeleteRequest: { Key: Key } }[]>);
    return tables.flatMap(([TableName, requests]) =>
      requests.map(({ DeleteRequest }) => asked(operation, TableName, DeleteRequest.Key.pk.S)),
    );
  }
  const partition = body['Key']?.pk.S ?? body['Item']?.pk.S ?? body['ExpressionAttributeValues']?.[':pk']?.S;
  return [asked(operation, body['TableName'], partition)];
}

const others: Readonly<Record<string, Omit<Asked, 'call'>>> = {
  GenerateMac: { on: 'linkKeys', action: 'kms:GenerateMac' },
  VerifyMac: { on: 'linkKeys', action: 'kms:VerifyMac' },
  Sign: { on: 'signingKeys', action: 'kms:Sign' },
  GetPublicKey: { on: 'signingKeys', action: 'kms:GetPublicKey' },
  PutEvents: { on: 'eventBus', action: 'events:PutEvents' },
  '/v2/email/outbound-emails': { on: 'mail', action: 'ses:SendEmail' },
};

/** The right that KMS, SES or EventBridge looks for in a request. */
function askedOfOthers({ operation }: Sent): Asked {
  const asked = others[operation];
  if (asked === undefined) throw new Error(`nobody knows which right ${operation} needs`);
  return { ...asked, call: operation };
}

/** Whether an allowance for a partition, in which `*` stands for anything, holds for this one. */
const covers = (allowed: string | undefined, partition: string | undefined): boolean =>
  allowed === undefined ||
  new RegExp(
    `^${allowed
      .split('*')
      .map((part) => RegExp.escape(part))
      .join('.*')}$`,
  ).test(partition ?? '');

const isAllowed = (name: Deployed, { on, action, partition }: Asked): boolean =>
  grants[name].allowances.some(
    (allowance) => allowance.on === on && allowance.actions.includes(action) && covers(allowance.partition, partition),
  );

const senders = [
  'tokens',
  'users',
  'passwords',
  'accept',
  'links',
  'sign-in',
  'app-clients',
  'tenants',
  'on-invitation',
  'on-invite-request',
] as const satisfies Deployed[];

describe('what a function sends', async () => {
  const database = await aFaultyWayTo(inject('databaseEndpoint'));
  const standIn = await aFaultyWayTo((await aws()).endpoint);
  const endpoints = Object.keys((await aws()).environment).map((name) => [name, standIn.endpoint]);
  const service = await aService({
    owedIndex: true,
    databaseEndpoint: database.endpoint,
    environment: {
      ...Object.fromEntries(endpoints),
      MAILS_PER_TENANT_HOUR: '2',
      INVITE_SOURCES: JSON.stringify([{ account: '123456789012', source: 'com.example.crm', tenant: tenantId.north, roles: ['admin'] }]),
    },
  });
  const sent: Record<string, Asked[]> = {};
  const isSent = async <Result>(name: Deployed, act: () => Promise<Result>, { stored }: Service = service): Promise<Result> => {
    database.isWell();
    standIn.isWell();
    const result = await act();
    const asked = [...database.sent.flatMap((request) => askedOfTables(request, stored.secrets)), ...standIn.sent.map(askedOfOthers)];
    (sent[name] ??= []).push(...asked);
    return result;
  };

  /** First of all, while the deployment has no key of its own yet. */
  beforeAll(async () => {
    const event = { account: '123456789012', source: 'com.example.crm', 'detail-type': 'User Invite Requested', id: 'an-event' };
    const detail = { id: 'a-request', email: 'dee@x.example', appClientId: 'cradl:app-client:default' };
    await isSent('on-invite-request', () => service.on.inviteRequest({ ...event, detail }));
    expect((await aws()).events.map((each) => each['detail-type'])).toContain('User Invited');
  });

  /** Every route with a token, and what takes the longer ways through the store. */
  beforeAll(async () => {
    for (const route of bearerRoutes) {
      const user = await aUserFor(route, service, 'acme');
      const headers = { 'x-tenant-id': tenantId.acme, 'idempotency-key': route.route.replaceAll(' ', '') };
      const token = issuer.mintAccessToken({ sub: isOwnAccount(route) ? user.native : 'system', roles: ['system_admin'] });
      const { status } = await isSent(route.function, () => asks(service, route, { user, token, headers }));
      expect(status, route.route).toBe(route.status);
    }
    const token = anAdminOf('acme');
    const avatar = 'data:image/png;base64,iVBORw0KGgo=';
    const more = {
      userName: 'jsmith',
      avatar,
      password: 'tangled-orchard-7-lamps',
      identity: { issuer: 'https://id.example.com', subject: 'jo' },
    };
    await isSent('users', async () => {
      const { body } = await service.posts('/v1/users', { email: 'jo@example.com', ...more }, { token });
      await service.send('PATCH', `/v1/users/${body.userId}`, { token, body: { email: 'joan@example.com', userName: null, avatar: null } });
      // Its size is noted in the claim of its email.
      await service.send('PATCH', `/v1/users/${body.userId}`, { token, body: { metadata: { text: 'x'.repeat(8000) } } });
      await service.gets('/v1/users?userName=jsmith', { token });
      await service.send('POST', `/v1/users/${body.userId}/erase`, { token });
    });
  });

  /** The first cursor of a deployment that has no key of its own yet. */
  beforeAll(async () => {
    const fresh = await aService({ databaseEndpoint: database.endpoint });
    const list = () => fresh.gets('/v1/roles?maxResults=1', { token: anAdminOf('acme') });
    expect((await isSent('tenants', list, fresh)).body.nextToken).toEqual(expect.any(String));
  });

  /** The first call of all to a deployment is of somebody who signs in. */
  beforeAll(async () => {
    const fresh = await aService({ databaseEndpoint: database.endpoint });
    const signsIn = () => fresh.posts('/v1/auth/token', { tenant: 'acme', email: 'eve@x.example', password: 'U*U' });
    expect((await isSent('sign-in', signsIn, fresh)).status).toBe(401);
  });

  /** The first call of all to a deployment is of somebody who has forgotten their password. */
  beforeAll(async () => {
    const fresh = await aService({ databaseEndpoint: database.endpoint });
    const asks = () => fresh.posts('/v1/auth/password-reset', { tenant: 'acme', email: 'eve@x.example' });
    expect((await isSent('accept', asks, fresh)).status).toBe(202);
  });

  /** Who calls with an API key, or with a token of Roster's own. */
  beforeAll(async () => {
    const client = await anAppClient(service, 'acme', { systemAdministrator: true });
    const { body } = await isSent('tokens', () => asksForToken(service, client));
    await isSent('tokens', async () => asksForToken(service, await anAppClient(service, 'acme')));
    await isSent('tokens', () => service.gets('/.well-known/jwks.json'));
    const served = new Map(bearerRoutes.map((route) => [route.function, route]));
    for (const route of served.values()) {
      for (const headers of [client.key, { authorization: `Bearer ${body.access_token}` }]) {
        const user = await aUserFor(route, service, 'acme');
        const { status } = await isSent(route.function, () => asks(service, route, { user, headers }));
        expect(status, route.route).toBe(isOwnAccount(route) ? 404 : route.status);
      }
    }
  });

  /** An invitation from its mail to its end, in a tenant that has sent none so far; more mails than one hour has room for. */
  beforeAll(async () => {
    const token = anAdminOf('globex');
    for (const name of ['ann', 'bob', 'cy']) await service.posts('/v1/users', { email: `${name}@x.example`, name }, { token });
    const mails = (await isSent('on-invitation', service.delivers)).filter(({ text }) => text.includes('/accept#token='));
    const tokens = mails.flatMap(({ text }) => /#token=([\w-]+)/.exec(text)?.[1] ?? []);
    expect(tokens.length).toBeGreaterThan(0);
    await isSent('on-invitation', service.on.sweep);
    const { messageId } = mails.findLast(({ text }) => text.includes('/accept#token=')) ?? {};
    const [user] = (await service.stored.all()).filter((item) => item['messageId'] === messageId);
    const tags = { tenant: [user?.['tenantId']], user: [user?.['userId']] };
    const bounce = { bounceType: 'Permanent', bounceSubType: 'General' };
    await isSent('on-invitation', () =>
      service.on.mailEvent({ source: 'aws.ses', detail: { eventType: 'Bounce', bounce, mail: { messageId, tags } } }),
    );
    expect((await service.stored.all()).filter(({ state }) => state === 'bounced')).toHaveLength(1);

    const accepted = await isSent('accept', async () => {
      await service.posts('/v1/invitations/inspect', { token: tokens.at(-1) });
      return service.posts('/v1/invitations/accept', { token: tokens.at(-1), password: 'tangled-orchard-7-lamps' });
    });
    expect(accepted.status).toBe(200);
  });

  /** The first call of all to a deployment is for a page of app clients, behind which there are more; and a secret is told when to end. */
  beforeAll(async () => {
    const another = await aService({ databaseEndpoint: database.endpoint });
    const { native } = await anAppClientIn(another, 'acme');
    const token = anAdminOf('acme');
    await isSent('app-clients', () => another.gets('/v1/app-clients?maxResults=1', { token }), another);
    await isSent('app-clients', () => another.posts(`/v1/app-clients/${native}/secrets`, {}, { token }), another);
  });

  /** Who calls is counted with their tenant, by every function that knows one. */
  beforeAll(async () => {
    const environment = { TENANT_REQUESTS_PER_SECOND: '1' };
    const counting = await aService({ databaseEndpoint: database.endpoint, environment });
    for (const [name, [route]] of Map.groupBy(bearerRoutes, (route) => route.function)) {
      await isSent(name, () => asks(counting, route!, { token: anAdminOf('acme') }), counting);
      expect(sent[name]).toContainEqual(
        expect.objectContaining({ action: 'dynamodb:UpdateItem', partition: `TENANT#${tenantId.acme}#REQUESTS` }),
      );
    }
  });

  /** A user with an old hash, who signs in and then forgets the password. */
  beforeAll(async () => {
    const email = 'eve@x.example';
    const passwordHash = '$2y$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW';
    await service.posts('/v1/users', { email, passwordHash, acceptWeakPasswordHash: true }, { token: anAdminOf('south') });
    const signsIn = (password: string) => service.posts('/v1/auth/token', { tenant: 'south', email, password });
    for (const password of ['U*U', 'U*V', 'U*V', 'U*V', 'U*V', 'U*V', 'U*V']) await isSent('sign-in', () => signsIn(password));
    await isSent('accept', () => service.posts('/v1/auth/password-reset', { tenant: 'south', email }));
    const mails = await isSent('on-invitation', service.delivers);
    const mail = mails.findLast(({ to, text }) => to.includes(email) && text.includes('/reset#token='));
    const token = /#token=([\w-]+)/.exec(mail?.text ?? '')?.[1];
    await isSent('accept', () => service.posts('/v1/auth/password-reset/inspect', { token }));
    const completed = await isSent('accept', () =>
      service.posts('/v1/auth/password-reset/complete', { token, password: 'tangled-orchard-7-lamps' }),
    );
    expect(completed.status).toBe(200);
  });

  it.each(senders)('%s: its role allows', (name) => {
    expect(sent[name]?.length).toBeGreaterThan(4);
    expect(sent[name]?.filter((asked) => !isAllowed(name, asked))).toEqual([]);
  });

  it.each(senders)('%s: and allows nothing that it never sends', (name) => {
    const unused = grants[name].allowances.flatMap(({ on, actions, partition }) =>
      actions.filter(
        (action) => !sent[name]?.some((asked) => asked.on === on && asked.action === action && covers(partition, asked.partition)),
      ),
    );
    expect(unused).toEqual([]);
  });

  it.each(senders)('%s reads of secrets by a query those of app clients alone', (name) => {
    const queried = sent[name]?.filter(({ on, action }) => on === 'secrets' && action === 'dynamodb:Query') ?? [];
    for (const { partition } of queried) expect(partition).toMatch(/^TENANT#[0-9a-f-]{36}#APPCLIENT#[\w-]+$/);
  });

  it('users reads no secret but the key of the deployment', () => {
    const read = sent['users']?.filter(({ on, action }) => on === 'secrets' && action === 'dynamodb:GetItem');
    expect(new Set(read?.map(({ partition }) => partition))).toEqual(new Set([keys.deploymentKey.pk]));
  });

  it('on-invitation tells how long a mail has waited where an alarm looks for it', () => {
    const { Namespace, MetricName, Dimensions } = properties('AWS::CloudWatch::Alarm').find(
      ({ MetricName: name }) => name === 'oldestOwedSeconds',
    );
    const line = logged.map((text) => JSON.parse(text)).find((each) => MetricName in each);
    const dimensions = Dimensions.map(({ Name }: { Name: string }) => Name);
    expect(line['_aws'].CloudWatchMetrics).toEqual([
      { Namespace, Dimensions: [dimensions], Metrics: expect.arrayContaining([{ Name: MetricName }]) },
    ]);
    expect(Dimensions).toEqual(dimensions.map((Name: string) => ({ Name, Value: line[Name] })));
  });

  it('on-invite-request speaks on the bus as the one source that is its own', async () => {
    const { events } = await aws();
    expect(new Set(events.map(({ bus, source }) => `${bus} ${source}`))).toEqual(new Set([`roster ${eventSource}`]));
  });

  it('documents has nothing at all', () => {
    expect(grants.documents.allowances).toEqual([]);
    expect(routes.filter((route) => route.function === 'documents').every(({ access }) => access === 'public')).toBe(true);
  });
});
