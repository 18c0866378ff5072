import type { RequestContext } from '../access/request-context.ts';
import type { Uuid } from '../kernel/ids.ts';
import { authorizeWebhooks, getTenantWebhook, type WebhookDependencies } from './change-webhook.ts';
import type { DeliveryLog, DeliveryPage, DeliveryQuery } from './webhook-store.ts';

/**
 * Lists the attempts of the last 30 days, newest first. A page with an outcome can be short. Throws
 * `forbidden`, `events_disabled` or `not_found`.
 */
export async function listDeliveries(
  { webhookId, ...query }: DeliveryQuery & { readonly webhookId: Uuid | undefined },
  context: RequestContext,
  deps: WebhookDependencies & { readonly deliveries: Pick<DeliveryLog, 'list'> },
): Promise<DeliveryPage> {
  authorizeWebhooks('readWebhook', context, deps);
  const webhook = await getTenantWebhook(webhookId, context, deps);
  return deps.deliveries.list(webhook, query);
}
