import { DynamoDBServiceException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { Failure } from '../../domain/kernel/failure.ts';
import { schemaVersion, type Tables, toUnavailable } from './tables.ts';

/** One write of a transaction, under a condition. */
export type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Writes an item where there is none; `more` overrides. */
export const putIfAbsent = (TableName: string, Item: object, more: object = {}): Write => ({
  Put: {
    TableName,
    Item: { ...Item, schemaVersion },
    ConditionExpression: 'attribute_not_exists(pk)',
    ...more,
  },
});

/** What became of a transaction: written, refused by the condition of the write at an index, or not to be known. */
export type Outcome =
  | 'written'
  | 'unknown'
  | {
      readonly refusedBy: number;
      readonly met: Readonly<Record<string, { S?: string }>> | undefined;
    };

const firstPause = 25;
const longestPause = 400;

/**
 * Sends a transaction: all of it or nothing, in one request. What may have happened unseen (a time-out, a lost answer) or
 * was prevented by others' traffic (TransactionConflict, throttling) is sent again, byte for byte and under the same
 * token, until `deadline`: DynamoDB then answers for the first. `met` is the item that a condition met, where it asks for it.
 * Fails as `read` does.
 */
export async function transact(
  client: Tables['client'],
  writes: readonly Write[],
  token: string,
  deadline: number,
  now: () => number,
): Promise<Outcome> {
  const input: TransactWriteCommandInput = {
    ClientRequestToken: token,
    TransactItems: [...writes],
  };
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const left = deadline - now();
    if (left <= 0) return 'unknown';
    try {
      await client.send(new TransactWriteCommand(input), {
        abortSignal: AbortSignal.timeout(left),
      });
      return 'written';
    } catch (error) {
      if (error instanceof TransactionCanceledException) {
        const reasons = error.CancellationReasons ?? [];
        const refusedBy = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
        if (refusedBy >= 0)
          return {
            refusedBy,
            met: reasons[refusedBy]?.Item as { S?: string } | undefined as never,
          };
        if (reasons.some(({ Code }) => Code === 'ValidationError')) throw toUnavailable(error);
      } else if (!mayPass(error)) throw toUnavailable(error);
    }
    // Full jitter, so that those who collided do not meet again.
    await new Promise((resolve) =>
      setTimeout(resolve, Math.min(Math.random() * pause, Math.max(deadline - now(), 0))),
    );
  }
}

/**
 * Sends an idempotent write. Repeats it after a conflict with a transaction, throttling or a lost response. Throws
 * `unavailable` at `deadline` (epoch milliseconds), and for every other error.
 */
export async function retryWrite<Output>(
  send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
  deadline: number,
  now: () => number,
): Promise<Output> {
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const left = deadline - now();
    if (left <= 0) throw outcomeUnknown();
    try {
      return await send({ abortSignal: AbortSignal.timeout(left) });
    } catch (error) {
      if (!mayPass(error)) throw toUnavailable(error);
    }
    await new Promise((resolve) =>
      setTimeout(resolve, Math.min(Math.random() * pause, Math.max(deadline - now(), 0))),
    );
  }
}

/** Of a transaction whose outcome cannot be known, and of which there is no trace. */
export const outcomeUnknown = (): Failure =>
  new Failure('unavailable', 'The directory is busy. Nothing was written; try again.');

/** Whether the same request can fare better: not what DynamoDB understood and refused for good. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: string };
  // No whole answer: time-outs, the deadline, sockets, half a body. (An error from before anything was sent has none of these.)
  if (!(error instanceof DynamoDBServiceException))
    return $metadata !== undefined || code !== undefined || error.name === 'AbortError';
  const passing = [
    'ThrottlingException',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'TransactionConflictException',
    'TransactionInProgressException',
  ];
  return ($metadata?.httpStatusCode ?? 0) >= 500 || passing.includes(error.name);
}
