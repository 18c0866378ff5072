import { performance } from 'node:perf_hooks';
import type { DynamoDBBatchResponse, DynamoDBRecord } from 'aws-lambda';
import { deliverNotice, type NoticeJobDependencies } from '../domain/account-notices/notice-job.ts';
import {
  deliverInvitation,
  type InvitationJobDependencies,
} from '../domain/invitations/invitation-job.ts';
import type { DeliveryResult } from '../domain/mail/deliver.ts';
import type { DueMail, Recipient } from '../domain/mail/pending-mail.ts';
import { sweep } from '../domain/mail/sweep.ts';
import { deliverReset, type ResetJobDependencies } from '../domain/password-resets/reset-job.ts';
import {
  deliverWebhookNotice,
  type WebhookNoticeJobDependencies,
} from '../domain/webhooks/delivery/webhook-notice-job.ts';
import { logEvent } from '../runtime/event-log.ts';
import { toRecipient } from './directory-stream.ts';
import { toDeliveryEvent } from './ses-events.ts';
import type { EpochMs } from '../domain/kernel/time.ts';

export type MailDependencies = InvitationJobDependencies &
  ResetJobDependencies &
  NoticeJobDependencies &
  WebhookNoticeJobDependencies;

/**
 * Runs the mail job of each recipient in a batch of stream records once. Returns the records of
 * failed jobs, which Lambda retries.
 */
export async function deliverRecords(
  records: readonly DynamoDBRecord[],
  deadline: EpochMs,
  deps: MailDependencies,
): Promise<DynamoDBBatchResponse> {
  const tasks = new Map<string, Promise<DeliveryResult>>();
  const runOnce = async (record: DynamoDBRecord) => {
    const recipient = toRecipient(record);
    if (!recipient) return;
    const taskKey = JSON.stringify(recipient);
    const task = tasks.get(taskKey) ?? runJob(recipient, deadline, deps);
    tasks.set(taskKey, task);
    await task;
  };
  const results = await Promise.allSettled(records.map(runOnce));
  const failedRecords = records.filter((_, index) => results[index]?.status === 'rejected');
  return {
    batchItemFailures: failedRecords.map(({ dynamodb }) => ({
      itemIdentifier: dynamodb?.SequenceNumber ?? '',
    })),
  };
}

/** Results after which no mail is late. */
const onTimeResults: readonly (DeliveryResult | 'error')[] = [
  'nothing due',
  'not now',
  'deferred',
  'sent',
  'abandoned',
  'failed',
];

/** Sends due mails that the stream missed, and logs their number and the age of the oldest. */
export async function sweepOutbox(deadline: EpochMs, deps: MailDependencies): Promise<void> {
  const deliver = async (mail: DueMail) => {
    const result = await runJob(mail, deadline, deps).catch(() => 'error' as const);
    if (onTimeResults.includes(result)) return undefined;
    const isRejected = result === 'rejected' || result === 'throttled';
    return isRejected ? getPendingSince(mail, deps) : mail.dueAt;
  };
  const { dueCount, oldestSeconds } = await sweep(deliver, deadline, deps);
  logEvent({
    operation: 'sweepOutbox',
    outcome: 'swept',
    time: deps.now().getTime(),
    metrics: { dueMails: dueCount, oldestDueSeconds: oldestSeconds },
  });
}

/** Returns the first rejection of an invitation mail, because each rejection moves its due time. */
async function getPendingSince(
  mail: DueMail,
  { deliveries }: InvitationJobDependencies,
): Promise<string> {
  const { tenantId, dueAt } = mail;
  const delivery =
    'userId' in mail
      ? await deliveries.get(tenantId, mail.userId).catch(() => undefined)
      : undefined;
  const { rejectedSince = dueAt } = delivery ?? {};
  return rejectedSince < dueAt ? rejectedSince : dueAt;
}

/** Records a bounce, complaint or rejection of an invitation mail. Ignores other events. */
export async function recordSesEvent(event: unknown, deps: MailDependencies): Promise<void> {
  const deliveryEvent = toDeliveryEvent(event);
  if (!deliveryEvent) return;
  const { tenantId, userId, state } = deliveryEvent;
  const now = deps.now();
  const time = now.toISOString();
  await deps.deliveries.recordDeliveryEvent(deliveryEvent, { ...deliveryEvent, time });
  const isComplaint = state === 'complained';
  logEvent({
    operation: 'recordSesEvent',
    outcome: state,
    tenant: tenantId,
    subject: userId,
    time: now.getTime(),
    metrics: { mailsBounced: isComplaint ? 0 : 1, mailsComplained: isComplaint ? 1 : 0 },
  });
}

/** Results that no caller sees, so a metric counts them. */
const failedResults = ['rejected', 'unknown', 'abandoned', 'failed', 'error'];

/** Runs the job of a recipient and logs its result. */
async function runJob(
  recipient: Recipient,
  deadline: EpochMs,
  deps: MailDependencies,
): Promise<DeliveryResult> {
  const startedMs = performance.now();
  const { operation, subject, run } = findJob(recipient, deadline, deps);
  const log = (outcome: string, error?: unknown) =>
    logEvent({
      operation,
      outcome,
      tenant: recipient.tenantId,
      subject,
      time: deps.now().getTime(),
      durationMs: performance.now() - startedMs,
      metrics: {
        mailsSent: outcome === 'sent' ? 1 : 0,
        mailsRejected: failedResults.includes(outcome) ? 1 : 0,
      },
      error,
    });
  try {
    const result = await run();
    log(result);
    return result;
  } catch (error) {
    log('error', error);
    throw error;
  }
}

interface Job {
  readonly operation:
    | 'deliverInvitation'
    | 'deliverAccountNotice'
    | 'deliverPasswordReset'
    | 'deliverWebhookNotice';
  readonly subject?: string;
  readonly run: () => Promise<DeliveryResult>;
}

function findJob(recipient: Recipient, deadline: EpochMs, deps: MailDependencies): Job {
  if ('userId' in recipient)
    return {
      operation: 'deliverInvitation',
      subject: recipient.userId,
      run: () => deliverInvitation(recipient, deadline, deps),
    };
  if ('noticeUserId' in recipient)
    return {
      operation: 'deliverAccountNotice',
      subject: recipient.noticeUserId,
      run: () => deliverNotice(recipient, deadline, deps),
    };
  if ('webhookId' in recipient)
    return {
      operation: 'deliverWebhookNotice',
      subject: recipient.webhookId,
      run: () => deliverWebhookNotice(recipient, deadline, deps),
    };
  // Logs never contain an email hash, which confirms a guessed address.
  return {
    operation: 'deliverPasswordReset',
    run: () => deliverReset(recipient, deadline, deps),
  };
}
