import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamMapping } from '../template/event-sources.ts';
import { buildDeadLetter, type Invocation, type SaveDeadLetter } from './dead-letters.ts';
import { invoke, type LocalFunction, timedOut } from '../gateway/invoke.ts';
import type { StreamRecord } from './streams.ts';

/** Consumer of a lane, and where its progress and failures go. */
export interface DeliveryOptions {
  readonly mapping: StreamMapping;
  readonly target: LocalFunction;
  readonly streamArn: string;
  readonly shardId: string;
  readonly saveDeadLetter: SaveDeadLetter;
  readonly onFailure: (functionName: string, error: unknown) => void;
  /** Every record up to this one is finished. */
  readonly onProgress: (last: StreamRecord) => void;
  readonly retryDelayMs: number;
  readonly stopping: AbortSignal;
}

interface Batch {
  readonly records: readonly StreamRecord[];
  /** Number of attempts to deliver this batch. */
  readonly invocations: number;
}

const maxDelayMs = 30_000;

/**
 * Delivers a batch of records to a function like an event source mapping: with retries until the
 * function succeeds or the limits of the mapping are reached. Resolves early on shutdown.
 */
export async function deliver(
  records: readonly StreamRecord[],
  options: DeliveryOptions,
): Promise<void> {
  const { mapping, target, onFailure, onProgress, retryDelayMs, stopping } = options;
  const waiting: Batch[] = [{ records, invocations: 0 }];
  for (
    let batch = waiting.shift();
    batch !== undefined && !stopping.aborted;
    batch = waiting.shift()
  ) {
    const young = dropOld(batch, options);
    const [last] = young.slice(-1);
    if (last === undefined) continue;

    const failed = await attempt(target, young, mapping.reportsFailures);
    if (failed === undefined) {
      onProgress(last);
      continue;
    }
    onFailure(target.name, failed.error);
    const remaining = young.slice(failed.from);
    const lastFinished = young[failed.from - 1];
    if (lastFinished) onProgress(lastFinished);

    const invocations = lastFinished ? 1 : batch.invocations + 1;
    if (failed.isWhole && mapping.bisects && remaining.length > 1) {
      // Each half has its own number of attempts.
      const middle = Math.ceil(remaining.length / 2);
      waiting.unshift(
        { records: remaining.slice(0, middle), invocations: 0 },
        { records: remaining.slice(middle), invocations: 0 },
      );
    } else if (invocations > mapping.retries) {
      giveUp(remaining, options, {
        condition: 'RetryAttemptsExhausted',
        invocations,
        functionError: failed.isWhole ? 'Unhandled' : undefined,
      });
      continue;
    } else {
      waiting.unshift({ records: remaining, invocations });
    }
    const delay = Math.min(retryDelayMs * 2 ** (invocations - 1), maxDelayMs);
    await sleep(delay, undefined, { ref: false, signal: stopping }).catch(() => {});
  }
}

interface FailedBatch {
  /** First unfinished record. */
  readonly from: number;
  /** True if the function failed, false if it reported failed records. */
  readonly isWhole: boolean;
  readonly error: unknown;
}

async function attempt(
  target: LocalFunction,
  records: readonly StreamRecord[],
  reportsFailures: boolean,
): Promise<FailedBatch | undefined> {
  try {
    const result = await invoke(target, { Records: structuredClone(records) });
    if (result === timedOut)
      throw new Error(`Task timed out after ${target.timeoutMs / 1000} seconds`);
    const from = reportsFailures ? findFirstReported(result, records) : undefined;
    return from === undefined
      ? undefined
      : {
          from,
          isWhole: false,
          error: new Error(`it reports record ${from + 1} of ${records.length}`),
        };
  } catch (error) {
    return { from: 0, isWhole: true, error };
  }
}

/**
 * Finds the first record that the function reports as failed. Throws on responses that make Lambda
 * retry the whole batch.
 */
function findFirstReported(result: unknown, records: readonly StreamRecord[]): number | undefined {
  const malformed = () =>
    new Error(`the function returned no valid report of failures, but ${JSON.stringify(result)}`);
  if (result === undefined || result === null) return undefined;
  if (typeof result !== 'object') throw malformed();
  const { batchItemFailures = [] } = result as { batchItemFailures?: unknown };
  if (batchItemFailures === null) return undefined;
  if (!Array.isArray(batchItemFailures)) throw malformed();
  const places = (batchItemFailures as ({ itemIdentifier?: unknown } | null)[]).map((failure) =>
    records.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier),
  );
  if (places.includes(-1)) throw malformed();
  return places.length === 0 ? undefined : Math.min(...places);
}

/** Records within the maximum age of the mapping. Older ones are dropped. */
function dropOld(
  { records, invocations }: Batch,
  options: DeliveryOptions,
): readonly StreamRecord[] {
  const oldest = Date.now() - options.mapping.maximumAgeMs;
  const young = records.findIndex((record) => getArrivalMs(record) >= oldest);
  const old = young < 0 ? records : records.slice(0, young);
  giveUp(old, options, {
    condition: 'RecordAgeExceeded',
    invocations,
    functionError: invocations > 0 ? 'Unhandled' : undefined,
  });
  return records.slice(old.length);
}

function giveUp(
  records: readonly StreamRecord[],
  { mapping, streamArn, shardId, saveDeadLetter, onProgress }: DeliveryOptions,
  invocation: Omit<Invocation, 'functionName'>,
): void {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return;
  saveDeadLetter(mapping.failureBucket, `aws/lambda/${mapping.id}/${shardId}`, {
    ...buildDeadLetter({ functionName: mapping.functionName, ...invocation }),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first.dynamodb.SequenceNumber,
      endSequenceNumber: last.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: new Date(getArrivalMs(first)).toISOString(),
      approximateArrivalOfLastRecord: new Date(getArrivalMs(last)).toISOString(),
      batchSize: records.length,
      streamArn,
    },
    payload: JSON.stringify({ Records: records }),
  });
  onProgress(last);
}

function getArrivalMs({ dynamodb }: StreamRecord): number {
  return (dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
}
