import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { defaultAppClient } from '../domain/app-clients.ts';
import { type Role, rolesBySlug } from '../domain/roles.ts';
import type { Tenant, TenantStore, TenantWithRoles } from '../domain/tenants.ts';
import { cached } from './cache.ts';
import { keys, tenantAndRoles } from './keys.ts';
import { read, schemaVersion, type Tables } from './tables.ts';

/** The documented bound within which a suspended tenant or a changed role takes effect. */
const staleness = 30_000;

/** Tenants and roles in DynamoDB, remembered for up to 30 s. `now` is in epoch milliseconds. */
export function tenantStore({ client, directory }: Pick<Tables, 'client' | 'directory'>, now: () => number): TenantStore {
  const get = async (Key: Record<string, string>) =>
    (await read((options) => client.send(new GetCommand({ TableName: directory, Key, ConsistentRead: true }), options))).Item;

  async function load(tenantId: string): Promise<TenantWithRoles | undefined> {
    const { pk, from, to } = tenantAndRoles(tenantId);
    const items: Record<string, unknown>[] = [];
    let ExclusiveStartKey: Record<string, unknown> | undefined;
    do {
      const page = await read((options) =>
        client.send(
          new QueryCommand({
            TableName: directory,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
            ExpressionAttributeValues: { ':pk': pk, ':from': from, ':to': to },
            ConsistentRead: true,
            ExclusiveStartKey,
          }),
          options,
        ),
      );
      items.push(...(page.Items ?? []));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    const tenant = items.find(({ sk }) => sk === to);
    const mailsHeldUntil = items.find(({ sk }) => sk === keys.mailsHeld(tenantId).sk)?.['until'] as string | undefined;
    const roles = items.filter(({ sk }) => String(sk).startsWith(from)) as unknown as Role[];
    return tenant && { ...(tenant as unknown as Tenant), roles: rolesBySlug(roles), mailsHeldUntil };
  }

  return {
    find: cached(staleness, now, load),
    findIdBySlug: cached(staleness, now, async (slug) => (await get({ ...keys.tenantSlug(slug) }))?.['tenantId'] as string | undefined),
  };
}

/**
 * Writes a tenant, its slug and its app client `default`, all or none. `exists` when this very tenant is there already;
 * throws when its slug or its id belongs to another.
 */
export async function createTenant(client: Tables['client'], directory: string, tenant: Tenant): Promise<'created' | 'exists'> {
  const { tenantId, slug, createdTime } = tenant;
  const appClient = defaultAppClient(tenantId, { createdTime, createdBy: 'bootstrap' });
  const items = [
    { ...keys.tenantSlug(slug), tenantId },
    { ...keys.tenant(tenantId), ...tenant },
    { ...keys.appClient(tenantId, appClient.appClientId), ...appClient },
    { ...keys.clientId(appClient.clientId), tenantId, appClientId: appClient.appClientId },
  ];
  const TransactItems = items.map((item) => ({
    Put: { TableName: directory, Item: { ...item, schemaVersion }, ConditionExpression: 'attribute_not_exists(pk)' },
  }));
  try {
    await client.send(new TransactWriteCommand({ TransactItems }));
    return 'created';
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const [claim, existing] = await Promise.all(
      [keys.tenantSlug(slug), keys.tenant(tenantId)].map((Key) =>
        client.send(new GetCommand({ TableName: directory, Key, ConsistentRead: true })),
      ),
    );
    if (claim?.Item?.['tenantId'] === tenantId && existing?.Item?.['slug'] === slug) return 'exists';
    throw new Error(`the slug ${slug} or the id ${tenantId} belongs to another tenant`, { cause: error });
  }
}
