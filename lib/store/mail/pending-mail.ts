import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PendingMail } from '../../domain/mail/pending-mail.ts';
import { type Key, outboxIndex } from '../keys.ts';
import { sendRead, schemaVersion, type Tables } from '../dynamodb/tables.ts';

/** What a mail that is owed by itself is in the directory. `shard` is a hexadecimal digit. */
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

/** Writes such an item as the next revision, unless somebody else has: then false. */
export async function savePending(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  item: ReturnType<typeof toPendingItem>,
): Promise<boolean> {
  const command = new PutCommand({
    TableName: directory,
    Item: { ...item, revision: item.revision + 1 },
    ConditionExpression: 'revision = :revision',
    ExpressionAttributeValues: { ':revision': item.revision },
  });
  return sendRead((options) => conditionHeld(client.send(command, options)));
}

/** Whether a write was done; false where its condition did not hold. */
export const conditionHeld = (sent: Promise<unknown>): Promise<boolean> =>
  sent.then(
    () => true,
    (error: unknown) => {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    },
  );

/** The mail that such an item holds. */
export function fromPendingItem(item: Record<string, unknown>): PendingMail {
  const {
    pk: _pk,
    sk: _sk,
    outboxShard: _shard,
    ttl: _ttl,
    schemaVersion: _version,
    ...mail
  } = item;
  return mail as unknown as PendingMail;
}
