import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  hashEmail,
  type PasswordReset,
  resetLifetimeMs,
  resetRequestIntervalMs,
} from '../../domain/password-resets/password-reset.ts';
import type { PasswordResetStore } from '../../domain/password-resets/password-reset-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { keys } from '../keys.ts';
import { conditionHeld, savePending, toPendingItem, fromPendingItem } from './pending-mail.ts';
import { sendRead, schemaVersion, type Tables } from '../dynamodb/tables.ts';

/** Who asked for a new password, in DynamoDB. Each is an item of its own, which no transaction holds. */
export function createPasswordResetStore({
  client,
  directory,
}: Pick<Tables, 'client' | 'directory'>): PasswordResetStore {
  return {
    async request(tenantId, email, now) {
      const emailHash = hashEmail(email);
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.passwordReset(tenantId, emailHash) },
        // A mailed link keeps working and a due mail stays due: a new request must not invalidate or delay either.
        UpdateExpression:
          'SET tenantId = :tenantId, emailHash = :hash, email = :email, requestedAt = :now, dueAt = if_not_exists(dueAt, :now), outboxShard = :shard, attempts = if_not_exists(attempts, :none), rejections = if_not_exists(rejections, :none), revision = if_not_exists(revision, :none), #ttl = :ttl, schemaVersion = :schemaVersion',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ConditionExpression: 'attribute_not_exists(dueAt) OR requestedAt <= :before',
        ExpressionAttributeValues: {
          ':tenantId': tenantId,
          ':hash': emailHash,
          ':email': email,
          ':now': now.toISOString(),
          ':before': new Date(now.getTime() - resetRequestIntervalMs).toISOString(),
          ':shard': emailHash.slice(0, 1),
          ':none': 0,
          ':ttl': Math.ceil(getExpiryMs(now.getTime()) / 1000),
          ':schemaVersion': schemaVersion,
        },
      });
      await sendRead((options) => conditionHeld(client.send(command, options)));
    },

    async get(tenantId, emailHash) {
      const item = await getItem(client, directory, keys.passwordReset(tenantId, emailHash));
      return item && (fromPendingItem(item) as PasswordReset);
    },

    save(reset) {
      const { tenantId, emailHash, requestedAt } = reset;
      const kept = {
        shard: emailHash.slice(0, 1),
        expiresAtMs: getExpiryMs(Date.parse(requestedAt)),
      };
      return savePending(
        { client, directory },
        toPendingItem(keys.passwordReset(tenantId, emailHash), reset, kept),
      );
    },
  };
}

/** A mail may go out an hour after it was asked for, and its link is good for another. Epoch milliseconds. */
const getExpiryMs = (requestedAtMs: number): number => requestedAtMs + 2 * resetLifetimeMs;
