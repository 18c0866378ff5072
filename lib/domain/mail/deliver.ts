import { Failure } from '../kernel/failure.ts';
import type { DeliveryResult } from '../invitations/invitation-job.ts';
import type { Mailer, MailOutcome, Mail } from './mail.ts';
import { throttleDelayMs } from './paced-mailer.ts';
import type { PendingMail } from './pending-mail.ts';

export interface DeliveryDependencies {
  readonly now: () => Date;
  readonly mailer: Mailer;
}

/** A mail that can go out, and what is kept about it before it does. */
export interface Prepared<Owed extends PendingMail> {
  readonly mail: Mail;
  readonly kept: Partial<Owed>;
}

/** What differs from one kind of mail to the other. */
export interface MailJob<Owed extends PendingMail> {
  /** Epoch milliseconds; the mail is abandoned from then on. */
  readonly givenUpAt: number;
  /** Counts the mail before it goes out, once; or the time (ISO 8601) until which a limit holds it back. */
  readonly consume?: (now: Date) => Promise<{ readonly availableAt: string } | undefined>;
  /** Builds the mail, or returns that none is due, or until when it waits. `not now` leaves it to another due mail. */
  prepare(
    now: Date,
  ): Promise<Prepared<Owed> | 'nothing owed' | 'not now' | { readonly availableAt: Date }>;
  /** Fields to save after the mail is sent. */
  sent?(now: Date): Partial<Owed> | Promise<Partial<Owed>>;
  /** Writes how it stands, as the next revision, unless somebody else has: then false, and nothing has happened. */
  note(owed: Owed): Promise<boolean>;
}

const minute = 60_000;
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
export async function deliverPending<Owed extends PendingMail>(
  owed: Owed | undefined,
  kindOf: (owed: Owed) => MailJob<Owed>,
  deadline: number,
  deps: DeliveryDependencies,
): Promise<DeliveryResult> {
  if (owed?.dueAt === undefined || owed.email === undefined) return 'nothing owed';
  const now = deps.now();
  if (owed.notBefore !== undefined && now.getTime() < Date.parse(owed.notBefore)) return 'not now';
  const { givenUpAt, consume: take, prepare, sent, note } = kindOf(owed);
  /** No mail is owed any more, and the address is not kept. */
  const settled = async (outcome: DeliveryResult, of: Owed): Promise<DeliveryResult> =>
    (await note({
      ...of,
      email: undefined,
      dueAt: undefined,
      notBefore: undefined,
      isCounted: undefined,
      isLimited: undefined,
      attempts: 0,
      rejections: 0,
    }))
      ? outcome
      : 'not now';
  const later = async (outcome: DeliveryResult, of: Owed, time: Date): Promise<DeliveryResult> =>
    (await note({ ...of, dueAt: time.toISOString(), notBefore: time.toISOString() }))
      ? outcome
      : 'not now';
  const after = (milliseconds: number) => new Date(deps.now().getTime() + milliseconds);

  if (now.getTime() >= givenUpAt) return settled('abandoned', owed);
  if (owed.attempts >= mostAttempts) return settled('failed', owed);
  const prepared = await prepare(now);
  if (prepared === 'not now') return prepared;
  if (prepared === 'nothing owed') return settled('nothing owed', owed);
  if ('availableAt' in prepared) return later('held', owed, prepared.availableAt);
  if (deps.now().getTime() > deadline)
    throw new Failure('unavailable', 'There is no time left to send a mail');
  const attempt = {
    ...owed,
    ...prepared.kept,
    attempts: owed.attempts + 1,
    notBefore: after(lease).toISOString(),
  };
  if (!(await note(attempt))) return 'not now';
  const claimed = { ...attempt, revision: owed.revision + 1 };
  // Only after this process has claimed the mail, because concurrent deliveries must count it once.
  const held = owed.isCounted || owed.isLimited ? undefined : await take?.(now);
  if (held)
    return later(
      'held',
      { ...owed, revision: claimed.revision, isLimited: true },
      new Date(held.availableAt),
    );
  const outcome = await deps.mailer.send(prepared.mail, deadline);
  if ('messageId' in outcome) return settled('sent', { ...claimed, ...(await sent?.(deps.now())) });
  return noted(outcome, claimed, { settled, later, after });
}

interface Endings<Owed extends PendingMail> {
  settled(outcome: DeliveryResult, owed: Owed): Promise<DeliveryResult>;
  later(outcome: DeliveryResult, owed: Owed, time: Date): Promise<DeliveryResult>;
  after(milliseconds: number): Date;
}

async function noted<Owed extends PendingMail>(
  outcome: Exclude<MailOutcome, { messageId: string }>,
  attempt: Owed,
  { settled, later, after }: Endings<Owed>,
): Promise<DeliveryResult> {
  if ('unknown' in outcome) {
    const untold = { ...attempt, isCounted: undefined };
    return attempt.attempts < mostAttempts
      ? later('unknown', untold, after(minute))
      : settled('failed', untold);
  }
  if ('refused' in outcome && outcome.refused === 'for good') return settled('failed', attempt);
  const { attempts, rejections: refusals } = attempt;
  const unsent = { ...attempt, attempts: attempts - 1, isCounted: true };
  if ('throttled' in outcome) {
    return later(
      outcome.throttled === 'rate' ? 'throttled' : 'refused',
      unsent,
      after(throttleDelayMs[outcome.throttled]),
    );
  }
  return later(
    'refused',
    { ...unsent, rejections: refusals + 1 },
    after(firstBackoff * 2 ** refusals),
  );
}
