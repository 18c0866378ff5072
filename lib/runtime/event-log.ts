import { emfMetrics } from './metrics.ts';
import { toErrorTrace } from './error-trace.ts';

/** CloudWatch bills each of them, so they are few. */
type EventMetric =
  | 'mailsSent'
  | 'mailsRefused'
  | 'mailsBounced'
  | 'mailsComplained'
  | 'invitesRefused'
  | 'owed'
  | 'oldestOwedSeconds';

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
  /** The metrics of the line, summed up over all operations. */
  readonly metrics: Readonly<Partial<Record<EventMetric, number>>>;
  readonly milliseconds?: number;
  readonly error?: unknown;
}

/** One line for each thing that an event led to, which carries its metrics too. */
export function logEvent({
  operation,
  outcome,
  tenant,
  about,
  time,
  metrics,
  milliseconds,
  error,
}: Line): void {
  const line = {
    ...emfMetrics(
      time,
      Object.keys(metrics).map((Name) => ({ Name })),
    ),
    operation,
    outcome,
    tenant,
    about,
    ...metrics,
    ...(milliseconds !== undefined && { duration: Math.round(milliseconds * 10) / 10 }),
    ...(error !== undefined && { error: toErrorTrace(error) }),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
