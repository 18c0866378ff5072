import { canonicalEmail } from '../canonical.ts';
import { Failure } from '../failure.ts';
import type { Delivered } from '../invitations/deliver.ts';
import type { Mail, Mailer, MailKind, MailLimits, MailOutcome } from '../invitations/delivery.ts';

/** How a mail fares that is owed by itself, and not by an invitation. */
export interface OwedMail {
  readonly tenantId: string;
  /** Since when it is owed (ISO 8601); undefined where none is. */
  readonly due?: string | undefined;
  /** To whom, as long as it is owed. */
  readonly email?: string | undefined;
  /** Attempts that may have got the mail out. */
  readonly attempts: number;
  /** Attempts that SES refused for the time being. */
  readonly refusals: number;
  /** Nobody else is to try before then. */
  readonly notBefore?: string | undefined;
  /** Counts the writes. */
  readonly revision: number;
}

export interface OwedDependencies {
  readonly now: () => Date;
  readonly limits: MailLimits;
  readonly mailer: Mailer;
}

/** A mail that can go out, and what is kept about it before it does. */
export interface Prepared<Owed extends OwedMail> {
  readonly mail: Mail;
  readonly kept: Partial<Owed>;
}

/** What differs from one kind of mail to the other. */
export interface OwedKind<Owed extends OwedMail> {
  readonly kind: MailKind;
  /** Epoch milliseconds; nobody sends it any more from then on. */
  readonly givenUpAt: number;
  /** Whether one that the limits hold back goes out when there is more; else it is dropped. */
  readonly waits: boolean;
  /** Makes the mail, or tells that nobody is to get one, or not now. */
  prepare(now: Date): Promise<Prepared<Owed> | 'nothing owed' | 'held'>;
  /** Writes how it stands, as the next revision, unless somebody else has: then false, and nothing has happened. */
  note(owed: Owed): Promise<boolean>;
}

const minute = 60_000;
const hour = 60 * minute;
/** Longer than the function may run. */
const lease = 2 * minute;
/** An attempt that ended unknown may have got the mail out: so there is one too many at most. */
const mostAttempts = 2;
const firstBackoff = 5 * minute;

/**
 * Sends a mail that is owed: the attempt noted before and its outcome after. Can be asked any number of times, by several at once.
 * Throws `unavailable` where it could not get to sending, or not note how that went; no mail is begun after the `deadline` (epoch
 * milliseconds).
 */
export async function deliverOwed<Owed extends OwedMail>(
  owed: Owed | undefined,
  kindOf: (owed: Owed) => OwedKind<Owed>,
  deadline: number,
  deps: OwedDependencies,
): Promise<Delivered> {
  if (owed?.due === undefined || owed.email === undefined) return 'nothing owed';
  const now = deps.now();
  if (owed.notBefore !== undefined && now.getTime() < Date.parse(owed.notBefore)) return 'not now';
  const { kind, givenUpAt, waits, prepare, note } = kindOf(owed);
  /** No mail is owed any more, and the address is not kept. */
  const settled = async (outcome: Delivered, of: Owed): Promise<Delivered> =>
    (await note({ ...of, email: undefined, due: undefined, notBefore: undefined })) ? outcome : 'not now';
  const later = async (outcome: Delivered, of: Owed, time: Date): Promise<Delivered> =>
    (await note({ ...of, due: time.toISOString(), notBefore: time.toISOString() })) ? outcome : 'not now';
  const after = (milliseconds: number) => new Date(deps.now().getTime() + milliseconds);

  if (now.getTime() >= givenUpAt || owed.attempts >= mostAttempts) return settled('failed', owed);
  const prepared = await prepare(now);
  if (prepared === 'nothing owed') return settled('nothing owed', owed);
  if (prepared === 'held') return later('held', owed, after(hour));
  if (deps.now().getTime() > deadline) throw new Failure('unavailable', 'There is no time left to send a mail');
  const attempt = { ...owed, ...prepared.kept, attempts: owed.attempts + 1, notBefore: after(lease).toISOString() };
  if (!(await note(attempt))) return 'not now';
  const claimed = { ...attempt, revision: owed.revision + 1 };
  // Once it is ours, so that several who hear of it take one from what is left. One that was refused has been counted, and has not
  // gone out.
  const recipient = { tenantId: owed.tenantId, email: canonicalEmail(owed.email) };
  const limited = owed.refusals > 0 ? undefined : await deps.limits.take(kind, recipient, now);
  const untried = { ...owed, revision: claimed.revision };
  if (limited) return waits ? later('held', untried, new Date(limited.until)) : settled('held', untried);
  return noted(await deps.mailer.send(prepared.mail), claimed, { settled, later, after });
}

interface Endings<Owed extends OwedMail> {
  settled(outcome: Delivered, owed: Owed): Promise<Delivered>;
  later(outcome: Delivered, owed: Owed, time: Date): Promise<Delivered>;
  after(milliseconds: number): Date;
}

async function noted<Owed extends OwedMail>(
  outcome: MailOutcome,
  attempt: Owed,
  { settled, later, after }: Endings<Owed>,
): Promise<Delivered> {
  if ('messageId' in outcome) return settled('sent', attempt);
  if ('unknown' in outcome) return attempt.attempts < mostAttempts ? later('unknown', attempt, after(minute)) : settled('failed', attempt);
  if (outcome.refused === 'for good') return settled('failed', attempt);
  const { attempts, refusals } = attempt;
  const refused = { ...attempt, attempts: attempts - 1, refusals: refusals + 1 };
  return later('refused', refused, after(firstBackoff * 2 ** refusals));
}
