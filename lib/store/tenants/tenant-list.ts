import { queryPages } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';

/** Lists all tenants, also deleted and erased ones. Strongly consistent. Throws `unavailable`. */
export const createTenantList = ({ client, directory }: Directory) => ({
  async *listIds(): AsyncGenerator<string> {
    const query = {
      TableName: directory,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': keys.tenantListEntry('').pk },
      ConsistentRead: true,
    };
    for await (const items of queryPages(client, query))
      for (const { tenantId } of items) yield String(tenantId);
  },
});
