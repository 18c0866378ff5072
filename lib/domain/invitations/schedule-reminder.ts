import type { User } from '../users/user.ts';
import type { DeliveryState } from './delivery.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { getInvitationStatus } from './invitation.ts';
import { needsInvitationMail } from './invite.ts';

const reminderIntervalMs = 60_000;
const dayMs = 24 * 60 * 60_000;
/** Fewer than the limit for a recipient, because requests by strangers must leave some for the inviter. */
const maxMailsPerDay = 3;
/** States of a mail that has gone out or failed. A recipient who complained is not sent another. */
const endStates: readonly DeliveryState[] = ['sent', 'bounced', 'failed'];

/**
 * Schedules the mail of a pending invitation again, with the same link, version, expiration and inviter. False if the user is not invited
 * by mail, the mail is still being sent, or the limit is reached.
 */
export async function scheduleReminder(
  user: User,
  deadline: number,
  {
    deliveries,
    now,
  }: { readonly deliveries: Pick<DeliveryStore, 'get' | 'save'>; readonly now: () => Date },
): Promise<boolean> {
  const time = now();
  if (!needsInvitationMail(user) || getInvitationStatus(user.invitation, time) !== 'pending')
    return false;
  const delivery = await deliveries.get(user.tenantId, user.userId);
  if (delivery?.version !== user.invitation.version || !endStates.includes(delivery.state))
    return false;
  const ages = delivery.sentAt.map((sent) => time.getTime() - Date.parse(sent));
  if (
    ages.some((age) => age < reminderIntervalMs) ||
    ages.filter((age) => age < dayMs).length >= maxMailsPerDay
  )
    return false;
  const due = {
    ...delivery,
    state: 'deferred',
    reason: 'requested',
    updatedAt: time.toISOString(),
    attempts: 0,
    rejections: 0,
    notBefore: undefined,
  } as const;
  return deliveries.save(user, due, time.toISOString(), deadline);
}
