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
import { logEvent } from '../runtime/event-log.ts';
import { toDeliveryEvent } from './ses-events.ts';

/** What mails invitations, links for new passwords, and notices of changes of accounts. */
export type MailDependencies = InvitationJobDependencies &
  ResetJobDependencies &
  NoticeJobDependencies;

/**
 * Looks at everybody whom these records of the directory's stream are about, once each. A record whose mail could not be got
 * to is answered as failed, to be handed in again; the others are done.
 */
export async function deliverRecords(
  records: readonly DynamoDBRecord[],
  deadline: number,
  deps: MailDependencies,
): Promise<DynamoDBBatchResponse> {
  const looks = new Map<string, Promise<DeliveryResult>>();
  const look = async (record: DynamoDBRecord) => {
    const who = recipientOf(record);
    if (!who) return;
    const key = JSON.stringify(who);
    const looking = looks.get(key) ?? delivered(who, deadline, deps);
    looks.set(key, looking);
    await looking;
  };
  const results = await Promise.allSettled(records.map(look));
  const failed = records.filter((_, index) => results[index]?.status === 'rejected');
  return {
    batchItemFailures: failed.map(({ dynamodb }) => ({
      itemIdentifier: dynamodb?.SequenceNumber ?? '',
    })),
  };
}

/** Sends what the stream has missed, and logs how much that was. */
export async function sweepOutbox(deadline: number, deps: MailDependencies): Promise<void> {
  const settled: readonly (DeliveryResult | 'error')[] = [
    'nothing due',
    'not now',
    'deferred',
    'sent',
    'abandoned',
    'failed',
  ];
  const each = async (owed: DueMail) => {
    const outcome = await delivered(owed, deadline, deps).catch(() => 'error' as const);
    if (settled.includes(outcome)) return undefined;
    return outcome === 'refused' || outcome === 'throttled' ? owedSince(owed, deps) : owed.dueAt;
  };
  const { dueCount: owed, oldestSeconds } = await sweep(each, deadline, deps);
  const metrics = { owed, oldestOwedSeconds: oldestSeconds };
  logEvent({
    operation: 'sweepInvitations',
    outcome: 'swept',
    time: deps.now().getTime(),
    metrics,
  });
}

/** Since when a mail waits that SES refuses: each time it is due later, and has waited longer. */
async function owedSince(
  owed: DueMail,
  { deliveries }: InvitationJobDependencies,
): Promise<string> {
  const { tenantId, dueAt: due } = owed;
  const delivery =
    'userId' in owed
      ? await deliveries.get(tenantId, owed.userId).catch(() => undefined)
      : undefined;
  return [due, delivery?.rejectedSince ?? due].toSorted()[0] ?? due;
}

/** Notes a bounce or a complaint with the invitation whose mail it is about. */
export async function recordSesEvent(event: unknown, deps: MailDependencies): Promise<void> {
  const fate = toDeliveryEvent(event);
  if (!fate) return;
  const time = deps.now();
  await deps.deliveries.recordDeliveryEvent(fate, { ...fate, time: time.toISOString() });
  const metrics = {
    mailsBounced: fate.state === 'complained' ? 0 : 1,
    mailsComplained: fate.state === 'complained' ? 1 : 0,
  };
  logEvent({
    operation: 'noteMailEvent',
    outcome: fate.state,
    tenant: fate.tenantId,
    about: fate.userId,
    time: time.getTime(),
    metrics,
  });
}

/** One look, and its line in the log. */
async function delivered(
  who: Recipient,
  deadline: number,
  deps: MailDependencies,
): Promise<DeliveryResult> {
  const started = performance.now();
  const [operation, about, act] =
    'userId' in who
      ? (['deliverInvitation', who.userId, () => deliverInvitation(who, deadline, deps)] as const)
      : 'noticeUserId' in who
        ? ([
            'deliverAccountNotice',
            who.noticeUserId,
            () => deliverNotice(who, deadline, deps),
          ] as const)
        : // Of an address not even a hash, which tells whoever can guess it.
          (['deliverPasswordReset', undefined, () => deliverReset(who, deadline, deps)] as const);
  const log = (outcome: string, error?: unknown) =>
    logEvent({
      operation,
      outcome,
      tenant: who.tenantId,
      about,
      time: deps.now().getTime(),
      milliseconds: performance.now() - started,
      metrics: {
        mailsSent: outcome === 'sent' ? 1 : 0,
        // Nobody will see these by themselves: the caller was told that all is well.
        mailsRefused: ['refused', 'unknown', 'abandoned', 'failed', 'error'].includes(outcome)
          ? 1
          : 0,
      },
      error,
    });
  try {
    const outcome = await act();
    log(outcome);
    return outcome;
  } catch (error) {
    log('error', error);
    throw error;
  }
}

/** `TENANT#<tenantId>#USER#<userId>` (`USER`, `NOTICE#<version>`), `TENANT#<tenantId>#RESET#<hash>`; undefined for a record of anything else. */
function recipientOf({ dynamodb }: DynamoDBRecord): Recipient | undefined {
  const [, tenantId, kind, id] = dynamodb?.Keys?.['pk']?.S?.split('#') ?? [];
  const sk = dynamodb?.Keys?.['sk']?.S;
  if (tenantId === undefined || id === undefined) return undefined;
  if (kind === 'RESET' && sk === 'RESET') return { tenantId, emailHash: id };
  if (kind !== 'USER') return undefined;
  if (sk === 'USER') return { tenantId, userId: id };
  const [, version] = /^NOTICE#(\d+)$/.exec(sk ?? '') ?? [];
  return version === undefined
    ? undefined
    : { tenantId, noticeUserId: id, version: Number(version) };
}
