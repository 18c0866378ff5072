import { setTimeout as sleep } from 'node:timers/promises';
import type { CreateTableCommandInput, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { startEmbeddedDatabase } from './embedded-database.ts';

/** Table declaration in the format of the DynamoDB API. */
export interface Table {
  readonly create: CreateTableCommandInput & { TableName: string };
  readonly timeToLiveAttribute?: string;
}

/** Running database. */
export interface Database {
  readonly endpoint: string;
  /** Process ID of the embedded database. Undefined for a database that was already running. */
  readonly pid?: number;
  /** Settles when the process ends. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts the embedded database, in memory without a `path`. If `AWS_ENDPOINT_URL_DYNAMODB` is set,
 * uses that database instead.
 */
export async function startDatabase({ path }: { path?: string } = {}): Promise<Database> {
  const external = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  if (external) return { endpoint: external, ended: new Promise(() => {}), stop: async () => {} };
  return startEmbeddedDatabase(path);
}

/**
 * Points the AWS SDK in this process at `endpoint`. A local endpoint gets placeholder credentials
 * instead of the user's.
 */
export function setSdkEndpoint(endpoint: string): void {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  if (!isLoopback(endpoint)) return;
  delete process.env.AWS_PROFILE; // AWS_PROFILE takes precedence over keys.
  delete process.env.AWS_SESSION_TOKEN;
  Object.assign(process.env, {
    AWS_REGION: 'local',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  });
}

/** Creates missing tables and indexes, and waits until they are active. */
export async function createTables(
  client: DynamoDBClient,
  tables: readonly Table[],
): Promise<void> {
  const { CreateTableCommand, DescribeTableCommand, UpdateTableCommand, UpdateTimeToLiveCommand } =
    await import('@aws-sdk/client-dynamodb');
  const find = async (TableName: string) => {
    try {
      return (await client.send(new DescribeTableCommand({ TableName }))).Table;
    } catch (error) {
      if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
      throw error;
    }
  };
  const untilActive = async (TableName: string) => {
    while ((await find(TableName))?.TableStatus !== 'ACTIVE') await sleep(50);
  };
  const ensure = async ({ create, timeToLiveAttribute }: Table) => {
    const { TableName, AttributeDefinitions, GlobalSecondaryIndexes = [] } = create;
    const existingTable = await find(TableName);
    if (existingTable === undefined) {
      await client.send(new CreateTableCommand(create));
      await untilActive(TableName);
      if (timeToLiveAttribute === undefined) return;
      const TimeToLiveSpecification = { AttributeName: timeToLiveAttribute, Enabled: true };
      await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
      return;
    }
    // An older version may have created the table without the index.
    const existing = existingTable.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName) ?? [];
    for (const Create of GlobalSecondaryIndexes.filter(
      ({ IndexName }) => !existing.includes(IndexName),
    )) {
      await client.send(
        new UpdateTableCommand({
          TableName,
          AttributeDefinitions,
          GlobalSecondaryIndexUpdates: [{ Create }],
        }),
      );
      await untilActive(TableName);
    }
    if (existingTable.TableStatus !== 'ACTIVE') await untilActive(TableName);
  };
  await Promise.all(tables.map(ensure));
}

/** True for URLs of this machine. */
export function isLoopback(endpoint: string): boolean {
  return /^(127(\.\d+){3}|localhost|\[::1\])$/.test(new URL(endpoint).hostname);
}
