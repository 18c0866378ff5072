import { setTimeout as sleep } from 'node:timers/promises';
import type { StreamMapping } from '../template/event-sources.ts';
import { failureRecord, type KeepFailure } from './dead-letters.ts';
import { invoke, type LocalFunction, timedOut } from '../gateway/invoke.ts';
import type { StreamRecord } from './streams.ts';

interface DeliveryOptions {
  readonly mapping: StreamMapping;
  readonly target: LocalFunction;
  readonly streamArn: string;
  readonly shardId: string;
  readonly keepFailure: KeepFailure;
  readonly onFailure: (functionName: string, error: unknown) => void;
  /** Everything up to this record is done with. */
  readonly onProgress: (last: StreamRecord) => void;
  readonly retryDelayMs: number;
  readonly stopping: AbortSignal;
}

interface Batch {
  readonly records: readonly StreamRecord[];
  /** How often this has been tried as a whole. */
  readonly invocations: number;
}

const longestDelayMs = 30_000;

/**
 * Gives a function a batch of records as an event source mapping does: again and again until it is done, or given up as the
 * mapping has it. Resolves early when all is stopping.
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
    const left = young.slice(failed.from);
    const done = young[failed.from - 1];
    if (done) onProgress(done);

    const invocations = done ? 1 : batch.invocations + 1;
    if (failed.isWhole && mapping.bisects && left.length > 1) {
      // As two, whose tries are counted anew.
      const middle = Math.ceil(left.length / 2);
      waiting.unshift(
        { records: left.slice(0, middle), invocations: 0 },
        { records: left.slice(middle), invocations: 0 },
      );
    } else if (invocations > mapping.retries) {
      giveUp(
        left,
        'RetryAttemptsExhausted',
        invocations,
        options,
        failed.isWhole ? 'Unhandled' : undefined,
      );
      continue;
    } else {
      waiting.unshift({ records: left, invocations });
    }
    const delay = Math.min(retryDelayMs * 2 ** (invocations - 1), longestDelayMs);
    await sleep(delay, undefined, { ref: false, signal: stopping }).catch(() => {});
  }
}

interface Failed {
  /** The first record that is not done. */
  readonly from: number;
  /** Whether the function failed, in place of reporting that some records have. */
  readonly isWhole: boolean;
  readonly error: unknown;
}

async function attempt(
  target: LocalFunction,
  records: readonly StreamRecord[],
  reportsFailures: boolean,
): Promise<Failed | undefined> {
  try {
    const result = await invoke(target, { Records: structuredClone(records) });
    if (result === timedOut)
      throw new Error(`Task timed out after ${target.timeoutMs / 1000} seconds`);
    const from = reportsFailures ? firstReported(result, records) : undefined;
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

/** The first record that the function reports as failed. Throws where Lambda takes the answer for a failure of the whole batch. */
function firstReported(result: unknown, records: readonly StreamRecord[]): number | undefined {
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

/** The records that are not too old for the mapping yet; the others are given up. */
function dropOld(
  { records, invocations }: Batch,
  options: DeliveryOptions,
): readonly StreamRecord[] {
  const oldest = Date.now() - options.mapping.maximumAgeMs;
  const young = records.findIndex((record) => arrivalOf(record) >= oldest);
  const old = young < 0 ? records : records.slice(0, young);
  giveUp(old, 'RecordAgeExceeded', invocations, options, invocations > 0 ? 'Unhandled' : undefined);
  return records.slice(old.length);
}

function giveUp(
  records: readonly StreamRecord[],
  condition: string,
  invocations: number,
  { mapping, streamArn, shardId, keepFailure, onProgress }: DeliveryOptions,
  functionError?: 'Unhandled',
): void {
  const [first, last] = [records[0], records.at(-1)];
  if (first === undefined || last === undefined) return;
  keepFailure(mapping.failureBucket, `aws/lambda/${mapping.id}/${shardId}`, {
    ...failureRecord(mapping.functionName, condition, invocations, functionError),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first.dynamodb.SequenceNumber,
      endSequenceNumber: last.dynamodb.SequenceNumber,
      approximateArrivalOfFirstRecord: new Date(arrivalOf(first)).toISOString(),
      approximateArrivalOfLastRecord: new Date(arrivalOf(last)).toISOString(),
      batchSize: records.length,
      streamArn,
    },
    payload: JSON.stringify({ Records: records }),
  });
  onProgress(last);
}

/** In epoch milliseconds. */
function arrivalOf({ dynamodb }: StreamRecord): number {
  return (dynamodb.ApproximateCreationDateTime ?? 0) * 1000;
}
