import { canonicalizeEmail } from '../kernel/canonical.ts';
import { type LinkSigner, createLinkToken } from '../links/link.ts';
import type { TenantStore } from '../tenants/tenant.ts';
import type { UserStore } from '../users/user.ts';
import type { Delivery } from './delivery.ts';
import type { Mailer, MailOutcome } from '../mail/mail.ts';
import type { MailLimits } from '../mail/limits.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { throttleDelayMs } from '../mail/paced-mailer.ts';
import { type InvitedUser, getInvitationStatus } from './invitation.ts';
import { needsInvitationMail } from './invite.ts';
import { renderInvitation } from '../mail/link-mails.ts';

export interface InvitationJobDependencies {
  readonly now: () => Date;
  readonly users: UserStore;
  readonly tenants: TenantStore;
  readonly deliveries: DeliveryStore;
  readonly limits: MailLimits;
  readonly links: LinkSigner;
  readonly mailer: Mailer;
  /** Whom mails come from where the tenant has no sender of its own. */
  readonly sender: string;
}

/** What a look at a user who may be owed a mail has come to. */
export type DeliveryResult =
  | 'nothing owed'
  | 'not now'
  | 'held'
  | 'sent'
  | 'throttled'
  | 'refused'
  | 'unknown'
  | 'abandoned'
  | 'failed';

const second = 1000;
const minute = 60 * second;
/** From the deadline on. A mail that went out and is not noted goes out again, so the slowest answer of SES has to fit in. */
export const saveReserveMs = 14 * second;
/** Longer than the function may run: when it is over, whoever had the mail in hand has died of it. */
const lease = 2 * minute;
/** An attempt that ended unknown may have got the mail out. After two nobody tries again, so that there is one too many at most. */
const mostAttempts = 2;
const firstBackoff = 5 * minute;
const longestBackoff = 6 * 60 * minute;

/**
 * Sends the mail that is owed to a user, if there is one: read strongly first, the attempt noted before and its outcome after.
 * Can be asked any number of times, by several at once. Throws `unavailable` where it could not get to sending, or not note how
 * that went; the mail is then still owed. No mail is begun after the `deadline` (epoch milliseconds), and the outcome of one that
 * was is noted within `notingTime` after it.
 */
export async function deliverInvitation(
  who: { tenantId: string; userId: string },
  deadline: number,
  deps: InvitationJobDependencies,
): Promise<DeliveryResult> {
  const { tenantId, userId } = who;
  const [user, earlier] = await Promise.all([
    deps.users.get(tenantId, { userId }, false),
    deps.deliveries.get(tenantId, userId),
  ]);
  if (!user || !needsInvitationMail(user)) return 'nothing owed';
  const now = deps.now();
  const delivery = current(user, earlier, now);
  const settle = async (
    outcome: DeliveryResult,
    change: Partial<Delivery>,
    due?: Date,
    time = deps.now().toISOString(),
  ): Promise<DeliveryResult> => {
    const next = { ...delivery, ...change, updatedAt: time, notBefore: due?.toISOString() };
    return (await deps.deliveries.save(user, next, due?.toISOString(), deadline + saveReserveMs))
      ? outcome
      : 'nothing owed';
  };
  const after = (milliseconds: number) => new Date(deps.now().getTime() + milliseconds);

  if (delivery.notBefore !== undefined && now.getTime() < Date.parse(delivery.notBefore))
    return 'not now';
  // Done already, and only the entry in the index is left.
  if (['sent', 'failed', 'bounced', 'complained'].includes(delivery.state))
    return settle('nothing owed', {}, undefined, delivery.updatedAt);
  if (getInvitationStatus(user.invitation, now) === 'expired')
    return settle('failed', { state: 'failed', reason: 'expired' });
  if (delivery.attempts >= mostAttempts)
    return settle('failed', { state: 'failed', reason: 'unknown' });

  const tenant = await deps.tenants.find(tenantId);
  if (tenant?.status !== 'active')
    return settle('held', { state: 'deferred', reason: 'tenant' }, after(60 * minute));
  const { invitationId: id, version, keyId } = user.invitation;
  const token = await createLinkToken(
    'invitation',
    { tenantId, userId, id, email: user.email, version },
    keyId,
    deps.links,
  );
  // One that was refused has been counted, and has not gone out.
  const limited = delivery.isCounted
    ? undefined
    : await deps.limits.consumeInvitation({ tenantId, email: canonicalizeEmail(user.email) }, now);
  if (limited)
    return settle('held', { state: 'deferred', reason: 'limit' }, new Date(limited.availableAt));

  const attempt = {
    ...delivery,
    state: 'sending',
    attempts: delivery.attempts + 1,
    updatedAt: now.toISOString(),
  } as const;
  const isOurs = await deps.deliveries.lease(
    user,
    { ...attempt, notBefore: after(lease).toISOString() },
    deadline,
  );
  if (!isOurs) return 'not now';
  const outcome = await deps.mailer.send(renderInvitation(user, tenant, token, deps), deadline);
  const claimed = { ...attempt, revision: delivery.revision + 1 };
  if ('messageId' in outcome) {
    const sentTimes = [...delivery.sentAt, deps.now().toISOString()].slice(-mostSentTimes);
    return settle('sent', {
      ...claimed,
      state: 'sent',
      reason: undefined,
      messageId: outcome.messageId,
      ...unrefused,
      sentAt: sentTimes,
    });
  }
  return unsent(outcome, claimed, settle, after);
}

