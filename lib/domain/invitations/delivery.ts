import type { Timestamp } from '../kernel/time.ts';
import type { MailState } from '../mail/pending-mail.ts';
import type { User } from '../users/user.ts';

/**
 * `sending`: the first attempt has no outcome yet. `deferred`: waits for a limit or a suspended
 * tenant. `rejected`: SES rejected it temporarily. `unknown`: SES did not respond, so the mail may
 * have been sent.
 */
export type DeliveryState =
  | 'sending'
  | 'sent'
  | 'deferred'
  | 'rejected'
  | 'unknown'
  | 'failed'
  | 'bounced'
  | 'complained';

/** Delivery of an invitation. Stored beside the user, which stays small. */
export interface Delivery extends MailState {
  /** Version of the invitation. */
  readonly version: number;
  readonly state: DeliveryState;
  readonly updatedAt: Timestamp;
  readonly reason?: string | undefined;
  /** Time of the first of the current rejections. */
  readonly rejectedSince?: Timestamp | undefined;
  /** ID of the last sent mail, assigned by SES. */
  readonly messageId?: string | undefined;
  /** Times of the sent mails of all versions. */
  readonly sentAt: readonly Timestamp[];
}

/**
 * Running or next attempt to send an invitation. Stored with the user, so one update checks the
 * invitation and takes the lease. It does not change the user's version.
 */
export interface MailAttempt {
  /** Random. Each attempt and each outcome has its own. */
  readonly id: string;
  /** Attempts that may have sent the mail. */
  readonly attempts: number;
  /** End of the lease, or time of the next attempt. */
  readonly notBefore: Timestamp;
  /** True during the lease. */
  readonly isSending?: true | undefined;
}

/** A user and the stored state of the mail with their invitation. */
export interface InvitationMail {
  readonly user: User;
  readonly delivery: Delivery | undefined;
  /** Undefined if no mail is due. */
  readonly dueAt: Timestamp | undefined;
  /** Undefined if no attempt has started, or after the last one. */
  readonly attempt: MailAttempt | undefined;
}
