import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { webhookNoticeLifetimeMs } from '../../domain/webhooks/delivery/webhook-notice-job.ts';
import type {
  WebhookNotice,
  WebhookNoticeStore,
} from '../../domain/webhooks/delivery/webhook-notice.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { type Directory, sendConditionalWrite } from '../dynamodb/tables.ts';
import { webhookKeys } from '../keys.ts';
import { fromPendingItem, savePending, toPendingItem } from '../mail/pending-mail.ts';

const dayMs = 24 * 3600 * 1000;

/** Builds the item of a notice. */
export const toNoticeItem = (notice: WebhookNotice) =>
  toPendingItem(webhookKeys.webhookNotice(notice), notice, {
    shard: notice.webhookId.slice(0, 1),
    // A day longer, so the outcome of the last attempt can be saved.
    expiresAtMs: Date.parse(notice.createdAt) + webhookNoticeLifetimeMs + dayMs,
  });

export const createWebhookNoticeStore = (tables: Directory): WebhookNoticeStore => ({
  async create(notice) {
    const command = new PutCommand({
      TableName: tables.directory,
      Item: toNoticeItem(notice),
      ConditionExpression: 'attribute_not_exists(pk)',
    });
    await sendConditionalWrite((options) => tables.client.send(command, options));
  },

  async get(key) {
    const item = await getItem(tables.client, tables.directory, webhookKeys.webhookNotice(key));
    return item && (fromPendingItem(item) as WebhookNotice);
  },

  save: (notice) => savePending(tables, toNoticeItem(notice)),
});
