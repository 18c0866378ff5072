import { createHash } from 'node:crypto';
import { canonicalizeEmail } from '../kernel/canonical.ts';
import type { Timestamp } from '../kernel/time.ts';
import type { PendingMail } from '../mail/pending-mail.ts';

/**
 * Request to reset the password of an email. Stored for unknown emails, too, so a caller cannot
 * find out which accounts exist.
 */
export interface PasswordReset extends PendingMail {
  readonly emailHash: string;
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

/** Hashes the canonical form of an email with SHA-256. */
export const hashEmail = (email: string): string =>
  createHash('sha256').update(canonicalizeEmail(email)).digest('hex');
