import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Key } from '../keys.ts';
import { sendRead, type Tables, toUnavailable } from './tables.ts';

/** DynamoDB's limit for one batch. */
const mostKeys = 100;
const mostRounds = 10;
/** Milliseconds, at most. */
const pause = 100;

/** The items that there are under these keys, in no order. Strongly consistent. */
export async function batchGet(
  { client, directory }: Pick<Tables, 'client' | 'directory'>,
  keys: readonly Key[],
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  for (
    let left: Record<string, unknown>[] = keys.map((key) => ({ ...key })), round = 1;
    left.length > 0;
    round++
  ) {
    if (round > mostRounds) throw toUnavailable(new Error('a batch of reads was never done'));
    const Keys = left.splice(0, mostKeys);
    const { Responses, UnprocessedKeys } = await sendRead((options) =>
      client.send(
        new BatchGetCommand({ RequestItems: { [directory]: { Keys, ConsistentRead: true } } }),
        options,
      ),
    );
    found.push(...(Responses?.[directory] ?? []));
    // What was more than 16 MB, or too much at once.
    const undone = UnprocessedKeys?.[directory]?.Keys ?? [];
    left = [...undone, ...left];
    if (undone.length > 0)
      await new Promise((resolve) => setTimeout(resolve, Math.random() * pause));
  }
  return found;
}
