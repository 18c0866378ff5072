import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import type { Directory } from './tables.ts';
import { sendWithRetry, type TimeLimit } from './transaction.ts';

/** Limit of DynamoDB for one request. */
const batchSize = 25;
const concurrency = 4;
const maxDelayMs = 100;

type DeleteRequests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

/** Deletes items in any order. Throws `unavailable` if items remain at the deadline. */
export async function batchDelete(
  { client, directory }: Directory,
  keys: readonly Key[],
  { deadline, now }: TimeLimit,
): Promise<void> {
  const deleteBatch = async (batch: readonly Key[]): Promise<void> => {
    let requests: DeleteRequests = batch.map((key) => ({ DeleteRequest: { Key: { ...key } } }));
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
  const batches = Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, index) =>
    keys.slice(index * batchSize, (index + 1) * batchSize),
  );
  for (let first = 0; first < batches.length; first += concurrency) {
    await Promise.all(batches.slice(first, first + concurrency).map(deleteBatch));
  }
}
