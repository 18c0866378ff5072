import { randomUUID } from 'node:crypto';
import {
  type Delivered,
  deliver,
  type DeliverDependencies,
} from '../invitations/invitation-job.ts';
import { remindInvited } from '../invitations/remind-invited.ts';
import { linkToken } from '../links/link.ts';
import { renderReset } from '../mail/link-mails.ts';
import { deliverOwed, type OwedKind } from '../mail/deliver.ts';
import { signsInHere } from '../users/signs-in-here.ts';
import type { User } from '../users/user.ts';
import {
  getNextResetMailTime,
  type PasswordReset,
  type PasswordResets,
  type ResetLink,
  resetLifetime,
} from './password-reset.ts';

export interface ResetDependencies extends DeliverDependencies {
  readonly resets: PasswordResets;
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
  { tenantId, addressHash }: { readonly tenantId: string; readonly addressHash: string },
  deadline: number,
  deps: ResetDependencies,
): Promise<Delivered> {
  const kindOf = (reset: PasswordReset): OwedKind<PasswordReset> => ({
    givenUpAt: Date.parse(reset.asked) + resetLifetime,
    prepare: (now) => prepared(reset, now, deadline, deps),
    sent: (now) => {
      const isInARow =
        reset.mailed !== undefined && now.getTime() - Date.parse(reset.mailed) < resetLifetime;
      return { mailed: now.toISOString(), mails: isInARow ? (reset.mails ?? 0) + 1 : 1 };
    },
    note: deps.resets.note,
  });
  return deliverOwed(await deps.resets.get(tenantId, addressHash), kindOf, deadline, deps);
}

async function prepared(
  reset: PasswordReset,
  now: Date,
  deadline: number,
  deps: ResetDependencies,
) {
  const { tenantId, email = '' } = reset;
  const [user, tenant] = await Promise.all([
    deps.users.get(tenantId, { email }, false),
    deps.tenants.find(tenantId),
  ]);
  if (tenant?.status !== 'active') return 'nothing owed' as const;
  if (user && (await remindInvited(user, deadline, deps))) await deliver(user, deadline, deps);
  if (!signsInHere(user)) return 'nothing owed' as const;
  const next = isOpen(user, reset.link, now) ? getNextResetMailTime(reset) : 0;
  if (now.getTime() < next) return { until: new Date(next) };
  const link = linkFor(user, reset, now, deps.linkKeyId);
  const token = await linkToken(
    'password_reset',
    { ...user, id: link.id, version: link.generation },
    link.keyId,
    deps.links,
  );
  return {
    mail: renderReset(user, tenant, { token, expiresAt: new Date(link.expires) }, deps),
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
  time.getTime() < Date.parse(link.expires);

/** Reuses an open link, because a new request must not invalidate it. Otherwise returns a new link. */
function linkFor(
  user: User,
  { attempts, refusals, counted, link }: PasswordReset,
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
    expires: new Date(now.getTime() + resetLifetime).toISOString(),
  };
}
