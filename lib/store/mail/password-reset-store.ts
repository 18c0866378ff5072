import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  hashEmail,
  type PasswordReset,
  type PasswordResetStore,
  resetLifetimeMs,
  resetRequestIntervalMs,
} from '../../domain/password-resets/password-reset.ts';
import { itemAt } from '../dynamodb/get-item.ts';
import { keys } from '../keys.ts';
import { done, noteOwed, owedItem, owedOf } from './pending-mail.ts';
import { read, schemaVersion, type Tables } from '../dynamodb/tables.ts';

/** Who asked for a new password, in DynamoDB. Each is an item of its own, which no transaction holds. */
export function passwordResets({
  client,
  directory,
}: Pick<Tables, 'client' | 'directory'>): PasswordResetStore {
  return {
    async request(tenantId, email, now) {
      const addressHash = hashEmail(email);
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.passwordReset(tenantId, addressHash) },
        // A mailed link keeps working and a due mail stays due: a new request must not invalidate or delay either.
        UpdateExpression:
          'SET tenantId = :tenantId, addressHash = :hash, email = :email, asked = :now, due = if_not_exists(due, :now), dueShard = :shard, attempts = if_not_exists(attempts, :none), refusals = if_not_exists(refusals, :none), revision = if_not_exists(revision, :none), expiresAt = :expiresAt, schemaVersion = :schemaVersion',
        ConditionExpression: 'attribute_not_exists(due) OR asked <= :before',
        ExpressionAttributeValues: {
          ':tenantId': tenantId,
          ':hash': addressHash,
          ':email': email,
          ':now': now.toISOString(),
          ':before': new Date(now.getTime() - resetRequestIntervalMs).toISOString(),
          ':shard': addressHash.slice(0, 1),
          ':none': 0,
          ':expiresAt': Math.ceil(expires(now.getTime()) / 1000),
          ':schemaVersion': schemaVersion,
        },
      });
      await read((options) => done(client.send(command, options)));
    },

    async get(tenantId, addressHash) {
      const item = await itemAt(client, directory, keys.passwordReset(tenantId, addressHash));
      return item && (owedOf(item) as PasswordReset);
    },

    save(reset) {
      const { tenantId, addressHash, asked } = reset;
      const kept = { shard: addressHash.slice(0, 1), expires: expires(Date.parse(asked)) };
      return noteOwed(
        { client, directory },
        owedItem(keys.passwordReset(tenantId, addressHash), reset, kept),
      );
    },
  };
}

/** A mail may go out an hour after it was asked for, and its link is good for another. Epoch milliseconds. */
const expires = (asked: number): number => asked + 2 * resetLifetimeMs;
