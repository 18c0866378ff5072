import { traceOf } from '../trace.ts';

interface Line {
  /** What was done. */
  readonly operation:
    | 'deliverInvitation'
    | 'deliverPasswordReset'
    | 'deliverAccountNotice'
    | 'sweepInvitations'
    | 'noteMailEvent'
    | 'inviteOnRequest';
  readonly outcome: string;
  readonly tenant?: string | undefined;
  /** Names a user or an event, and nobody's address. */
  readonly about?: string | undefined;
  /** Epoch milliseconds. */
  readonly time: number;
  /** What is counted of it: the metrics of the line, without dimensions but the operation. */
  readonly metrics: Readonly<Record<string, number>>;
  readonly error?: unknown;
}

/** One line for each thing that an event led to, which is its metrics too (CloudWatch embedded metric format). */
export function logEvent({ operation, outcome, tenant, about, time, metrics, error }: Line): void {
  const Metrics = Object.keys(metrics).map((Name) => ({ Name }));
  const line = {
    _aws: { Timestamp: time, CloudWatchMetrics: [{ Namespace: 'Roster', Dimensions: [['operation']], Metrics }] },
    operation,
    outcome,
    tenant,
    about,
    ...metrics,
    ...(error !== undefined && { error: traceOf(error) }),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
