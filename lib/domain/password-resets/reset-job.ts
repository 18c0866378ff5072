import { randomUUID } from 'node:crypto';
import {
  type DeliveryResult,
  deliverInvitation,
  type InvitationJobDependencies,
} from '../invitations/invitation-job.ts';
import { scheduleReminder } from '../invitations/remind-invited.ts';
import { createLinkToken } from '../links/link.ts';
import { renderReset } from '../mail/link-mails.ts';
import { deliverPending, type MailJob } from '../mail/deliver.ts';
import { isActiveLocalUser } from '../users/signs-in-here.ts';
import type { User } from '../users/user.ts';
import {
  getNextResetMailMs,
  type PasswordReset,
  type ResetLink,
  resetLifetimeMs,
} from './password-reset.ts';
import type { PasswordResetStore } from './password-reset-store.ts';

export interface ResetJobDependencies extends InvitationJobDependencies {
  readonly resets: PasswordResetStore;
  /** The key that new links are made with. */
  readonly linkKeyId: string;
}

/** A link with less time left than this is not mailed again. */
const minRemainingMs = 15 * 60_000;

/**
 * Sends the link for a new password that an address was asked for, if an active local user has it: looked up strongly first. A user who is
 * still invited is sent the current link of their invitation again. Does and throws what `deliverOwed` does.
 */
export async function deliverReset(
  { tenantId, emailHash }: { readonly tenantId: string; readonly emailHash: string },
  deadline: number,
  deps: ResetJobDependencies,
): Promise<DeliveryResult> {
  const kindOf = (reset: PasswordReset): MailJob<PasswordReset> => ({
    givenUpAt: Date.parse(reset.requestedAt) + resetLifetimeMs,
    prepare: (now) => prepared(reset, now, deadline, deps),
    sent: (now) => {
      const isInARow =
        reset.mailedAt !== undefined &&
        now.getTime() - Date.parse(reset.mailedAt) < resetLifetimeMs;
      return { mailedAt: now.toISOString(), mailCount: isInARow ? (reset.mailCount ?? 0) + 1 : 1 };
    },
    note: deps.resets.save,
  });
  return deliverPending(await deps.resets.get(tenantId, emailHash), kindOf, deadline, deps);
}

async function prepared(
  reset: PasswordReset,
  now: Date,
  deadline: number,
  deps: ResetJobDependencies,
) {
  const { tenantId, email = '' } = reset;
  const [user, tenant] = await Promise.all([
    deps.users.get(tenantId, { email }, false),
    deps.tenants.find(tenantId),
  ]);
  if (tenant?.status !== 'active') return 'nothing owed' as const;
  if (user && (await scheduleReminder(user, deadline, deps)))
    await deliverInvitation(user, deadline, deps);
  if (!isActiveLocalUser(user)) return 'nothing owed' as const;
  const next = isOpen(user, reset.link, now) ? getNextResetMailMs(reset) : 0;
  if (now.getTime() < next) return { availableAt: new Date(next) };
  const link = linkFor(user, reset, now, deps.linkKeyId);
  const token = await createLinkToken(
    'password_reset',
    { ...user, id: link.id, version: link.generation },
    link.keyId,
    deps.links,
  );
  return {
    mail: renderReset(user, tenant, { token, expiresAt: new Date(link.expiresAt) }, deps),
    kept: { link },
  };
}

/** True for a link of this user that still works at that time. */
const isOpen = (
  { userId, resetGeneration = 0 }: User,
  link: ResetLink | undefined,
  time: Date,
): link is ResetLink =>
  link?.userId === userId &&
  link.generation === resetGeneration &&
  time.getTime() < Date.parse(link.expiresAt);

/** Reuses an open link, because a new request must not invalidate it. Otherwise returns a new link. */
function linkFor(
  user: User,
  { attempts, rejections: refusals, isCounted: counted, link }: PasswordReset,
  now: Date,
  keyId: string,
): ResetLink {
  const isTriedAgain = attempts + refusals > 0 || counted === true;
  const time = new Date(now.getTime() + (isTriedAgain ? 0 : minRemainingMs));
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
