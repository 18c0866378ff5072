import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PasswordHashStore } from '../domain/credentials/password-hash-store.ts';
import { getItem } from './dynamodb/get-item.ts';
import { schemaVersion, type Secrets, sendConditionalWrite } from './dynamodb/tables.ts';
import { keys } from './keys.ts';

/** Reads and upgrades password hashes. Only functions that verify passwords may read them. */
export const createPasswordHashStore = ({ client, secrets }: Secrets): PasswordHashStore => ({
  async get(tenantId, userId) {
    const item = await getItem(client, secrets, keys.userSecret(tenantId, userId));
    return item?.['passwordHash'] as string | undefined;
  },

  async replace({ tenantId, userId }, before, passwordHash) {
    const command = new PutCommand({
      TableName: secrets,
      Item: { ...keys.userSecret(tenantId, userId), tenantId, userId, passwordHash, schemaVersion },
      ConditionExpression: 'passwordHash = :before',
      ExpressionAttributeValues: { ':before': before },
    });
    await sendConditionalWrite((options) => client.send(command, options));
  },
});
