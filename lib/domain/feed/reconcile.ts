import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';
import { type NumberingDependencies, numberChanges } from './number-changes.ts';
import { toEntityKey } from './order-changes.ts';
import type { RecordedChange, TenantChange } from './recorded-change.ts';

/** Time in which the sequencer numbers a change. */
const graceMs: DurationMs = 60_000;
/** Part of the time for which the feed knows that it has a number for an activity record. */
const activityAgeMs: DurationMs = 2 * 24 * 3600_000;

/** Changes of a tenant that have no number. */
export interface MissedChanges {
  readonly tenantId: Uuid;
  readonly changes: readonly RecordedChange[];
}

/** Finds changes that the sequencer missed. Throws `unavailable`. */
export async function findMissedChanges(
  recorded: readonly TenantChange[],
  { feed, now }: Pick<NumberingDependencies, 'feed' | 'now'>,
): Promise<readonly MissedChanges[]> {
  const nowMs = now().getTime();
  const isSettled = ({ change: { kind, event } }: TenantChange): boolean => {
    const ageMs = nowMs - Date.parse(event.time);
    return ageMs > graceMs && (kind !== 'activity' || ageMs < activityAgeMs);
  };
  const tenants = Map.groupBy(recorded.filter(isSettled), ({ tenantId }) => tenantId);
  return Promise.all(
    [...tenants].map(async ([tenantId, own]) => {
      const changes = own.map(({ change }) => change);
      const entities = [...Map.groupBy(changes, toEntityKey)].map(([key, [first]]) => ({
        key,
        entity: first!,
      }));
      const versions = await feed.getVersions(
        tenantId,
        entities.map(({ entity }) => entity),
      );
      const numbered = new Map(entities.map(({ key }, index) => [key, versions[index] ?? 0]));
      return {
        tenantId,
        changes: changes.filter(
          (change) => change.version > (numbered.get(toEntityKey(change)) ?? 0),
        ),
      };
    }),
  ).then((missed) => missed.filter(({ changes }) => changes.length > 0));
}

/**
 * Numbers changes that the sequencer missed, and the earlier ones of their entities. It can run at
 * the same time. Throws `unavailable`.
 */
export async function numberMissedChanges(
  missed: readonly MissedChanges[],
  deadline: EpochMs,
  deps: NumberingDependencies,
): Promise<void> {
  for (const { tenantId, changes } of missed)
    await numberChanges({ tenantId, changes, deadline }, deps);
}
