import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PasswordHashStore } from '../domain/credentials/password-hash-store.ts';
import { getItem } from './dynamodb/get-item.ts';
import { keys } from './keys.ts';
import { sendRead, schemaVersion, type Tables } from './dynamodb/tables.ts';

/** Reads password hashes: for the functions that check passwords, the only ones that are allowed to. */
export const createPasswordHashStore = ({
  client,
  secrets,
}: Pick<Tables, 'client' | 'secrets'>): PasswordHashStore => ({
  async get(tenantId, userId) {
    return (await getItem(client, secrets, keys.userSecret(tenantId, userId)))?.['passwordHash'] as
      | string
      | undefined;
  },

  async replace({ tenantId, userId }, before, passwordHash) {
    const command = new PutCommand({
      TableName: secrets,
      Item: { ...keys.userSecret(tenantId, userId), tenantId, userId, passwordHash, schemaVersion },
      ConditionExpression: 'passwordHash = :before',
      ExpressionAttributeValues: { ':before': before },
    });
    await sendRead((options) =>
      client.send(command, options).catch((error: unknown) => {
        if (!(error instanceof ConditionalCheckFailedException)) throw error;
      }),
    );
  },
});
