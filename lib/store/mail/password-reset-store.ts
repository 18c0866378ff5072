import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import {
  hashAccount,
  type PasswordReset,
  resetLifetimeMs,
  resetRequestIntervalMs,
} from '../../domain/password-resets/password-reset.ts';
import type { PasswordResetStore } from '../../domain/password-resets/password-reset-store.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { type Directory, schemaVersion, sendConditionalWrite } from '../dynamodb/tables.ts';
import { keys } from '../keys.ts';
import { fromPendingItem, savePending, toPendingItem } from './pending-mail.ts';

/**
 * Stores requests for reset links, one item per email or username. No transaction contains these
 * items.
 */
export function createPasswordResetStore(tables: Directory): PasswordResetStore {
  const { client, directory } = tables;
  return {
    async request(tenantId, account, now) {
      const emailHash = hashAccount(account);
      const [[name, value] = []] = Object.entries(account);
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...keys.passwordReset(tenantId, emailHash) },
        // A new request neither invalidates a mailed link nor delays a due mail.
        UpdateExpression: `SET ${[
          'tenantId = :tenantId',
          'emailHash = :hash',
          `${name} = :account`,
          'requestedAt = :now',
          'dueAt = if_not_exists(dueAt, :now)',
          'outboxShard = :shard',
          'attempts = if_not_exists(attempts, :zero)',
          'rejections = if_not_exists(rejections, :zero)',
          'revision = if_not_exists(revision, :zero)',
          '#ttl = :ttl',
          'schemaVersion = :schemaVersion',
        ].join(', ')}`,
        ConditionExpression: 'attribute_not_exists(dueAt) OR requestedAt <= :before',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':tenantId': tenantId,
          ':hash': emailHash,
          ':account': value,
          ':now': now.toISOString(),
          ':before': new Date(now.getTime() - resetRequestIntervalMs).toISOString(),
          ':shard': emailHash.slice(0, 1),
          ':zero': 0,
          ':ttl': Math.ceil(getExpiryMs(now.getTime()) / 1000),
          ':schemaVersion': schemaVersion,
        },
      });
      await sendConditionalWrite((options) => client.send(command, options));
    },

    async get(tenantId, emailHash) {
      const item = await getItem(client, directory, keys.passwordReset(tenantId, emailHash));
      return item && (fromPendingItem(item) as PasswordReset);
    },

    save(reset) {
      const { tenantId, emailHash, requestedAt } = reset;
      const item = toPendingItem(keys.passwordReset(tenantId, emailHash), reset, {
        shard: emailHash.slice(0, 1),
        expiresAtMs: getExpiryMs(Date.parse(requestedAt)),
      });
      return savePending(tables, item);
    },
  };
}

/** A mail is due for one lifetime, and its link is valid for another. */
const getExpiryMs = (requestedAtMs: number): number => requestedAtMs + 2 * resetLifetimeMs;
