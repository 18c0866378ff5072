import type { EpochMs } from '../kernel/time.ts';
import { randomUUID } from 'node:crypto';
import {
  deliverInvitation,
  type InvitationJobDependencies,
} from '../invitations/invitation-job.ts';
import { scheduleReminder } from '../invitations/schedule-reminder.ts';
import { createLinkToken } from '../links/link.ts';
import { deliver, type DeliveryResult } from '../mail/deliver.ts';
import { renderReset } from '../mail/link-mails.ts';
import {
  applyOutcome,
  type DeliveryOutcome,
  leaseRevision,
  type MailJob,
} from '../mail/mail-job.ts';
import { hasEmail, isActiveLocalUser, type User } from '../users/user.ts';
import type { PasswordResetStore } from './password-reset-store.ts';
import {
  getNextMailAtMs,
  type PasswordReset,
  type ResetLink,
  resetLifetimeMs,
  toCanonicalAccount,
} from './password-reset.ts';

export interface ResetJobDependencies extends InvitationJobDependencies {
  readonly resets: PasswordResetStore;
  /** Key that signs new links. */
  readonly linkKeyId: string;
}

/** A link that expires sooner is not mailed again. */
const minRemainingMs = 15 * 60_000;

/**
 * Sends a reset link if the email or username belongs to an active local user. An invited user gets
 * the current invitation link again. Throws like `deliver`.
 */
export async function deliverReset(
  { tenantId, emailHash }: { readonly tenantId: string; readonly emailHash: string },
  deadline: EpochMs,
  deps: ResetJobDependencies,
): Promise<DeliveryResult> {
  const reset = await deps.resets.get(tenantId, emailHash);
  if (reset?.dueAt === undefined || (reset.userName ?? reset.email) === undefined)
    return 'nothing due';
  const abandonAtMs = Date.parse(reset.requestedAt) + resetLifetimeMs;
  const job: MailJob<PasswordReset> = {
    state: reset,
    findEnd: (now) => (now.getTime() >= abandonAtMs ? { result: 'abandoned' } : undefined),
    prepare: (now) =>
      reset.userName === undefined
        ? prepareReset({ reset, deadline }, now, deps)
        : passOn({ tenantId, userName: reset.userName }, now, deps),
    lease: (state) => leaseRevision(state, deps.resets),
    save: (state, outcome) =>
      deps.resets.save({
        ...applyOutcome(state, outcome),
        userName: undefined,
        ...(outcome.result === 'sent' && countMail(reset, deps.now())),
      }),
  };
  return deliver(job, deadline, deps);
}

/**
 * Passes the request for a username on to the email of its user. An email then has one link and one
 * interval, under either name.
 */
async function passOn(
  { tenantId, userName }: { readonly tenantId: string; readonly userName: string },
  now: Date,
  { users, resets }: ResetJobDependencies,
): Promise<DeliveryOutcome> {
  const user = await users.get(tenantId, { userName }, false);
  const email = user?.email;
  if (email !== undefined) await resets.request(tenantId, toCanonicalAccount({ email }), now);
  return { result: 'nothing due' };
}

/** Counts mails in a row: each within the lifetime of a link after the previous one. */
function countMail({ mailedAt, mailCount = 0 }: PasswordReset, now: Date) {
  const isConsecutive =
    mailedAt !== undefined && now.getTime() - Date.parse(mailedAt) < resetLifetimeMs;
  return { mailedAt: now.toISOString(), mailCount: isConsecutive ? mailCount + 1 : 1 };
}

async function prepareReset(
  { reset, deadline }: { readonly reset: PasswordReset; readonly deadline: EpochMs },
  now: Date,
  deps: ResetJobDependencies,
) {
  const { tenantId, email = '' } = reset;
  const [user, tenant] = await Promise.all([
    deps.users.get(tenantId, { email }, false),
    deps.tenants.find(tenantId),
  ]);
  if (tenant?.status !== 'active') return { result: 'nothing due' } as const;
  if (user?.status === 'invite_pending' && (await scheduleReminder(user, deadline, deps)))
    await deliverInvitation(user, deadline, deps);
  if (!isActiveLocalUser(user) || !hasEmail(user)) return { result: 'nothing due' } as const;
  const nextMs = isOpen(user, reset.link, now) ? getNextMailAtMs(reset) : 0;
  if (now.getTime() < nextMs)
    return { result: 'deferred', reason: 'interval', dueAt: new Date(nextMs) } as const;
  const link = selectLink({ user, reset, keyId: deps.linkKeyId }, now);
  const subject = { ...user, id: link.id, version: link.generation, keyId: link.keyId };
  const token = await createLinkToken('password_reset', subject, deps.links);
  const expiresAt = new Date(link.expiresAt);
  const mail = renderReset({ user, tenant, token, expiresAt }, deps);
  return { mail, fields: { link } };
}

/** True for a link of this user that still works at this time. */
const isOpen = (
  { userId, resetGeneration = 0 }: User,
  link: ResetLink | undefined,
  time: Date,
): link is ResetLink =>
  link?.userId === userId &&
  link.generation === resetGeneration &&
  time.getTime() < Date.parse(link.expiresAt);

/**
 * Reuses an open link, because a new request must not invalidate it. Otherwise returns a new one.
 */
function selectLink(
  { user, reset, keyId }: { user: User; reset: PasswordReset; keyId: string },
  now: Date,
): ResetLink {
  const { attempts, rejections, isCounted, link } = reset;
  const isRetry = attempts + rejections > 0 || isCounted === true;
  const time = new Date(now.getTime() + (isRetry ? 0 : minRemainingMs));
  if (isOpen(user, link, time)) return link;
  const { userId, resetGeneration: generation = 0 } = user;
  return {
    id: randomUUID(),
    keyId,
    userId,
    generation,
    expiresAt: new Date(now.getTime() + resetLifetimeMs).toISOString(),
  };
}
