import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import { sendRequest, type Tables } from './tables.ts';

/** Reads an item. Strongly consistent. Throws `unavailable`. */
export async function getItem(
  client: Tables['client'],
  TableName: string,
  { pk, sk }: Key,
): Promise<Record<string, unknown> | undefined> {
  const command = new GetCommand({ TableName, Key: { pk, sk }, ConsistentRead: true });
  return (await sendRequest((options) => client.send(command, options))).Item;
}
