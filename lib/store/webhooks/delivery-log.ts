import { BatchWriteCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { DurationMs } from '../../domain/kernel/time.ts';
import type { DeliveryLog } from '../../domain/webhooks/webhook-store.ts';
import type { DeliveryAttempt } from '../../domain/webhooks/webhook.ts';
import { batchWrite } from '../dynamodb/batch-write.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { type Directory, schemaVersion, sendRequest } from '../dynamodb/tables.ts';
import { deliveryPrefix, webhookKeys } from '../keys.ts';

const retentionMs: DurationMs = 30 * 24 * 3600 * 1000;

/** Time in which throttled writes are repeated. */
const retryMs: DurationMs = 2000;

/** Attempts that a page with an outcome reads at most, about 100 KB. */
const maxScannedAttempts = 500;

/** Attempts in the partition of their webhook, in the order of their times. */
export function createDeliveryLog(tables: Directory, now: () => number): DeliveryLog {
  const { client, directory } = tables;
  return {
    async record({ tenantId, webhookId }, attempts) {
      if (attempts.length === 0) return;
      const items = attempts.map((attempt) => ({
        ...webhookKeys.webhookDelivery(tenantId, webhookId, attempt),
        ...attempt,
        ttl: Math.ceil((Date.parse(attempt.at) + retentionMs) / 1000),
        schemaVersion,
      }));
      // DynamoDB rejects two writes of one key. The last attempt in a millisecond is logged.
      const byKey = new Map(items.map((item) => [item.sk, item]));
      const writes = [...byKey.values()].map((Item) => ({ PutRequest: { Item } }));
      const command = new BatchWriteCommand({ RequestItems: { [directory]: writes } });
      const { UnprocessedItems } = await sendRequest((options) => client.send(command, options));
      const throttled = UnprocessedItems?.[directory] ?? [];
      await batchWrite(tables, throttled, { deadline: now() + retryMs, now });
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
