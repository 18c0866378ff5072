import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PendingMail } from '../../domain/mail/pending-mail.ts';
import { toAttributes } from '../dynamodb/items.ts';
import { type Directory, schemaVersion, sendConditionalWrite } from '../dynamodb/tables.ts';
import { type Key, outboxIndex } from '../keys.ts';

/** Builds the item of a mail. `shard` is a hexadecimal digit. */
export const toPendingItem = (
  key: Key,
  mail: PendingMail,
  { shard, expiresAtMs }: { readonly shard: string; readonly expiresAtMs: number },
) => ({
  ...key,
  ...mail,
  ...(mail.dueAt !== undefined && { [outboxIndex.partition]: shard }),
  ttl: Math.ceil(expiresAtMs / 1000),
  schemaVersion,
});

export function fromPendingItem(item: Record<string, unknown>): PendingMail {
  const { outboxShard: _shard, ttl: _ttl, ...mail } = toAttributes(item);
  return mail as unknown as PendingMail;
}

/** Saves the next revision. False, without a write, if the item has changed. */
export function savePending(
  { client, directory }: Directory,
  item: ReturnType<typeof toPendingItem>,
): Promise<boolean> {
  const command = new PutCommand({
    TableName: directory,
    Item: { ...item, revision: item.revision + 1 },
    ConditionExpression: 'revision = :revision',
    ExpressionAttributeValues: { ':revision': item.revision },
  });
  return sendConditionalWrite((options) => client.send(command, options));
}
