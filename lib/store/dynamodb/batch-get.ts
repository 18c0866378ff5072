import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import { type Directory, sendRequest, toUnavailable } from './tables.ts';

/** Limit of DynamoDB for one request. */
const maxKeys = 100;
/** Further requests for keys that DynamoDB leaves unprocessed. */
const maxRepetitions = 9;
const maxDelayMs = 100;

/** Reads the existing items of keys, in any order. Strongly consistent. Throws `unavailable`. */
export async function batchGet(
  { client, directory }: Directory,
  keys: readonly Key[],
): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let remaining: Record<string, unknown>[] = keys.map((key) => ({ ...key }));
  const maxRequests = Math.ceil(keys.length / maxKeys) + maxRepetitions;
  for (let requests = 0; remaining.length > 0; requests++) {
    if (requests === maxRequests) throw toUnavailable(new Error('batch read is incomplete'));
    const Keys = remaining.splice(0, maxKeys);
    const command = new BatchGetCommand({
      RequestItems: { [directory]: { Keys, ConsistentRead: true } },
    });
    const { Responses, UnprocessedKeys } = await sendRequest((options) =>
      client.send(command, options),
    );
    items.push(...(Responses?.[directory] ?? []));
    // Keys beyond 16 MB and throttled keys.
    const unprocessed = UnprocessedKeys?.[directory]?.Keys ?? [];
    remaining = [...unprocessed, ...remaining];
    if (unprocessed.length > 0)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * maxDelayMs));
  }
  return items;
}

/** Reads items in the order of their keys. Undefined for missing ones. Throws `unavailable`. */
export async function batchGetOrdered(
  tables: Directory,
  keys: readonly Key[],
): Promise<(Record<string, unknown> | undefined)[]> {
  const formatKey = ({ pk, sk }: { readonly pk?: unknown; readonly sk?: unknown }): string =>
    JSON.stringify([pk, sk]);
  const unique = new Map(keys.map((key) => [formatKey(key), key]));
  const items = await batchGet(tables, [...unique.values()]);
  const byKey = new Map(items.map((item) => [formatKey(item), item]));
  return keys.map((key) => byKey.get(formatKey(key)));
}
