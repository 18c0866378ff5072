import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import type { PendingMail } from '../../domain/mail/pending-mail.ts';
import { type Key, outboxIndex } from '../keys.ts';
import { read, schemaVersion, type Tables } from '../dynamodb/tables.ts';

/** What a mail that is owed by itself is in the directory. `shard` is a hexadecimal digit. */
export const owedItem = (
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
export async function noteOwed(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  item: ReturnType<typeof owedItem>,
): Promise<boolean> {
  const command = new PutCommand({
    TableName: directory,
    Item: { ...item, revision: item.revision + 1 },
    ConditionExpression: 'revision = :revision',
    ExpressionAttributeValues: { ':revision': item.revision },
  });
  return read((options) => done(client.send(command, options)));
}

/** Whether a write was done; false where its condition did not hold. */
export const done = (sent: Promise<unknown>): Promise<boolean> =>
  sent.then(
    () => true,
    (error: unknown) => {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    },
  );

/** The mail that such an item holds. */
export function owedOf(item: Record<string, unknown>): PendingMail {
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
