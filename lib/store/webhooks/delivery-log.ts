import { PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DurationMs } from '../../domain/kernel/time.ts';
import type { DeliveryLog } from '../../domain/webhooks/webhook-store.ts';
import type { DeliveryAttempt } from '../../domain/webhooks/webhook.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { type Directory, schemaVersion, sendRequest } from '../dynamodb/tables.ts';
import { deliveryPrefix, webhookKeys } from '../keys.ts';

const retentionMs: DurationMs = 30 * 24 * 3600 * 1000;

/** Attempts that a page with an outcome reads at most, about 100 KB. */
const maxScannedAttempts = 500;

/** Attempts in the partition of their webhook, in the order of their times. */
export function createDeliveryLog(
  { client, directory }: Directory,
  now: () => number,
): DeliveryLog {
  return {
    async record({ tenantId, webhookId }, attempt) {
      const Item = {
        ...webhookKeys.webhookDelivery(tenantId, webhookId, attempt),
        ...attempt,
        ttl: Math.ceil((Date.parse(attempt.at) + retentionMs) / 1000),
        schemaVersion,
      };
      const command = new PutCommand({ TableName: directory, Item });
      await sendRequest((options) => client.send(command, options));
    },

    async list({ tenantId, webhookId }, { limit, after, outcome }) {
      const { pk, prefix } = deliveryPrefix(tenantId, webhookId);
      const command = new QueryCommand({
        TableName: directory,
        KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
        FilterExpression: ['#ttl > :now', ...(outcome ? ['outcome = :outcome'] : [])].join(' AND '),
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':pk': pk,
          ':prefix': prefix,
          ':now': Math.floor(now() / 1000),
          ...(outcome && { ':outcome': outcome }),
        },
        ExclusiveStartKey: after === undefined ? undefined : { pk, sk: after },
        Limit: outcome ? maxScannedAttempts : limit,
        ScanIndexForward: false,
        ConsistentRead: true,
      });
      const { Items = [], LastEvaluatedKey } = await sendRequest((options) =>
        client.send(command, options),
      );
      const attempts = Items.slice(0, limit).map((item) => {
        const { ttl: _ttl, ...attempt } = toAttributes(item);
        return { attempt: attempt as unknown as DeliveryAttempt, position: String(item['sk']) };
      });
      const next = Items.length > limit ? attempts.at(-1)?.position : LastEvaluatedKey?.['sk'];
      return { attempts, next: next as string | undefined };
    },
  };
}
