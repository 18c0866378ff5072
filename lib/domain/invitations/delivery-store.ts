import type { EpochMs, Timestamp } from '../kernel/time.ts';
import type { DueMail } from '../mail/pending-mail.ts';
import type { Delivery, DeliveryState } from './delivery.ts';
import type { InvitedUser } from '../users/user.ts';

export interface DeliveryStore {
  /** Strongly consistent. */
  get(tenantId: string, userId: string): Promise<Delivery | undefined>;
  /** Returns the existing deliveries by user ID. */
  getAll(tenantId: string, userIds: readonly string[]): Promise<ReadonlyMap<string, Delivery>>;
  /**
   * Saves the state before a mail is sent. False, without a write, if the invitation has another
   * version, is no longer open, or the delivery has changed.
   */
  lease(user: InvitedUser, delivery: Delivery, deadline: EpochMs): Promise<boolean>;
  /** Saves an outcome and the time of the next mail, if any. Same condition as `lease`. */
  save(
    user: InvitedUser,
    state: { readonly delivery: Delivery; readonly dueAt: Timestamp | undefined },
    deadline: EpochMs,
  ): Promise<boolean>;
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
