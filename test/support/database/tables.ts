import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  BatchWriteCommand,
  DynamoDBDocumentClient,
  GetCommand,
  paginateScan,
  PutCommand,
} from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBRecord } from 'aws-lambda';
import { inject } from 'vitest';
import { sampleTenants } from '../../../infra/local/dev/samples.ts';
import type { Tables } from '../../../lib/store/dynamodb/tables.ts';
import { createDeploymentKey } from '../../../lib/store/keyring.ts';
import { type Key, outboxIndex } from '../../../lib/store/keys.ts';
import { putTenant } from '../../../lib/store/tenants/put-tenant.ts';
import { listWrites, sendRequest } from './database-client.ts';

const client = DynamoDBDocumentClient.from(
  new DynamoDBClient({ endpoint: inject('databaseEndpoint') }),
  { marshallOptions: { removeUndefinedValues: true } },
);

const toKeySchema = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];

interface TableOptions {
  readonly hasOutboxIndex: boolean;
  readonly hasStream?: boolean;
}

async function createTable(
  TableName: string,
  { hasOutboxIndex, hasStream = false }: TableOptions,
): Promise<void> {
  const { name, partition, sort } = outboxIndex;
  const attributes = ['pk', 'sk', ...(hasOutboxIndex ? [partition, sort] : [])];
  const input = {
    TableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: attributes.map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S',
    })),
    KeySchema: toKeySchema('pk', 'sk'),
    ...(hasStream && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
    ...(hasOutboxIndex && {
      GlobalSecondaryIndexes: [
        {
          IndexName: name,
          KeySchema: toKeySchema(partition, sort),
          Projection: { ProjectionType: 'KEYS_ONLY' },
        },
      ],
    }),
  };
  await sendRequest('CreateTable', JSON.stringify(input));
}

/** Items of the sample tenants as write requests, like those in the first tables of this worker. */
let samplePuts: readonly object[] | undefined;

/** Most items of a `BatchWriteItem` call. */
const maxBatchItems = 25;

/** Writes the sample tenants, with `putTenant` only once, because copying its items is faster. */
async function putSampleTenants(tables: Tables): Promise<void> {
  const { directory } = tables;
  if (samplePuts === undefined) {
    for (const sample of sampleTenants) {
      const createdAt = '2026-01-01T00:00:00.000Z';
      const fixed = { origin: 'https://example.com', status: 'active', locale: 'en' } as const;
      await putTenant(tables, { ...sample, ...fixed, createdAt });
    }
    const items = await scan(directory);
    samplePuts = items.map((item) => ({ PutRequest: { Item: marshall(item) } }));
    return;
  }
  await createDeploymentKey(tables);
  for (let start = 0; start < samplePuts.length; start += maxBatchItems) {
    const RequestItems = { [directory]: samplePuts.slice(start, start + maxBatchItems) };
    await sendRequest('BatchWriteItem', JSON.stringify({ RequestItems }));
  }
}

async function scan(TableName: string) {
  const pages = paginateScan({ client }, { TableName, ConsistentRead: true });
  return (await Array.fromAsync(pages)).flatMap(({ Items = [] }) => Items);
}

/**
 * Creates the two tables of a service with the sample tenants. Writes are faster without the outbox
 * index and the stream.
 */
export async function createTestTables({ hasOutboxIndex, hasStream = false }: TableOptions) {
  const id = randomUUID();
  const directory = `${id}-directory`;
  const secrets = `${id}-secrets`;
  await createTable(directory, { hasOutboxIndex, hasStream });
  await createTable(secrets, { hasOutboxIndex: false });
  await putSampleTenants({ client, directory, secrets });

  return {
    client,
    directory,
    secrets,
    item: async (key: Key, of = directory) => {
      const input = { TableName: of, Key: { ...key }, ConsistentRead: true };
      return (await client.send(new GetCommand(input))).Item;
    },
    put: async (item: Record<string, unknown>, of = directory) =>
      void (await client.send(new PutCommand({ TableName: of, Item: item }))),
    /** Writes many items of the directory, with fewer requests than `put`. */
    putAll: async (items: readonly object[]) => {
      for (let start = 0; start < items.length; start += maxBatchItems) {
        const batch = items.slice(start, start + maxBatchItems);
        const puts = batch.map((Item) => ({ PutRequest: { Item: { ...Item } } }));
        const command = new BatchWriteCommand({ RequestItems: { [directory]: puts } });
        const { UnprocessedItems = {} } = await client.send(command);
        if (Object.keys(UnprocessedItems).length > 0)
          throw new Error('The database did not write all items');
      }
    },
    all: (of = directory) => scan(of),
    /** Items of the directory without activity, such as denied requests. */
    allButActivity: async () =>
      (await scan(directory)).filter(({ pk }) => !/#(USER)?ACTIVITY(#|$)/.test(String(pk))),
    /** Keys of the items written so far. */
    writes: (of = directory): readonly string[] => listWrites(of),
    /** Stream records of the items with pending mail. Scans of the outbox index take less time. */
    pendingMail: async (): Promise<DynamoDBRecord[]> => {
      const pages = paginateScan(
        { client },
        {
          TableName: directory,
          ...(hasOutboxIndex ? { IndexName: outboxIndex.name } : { ConsistentRead: true }),
          FilterExpression: 'attribute_exists(dueAt)',
          ProjectionExpression: 'pk, sk',
        },
      );
      const items = (await Array.fromAsync(pages)).flatMap(({ Items = [] }) => Items);
      return items
        .filter(({ sk }) => /^(USER$|RESET$|NOTICE#)/.test(sk))
        .map(({ pk, sk }, index) => ({
          eventName: 'INSERT',
          dynamodb: { Keys: { pk: { S: pk }, sk: { S: sk } }, SequenceNumber: String(index + 1) },
        }));
    },
  };
}
