import type { Context, EventBridgeEvent, ScheduledEvent } from 'aws-lambda';
import * as z from 'zod';
import type { DurationMs } from '../domain/kernel/time.ts';
import { exportFeed } from '../domain/sinks/export-feed.ts';
import { type SweepDependencies, sweepExports } from '../domain/sinks/sweep-exports.ts';
import { logEvent } from '../runtime/event-log.ts';

/** Time to finish a portion, which takes up to 15 s, and to save it. */
const reserveMs: DurationMs = 20_000;

const feedAdvanced = z.object({ tenantId: z.guid() });

/** Publishes the events of a tenant, or sweeps the exports that are due. */
export const createFeedExport =
  (dependencies: Omit<SweepDependencies, 'onProblem'>) =>
  async (
    { source, detail }: EventBridgeEvent<string, unknown> | ScheduledEvent,
    context: Context,
  ): Promise<void> => {
    const { now } = dependencies;
    const deadline = now().getTime() + context.getRemainingTimeInMillis() - reserveMs;
    const deps: SweepDependencies = {
      ...dependencies,
      onProblem: ({ tenantId, sinkId }, { outcome, error }) => {
        const time = now().getTime();
        const line = { outcome, tenant: tenantId, subject: sinkId, time, metrics: {}, error };
        logEvent({ operation: 'exportFeed', ...line });
      },
    };
    if (source !== 'aws.events') {
      await exportFeed(feedAdvanced.parse(detail).tenantId, deadline, deps);
      return;
    }
    const { oldestSeconds } = await sweepExports(deadline, deps);
    logEvent({
      operation: 'sweepExports',
      outcome: 'swept',
      time: now().getTime(),
      metrics: { oldestExportSeconds: oldestSeconds },
    });
  };
