import type { Context } from 'aws-lambda';
import {
  type CheckpointDependencies,
  type CheckpointSummary,
  takeCheckpoint,
} from '../domain/checkpoints/take-checkpoint.ts';
import type { DurationMs } from '../domain/kernel/time.ts';
import { logEvent } from '../runtime/event-log.ts';

/** Time to sign the checkpoint and to save the anchors. */
const reserveMs: DurationMs = 30_000;

/** Takes a checkpoint of all feeds. Logs each feed that does not extend the last one. */
export const createCheckpoints =
  (deps: Omit<CheckpointDependencies, 'onProblem'>) =>
  async (_event: object, context: Context): Promise<CheckpointSummary> => {
    const time = deps.now().getTime();
    const deadline = time + context.getRemainingTimeInMillis() - reserveMs;
    const summary = await takeCheckpoint(deadline, {
      ...deps,
      onProblem: (tenant, { kind, first, last, detail }) => {
        const outcome = first === undefined ? kind : `${kind} ${first}–${last}`;
        const error = new Error(detail);
        logEvent({ operation: 'verifyFeed', outcome, tenant, time, metrics: {}, error });
      },
    });
    const metrics = { damagedFeeds: summary.refused };
    const subject = String(summary.number);
    logEvent({ operation: 'takeCheckpoint', outcome: 'signed', subject, time, metrics });
    return summary;
  };
