import type { Uuid } from '../kernel/ids.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';
import { type BusDependencies, exportToBus } from './export-to-bus.ts';
import { type ArchiveDependencies, exportToArchive } from './export-to-archive.ts';
import { runSink, type SinkResult } from './run-sink.ts';
import type { SinkKey } from './sink-store.ts';

export type ExportDependencies = BusDependencies & ArchiveDependencies;

/** Events of this time share an object of the archive. */
const archiveIntervalMs: DurationMs = 5 * 60 * 1000;
const leaseMs: DurationMs = 30_000;

/** Publishes the events of a tenant on the bus, and schedules their archive object. */
export async function exportFeed(
  tenantId: Uuid,
  deadline: EpochMs,
  deps: ExportDependencies,
): Promise<SinkResult> {
  await scheduleArchive(tenantId, deps);
  return runExport({ tenantId, sinkId: 'bus' }, deadline, deps);
}

/** Delivers to the bus or the archive. */
export const runExport = (
  sink: SinkKey,
  deadline: EpochMs,
  deps: ExportDependencies,
): Promise<SinkResult> =>
  runSink(
    sink,
    (state) => (sink.sinkId === 'bus' ? exportToBus(state, deps) : exportToArchive(state, deps)),
    deadline,
    deps,
  );

/** Makes the archive of a tenant due, unless it is already. */
async function scheduleArchive(
  tenantId: Uuid,
  { sinks, now, createId }: Pick<ExportDependencies, 'sinks' | 'now' | 'createId'>,
): Promise<void> {
  const sink = { tenantId, sinkId: 'archive' };
  if ((await sinks.get(sink))?.dueAt !== undefined) return;
  const nowMs = now().getTime();
  const id = createId();
  // A process that has the lease reads the feed again when it ends.
  const state = await sinks.acquire(sink, { id, untilMs: nowMs + leaseMs }, 0);
  if (!state) return;
  const dueAt = new Date(nowMs + archiveIntervalMs).toISOString();
  await sinks.release({ ...state, dueAt: state.dueAt ?? dueAt }, id);
}
