import { beforeAll, describe, expect, it } from 'vitest';
import { calls } from '../infra/alarms.ts';
import { grants } from '../infra/grants.ts';
import { type FunctionName, routes } from '../lib/http/routes.ts';
import { keys } from '../lib/store/keys.ts';
import { asks, aUserFor, bearerRoutes, isOwnAccount } from './bearer-routes.ts';
import { aFaultyService, type Sent } from './faults.ts';
import { anAdminOf, issuer, type Service, tenantId } from './steps.ts';

/** What is asked of a table: by which call, the right that it needs, and the partition that it is about. */
interface Asked {
  readonly table: 'directory' | 'secrets';
  readonly call: string;
  readonly action: string;
  readonly partition: string;
}

type Key = Readonly<Record<'pk' | 'sk', { readonly S: string }>>;

/** The rights that DynamoDB looks for in one request; a transaction needs those of each of its items. */
function askedBy({ operation, text }: Sent, service: Service): Asked[] {
  const body = JSON.parse(text) as Record<string, any>;
  const asked = (action: string, TableName: string, partition: string): Asked => ({
    table: TableName === service.stored.secrets ? 'secrets' : 'directory',
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
  const partition = body['Key']?.pk.S ?? body['Item']?.pk.S ?? body['ExpressionAttributeValues']?.[':pk']?.S;
  return [asked(operation, body['TableName'], partition)];
}

const isAllowed = (name: FunctionName, { table, action, partition }: Asked): boolean =>
  grants[name].allowances.some(
    (allowance) => allowance.on === table && allowance.actions.includes(action) && (allowance.partition ?? partition) === partition,
  );

describe('what a function sends to the tables', async () => {
  const { database, service } = await aFaultyService({ warm: [] });
  const sent: Record<string, Asked[]> = {};

  /** Every route, and what takes the longer ways through the store. */
  beforeAll(async () => {
    for (const route of bearerRoutes) {
      const user = await aUserFor(route, service, 'acme');
      const headers = { 'x-tenant-id': tenantId.acme, 'idempotency-key': route.route.replaceAll(' ', '') };
      const token = issuer.mintAccessToken({ sub: isOwnAccount(route) ? user.native : 'system', roles: ['system_admin'] });
      database.isWell();
      expect((await asks(service, route, { user, token, headers })).status, route.route).toBe(route.status);
      (sent[route.function] ??= []).push(...database.sent.flatMap((request) => askedBy(request, service)));
    }
    const token = anAdminOf('acme');
    const avatar = 'data:image/png;base64,iVBORw0KGgo=';
    const more = {
      userName: 'jsmith',
      avatar,
      password: 'tangled-orchard-7-lamps',
      identity: { issuer: 'https://id.example.com', subject: 'jo' },
    };
    database.isWell();
    const { body } = await service.posts('/v1/users', { email: 'jo@example.com', ...more }, { token });
    await service.send('PATCH', `/v1/users/${body.userId}`, { token, body: { email: 'joan@example.com', userName: null, avatar: null } });
    await service.gets('/v1/users?userName=jsmith', { token });
    await service.send('POST', `/v1/users/${body.userId}/erase`, { token });
    sent['users']?.push(...database.sent.flatMap((request) => askedBy(request, service)));
  });

  it.each(['users', 'passwords'] as const)('%s: its role allows', (name) => {
    expect(sent[name]?.length).toBeGreaterThan(5);
    expect(sent[name]?.filter((asked) => !isAllowed(name, asked))).toEqual([]);
  });

  it.each(['users', 'passwords'] as const)('%s: and allows nothing that it never sends', (name) => {
    const unused = grants[name].allowances.flatMap(({ on, actions, partition }) =>
      actions.filter(
        (action) =>
          !sent[name]?.some((asked) => asked.table === on && asked.action === action && (partition ?? asked.partition) === asked.partition),
      ),
    );
    expect(unused).toEqual([]);
  });

  it('users reads no secret but the key of the deployment', () => {
    const read = sent['users']?.filter(({ table, action }) => table === 'secrets' && action === 'dynamodb:GetItem');
    expect(new Set(read?.map(({ partition }) => partition))).toEqual(new Set([keys.deploymentKey.pk]));
  });

  it.each(['directory', 'secrets'] as const)('each call to the %s table has an alarm for when it fails, and there is no other', (table) => {
    const sentTo = Object.values(sent).flatMap((asked) => asked.filter((each) => each.table === table));
    expect(new Set(calls[table])).toEqual(new Set(sentTo.map(({ call }) => call)));
  });

  it('documents has no table at all', () => {
    expect(grants.documents.allowances).toEqual([]);
    expect(routes.filter((route) => route.function === 'documents').every(({ access }) => access === 'public')).toBe(true);
  });
});
