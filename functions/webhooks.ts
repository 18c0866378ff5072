import { authenticatedApi } from '../lib/api/http/api.ts';
import { webhookHandlers } from '../lib/api/webhooks/handlers.ts';
import { createWebhookDeps, type WebhookDeps } from '../lib/deps/webhook-deps.ts';

/** Webhooks and their delivery log. Sends nothing itself. */
export const webhooksApi = (deps: WebhookDeps) => authenticatedApi(webhookHandlers(deps), deps);

export const handler = webhooksApi(createWebhookDeps(process.env));
