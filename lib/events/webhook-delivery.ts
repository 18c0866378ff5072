import type { Context, EventBridgeEvent, ScheduledEvent } from 'aws-lambda';
import * as z from 'zod';
import type { DurationMs, EpochMs } from '../domain/kernel/time.ts';
import { deliverToTenant, sweepWebhooks } from '../domain/webhooks/delivery/deliver-due.ts';
import { sendTestEvent } from '../domain/webhooks/delivery/send-test-event.ts';
import { testRequestType } from '../domain/webhooks/test-request.ts';
import { logEvent } from '../runtime/event-log.ts';

type Dependencies = Omit<Parameters<typeof deliverToTenant>[2], 'onDelivery'> &
  Parameters<typeof sendTestEvent>[1];

type DeliveryEvent = ScheduledEvent | EventBridgeEvent<string, unknown>;

/** Time for an attempt that starts at the deadline, and to save its outcome. */
const reserveMs: DurationMs = 20_000;

const feedAdvanced = z.object({ tenantId: z.guid() });
const testRequest = z.object({ tenantId: z.guid(), webhookId: z.guid(), eventId: z.guid() });

/** Delivers the events of a tenant, due events of all tenants, or a test event. */
export const createWebhookDelivery =
  (deps: Dependencies) =>
  async (event: DeliveryEvent, context: Context): Promise<void> => {
    const deadline = deps.now().getTime() + context.getRemainingTimeInMillis() - reserveMs;
    if (event['detail-type'] === testRequestType) return test(event.detail, deps);
    if (event.source === 'aws.events') return sweep(deadline, deps);
    return deliverToTenant(feedAdvanced.parse(event.detail).tenantId, deadline, withLog(deps));
  };

async function test(detail: unknown, deps: Dependencies): Promise<void> {
  const request = testRequest.parse(detail);
  const outcome = (await sendTestEvent(request, deps)) ?? 'inactive';
  logEvent({
    operation: 'testWebhook',
    outcome,
    tenant: request.tenantId,
    subject: request.webhookId,
    time: deps.now().getTime(),
    metrics: {},
  });
}

async function sweep(deadline: EpochMs, deps: Dependencies): Promise<void> {
  const { oldestMs } = await sweepWebhooks(deadline, withLog(deps));
  logEvent({
    operation: 'sweepWebhooks',
    outcome: 'swept',
    time: deps.now().getTime(),
    metrics: { oldestDueWebhookSeconds: Math.round(oldestMs / 1000) },
  });
}

/** Results without an attempt, which happen with each event of the feed. */
const quietOutcomes: readonly string[] = ['inactive', 'waiting', 'leased'];

/** Logs each delivery with the number of its attempts. */
const withLog = (deps: Dependencies): Parameters<typeof deliverToTenant>[2] => ({
  ...deps,
  onDelivery: ({ tenantId, sinkId }, result, error) => {
    const { outcome = 'error', delivered = 0, failed = 0, expired = 0 } = result ?? {};
    if (quietOutcomes.includes(outcome)) return;
    logEvent({
      operation: 'deliverEvents',
      outcome,
      tenant: tenantId,
      subject: sinkId,
      time: deps.now().getTime(),
      metrics: {
        webhooksDelivered: delivered,
        webhooksFailed: failed,
        // Rare, and CloudWatch bills a metric only in months in which it has values.
        ...(expired > 0 && { eventsExpired: expired }),
      },
      error,
    });
  },
});
