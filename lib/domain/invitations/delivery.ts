import type { Timestamp } from '../kernel/time.ts';
import type { MailState } from '../mail/pending-mail.ts';

/**
 * `sending`: an attempt is running, or has crashed. `deferred`: waits for a limit or a suspended
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

/**
 * Delivery of an invitation. Stored beside the user, so updates do not change the user's version.
 */
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
