import { createHash } from 'node:crypto';
import { canonicalizeEmail, canonicalizeUserName } from '../kernel/canonical.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { PendingMail } from '../mail/pending-mail.ts';

/** Account whose password is to be reset. It may not exist. */
export type ResetAccount = { readonly email: string } | { readonly userName: string };

/**
 * Request to reset the password of an email or username. Stored for unknown ones, too, so a caller
 * cannot find out which accounts exist.
 */
export interface PasswordReset extends PendingMail {
  /** Hash of the email or username. */
  readonly emailHash: string;
  /** Username whose request is passed on to the email of its user. Absent once this is done. */
  readonly userName?: string | undefined;
  readonly requestedAt: Timestamp;
  /** Time of the last mail. */
  readonly mailedAt?: Timestamp | undefined;
  /** Mails in a row, each within an hour of the previous one. */
  readonly mailCount?: number | undefined;
  /** Last mailed link. Earlier links are invalid. */
  readonly link?: ResetLink | undefined;
}

export interface ResetLink {
  /** Random, and part of the MAC. */
  readonly id: string;
  readonly keyId: string;
  readonly userId: string;
  /** `User.resetGeneration` when the link was created. */
  readonly generation: number;
  readonly expiresAt: Timestamp;
}

/** Lifetime of a request, and of its link. */
export const resetLifetimeMs = 60 * 60 * 1000;
/** Interval between saved requests while a mail is due. */
export const resetRequestIntervalMs = 60_000;

const minuteMs = 60_000;
/** Mails in a row with the short interval. */
const maxFastMails = 5;

/**
 * Returns the time at which an open link can be mailed again. The interval is short, because
 * requests by others must not delay the account holder.
 */
export const getNextMailAtMs = ({
  mailedAt,
  mailCount = 0,
}: Pick<PasswordReset, 'mailedAt' | 'mailCount'>): number =>
  mailedAt === undefined
    ? 0
    : Date.parse(mailedAt) + (mailCount < maxFastMails ? 5 * minuteMs : 15 * minuteMs);

/** Converts the email or username to its canonical form. */
export const toCanonicalAccount = (account: ResetAccount): ResetAccount =>
  'email' in account
    ? { email: canonicalizeEmail(account.email) }
    : { userName: canonicalizeUserName(account.userName) };

/** Hashes the canonical form of an email with SHA-256. */
export const hashEmail = (email: string): string => hashText(canonicalizeEmail(email));

/** Hashes a canonical email or username with SHA-256. No email begins like a username here. */
export const hashAccount = (account: ResetAccount): string =>
  'email' in account ? hashEmail(account.email) : hashText(`userName\n${account.userName}`);

const hashText = (text: string): string => createHash('sha256').update(text).digest('hex');
