import { randomUUID } from 'node:crypto';
import type { RequestContext } from '../access/request-context.ts';
import type { EventBus } from '../kernel/event-bus.ts';
import { Failure, type FailureCode } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import { tooManyRequests } from '../kernel/limits.ts';
import { authorizeWebhooks, getTenantWebhook, type WebhookDependencies } from './change-webhook.ts';
import { type TestRequest, testRequestType } from './test-request.ts';
import type { WebhookStore } from './webhook-store.ts';
import type { Webhook } from './webhook.ts';

export interface TestDependencies {
  readonly now: () => Date;
  readonly eventBus: EventBus;
  readonly webhooks: Pick<WebhookStore, 'countTest'>;
  readonly onTestFailed: (webhook: Webhook, error: Failure) => void;
}

/**
 * Requests a test event and returns its ID. The delivery sends it once and enables an unverified
 * webhook that accepts it. Throws `forbidden`, `events_disabled`, `not_found`, `invalid_transition`,
 * `too_many_requests` or `unavailable`.
 */
export async function testWebhook(
  webhookId: Uuid | undefined,
  context: RequestContext,
  deps: WebhookDependencies & TestDependencies,
): Promise<Uuid> {
  authorizeWebhooks('writeWebhook', context, deps);
  const webhook = await getTenantWebhook(webhookId, context, deps);
  if (webhook.status === 'disabled') throw webhookDisabled();
  return requestTest(webhook, deps);
}

/** Failures after which a caller can request the test event again. */
const repeatableCodes: readonly FailureCode[] = ['too_many_requests', 'unavailable'];

/** Requests a test event for a saved change. Its failure is logged: the caller can test again. */
export async function tryTest(webhook: Webhook, deps: TestDependencies): Promise<void> {
  try {
    await requestTest(webhook, deps);
  } catch (error) {
    if (!(error instanceof Failure) || !repeatableCodes.includes(error.code)) throw error;
    deps.onTestFailed(webhook, error);
  }
}

async function requestTest(
  { tenantId, webhookId }: Webhook,
  { eventBus, webhooks, now }: TestDependencies,
): Promise<Uuid> {
  if (!(await webhooks.countTest(tenantId)))
    throw tooManyRequests('webhook_tests', 60 - now().getUTCSeconds());
  const request: TestRequest = { tenantId, webhookId, eventId: randomUUID() };
  await eventBus.put(testRequestType, request, now());
  return request.eventId;
}

const webhookDisabled = (): Failure =>
  new Failure('invalid_transition', 'A disabled webhook receives no test event. Enable it first.', {
    details: { status: 'disabled', allowed: ['enable'] },
  });
