import { type EventBus, feedAdvancedType } from '../kernel/event-bus.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, EpochMs, Timestamp } from '../kernel/time.ts';
import type { TenantList } from '../tenants/tenant-store.ts';
import { type ExportDependencies, runExport } from './export-feed.ts';
import type { WebhookStore } from '../webhooks/webhook-store.ts';
import type { SinkKey } from './sink-store.ts';

export interface SweepDependencies extends ExportDependencies {
  readonly bus: EventBus;
  readonly tenants: TenantList;
  readonly webhooks: Pick<WebhookStore, 'list'>;
}

const concurrency = 5;
/** Interval of the sweep. Each one compares a part of the tenants, so an hour covers all. */
const intervalMs: DurationMs = 5 * 60 * 1000;
const partCount = 12;

/**
 * Delivers everything that is due, and compares the heads and cursors of a part of the tenants,
 * because an event can be lost on its way. Returns the age of the oldest delivery that is late.
 */
export async function sweepExports(
  deadline: EpochMs,
  deps: SweepDependencies,
): Promise<{ readonly oldestSeconds: number }> {
  const startMs = deps.now().getTime();
  let oldestMs = startMs;
  const deliver = async (due: SinkKey & { readonly dueAt: Timestamp }): Promise<void> => {
    const since = await deliverDue(due, deadline, deps);
    if (since !== undefined) oldestMs = Math.min(oldestMs, Date.parse(since));
  };
  await forEach(deps.sinks.listDue('EXPORTS', deps.now().toISOString()), deliver);
  const part = Math.floor(startMs / intervalMs) % partCount;
  await forEach(deps.tenants.listAll(), async ({ tenantId }) => {
    if (getPart(tenantId) === part) await announceMissed(tenantId, deadline, deps);
  });
  return { oldestSeconds: Math.round((startMs - oldestMs) / 1000) };
}

const getPart = (tenantId: Uuid): number => Number.parseInt(tenantId.slice(0, 8), 16) % partCount;

/** Returns the time since which a delivery is late. Undefined if it is not. */
async function deliverDue(
  { dueAt, ...sink }: SinkKey & { readonly dueAt: Timestamp },
  deadline: EpochMs,
  deps: SweepDependencies,
): Promise<Timestamp | undefined> {
  try {
    const { outcome, state } = await runExport(sink, deadline, deps);
    return state?.failingSince ?? (outcome === 'unfinished' ? dueAt : undefined);
  } catch (error) {
    deps.onProblem(sink, { outcome: 'failed', error });
    return dueAt;
  }
}

/** Announces the events of a feed again, if no export or webhook was started for them. */
async function announceMissed(
  tenantId: Uuid,
  deadline: EpochMs,
  deps: SweepDependencies,
): Promise<void> {
  try {
    if (deps.now().getTime() >= deadline) return;
    const { sequence } = await deps.feed.getHead(tenantId);
    if (sequence === 0) return;
    const webhooks = await deps.webhooks.list(tenantId);
    const sinks = [
      { sinkId: 'bus', startAfter: 0 },
      { sinkId: 'archive', startAfter: 0 },
      ...webhooks
        .filter(({ status }) => status === 'enabled')
        .map(({ webhookId, startAfter }) => ({ sinkId: webhookId, startAfter })),
    ];
    const states = await Promise.all(
      sinks.map(async ({ sinkId, startAfter }) => ({
        startAfter,
        ...(await deps.sinks.get({ tenantId, sinkId })),
      })),
    );
    const isMissed = states.some(
      ({ startAfter, cursor = startAfter, dueAt }) => sequence > cursor && dueAt === undefined,
    );
    if (isMissed) await deps.bus.put(feedAdvancedType, { tenantId, sequence }, deps.now());
  } catch (error) {
    deps.onProblem({ tenantId, sinkId: 'bus' }, { outcome: 'failed', error });
  }
}

/** Calls a function for each value, several at a time. */
async function forEach<Value>(
  values: AsyncIterable<Value>,
  run: (value: Value) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>();
  for await (const value of values) {
    const done = run(value).finally(() => running.delete(done));
    running.add(done);
    if (running.size >= concurrency) await Promise.race(running);
  }
  await Promise.all(running);
}
