import type { Uuid } from '../../kernel/ids.ts';
import type { TestRequest } from '../test-request.ts';
import type { Webhook } from '../webhook.ts';
import type { WebhookConnections } from '../webhook-sender.ts';
import type { DeliveryLog, WebhookStore } from '../webhook-store.ts';
import { toLogEntry } from './attempt.ts';
import { enableVerifiedWebhook } from './update-status.ts';
import { isDelivered } from './progress.ts';
import { type SendDependencies, sendEvent } from './send-event.ts';

interface Dependencies extends SendDependencies {
  readonly webhooks: Pick<WebhookStore, 'get' | 'write'>;
  readonly connections: WebhookConnections;
  readonly deliveries: Pick<DeliveryLog, 'record'>;
  /** False for a suspended or deleted tenant. */
  readonly isTenantActive: (tenantId: Uuid) => Promise<boolean>;
}

/**
 * Sends a test event once, and enables an unverified webhook that accepts it. Sends nothing to a
 * disabled one, or in a suspended or deleted tenant. Returns undefined if nothing was sent. Throws
 * `unavailable`.
 */
export async function sendTestEvent(
  { tenantId, webhookId, eventId }: TestRequest,
  deps: Dependencies,
): Promise<'delivered' | 'failed' | undefined> {
  const [webhook, isTenantActive] = await Promise.all([
    deps.webhooks.get(tenantId, webhookId),
    deps.isTenantActive(tenantId),
  ]);
  if (!webhook || webhook.status === 'disabled' || !isTenantActive) return undefined;
  const at = deps.now().toISOString();
  const sender = deps.connections.open();
  const event = buildTestEvent(webhook, { eventId, at });
  const result = await sendEvent(webhook, event, { ...deps, sender }).finally(sender.close);
  const outcome = isDelivered(result) ? 'delivered' : 'failed';
  // First, because a repetition after a lost response sends the event again.
  if (outcome === 'delivered') await enableVerifiedWebhook(webhook, deps);
  await deps.deliveries.record(webhook, [toLogEntry({ event, at, result }, { number: 1 })]);
  return outcome;
}

const buildTestEvent = (
  { webhookId, version }: Webhook,
  { eventId, at }: { readonly eventId: string; readonly at: string },
) => ({
  sequence: 0,
  id: eventId,
  type: 'webhook.test' as const,
  time: at,
  resource: { type: 'webhook' as const, id: webhookId, version },
  actor: { type: 'system' as const, id: 'webhook-delivery' },
  changedFields: [],
  requestId: eventId,
});
