import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import { sendRead, type Tables } from './tables.ts';

/** Every item that a query finds, of which DynamoDB answers at most 1 MB at a time. Fails as `read` does. */
export async function queryAll(
  client: Tables['client'],
  query: QueryCommandInput,
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const command = new QueryCommand({ ...query, ExclusiveStartKey });
    const page = await sendRead((options) => client.send(command, options));
    items.push(...(page.Items ?? []));
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
  return items;
}
