import {
  type AccountDetail,
  type AccountNotice,
  noticeLifetimeMs,
} from '../../domain/account-notices/account-notice.ts';
import type { AccountNoticeStore } from '../../domain/account-notices/account-notice-store.ts';
import type { User } from '../../domain/users/user.ts';
import { getItem } from '../dynamodb/get-item.ts';
import { queryAll } from '../dynamodb/query.ts';
import type { Directory } from '../dynamodb/tables.ts';
import { keys, noticePartition } from '../keys.ts';
import { fromPendingItem, savePending, toPendingItem } from './pending-mail.ts';

export const createAccountNoticeStore = (tables: Directory): AccountNoticeStore => ({
  async get(tenantId, userId, version) {
    const key = keys.accountNotice(tenantId, userId, version);
    const item = await getItem(tables.client, tables.directory, key);
    return item && (fromPendingItem(item) as AccountNotice);
  },

  save: (notice) => savePending(tables, toItem(notice)),

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

/**
 * Builds the notice to a user at the address before the change, or at the address that a link
 * verifies.
 */
export const toNewNoticeItem = (
  { tenantId, userId, email }: User,
  { version, emailVerification, createdAt, updatedAt: changedAt = createdAt }: User,
  details: readonly AccountDetail[],
) =>
  toItem({
    tenantId,
    userId,
    email:
      (emailVerification?.version === version ? emailVerification.newEmail : undefined) ?? email,
    version,
    details,
    changedAt,
    dueAt: changedAt,
    attempts: 0,
    rejections: 0,
    revision: 0,
  });

const dayMs = 24 * 3600 * 1000;

const toItem = (notice: AccountNotice) =>
  toPendingItem(keys.accountNotice(notice.tenantId, notice.userId, notice.version), notice, {
    shard: notice.userId.slice(0, 1),
    // A day longer, so the outcome of the last attempt can be saved.
    expiresAtMs: Date.parse(notice.changedAt) + noticeLifetimeMs + dayMs,
  });
