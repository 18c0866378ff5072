import type { RequestContext } from '../access/request-context.ts';
import {
  authorizeWebhooks,
  changeWebhook,
  type WebhookDependencies,
  type WebhookTarget,
} from './change-webhook.ts';
import { tryTest, type TestDependencies } from './request-test.ts';
import type { Webhook } from './webhook.ts';

/**
 * Disables a webhook: nothing is sent, and the position in the feed is retained. No effect on a
 * disabled one. Throws `forbidden`, `events_disabled`, `not_found` or `precondition_failed`.
 */
export function disableWebhook(
  target: WebhookTarget,
  context: RequestContext,
  deps: WebhookDependencies,
): Promise<Webhook> {
  authorizeWebhooks('writeWebhook', context, deps);
  const change = ({ status }: Webhook): Partial<Webhook> =>
    status === 'disabled'
      ? {}
      : {
          status: 'disabled',
          disabled: { reason: 'caller', at: deps.now().toISOString() },
        };
  return changeWebhook({ action: 'disable', target, change }, context, deps);
}

/**
 * Enables a disabled webhook. Deliveries go on after the last event that was delivered. A webhook
 * whose URL is unverified gets a test event first. No effect on others. Throws `forbidden`,
 * `events_disabled`, `not_found` or `precondition_failed`.
 */
export async function enableWebhook(
  target: WebhookTarget,
  context: RequestContext,
  deps: WebhookDependencies & TestDependencies,
): Promise<Webhook> {
  authorizeWebhooks('writeWebhook', context, deps);
  let needsTest = false;
  const change = ({ status, verifiedAt }: Webhook): Partial<Webhook> => {
    needsTest = status === 'disabled' && verifiedAt === undefined;
    if (status !== 'disabled') return {};
    return { status: needsTest ? 'unverified' : 'enabled', disabled: undefined };
  };
  const webhook = await changeWebhook({ action: 'enable', target, change }, context, deps);
  if (needsTest) await tryTest(webhook, deps);
  return webhook;
}
