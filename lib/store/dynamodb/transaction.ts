import {
  type AttributeValue,
  DynamoDBServiceException,
  TransactionCanceledException,
} from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { Failure } from '../../domain/kernel/failure.ts';
import { schemaVersion, type Tables, toUnavailable, catchFailedCondition } from './tables.ts';
import type { EpochMs } from '../../domain/kernel/time.ts';

/** Time in which requests are retried. */
export interface TimeLimit {
  readonly deadline: EpochMs;
  readonly now: () => EpochMs;
}

export type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

/** Writes an item if none has its key. `overrides` replaces parts of the request. */
export const putIfAbsent = (TableName: string, Item: object, overrides: object = {}): Write => ({
  Put: {
    TableName,
    Item: { ...Item, schemaVersion },
    ConditionExpression: 'attribute_not_exists(pk)',
    ...overrides,
  },
});

/** Writes an item and replaces any item with the same key. */
export const putAlways = (TableName: string, Item: object): Write => ({
  Put: { TableName, Item: { ...Item, schemaVersion } },
});

/** Makes a failed condition return the existing item. Never for items that contain secrets. */
export const returnExisting = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;

/** A write with the conflict to report if its condition fails. */
export interface ConditionalWrite<Conflict> {
  readonly write: Write;
  readonly conflict: Conflict;
}

export const withConflict = <Conflict>(
  conflict: Conflict,
  writes: readonly Write[],
): ConditionalWrite<Conflict>[] => writes.map((write) => ({ write, conflict }));

export interface FailedCondition<Conflict> {
  readonly conflict: Conflict;
  /** Attributes of the existing item that are text. Empty unless the write asks for the item. */
  readonly existing: Readonly<Record<string, string | undefined>>;
}

export interface Transaction<Conflict> {
  /** The first write with a failed condition is reported. */
  readonly writes: readonly ConditionalWrite<Conflict>[];
  /** Makes repeated requests idempotent (`ClientRequestToken`). */
  readonly token: string;
  readonly deadline: EpochMs;
}

/**
 * Writes all items or none. Repeats the identical request after a transaction conflict, throttling
 * or a lost response. Returns `unknown` if the deadline passes first. Throws `unavailable`.
 */
export async function transact<Conflict>(
  client: Tables['client'],
  { writes, token, deadline }: Transaction<Conflict>,
  now: () => number,
): Promise<'written' | 'unknown' | FailedCondition<Conflict>> {
  const input: TransactWriteCommandInput = {
    ClientRequestToken: token,
    TransactItems: writes.map(({ write }) => write),
  };
  const response = await retry(
    async (options) => {
      try {
        await client.send(new TransactWriteCommand(input), options);
        return 'written' as const;
      } catch (error) {
        const failedCondition = findFailedCondition(error, writes);
        if (failedCondition) return failedCondition;
        throw error;
      }
    },
    deadline,
    now,
  );
  return response ? response.result : 'unknown';
}

/**
 * Sends an idempotent write. Repeats it after a conflict with a transaction, throttling or a lost
 * response. Throws `unavailable` at the deadline and for every other error.
 */
export async function sendWithRetry<Output>(
  send: (options: { abortSignal: AbortSignal }) => Promise<Output>,
  deadline: EpochMs,
  now: () => number,
): Promise<Output> {
  const response = await retry(send, deadline, now);
  if (!response) throw outcomeUnknown();
  return response.result;
}

/** Sends a conditional write like `sendWithRetry`. False if the condition failed. */
export const sendConditionalWithRetry = (
  send: (options: { abortSignal: AbortSignal }) => Promise<object>,
  deadline: EpochMs,
  now: () => number,
): Promise<boolean> =>
  sendWithRetry((options) => catchFailedCondition(send(options)), deadline, now);

/** For a write with an unknown outcome that has left no trace. */
export const outcomeUnknown = (): Failure =>
  new Failure('unavailable', 'The directory is busy. Nothing was written; try again.');

const initialDelayMs = 25;
const maxDelayMs = 400;

/** Returns undefined if the deadline passes before a result. */
async function retry<Result>(
  send: (options: { abortSignal: AbortSignal }) => Promise<Result>,
  deadline: EpochMs,
  now: () => number,
): Promise<{ readonly result: Result } | undefined> {
  for (let delayMs = initialDelayMs; ; delayMs = Math.min(delayMs * 2, maxDelayMs)) {
    const remainingMs = deadline - now();
    if (remainingMs <= 0) return undefined;
    try {
      return { result: await send({ abortSignal: AbortSignal.timeout(remainingMs) }) };
    } catch (error) {
      if (!isRetryable(error)) throw toUnavailable(error);
    }
    // Full jitter, because concurrent writers must not collide again.
    const pauseMs = Math.min(Math.random() * delayMs, Math.max(deadline - now(), 0));
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
  }
}

function findFailedCondition<Conflict>(
  error: unknown,
  writes: readonly ConditionalWrite<Conflict>[],
): FailedCondition<Conflict> | undefined {
  if (!(error instanceof TransactionCanceledException)) return undefined;
  const { CancellationReasons: reasons = [] } = error;
  const index = reasons.findIndex(({ Code }) => Code === 'ConditionalCheckFailed');
  const failedWrite = writes[index];
  return failedWrite && { conflict: failedWrite.conflict, existing: toTexts(reasons[index]?.Item) };
}

const toTexts = (item: Record<string, AttributeValue> = {}): Record<string, string | undefined> =>
  Object.fromEntries(Object.entries(item).map(([name, { S }]) => [name, S]));

const transientCodes = [
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionConflictException',
  'TransactionInProgressException',
];

/** False for requests that DynamoDB understood and rejected. */
function isRetryable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof TransactionCanceledException)
    return !error.CancellationReasons?.some(({ Code }) => Code === 'ValidationError');
  const { $metadata, code } = error as { $metadata?: { httpStatusCode?: number }; code?: string };
  // No complete response: timeout, deadline or socket error. Errors before the request differ.
  if (!(error instanceof DynamoDBServiceException))
    return $metadata !== undefined || code !== undefined || error.name === 'AbortError';
  return ($metadata?.httpStatusCode ?? 0) >= 500 || transientCodes.includes(error.name);
}
