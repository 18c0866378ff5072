import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { WebhookStore } from '../../domain/webhooks/webhook-store.ts';
import { maxTestsPerMinute, maxWebhooks, type Webhook } from '../../domain/webhooks/webhook.ts';
import { toRecordItem, writeChange } from '../dynamodb/change-records.ts';
import { fromItem, ifVersion, readEntity } from '../dynamodb/entities.ts';
import { queryPrefix } from '../dynamodb/query.ts';
import { type Directory, schemaVersion, sendConditionalWrite } from '../dynamodb/tables.ts';
import { putAlways, putIfAbsent, withConflict, type Write } from '../dynamodb/transaction.ts';
import { webhookKeys, webhookPrefix } from '../keys.ts';
import { toNoticeItem } from './webhook-notice-store.ts';

/** Time for which the number of test events in a minute is needed. */
const testCountSeconds = 120;

/** Webhooks in a partition of their tenant. */
export function createWebhookStore(tables: Directory, now: () => number): WebhookStore {
  const { directory } = tables;

  const removeWebhook = ({ tenantId, webhookId, ...before }: Webhook): Write => ({
    Delete: {
      TableName: directory,
      Key: { ...webhookKeys.webhook(tenantId, webhookId) },
      ...ifVersion(before),
    },
  });

  const count = (tenantId: string, delta: 1 | -1): Write => ({
    Update: {
      TableName: directory,
      Key: { ...webhookKeys.webhookCount(tenantId) },
      UpdateExpression: 'SET schemaVersion = :schemaVersion ADD activeCount :delta',
      ExpressionAttributeValues: {
        ':delta': delta,
        ':schemaVersion': schemaVersion,
        ...(delta > 0 && { ':maxWebhooks': maxWebhooks }),
      },
      ...(delta > 0 && {
        ConditionExpression: 'attribute_not_exists(activeCount) OR activeCount < :maxWebhooks',
      }),
    },
  });

  return {
    async list(tenantId) {
      const items = await queryPrefix(tables, webhookPrefix(tenantId));
      return items.map((item) => fromItem(item) as Webhook);
    },

    get: (tenantId, webhookId) =>
      readEntity<Webhook>(tables, webhookKeys.webhook(tenantId, webhookId)),

    async write({ before, after, record, deadline, isDeletion = false, notice }) {
      const { tenantId, webhookId, version } = after;
      const item = { ...webhookKeys.webhook(tenantId, webhookId), ...after };
      const put = putIfAbsent(directory, item, before && ifVersion(before));
      const removal = putIfAbsent(directory, {
        ...webhookKeys.removedWebhook(tenantId, webhookId),
        webhookId,
      });
      const writes = [
        ...withConflict('stale' as const, before && isDeletion ? [removeWebhook(before)] : [put]),
        ...withConflict('stale' as const, isDeletion ? [removal] : []),
        ...withConflict(
          'stale' as const,
          notice ? [putAlways(directory, toNoticeItem(notice))] : [],
        ),
        ...withConflict('full' as const, [
          ...(before ? [] : [count(tenantId, 1)]),
          ...(isDeletion ? [count(tenantId, -1)] : []),
        ]),
      ];
      const recordItem = toRecordItem(
        webhookKeys.webhookChange(tenantId, webhookId, version),
        record,
      );
      const outcome = await writeChange(tables, { record: recordItem, writes, deadline }, now);
      return typeof outcome === 'string' ? outcome : outcome.conflict;
    },

    countTest(tenantId) {
      const nowMs = now();
      const minute = new Date(nowMs).toISOString().slice(0, '2026-01-31T12:00'.length);
      const command = new UpdateCommand({
        TableName: directory,
        Key: { ...webhookKeys.webhookTests(tenantId, minute) },
        UpdateExpression: 'ADD tests :one SET #ttl = :ttl, schemaVersion = :schemaVersion',
        ConditionExpression: 'attribute_not_exists(tests) OR tests < :max',
        ExpressionAttributeNames: { '#ttl': 'ttl' },
        ExpressionAttributeValues: {
          ':one': 1,
          ':max': maxTestsPerMinute,
          ':ttl': Math.ceil(nowMs / 1000) + testCountSeconds,
          ':schemaVersion': schemaVersion,
        },
      });
      return sendConditionalWrite((options) => tables.client.send(command, options));
    },
  };
}
