import * as z from 'zod';
import type { DeliveryState } from '../domain/invitations/delivery.ts';

const tag = z.array(z.guid()).min(1);

/** Used fields of an event that SES publishes to EventBridge. */
const mailEvent = z.object({
  source: z.literal('aws.ses'),
  detail: z.object({
    eventType: z.string(),
    mail: z.object({ messageId: z.string(), tags: z.object({ tenant: tag, user: tag }) }),
    bounce: z
      .object({
        bounceType: z.string(),
        bounceSubType: z.string(),
        bouncedRecipients: z.array(z.record(z.string(), z.unknown())).optional().catch(undefined),
      })
      .optional(),
    complaint: z.object({ complaintFeedbackType: z.string().nullish() }).optional(),
    reject: z.object({ reason: z.string() }).optional(),
  }),
});

/** Outcome of an invitation mail after SES accepted it. */
export interface DeliveryEvent {
  readonly tenantId: string;
  readonly userId: string;
  readonly messageId: string;
  readonly state: DeliveryState;
  readonly reason: string;
}

const states: ReadonlyMap<string, DeliveryState> = new Map([
  ['Bounce', 'bounced'],
  ['Reject', 'failed'],
  ['Complaint', 'complained'],
]);

/**
 * True for an out-of-office reply: a general transient bounce without a delivery status
 * notification (RFC 3464). Every other transient bounce is final, because SES reports it after its
 * last attempt.
 */
const isAutomaticReply = ({
  bounceType,
  bounceSubType,
  bouncedRecipients = [],
}: NonNullable<z.infer<typeof mailEvent>['detail']['bounce']>) =>
  bounceType === 'Transient' &&
  bounceSubType === 'General' &&
  bouncedRecipients.length > 0 &&
  bouncedRecipients.every(
    (recipient) => !['action', 'status', 'diagnosticCode'].some((field) => field in recipient),
  );

/** Parses an event. Undefined for other mails and for events without an effect. */
export function toDeliveryEvent(event: unknown): DeliveryEvent | undefined {
  const { data } = mailEvent.safeParse(event);
  const state = data && states.get(data.detail.eventType);
  if (!state) return undefined;
  const { mail, bounce, complaint, reject } = data.detail;
  if (bounce && isAutomaticReply(bounce)) return undefined;
  const reason = bounce
    ? `${bounce.bounceType}: ${bounce.bounceSubType}`
    : (complaint?.complaintFeedbackType ?? reject?.reason ?? 'none given');
  return {
    tenantId: mail.tags.tenant[0] ?? '',
    userId: mail.tags.user[0] ?? '',
    messageId: mail.messageId,
    state,
    reason,
  };
}
