import type { ListedTenant, TenantList } from '../../domain/tenants/tenant-store.ts';
import { queryPages } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

export const createTenantList = ({ client, directory }: Directory): TenantList => ({
  async *listAll() {
    const query = {
      TableName: directory,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': keys.tenantListEntry('').pk },
      ConsistentRead: true,
    };
    for await (const items of queryPages(client, query))
      for (const item of items) {
        const { tenantId, erasedAt } = item as unknown as ListedTenant;
        yield { tenantId, erasedAt };
      }
  },
});
