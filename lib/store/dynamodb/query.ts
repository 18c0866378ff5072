import { QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import { type Directory, sendRequest, type Tables } from './tables.ts';

type Item = Record<string, unknown>;

export interface PartitionQuery {
  readonly pk: string;
  /** Prefix of the sort keys. Default: the whole partition. */
  readonly prefix?: string;
  /** Continues after this key. */
  readonly after?: Key | undefined;
  readonly limit?: number;
  /** Names of the attributes to read. Default: all. */
  readonly attributes?: readonly string[];
  readonly isDescending?: boolean | undefined;
}

interface QueryPage {
  readonly items: readonly Item[];
  /** Key of the last item if DynamoDB stopped at the limit or at 1 MB. */
  readonly next: Key | undefined;
  readonly readUnits: number;
}

/**
 * Reads a page of a partition, in the order of the sort keys. Strongly consistent. Throws
 * `unavailable`.
 */
export async function queryPage(
  client: Tables['client'],
  TableName: string,
  { pk, prefix, after, limit, attributes, isDescending = false }: PartitionQuery,
): Promise<QueryPage> {
  const names = attributes?.map((name) => [`#${name}`, name]);
  const command = new QueryCommand({
    TableName,
    KeyConditionExpression:
      prefix === undefined ? 'pk = :pk' : 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': pk, ...(prefix !== undefined && { ':prefix': prefix }) },
    ExclusiveStartKey: after && { ...after },
    Limit: limit,
    ProjectionExpression: names?.map(([placeholder]) => placeholder).join(', '),
    ExpressionAttributeNames: names && Object.fromEntries(names),
    ScanIndexForward: !isDescending,
    ConsistentRead: true,
  });
  const {
    Items = [],
    LastEvaluatedKey,
    ConsumedCapacity,
  } = await sendRequest((options) => client.send(command, options));
  return {
    items: Items,
    next: LastEvaluatedKey as Key | undefined,
    readUnits: ConsumedCapacity?.CapacityUnits ?? 0,
  };
}

/** Yields every page of a query. Throws `unavailable`. */
export async function* queryPages(
  client: Tables['client'],
  query: QueryCommandInput,
): AsyncGenerator<readonly Item[]> {
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const command = new QueryCommand({ ...query, ExclusiveStartKey });
    const page = await sendRequest((options) => client.send(command, options));
    yield page.Items ?? [];
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

/** Reads all items of a query. Throws `unavailable`. */
export const queryAll = async (
  client: Tables['client'],
  query: QueryCommandInput,
): Promise<Item[]> => (await Array.fromAsync(queryPages(client, query))).flat();

/**
 * Reads all items of a partition whose sort keys have a prefix. Strongly consistent. Throws
 * `unavailable`.
 */
export const queryPrefix = (
  { client, directory }: Directory,
  { pk, prefix }: { readonly pk: string; readonly prefix: string },
  options: Pick<QueryCommandInput, 'ProjectionExpression'> = {},
): Promise<Item[]> =>
  queryAll(client, {
    TableName: directory,
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix },
    ConsistentRead: true,
    ...options,
  });

/**
 * Counts the items of a partition whose sort keys have a prefix, that lack an attribute and have
 * others, up to `max`. Strongly consistent. Throws `unavailable`.
 */
export async function countItems(
  { client, directory }: Directory,
  {
    pk,
    prefix,
    without,
    equals = {},
    max,
  }: {
    readonly pk: string;
    readonly prefix: string;
    readonly without: string;
    readonly equals?: Readonly<Record<string, string>> | undefined;
    readonly max: number;
  },
): Promise<number> {
  const names = Object.keys(equals);
  let count = 0;
  let ExclusiveStartKey: QueryCommandInput['ExclusiveStartKey'];
  do {
    const command = new QueryCommand({
      TableName: directory,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      FilterExpression: [
        'attribute_not_exists(#without)',
        ...names.map((name) => `#${name} = :${name}`),
      ].join(' AND '),
      ExpressionAttributeNames: {
        '#without': without,
        ...Object.fromEntries(names.map((name) => [`#${name}`, name])),
      },
      ExpressionAttributeValues: {
        ':pk': pk,
        ':prefix': prefix,
        ...Object.fromEntries(names.map((name) => [`:${name}`, equals[name]])),
      },
      Select: 'COUNT',
      Limit: max - count,
      ExclusiveStartKey,
      ConsistentRead: true,
    });
    const page = await sendRequest((options) => client.send(command, options));
    count += page.Count ?? 0;
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey && count < max);
  return count;
}
