import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import { read, type Tables } from './tables.ts';

/** The item at a key, or undefined. Strongly consistent. Fails as `read` does. */
export async function itemAt(
  client: Tables['client'],
  TableName: string,
  key: Key,
): Promise<Record<string, unknown> | undefined> {
  const command = new GetCommand({ TableName, Key: { ...key }, ConsistentRead: true });
  return (await read((options) => client.send(command, options))).Item;
}
