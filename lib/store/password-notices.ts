import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { noticeLifetime, type PasswordNotice, type PasswordNotices } from '../domain/mails/password-notice.ts';
import type { User } from '../domain/users/user.ts';
import { keys } from './keys.ts';
import { noteOwed, owedItem, owedOf } from './owed-mails.ts';
import { read, type Tables } from './tables.ts';

/** Who is to be told of a changed password, in DynamoDB. */
export const passwordNotices = (tables: Pick<Tables, 'client' | 'directory'>): PasswordNotices => ({
  async get(tenantId, userId) {
    const command = new GetCommand({
      TableName: tables.directory,
      Key: { ...keys.passwordNotice(tenantId, userId) },
      ConsistentRead: true,
    });
    const { Item } = await read((options) => tables.client.send(command, options));
    return Item && (owedOf(Item) as PasswordNotice);
  },
  note: (notice) => noteOwed(tables, itemOf(notice), { version: notice.version }),
});

/** What is written with the change of a password, in place of what was owed for one before. */
export const newNotice = ({ tenantId, userId, email }: User, { version, updatedTime: changed = '' }: User) =>
  itemOf({ tenantId, userId, email, version, changed, due: changed, attempts: 0, refusals: 0, revision: 0 });

const itemOf = (notice: PasswordNotice) =>
  owedItem(keys.passwordNotice(notice.tenantId, notice.userId), notice, {
    shard: notice.userId.slice(0, 1),
    // A day in which an attempt can be noted that was begun at its end.
    expires: Date.parse(notice.changed) + noticeLifetime + 24 * 3600 * 1000,
  });
