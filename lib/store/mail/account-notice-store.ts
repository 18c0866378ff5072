import {
  type AccountDetail,
  type AccountNotice,
  noticeLifetimeMs,
} from '../../domain/account-notices/account-notice.ts';
import type { AccountNoticeStore } from '../../domain/account-notices/account-notice-store.ts';
import type { User } from '../../domain/users/user.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { keys, noticePartition } from '../keys.ts';
import { savePending, toPendingItem, fromPendingItem } from './pending-mail.ts';
import { queryAll } from '../dynamodb/query-all.ts';
import type { Tables } from '../dynamodb/tables.ts';

/** Who is to be told of what about their account, in DynamoDB. */
export const createAccountNoticeStore = (
  tables: Pick<Tables, 'client' | 'directory'>,
): AccountNoticeStore => ({
  async get(tenantId, userId, version) {
    const item = await getItem(
      tables.client,
      tables.directory,
      keys.accountNotice(tenantId, userId, version),
    );
    return item && (fromPendingItem(item) as AccountNotice);
  },
  save: (notice) => savePending(tables, itemOf(notice)),
  async listLimited(tenantId, userId) {
    const { pk, prefix } = noticePartition(tenantId, userId);
    const items = await queryAll(tables.client, {
      TableName: tables.directory,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
      FilterExpression: 'isLimited = :true AND attribute_exists(dueAt)',
      ExpressionAttributeValues: { ':pk': pk, ':prefix': prefix, ':true': true },
      ConsistentRead: true,
    });
    return items.map((item) => fromPendingItem(item) as AccountNotice);
  },
});

/** What is written with a change of these details. */
export const toNewNoticeItem = (
  { tenantId, userId, email }: User,
  { version, createdAt, updatedAt: changedAt = createdAt }: User,
  details: readonly AccountDetail[],
) =>
  itemOf({
    tenantId,
    userId,
    email,
    version,
    details,
    changedAt,
    dueAt: changedAt,
    attempts: 0,
    rejections: 0,
    revision: 0,
  });

const itemOf = (notice: AccountNotice) =>
  toPendingItem(keys.accountNotice(notice.tenantId, notice.userId, notice.version), notice, {
    shard: notice.userId.slice(0, 1),
    // A day in which an attempt can be noted that was begun at its end.
    expiresAtMs: Date.parse(notice.changedAt) + noticeLifetimeMs + 24 * 3600 * 1000,
  });
