import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import type { Directory } from './tables.ts';
import { sendWithRetry, type TimeLimit } from './transaction.ts';

/** Limit of DynamoDB for one request. */
const batchSize = 25;
const concurrency = 4;
const maxDelayMs = 100;

type WriteRequests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

/** Deletes items in any order. Throws `unavailable` if items remain at the deadline. */
export const batchDelete = (
  tables: Directory,
  keys: readonly Key[],
  limit: TimeLimit,
): Promise<void> =>
  batchWrite(
    tables,
    keys.map((key) => ({ DeleteRequest: { Key: { ...key } } })),
    limit,
  );

/** Writes and deletes items in any order. Throws `unavailable` if some remain at the deadline. */
export async function batchWrite(
  { client, directory }: Directory,
  writes: WriteRequests,
  { deadline, now }: TimeLimit,
): Promise<void> {
  const sendBatch = async (batch: WriteRequests): Promise<void> => {
    let requests = batch;
    while (requests.length > 0) {
      const command = new BatchWriteCommand({ RequestItems: { [directory]: requests } });
      const { UnprocessedItems } = await sendWithRetry(
        (options) => client.send(command, options),
        deadline,
        now,
      );
      requests = UnprocessedItems?.[directory] ?? [];
      if (requests.length > 0)
        await new Promise((resolve) => setTimeout(resolve, Math.random() * maxDelayMs));
    }
  };
  const batches = Array.from({ length: Math.ceil(writes.length / batchSize) }, (_, index) =>
    writes.slice(index * batchSize, (index + 1) * batchSize),
  );
  for (let first = 0; first < batches.length; first += concurrency) {
    await Promise.all(batches.slice(first, first + concurrency).map(sendBatch));
  }
}
