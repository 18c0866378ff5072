import { createWebhookDeliveryDeps } from '../../lib/deps/events/webhook-delivery-deps.ts';
import { createWebhookDelivery } from '../../lib/events/webhook-delivery.ts';

/** Delivers events to webhooks. The only function that sends requests to hosts of customers. */
export const handler = createWebhookDelivery(createWebhookDeliveryDeps(process.env));
