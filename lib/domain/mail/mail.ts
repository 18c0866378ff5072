import type { EpochMs } from '../kernel/time.ts';

export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Returned in SES events about the mail. Letters, digits, `_` and `-`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Result of one attempt. The mail was sent if it has a `messageId`, and possibly if `unknown`. */
export type MailOutcome =
  | { readonly messageId: string }
  | { readonly rejected: 'temporary' | 'permanent'; readonly reason: string }
  /** The sending rate or the daily quota of the AWS account is used up. */
  | { readonly throttled: 'rate' | 'quota'; readonly reason: string }
  | { readonly unknown: string };

export interface Mailer {
  /** True if the sending rate allows another mail until the deadline. */
  hasTurn(deadline: EpochMs): boolean;
  /**
   * Waits until the sending rate allows another mail. False, without waiting, if that is after the
   * deadline.
   */
  waitForTurn(deadline: EpochMs): Promise<boolean>;
  /** Sends a mail. After the deadline it starts no request except the first. */
  send(mail: Mail, deadline: EpochMs): Promise<MailOutcome>;
}
