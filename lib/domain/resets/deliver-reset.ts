import { randomUUID } from 'node:crypto';
import type { Delivered, DeliverDependencies } from '../invitations/deliver.ts';
import { linkToken } from '../links.ts';
import { deliverOwed, type OwedKind } from '../mails/deliver-owed.ts';
import { signsInHere } from '../users/signs-in-here.ts';
import type { User } from '../users/user.ts';
import { type PasswordReset, type PasswordResets, type ResetLink, resetLifetime } from './password-reset.ts';
import { resetMail } from './reset-mail.ts';

export interface ResetDependencies extends Omit<DeliverDependencies, 'deliveries'> {
  readonly resets: PasswordResets;
  /** The key that new links are made with. */
  readonly linkKeyId: string;
}

/**
 * Sends the link for a new password that an address was asked for, if an active local user has it: looked up strongly first. Does
 * and throws what `deliverOwed` does.
 */
export async function deliverReset(
  { tenantId, addressHash }: { readonly tenantId: string; readonly addressHash: string },
  deadline: number,
  deps: ResetDependencies,
): Promise<Delivered> {
  const kindOf = (reset: PasswordReset): OwedKind<PasswordReset> => ({
    kind: 'password_reset',
    givenUpAt: Date.parse(reset.asked) + resetLifetime,
    // Whom the limits hold back can ask again: tomorrow it is too late. The link that was mailed before stays the good one.
    waits: false,
    prepare: (now) => prepared(reset, now, deps),
    note: deps.resets.note,
  });
  return deliverOwed(await deps.resets.get(tenantId, addressHash), kindOf, deadline, deps);
}

async function prepared(reset: PasswordReset, now: Date, deps: ResetDependencies) {
  const { tenantId, email = '' } = reset;
  const [user, tenant] = await Promise.all([deps.users.get(tenantId, { email }, false), deps.tenants.find(tenantId)]);
  if (tenant?.status !== 'active' || !signsInHere(user)) return 'nothing owed' as const;
  const link = linkFor(user, reset, now, deps.linkKeyId);
  const token = await linkToken('password_reset', { ...user, id: link.id, version: link.version }, link.keyId, deps.links);
  return { mail: resetMail(user, tenant, { token, expires: link.expires }, deps.sender), kept: { link } };
}

/** The same for a second attempt, so that both mails are good, should both arrive. */
function linkFor({ userId, version }: User, { attempts, refusals, link }: PasswordReset, now: Date, keyId: string): ResetLink {
  const isTriedAgain = attempts + refusals > 0 && link?.userId === userId && link.version === version;
  return isTriedAgain ? link : { id: randomUUID(), keyId, userId, version, expires: new Date(now.getTime() + resetLifetime).toISOString() };
}
