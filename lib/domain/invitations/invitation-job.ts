import { canonicalizeEmail } from '../kernel/canonical.ts';
import type { EpochMs } from '../kernel/time.ts';
import { createLinkToken } from '../links/link.ts';
import { deliver, type DeliveryResult } from '../mail/deliver.ts';
import { renderInvitation } from '../mail/link-mails.ts';
import type { DeliveryOutcome, MailJob, MailJobDependencies } from '../mail/mail-job.ts';
import type { Delivery, DeliveryState, InvitationMail } from './delivery.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { getInvitationStatus } from './invitation.ts';
import type { InvitedUser } from '../users/user.ts';
import { needsInvitationMail } from './invite.ts';

export interface InvitationJobDependencies extends MailJobDependencies {
  readonly deliveries: DeliveryStore;
}

const hourMs = 3_600_000;
const maxSentTimes = 20;
const endStates: readonly DeliveryState[] = ['sent', 'failed', 'bounced', 'complained'];

/** Delivers the due invitation of a user. Throws like `deliver`. */
export async function deliverInvitation(
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  deadline: EpochMs,
  deps: InvitationJobDependencies,
): Promise<DeliveryResult> {
  const mail = await deps.deliveries.getMail(tenantId, userId);
  if (mail?.dueAt === undefined || !needsInvitationMail(mail.user)) return 'nothing due';
  return deliver(createInvitationJob(mail, mail.user, deps), deadline, deps);
}

function createInvitationJob(
  storedMail: InvitationMail,
  user: InvitedUser,
  deps: InvitationJobDependencies,
): MailJob<Delivery> {
  const state = getCurrentDelivery(user, storedMail, deps.now());
  let mail = storedMail;
  return {
    state,
    findEnd: (now) => {
      // Only the entry in the outbox index remains.
      if (endStates.includes(state.state)) return { result: 'nothing due' };
      return getInvitationStatus(user.invitation, now) === 'expired'
        ? { result: 'failed', reason: 'expired' }
        : undefined;
    },
    prepare: (now) => prepareInvitation(user, now, deps),
    consumeLimit: (now) =>
      deps.limits.consumeInvitation(
        { tenantId: user.tenantId, email: canonicalizeEmail(user.email) },
        now,
      ),
    lease: async (delivery, deadline) => {
      const { attempts, notBefore = '' } = delivery;
      const attempt = await deps.deliveries.lease(mail, { attempts, notBefore }, deadline);
      if (!attempt) return undefined;
      mail = { ...mail, attempt };
      return delivery;
    },
    save: (delivery, outcome, deadline) => {
      if (outcome.result === 'nothing due') return deps.deliveries.settle(mail, deadline);
      const next = toDelivery(delivery, outcome, deps.now());
      return deps.deliveries.save(mail, { delivery: next, dueAt: next.notBefore }, deadline);
    },
  };
}

async function prepareInvitation(user: InvitedUser, now: Date, deps: InvitationJobDependencies) {
  const { tenantId, userId, email } = user;
  const tenant = await deps.tenants.find(tenantId);
  if (tenant?.status !== 'active') {
    const dueAt = new Date(deps.now().getTime() + hourMs);
    return { result: 'deferred', reason: 'tenant', dueAt } as const;
  }
  const { invitationId: id, version, keyId } = user.invitation;
  const subject = { tenantId, userId, id, email, version, keyId };
  const token = await createLinkToken('invitation', subject, deps.links);
  const fields = { state: 'sending', updatedAt: now.toISOString() } as const;
  return { mail: renderInvitation({ user, tenant, token }, deps), fields };
}

/** Returns the delivery of the current version, or a new one, with the stored attempt. */
function getCurrentDelivery(
  { invitation: { version } }: InvitedUser,
  { delivery: earlier, attempt }: InvitationMail,
  now: Date,
): Delivery {
  const attemptState = attempt && { attempts: attempt.attempts, notBefore: attempt.notBefore };
  if (earlier?.version === version) return { ...earlier, ...attemptState };
  return {
    version,
    state: 'sending',
    updatedAt: now.toISOString(),
    attempts: 0,
    rejections: 0,
    sentAt: earlier?.sentAt ?? [],
    ...attemptState,
  };
}

/** Adds an outcome to a delivery. */
function toDelivery(
  delivery: Delivery,
  outcome: Exclude<DeliveryOutcome, { readonly result: 'nothing due' }>,
  now: Date,
): Delivery {
  const notBefore = 'dueAt' in outcome ? outcome.dueAt.toISOString() : undefined;
  const next = { ...delivery, notBefore, updatedAt: now.toISOString() };
  switch (outcome.result) {
    case 'sent':
      return {
        ...next,
        state: 'sent',
        reason: undefined,
        rejectedSince: undefined,
        messageId: outcome.messageId,
        sentAt: [...delivery.sentAt, now.toISOString()].slice(-maxSentTimes),
      };
    case 'throttled':
    case 'rejected': {
      const rejectedSince = delivery.rejectedSince ?? delivery.updatedAt;
      return { ...next, state: 'rejected', reason: outcome.reason, rejectedSince };
    }
    case 'abandoned':
      return { ...next, state: 'failed' };
    default:
      return { ...next, state: outcome.result, reason: outcome.reason };
  }
}
