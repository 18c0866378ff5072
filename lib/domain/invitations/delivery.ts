import type { AccountDetail } from '../account-notices/account-notice.ts';
import type { InvitedUser } from './invitation.ts';

/**
 * How a mail fares. `sending`: somebody is at it, or died of it. `deferred`: later, the limits say. `refused`: SES would not have it,
 * and will be asked again. `unknown`: SES never answered, so that it may have gone out. `failed`: given up.
 */
export type DeliveryState =
  | 'sending'
  | 'sent'
  | 'deferred'
  | 'refused'
  | 'unknown'
  | 'failed'
  | 'bounced'
  | 'complained';

/** How the mail of one version of an invitation fared. It lies beside the user and is no part of it: no change, no ETag. */
export interface Delivery {
  /** The version of the invitation. */
  readonly version: number;
  readonly state: DeliveryState;
  /** ISO 8601, of the last that happened. */
  readonly updatedAt: string;
  readonly reason?: string | undefined;
  /** Attempts that may have got a mail out. */
  readonly attempts: number;
  /** Attempts that SES refused for the time being, one after another. */
  readonly rejections: number;
  /** ISO 8601, of the first of these. */
  readonly rejectedSince?: string | undefined;
  /** True once a limit has counted the mail of this version, which has not gone out since. */
  readonly isCounted?: boolean | undefined;
  /** Nobody else is to try before then. */
  readonly notBefore?: string | undefined;
  /** SES's name for the last mail that it took. */
  readonly messageId?: string | undefined;
  /** When mails went out, of every version. */
  readonly sentAt: readonly string[];
  /** Counts the writes. */
  readonly revision: number;
}

/**
 * To whom a mail is owed: the invitation of a user, a link for a new password to an address (its hash), or the notice to a user of
 * what the change that led to this version has made of their account.
 */
export type Recipient = { readonly tenantId: string } & (
  | { readonly userId: string }
  | { readonly emailHash: string }
  | { readonly noticeUserId: string; readonly version: number }
);

/** A mail that is owed, and since when (ISO 8601). */
export type DueMail = Recipient & { readonly dueAt: string };

export interface DeliveryStore {
  /** Strongly consistent. */
  get(tenantId: string, userId: string): Promise<Delivery | undefined>;
  /** Those that there are, by user id. */
  getAll(tenantId: string, userIds: readonly string[]): Promise<ReadonlyMap<string, Delivery>>;
  /**
   * Writes how it stands before a mail goes out, provided that the user is still invited by this version and nobody else has
   * written meanwhile: else false, and nothing has happened.
   */
  lease(user: InvitedUser, delivery: Delivery, deadline: number): Promise<boolean>;
  /** Writes how it went, and from when a mail is owed next (undefined: none is), under the same condition. */
  save(
    user: InvitedUser,
    delivery: Delivery,
    due: string | undefined,
    deadline: number,
  ): Promise<boolean>;
  /** Notes what became of the mail with this id; nothing where another has been sent since. `unavailable` while one is being sent. */
  recordDeliveryEvent(
    user: { readonly tenantId: string; readonly userId: string },
    fate: {
      readonly messageId: string;
      readonly state: DeliveryState;
      readonly reason: string;
      readonly time: string;
    },
  ): Promise<void>;
  /** Who has been owed a mail since before this time, the longest first in each part of the index. Eventually consistent. */
  listDue(before: string): AsyncIterable<DueMail>;
}

/** Counts mails, and says when there may be more. Reset links are not counted: their pace is their own (`resets/password-reset.ts`). */
export interface MailLimits {
  /** Takes an invitation from what the tenant and the recipient (canonical email) have left; or the time (ISO 8601) when there is more. */
  consumeInvitation(
    recipient: { readonly tenantId: string; readonly email: string },
    now: Date,
  ): Promise<{ readonly availableAt: string } | undefined>;
  /** The same for a notice to a user. The first of each kind of change in a day is always allowed. */
  consumeNotice(
    user: { readonly tenantId: string; readonly userId: string },
    details: readonly AccountDetail[],
    now: Date,
  ): Promise<{ readonly availableAt: string } | undefined>;
}

/** A mail, ready to be sent. */
export interface Mail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  /** Come back with what becomes of it. Letters, digits, `_` and `-`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** What the mail system made of a mail: took it, or refused it (for good, or for the time being), or did not say. */
export type MailOutcome =
  | { readonly messageId: string }
  | { readonly refused: 'for now' | 'for good'; readonly reason: string }
  /** Not accepted because of the sending rate or the daily quota of the account. */
  | { readonly throttled: 'rate' | 'quota'; readonly reason: string }
  | { readonly unknown: string };

export interface Mailer {
  /** No request begins after the `deadline` (epoch milliseconds) but the first. */
  send(mail: Mail, deadline: number): Promise<MailOutcome>;
}
