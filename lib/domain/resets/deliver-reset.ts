import { randomUUID } from 'node:crypto';
import { canonicalEmail } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Delivered, DeliverDependencies } from '../invitations/deliver.ts';
import type { MailOutcome } from '../invitations/delivery.ts';
import { linkToken } from '../links.ts';
import { signsInHere } from '../users/signs-in-here.ts';
import type { User } from '../users/user.ts';
import { type PasswordReset, type PasswordResets, type ResetLink, resetLifetime } from './password-reset.ts';
import { resetMail } from './reset-mail.ts';

export interface ResetDependencies extends Omit<DeliverDependencies, 'deliveries'> {
  readonly resets: PasswordResets;
  /** The key that new links are made with. */
  readonly linkKeyId: string;
}

const minute = 60_000;
/** Longer than the function may run. */
const lease = 2 * minute;
/** An attempt that ended unknown may have got the mail out: so there is one too many at most. */
const mostAttempts = 2;
const firstBackoff = 5 * minute;

/**
 * Sends the link for a new password that an address was asked for, if an active local user has it: looked up strongly first, the
 * attempt noted before and its outcome after. Can be asked any number of times, by several at once. Throws `unavailable` where it
 * could not get to sending, or not note how that went; no mail is begun after the `deadline` (epoch milliseconds).
 */
export async function deliverReset(
  { tenantId, addressHash }: { readonly tenantId: string; readonly addressHash: string },
  deadline: number,
  deps: ResetDependencies,
): Promise<Delivered> {
  const reset = await deps.resets.get(tenantId, addressHash);
  if (reset?.due === undefined || reset.email === undefined) return 'nothing owed';
  const now = deps.now();
  if (reset.notBefore !== undefined && now.getTime() < Date.parse(reset.notBefore)) return 'not now';
  if (now.getTime() >= Date.parse(reset.asked) + resetLifetime || reset.attempts >= mostAttempts) return settled('failed', reset, deps);

  const [user, tenant] = await Promise.all([deps.users.get(tenantId, { email: reset.email }, false), deps.tenants.find(tenantId)]);
  if (tenant?.status !== 'active' || !signsInHere(user)) return settled('nothing owed', reset, deps);
  const link = linkFor(user, reset, now, deps.linkKeyId);
  const token = await linkToken('password_reset', { ...user, id: link.id, version: link.version }, link.keyId, deps.links);
  if (deps.now().getTime() > deadline) throw new Failure('unavailable', 'There is no time left to send a mail');
  const attempt = { ...reset, link, attempts: reset.attempts + 1, notBefore: new Date(now.getTime() + lease).toISOString() };
  if (!(await deps.resets.note(attempt))) return 'not now';
  const claimed = { ...attempt, revision: attempt.revision + 1 };
  // Once it is ours, so that several who hear of it take one from what is left. One that was refused has been counted, and has not
  // gone out. Whom the limits hold back can ask again: tomorrow it is too late.
  const limited =
    reset.refusals > 0 ? undefined : await deps.limits.take('password_reset', { tenantId, email: canonicalEmail(user.email) }, now);
  // The link that was mailed before stays the good one.
  if (limited) return settled('held', { ...claimed, link: reset.link }, deps);
  const outcome = await deps.mailer.send(resetMail(user, tenant, { token, expires: link.expires }, deps.sender));
  return noted(outcome, claimed, deps);
}

/** The same for a second attempt, so that both mails are good, should both arrive. */
function linkFor({ userId, version }: User, { attempts, refusals, link }: PasswordReset, now: Date, keyId: string): ResetLink {
  const isTriedAgain = attempts + refusals > 0 && link?.userId === userId && link.version === version;
  return isTriedAgain ? link : { id: randomUUID(), keyId, userId, version, expires: new Date(now.getTime() + resetLifetime).toISOString() };
}

async function noted(outcome: MailOutcome, attempt: PasswordReset, deps: ResetDependencies): Promise<Delivered> {
  if ('messageId' in outcome) return settled('sent', attempt, deps);
  if ('unknown' in outcome)
    return attempt.attempts < mostAttempts ? later('unknown', attempt, minute, deps) : settled('failed', attempt, deps);
  if (outcome.refused === 'for good') return settled('failed', attempt, deps);
  const { attempts, refusals } = attempt;
  const refused = { ...attempt, attempts: attempts - 1, refusals: refusals + 1 };
  return later('refused', refused, firstBackoff * 2 ** refusals, deps);
}

/** No mail is owed any more, and the address is not kept. */
async function settled(outcome: Delivered, reset: PasswordReset, { resets }: ResetDependencies): Promise<Delivered> {
  const done = await resets.note({ ...reset, email: undefined, due: undefined, notBefore: undefined });
  return done ? outcome : 'not now';
}

async function later(
  outcome: Delivered,
  reset: PasswordReset,
  milliseconds: number,
  { resets, now }: ResetDependencies,
): Promise<Delivered> {
  const due = new Date(now().getTime() + milliseconds).toISOString();
  return (await resets.note({ ...reset, due, notBefore: due })) ? outcome : 'not now';
}
