import { toErrorTrace } from './error-trace.ts';
import { emfMetrics } from './metrics.ts';

/** CloudWatch bills each metric. */
type EventMetric =
  | 'mailsSent'
  | 'mailsRejected'
  | 'mailsBounced'
  | 'mailsComplained'
  | 'invitesRefused'
  | 'serverErrors'
  | 'damagedFeeds'
  | 'dueMails'
  | 'oldestDueSeconds'
  | 'webhooksDelivered'
  | 'webhooksFailed'
  | 'eventsExpired'
  | 'oldestDueWebhookSeconds'
  | 'oldestExportSeconds'
  | 'droppedDenials';

interface Line {
  readonly operation:
    | 'deliverInvitation'
    | 'deliverPasswordReset'
    | 'deliverAccountNotice'
    | 'deliverWebhookNotice'
    | 'sweepOutbox'
    | 'recordSesEvent'
    | 'inviteOnRequest'
    | 'importUsers'
    | 'checkDomain'
    | 'applyMemberJob'
    | 'cleanUpGroup'
    | 'eraseTenant'
    | 'scimBulk'
    | 'verifyFeed'
    | 'takeCheckpoint'
    | 'numberChanges'
    | 'deliverEvents'
    | 'testWebhook'
    | 'sweepWebhooks'
    | 'exportFeed'
    | 'sweepExports'
    | 'requestWebhookTest'
    | 'recordDenial'
    | 'recordSignIn'
    | 'logConnectionRequest'
    | 'countDeprovisioning';
  readonly outcome: string;
  readonly tenant?: string | undefined;
  /** ID of a user, a domain, a group or an event, or key of a record, never an address. */
  readonly subject?: string | undefined;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly metrics: Readonly<Partial<Record<EventMetric, number>>>;
  readonly durationMs?: number;
  readonly error?: unknown;
}

/** Logs the result of an event, with its metrics in the same line. */
export function logEvent({
  operation,
  outcome,
  tenant,
  subject,
  time,
  metrics,
  durationMs,
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
    subject,
    ...metrics,
    ...(durationMs !== undefined && { duration: Math.round(durationMs * 10) / 10 }),
    ...(error !== undefined && { error: toErrorTrace(error) }),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
