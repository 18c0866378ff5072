import { BatchWriteCommand, type BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import type { Tables } from './tables.ts';
import { retryWrite } from './transaction.ts';

/** DynamoDB's limit for one batch. */
const batchSize = 25;
const concurrency = 4;

/** Milliseconds before unprocessed keys are sent again, at most. */
const retryPauseMs = 100;

type DeleteRequests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

/** Deletes items, in no order. Throws `unavailable` if some are left at `deadline` (epoch milliseconds). */
export async function batchDelete(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  keys: readonly Key[],
  deadline: number,
  now: () => number,
): Promise<void> {
  const deleteBatch = async (batch: readonly Key[]): Promise<void> => {
    let requests: DeleteRequests = batch.map((key) => ({ DeleteRequest: { Key: { ...key } } }));
    while (requests.length > 0) {
      const command = new BatchWriteCommand({ RequestItems: { [directory]: requests } });
      const { UnprocessedItems } = await retryWrite(
        (options) => client.send(command, options),
        deadline,
        now,
      );
      requests = UnprocessedItems?.[directory] ?? [];
      if (requests.length > 0)
        await new Promise((resolve) => setTimeout(resolve, Math.random() * retryPauseMs));
    }
  };
  const batches = Array.from({ length: Math.ceil(keys.length / batchSize) }, (_, index) =>
    keys.slice(index * batchSize, (index + 1) * batchSize),
  );
  for (let first = 0; first < batches.length; first += concurrency) {
    await Promise.all(batches.slice(first, first + concurrency).map(deleteBatch));
  }
}
