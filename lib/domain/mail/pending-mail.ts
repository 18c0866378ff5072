import type { Timestamp } from '../kernel/time.ts';

/**
 * Recipient of a mail: a user (invitation), the hash of an email (password reset), a user and the
 * version of a change (account notice), or the owner of a tenant (notice about a webhook).
 */
export type Recipient = { readonly tenantId: string } & (
  | { readonly userId: string }
  | { readonly emailHash: string }
  | { readonly noticeUserId: string; readonly version: number }
  | {
      readonly webhookId: string;
      readonly kind: 'failing' | 'disabled';
      readonly failingSince: Timestamp;
    }
);

/** Entry of the outbox index. */
export type DueMail = Recipient & { readonly dueAt: Timestamp };

/** Delivery state that every kind of mail stores. */
export interface MailState {
  /** Attempts that may have sent the mail. */
  readonly attempts: number;
  /** Temporary rejections by SES in a row. */
  readonly rejections: number;
  /** True if a limit has counted the mail and it is still unsent. */
  readonly isCounted?: boolean | undefined;
  /** Earliest time of the next attempt. */
  readonly notBefore?: Timestamp | undefined;
}

/** State of a mail with an item of its own: a password reset or a notice. */
export interface PendingMail extends MailState {
  readonly tenantId: string;
  /** Incremented by each write. */
  readonly revision: number;
  /** Absent once no mail is due. */
  readonly dueAt?: Timestamp | undefined;
  /** Address to send to. Absent once no mail is due. */
  readonly email?: string | undefined;
  /** True if a limit has delayed the mail. It is then sent together with others. */
  readonly isLimited?: boolean | undefined;
}
