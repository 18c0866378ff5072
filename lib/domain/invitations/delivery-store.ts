import type { EpochMs, Timestamp } from '../kernel/time.ts';
import type { DueMail } from '../mail/pending-mail.ts';
import type { Delivery, DeliveryState, InvitationMail, MailAttempt } from './delivery.ts';

export interface DeliveryStore {
  /** Strongly consistent. */
  get(tenantId: string, userId: string): Promise<Delivery | undefined>;
  /** Returns the existing deliveries by user ID. */
  getAll(tenantId: string, userIds: readonly string[]): Promise<ReadonlyMap<string, Delivery>>;
  /** Reads a user with the state of the mail. Strongly consistent. */
  getMail(tenantId: string, userId: string): Promise<InvitationMail | undefined>;
  /**
   * Starts an attempt and returns it. Undefined, without a write, if the invitation has another
   * version, is no longer open, or the mail has changed.
   */
  lease(
    mail: InvitationMail,
    attempt: Pick<MailAttempt, 'attempts' | 'notBefore'>,
    deadline: EpochMs,
  ): Promise<MailAttempt | undefined>;
  /**
   * Saves an outcome and the time of the next mail, if any. False, without a write, under the same
   * conditions as `lease`.
   */
  save(
    mail: InvitationMail,
    outcome: { readonly delivery: Delivery; readonly dueAt: Timestamp | undefined },
    deadline: EpochMs,
  ): Promise<boolean>;
  /** Removes a mail that is not to be sent from the outbox. Same condition as `lease`. */
  settle(mail: InvitationMail, deadline: EpochMs): Promise<boolean>;
  /**
   * Records an event about a sent mail. Ignores events about earlier mails. Throws `unavailable`
   * while a mail is being sent, because its message ID is not saved yet.
   */
  recordDeliveryEvent(
    user: { readonly tenantId: string; readonly userId: string },
    event: {
      readonly messageId: string;
      readonly state: DeliveryState;
      readonly reason: string;
      readonly time: string;
    },
  ): Promise<void>;
  /** Lists mails due before a time, oldest first in each shard. Eventually consistent. */
  listDue(before: string): AsyncIterable<DueMail>;
}