const mostSentTimes = 20;
const unrefused = { rejections: 0, rejectedSince: undefined, isCounted: undefined };

type Settle = (
  outcome: DeliveryResult,
  change: Partial<Delivery>,
  due?: Date,
) => Promise<DeliveryResult>;

/** A mail that did not go out as far as is known: later, or never. */
function unsent(
  outcome: Exclude<MailOutcome, { messageId: string }>,
  claimed: Delivery,
  settle: Settle,
  after: (milliseconds: number) => Date,
): Promise<DeliveryResult> {
  if ('unknown' in outcome) {
    const isLast = claimed.attempts >= mostAttempts;
    return settle(
      isLast ? 'failed' : 'unknown',
      {
        ...claimed,
        state: isLast ? 'failed' : 'unknown',
        reason: outcome.unknown,
        isCounted: undefined,
      },
      isLast ? undefined : after(minute),
    );
  }
  const { reason } = outcome;
  if ('refused' in outcome && outcome.refused === 'for good')
    return settle('failed', { ...claimed, state: 'failed', reason });
  // What was refused has not gone out, and is no attempt.
  const {
    attempts,
    rejections: refusals,
    rejectedSince: refusedSince = claimed.updatedAt,
  } = claimed;
  const unsentAttempt = {
    ...claimed,
    state: 'refused',
    reason,
    attempts: attempts - 1,
    rejectedSince: refusedSince,
    isCounted: true,
  } as const;
  if ('throttled' in outcome) {
    return settle(
      outcome.throttled === 'rate' ? 'throttled' : 'refused',
      unsentAttempt,
      after(throttleDelayMs[outcome.throttled]),
    );
  }
  const backoff = Math.min(firstBackoff * 2 ** refusals, longestBackoff);
  return settle('refused', { ...unsentAttempt, rejections: refusals + 1 }, after(backoff));
}

/** How the mail of this version stands; of one that nobody has tried yet, that it is to be sent. */
function current(user: InvitedUser, earlier: Delivery | undefined, now: Date): Delivery {
  const { version } = user.invitation;
  if (earlier?.version === version) return earlier;
  return {
    version,
    state: 'sending',
    updatedAt: now.toISOString(),
    attempts: 0,
    rejections: 0,
    sentAt: earlier?.sentAt ?? [],
    revision: earlier?.revision ?? 0,
  };
}
