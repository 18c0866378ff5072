import type { EpochMs } from '../kernel/time.ts';
import type { DeliveryState } from './delivery.ts';
import type { DeliveryStore } from './delivery-store.ts';
import { getInvitationStatus } from './invitation.ts';
import { needsInvitationMail } from './invite.ts';

const reminderIntervalMs = 60_000;
const dayMs = 24 * 60 * 60_000;
/** Below the limit per recipient, so reset requests by others leave mails for the inviter. */
const maxMailsPerDay = 3;
/** Excludes `complained`, because such a recipient gets no further mail. */
const endStates: readonly DeliveryState[] = ['sent', 'bounced', 'failed'];

/**
 * Schedules the mail of a pending invitation again, with the same link. False if the user is not
 * invited by mail, the mail is not sent yet, or the limit is reached.
 */
export async function scheduleReminder(
  { tenantId, userId }: { readonly tenantId: string; readonly userId: string },
  deadline: EpochMs,
  {
    deliveries,
    now,
  }: { readonly deliveries: Pick<DeliveryStore, 'getMail' | 'save'>; readonly now: () => Date },
): Promise<boolean> {
  const time = now();
  const mail = await deliveries.getMail(tenantId, userId);
  if (!mail) return false;
  const { user, delivery } = mail;
  if (!needsInvitationMail(user) || getInvitationStatus(user.invitation, time) !== 'pending')
    return false;
  if (delivery?.version !== user.invitation.version || !endStates.includes(delivery.state))
    return false;
  const agesMs = delivery.sentAt.map((sentAt) => time.getTime() - Date.parse(sentAt));
  if (
    agesMs.some((ageMs) => ageMs < reminderIntervalMs) ||
    agesMs.filter((ageMs) => ageMs < dayMs).length >= maxMailsPerDay
  )
    return false;
  const reminder = {
    ...delivery,
    state: 'deferred',
    reason: 'requested',
    updatedAt: time.toISOString(),
    attempts: 0,
    rejections: 0,
    notBefore: undefined,
  } as const;
  return deliveries.save(mail, { delivery: reminder, dueAt: time.toISOString() }, deadline);
}
