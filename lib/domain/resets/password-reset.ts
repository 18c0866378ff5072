import { createHash } from 'node:crypto';
import { canonicalEmail } from '../canonical.ts';
import type { OwedMail } from '../mails/deliver-owed.ts';

/**
 * That somebody asked for a new password for an address, and how the mail fares. There is one for every address that was asked
 * for, whether a user has it or not: who asks learns nothing from that.
 */
export interface PasswordReset extends OwedMail {
  readonly addressHash: string;
  /** ISO 8601, of the last time. */
  readonly asked: string;
  /** The link that was mailed last. Only this one is good. */
  readonly link?: ResetLink | undefined;
}

export interface ResetLink {
  /** Random, and part of the MAC. */
  readonly id: string;
  readonly keyId: string;
  readonly userId: string;
  /** Of the user when it was made: whatever changes about the account kills it. */
  readonly version: number;
  /** ISO 8601; the first moment at which it is good no more. */
  readonly expires: string;
}

export interface PasswordResets {
  /** Notes that a new password was asked for, in one write; does nothing where it was asked for a moment ago. `email` is canonical. */
  ask(tenantId: string, email: string, now: Date): Promise<void>;
  /** Strongly consistent. */
  get(tenantId: string, addressHash: string): Promise<PasswordReset | undefined>;
  /** Writes how it stands, as the next revision, unless somebody else has: then false, and nothing has happened. */
  note(reset: PasswordReset): Promise<boolean>;
}

/** How long a mail may be owed, and how long its link is good. Milliseconds. */
export const resetLifetime = 60 * 60 * 1000;
/** Between one mail to an address and the next. Milliseconds. */
export const resetPause = 5 * 60 * 1000;

/** What an address is kept under. */
export const addressHashOf = (email: string): string => createHash('sha256').update(canonicalEmail(email)).digest('hex');
