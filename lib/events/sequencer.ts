import type {
  Context,
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
} from 'aws-lambda';
import { type NumberingDependencies, numberChanges } from '../domain/feed/number-changes.ts';
import type { RecordedChange, TenantChange } from '../domain/feed/recorded-change.ts';
import { type EventBus, feedAdvancedType } from '../domain/kernel/event-bus.ts';
import type { Uuid } from '../domain/kernel/ids.ts';
import type { DurationMs, EpochMs } from '../domain/kernel/time.ts';
import { logEvent } from '../runtime/event-log.ts';

export interface SequencerDependencies extends NumberingDependencies {
  /**
   * Parses the image in a stream record. Undefined for items that the feed does not number. Throws
   * for a malformed record.
   */
  readonly parseChange: (image: object) => TenantChange | undefined;
  readonly bus: Pick<EventBus, 'put'>;
}

/** Time to publish the last event and return. */
const reserveMs: DurationMs = 6000;

interface TenantBatch {
  readonly changes: RecordedChange[];
  /** First record of the tenant in the batch. */
  readonly firstRecord: DynamoDBRecord;
}

/**
 * Numbers the changes of stream records in the feeds of their tenants, and announces each feed that
 * advanced. Reports malformed records, and the first record of each tenant that failed. Lambda
 * repeats them with all later ones. A repeated record has its number and is announced again.
 */
export const createSequencer =
  (deps: SequencerDependencies) =>
  async ({ Records }: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> => {
    const deadline = deps.now().getTime() + context.getRemainingTimeInMillis() - reserveMs;
    const { batches, malformed } = groupByTenant(Records, deps);
    const results = await Promise.all(
      [...batches].map(async ([tenantId, { changes, firstRecord }]) => {
        const isNumbered = await numberBatch(tenantId, changes, { deadline, deps });
        return isNumbered ? [] : [firstRecord];
      }),
    );
    const batchItemFailures = [...malformed, ...results.flat()].map(({ dynamodb }) => ({
      itemIdentifier: dynamodb?.SequenceNumber ?? '',
    }));
    return { batchItemFailures };
  };

function groupByTenant(
  records: readonly DynamoDBRecord[],
  { parseChange, now }: SequencerDependencies,
): {
  readonly batches: ReadonlyMap<Uuid, TenantBatch>;
  readonly malformed: readonly DynamoDBRecord[];
} {
  const batches = new Map<Uuid, TenantBatch>();
  const malformed: DynamoDBRecord[] = [];
  for (const record of records) {
    try {
      const parsed = parseChange(record.dynamodb?.NewImage ?? {});
      if (!parsed) continue;
      const { tenantId, change } = parsed;
      const batch = batches.get(tenantId) ?? { changes: [], firstRecord: record };
      batch.changes.push(change);
      batches.set(tenantId, batch);
    } catch (error) {
      const { pk, sk } = record.dynamodb?.Keys ?? {};
      logMalformed({ pk: pk?.S ?? '', sk: sk?.S ?? '' }, error, now());
      malformed.push(record);
    }
  }
  return { batches, malformed };
}

/** Logs a change record from which no event can be built. Its key contains only IDs. */
export const logMalformed = (
  { pk, sk }: { readonly pk: string; readonly sk: string },
  error: unknown,
  now: Date,
): void =>
  logEvent({
    operation: 'numberChanges',
    outcome: 'malformed',
    subject: `${pk} ${sk}`,
    time: now.getTime(),
    metrics: {},
    error,
  });

async function numberBatch(
  tenantId: Uuid,
  changes: readonly RecordedChange[],
  { deadline, deps }: { readonly deadline: EpochMs; readonly deps: SequencerDependencies },
): Promise<boolean> {
  try {
    const { sequence } = await numberChanges({ tenantId, changes, deadline }, deps);
    await deps.bus.put(feedAdvancedType, { tenantId, sequence }, deps.now());
    return true;
  } catch (error) {
    logEvent({
      operation: 'numberChanges',
      outcome: 'error',
      tenant: tenantId,
      time: deps.now().getTime(),
      metrics: {},
      error,
    });
    return false;
  }
}
