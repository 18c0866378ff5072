import type { Uuid } from '../kernel/ids.ts';

/** Detail type of the event that requests a test event. */
export const testRequestType = 'Webhook Test Requested';

/** Detail of the request. */
export interface TestRequest {
  readonly tenantId: Uuid;
  readonly webhookId: Uuid;
  /** ID of the test event, which the delivery log shows. */
  readonly eventId: Uuid;
}
