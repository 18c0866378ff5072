import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { expect, inject, it } from 'vitest';
import { assertDataVersion } from '../../../../infra/local/process/data-version.ts';
import { createTables } from '../../../../infra/local/process/database.ts';
import { schemaVersion } from '../../../../lib/store/dynamodb/tables.ts';
import { keys } from '../../../../lib/store/keys.ts';

const createClient = () => new DynamoDBClient({ endpoint: inject('databaseEndpoint') });
const client = createClient();
const documents = DynamoDBDocumentClient.from(createClient());
const place = { location: '/data', remedy: 'Use --fresh.' };

async function createSecretsTable(): Promise<string> {
  const TableName = `t${randomUUID()}`;
  const names = ['pk', 'sk'];
  const create = {
    TableName,
    BillingMode: 'PAY_PER_REQUEST' as const,
    AttributeDefinitions: names.map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S' as const,
    })),
    KeySchema: names.map((AttributeName, index) => ({
      AttributeName,
      KeyType: index === 0 ? ('HASH' as const) : ('RANGE' as const),
    })),
  };
  await createTables(client, [{ create }]);
  return TableName;
}

const putKey = (TableName: string, version: number) =>
  documents.send(
    new PutCommand({ TableName, Item: { ...keys.deploymentKey, schemaVersion: version } }),
  );

it.each([schemaVersion - 1, schemaVersion + 1])(
  'rejects data of schema version %i and names the remedy',
  async (version) => {
    const secretsTable = await createSecretsTable();
    await putKey(secretsTable, version);

    await expect(assertDataVersion(documents, { secretsTable, ...place })).rejects.toThrow(
      `The data in /data has schema version ${version}. This version of Roster needs version ${schemaVersion}. Use --fresh.`,
    );
  },
);

it('accepts data of the current schema version, an empty table and no table', async () => {
  const secretsTable = await createSecretsTable();

  await assertDataVersion(documents, { secretsTable, ...place });
  await putKey(secretsTable, schemaVersion);
  await assertDataVersion(documents, { secretsTable, ...place });
  await assertDataVersion(documents, { secretsTable: 'missing', ...place });
});
