import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import { sendRead, type Tables } from './tables.ts';

/** The item at a key, or undefined. Strongly consistent. Fails as `read` does. */
export async function getItem(
  client: Tables['client'],
  TableName: string,
  key: Key,
): Promise<Record<string, unknown> | undefined> {
  const command = new GetCommand({ TableName, Key: { ...key }, ConsistentRead: true });
  return (await sendRead((options) => client.send(command, options))).Item;
}
