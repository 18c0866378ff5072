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
  /** Parses the image in a stream record. Undefined for items that the feed does not number. */
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
 * advanced. Reports the first record of each tenant that failed, which Lambda repeats with all later
 * ones. A repeated record has its number and is announced again.
 */
export const createSequencer =
  (deps: SequencerDependencies) =>
  async ({ Records }: DynamoDBStreamEvent, context: Context): Promise<DynamoDBBatchResponse> => {
    const deadline = deps.now().getTime() + context.getRemainingTimeInMillis() - reserveMs;
    const batches = groupByTenant(Records, deps);
    const results = await Promise.all(
      [...batches].map(async ([tenantId, { changes, firstRecord }]) => {
        const isNumbered = await numberBatch(tenantId, changes, { deadline, deps });
        return isNumbered ? [] : [firstRecord];
      }),
    );
    const batchItemFailures = results
      .flat()
      .map(({ dynamodb }) => ({ itemIdentifier: dynamodb?.SequenceNumber ?? '' }));
    return { batchItemFailures };
  };

function groupByTenant(
  records: readonly DynamoDBRecord[],
  { parseChange }: SequencerDependencies,
): ReadonlyMap<Uuid, TenantBatch> {
  const batches = new Map<Uuid, TenantBatch>();
  for (const record of records) {
    const parsed = parseChange(record.dynamodb?.NewImage ?? {});
    if (!parsed) continue;
    const { tenantId, change } = parsed;
    const batch = batches.get(tenantId) ?? { changes: [], firstRecord: record };
    batch.changes.push(change);
    batches.set(tenantId, batch);
  }
  return batches;
}

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
