import { createHash } from 'node:crypto';
import { canonicalizeEmail } from '../kernel/canonical.ts';
import type { PendingMail } from '../mail/pending-mail.ts';

/**
 * That somebody asked for a new password for an address, and how the mail fares. There is one for every address that was asked
 * for, whether a user has it or not: who asks learns nothing from that.
 */
export interface PasswordReset extends PendingMail {
  readonly emailHash: string;
  /** ISO 8601, of the last time. */
  readonly requestedAt: string;
  /** ISO 8601, of the last mail. */
  readonly mailedAt?: string | undefined;
  /** Mails so far, each within an hour of the one before. */
  readonly mailCount?: number | undefined;
  /** The link that was mailed last. Only this one is good. */
  readonly link?: ResetLink | undefined;
}

export interface ResetLink {
  /** Random, and part of the MAC. */
  readonly id: string;
  readonly keyId: string;
  readonly userId: string;
  /** The user's `resetGeneration` when the link was made. */
  readonly generation: number;
  /** ISO 8601; the first moment at which it is good no more. */
  readonly expiresAt: string;
}

/** How long a mail may be owed, and how long its link is good. Milliseconds. */
export const resetLifetimeMs = 60 * 60 * 1000;
/** Between one request that is noted and the next, while a mail is due. */
export const resetRequestIntervalMs = 60_000;

const minute = 60_000;
/** Mails in a row that follow one another fast. */
const maxFastMails = 5;

/**
 * Time at which an open link can be mailed again (epoch milliseconds). It is minutes after the last mail, because requests by strangers must
 * not keep the account holder from a link.
 */
export const getNextResetMailMs = ({
  mailedAt: mailed,
  mailCount: mails = 0,
}: Pick<PasswordReset, 'mailedAt' | 'mailCount'>): number =>
  mailed === undefined ? 0 : Date.parse(mailed) + (mails < maxFastMails ? 5 * minute : 15 * minute);

/** What an address is kept under. */
export const hashEmail = (email: string): string =>
  createHash('sha256').update(canonicalizeEmail(email)).digest('hex');
