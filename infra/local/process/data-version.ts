import { type DynamoDBDocumentClient, GetCommand } from '@aws-sdk/lib-dynamodb';
import { schemaVersion } from '../../../lib/store/dynamodb/tables.ts';
import { keys } from '../../../lib/store/keys.ts';

/**
 * Rejects data that another version of Roster has written. Reads the deployment key, which every
 * start writes before other items.
 */
export async function assertDataVersion(
  client: DynamoDBDocumentClient,
  {
    secretsTable,
    location,
    remedy,
  }: { readonly secretsTable: string; readonly location: string; readonly remedy: string },
): Promise<void> {
  const storedVersion = await readVersion(client, secretsTable);
  if (storedVersion === undefined || storedVersion === schemaVersion) return;
  throw new Error(
    `The data in ${location} has schema version ${storedVersion}. This version of Roster needs version ${schemaVersion}. ${remedy}`,
  );
}

async function readVersion(
  client: DynamoDBDocumentClient,
  TableName: string,
): Promise<number | undefined> {
  const command = new GetCommand({ TableName, Key: { ...keys.deploymentKey } });
  try {
    return (await client.send(command)).Item?.['schemaVersion'] as number | undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
