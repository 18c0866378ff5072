import { DynamoDBServiceException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Tables } from './tables.ts';

/** An item to be written; `claim` says that somebody else's may be in its place, and whose it is then matters. */
export interface Put {
  readonly TableName: string;
  readonly Item: Readonly<Record<string, unknown>>;
  readonly claim?: boolean;
}

/** What became of a transaction: written, refused because the put at an index met an item, or not to be known. */
export type Outcome = 'written' | 'unknown' | { readonly refusedBy: number; readonly holder: string | undefined };

const firstPause = 25;
const longestPause = 400;
const ifAbsent = 'attribute_not_exists(pk)';

/**
 * Writes items that must not be there yet, all of them or none, in one request. What may have happened unseen (a time-out,
 * a lost answer) or was prevented by others' traffic (TransactionConflict, throttling) is sent again, byte for byte and
 * under the same token, until `deadline`: DynamoDB then answers for the first. `holder` is the `userId` of the item met.
 */
export async function putAll(
  client: Tables['client'],
  puts: readonly Put[],
  token: string,
  deadline: number,
  now: () => number,
): Promise<Outcome> {
  const input: TransactWriteCommandInput = {
    ClientRequestToken: token,
    TransactItems: puts.map(({ claim, ...put }) => ({
      // Only a claim is asked for: a secret that stands in the way must not come back.
      Put: { ...put, ConditionExpression: ifAbsent, ...(claim && { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }) },
    })),
  };
  for (let pause = firstPause; ; pause = Math.min(pause * 2, longestPause)) {
    const left = deadline - now();
    if (left <= 0) return 'unknown';
    try {
      await client.send(new TransactWriteCommand(input), { abortSignal: AbortSignal.timeout(left) });
      return 'written';
    } catch (error) {
      if (error instanceof TransactionCanceledException) {
        const reasons = error.CancellationReasons ?? [];
        const refusedBy = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
        if (refusedBy >= 0) return { refusedBy, holder: reasons[refusedBy]?.Item?.['userId']?.S };
        if (reasons.some(({ Code }) => Code === 'ValidationError')) throw error;
      } else if (!mayPass(error)) throw error;
    }
    // Full jitter, so that those who collided do not meet again.
    await new Promise((resolve) => setTimeout(resolve, Math.min(Math.random() * pause, Math.max(deadline - now(), 0))));
  }
}

/** Whether the same request can fare better: not what DynamoDB understood and refused for good. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: string };
  // No whole answer: time-outs, the deadline, sockets, half a body. (An error from before anything was sent has none of these.)
  if (!(error instanceof DynamoDBServiceException)) return $metadata !== undefined || code !== undefined || error.name === 'AbortError';
  const passing = [
    'ThrottlingException',
    'ProvisionedThroughputExceededException',
    'RequestLimitExceeded',
    'TransactionInProgressException',
  ];
  return ($metadata?.httpStatusCode ?? 0) >= 500 || passing.includes(error.name);
}
