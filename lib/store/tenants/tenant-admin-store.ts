import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Tenant } from '../../domain/tenants/tenant.ts';
import type { TenantAdminStore } from '../../domain/tenants/tenant-store.ts';
import { batchGet } from '../dynamodb/batch-get.ts';
import { fromItem, readEntity, writeEntity } from '../dynamodb/entities.ts';
import { keys } from '../keys.ts';
import { sendRead, type Tables } from '../dynamodb/tables.ts';
import { createTenant } from './tenant-store.ts';
import { putIfAbsent, type Write } from '../dynamodb/transaction.ts';
import { toItem, buildUpdate } from '../users/user-items.ts';

/** Tenants in DynamoDB, read strongly consistent. `now` is in epoch milliseconds. */
export function createTenantAdminStore(tables: Tables, now: () => number): TenantAdminStore {
  const { client, directory } = tables;

  /** In the order of the keys: a batch comes in none. */
  const getAll = async (tenantIds: readonly string[]): Promise<Tenant[]> => {
    const items = await batchGet(tables, tenantIds.map(keys.tenant));
    const byId = new Map(items.map((item) => [item['tenantId'], fromItem(item) as Tenant]));
    return tenantIds.flatMap((tenantId) => byId.get(tenantId) ?? []);
  };

  return {
    async create(tenant, more) {
      await createTenant(tables, tenant, { ...more, now });
    },

    get: (tenantId) => readEntity<Tenant>(tables, keys.tenant(tenantId)),

    async list({ after, limit }) {
      const { pk, sk } = keys.tenantListEntry(after ?? '');
      const { Items = [] } = await sendRead((options) =>
        client.send(
          new QueryCommand({
            TableName: directory,
            KeyConditionExpression: 'pk = :pk AND sk > :sk',
            ExpressionAttributeValues: { ':pk': pk, ':sk': sk },
            // One more tells whether there is more.
            Limit: limit + 1,
            ConsistentRead: true,
          }),
          options,
        ),
      );
      const tenants = await getAll(Items.slice(0, limit).map((item) => String(item['tenantId'])));
      return { tenants, next: Items.length > limit ? tenants.at(-1)?.slug : undefined };
    },

    async write(change, promotion) {
      const { tenantId } = change.after;
      const place = {
        key: keys.tenant(tenantId),
        changeKey: (version: number) => keys.tenantChange(tenantId, version),
      };
      const alongside: Write[] = [];
      if (promotion) {
        const { before, after, record } = promotion;
        const { userId } = after;
        const entry = {
          ...keys.userChange(tenantId, userId, after.version),
          ...record,
          before: JSON.stringify(record.before),
          tenantId,
          userId,
        };
        // On condition that nobody has changed the user since they were seen to be fit for it.
        const update = {
          TableName: directory,
          Key: { ...keys.user(tenantId, userId) },
          ...buildUpdate(toItem(before), toItem(after)),
        };
        alongside.push(putIfAbsent(directory, entry), { Update: update });
      }
      return (await writeEntity(tables, place, change, now, alongside)) === 'written'
        ? 'written'
        : 'stale';
    },

    async getOwnerEmails(tenants) {
      const owned = tenants.flatMap(({ tenantId, ownerUserId }) =>
        ownerUserId === undefined ? [] : [keys.user(tenantId, ownerUserId)],
      );
      const owners = await batchGet(tables, owned);
      return new Map(owners.map((item) => [String(item['tenantId']), String(item['email'])]));
    },
  };
}
