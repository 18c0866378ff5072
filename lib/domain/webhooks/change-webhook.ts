import { changeEntity } from '../access/change-entity.ts';
import type { Policy } from '../access/policy.ts';
import type { RequestContext } from '../access/request-context.ts';
import type { ChangeAction } from '../feed/find-event-type.ts';
import { requireEvents } from '../feed/activity.ts';
import type { IfMatch } from '../kernel/entity.ts';
import { Failure } from '../kernel/failure.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { WebhookStore } from './webhook-store.ts';
import type { Webhook } from './webhook.ts';

export interface WebhookDependencies {
  readonly policy: Policy;
  readonly webhooks: WebhookStore;
  /** Undefined if the deployment has no event feed. */
  readonly activity: object | undefined;
  readonly now: () => Date;
}

/** Webhook that an operation reads or changes. */
export interface WebhookTarget {
  /** Undefined for a malformed ID. */
  readonly webhookId: Uuid | undefined;
  readonly ifMatch?: IfMatch;
}

/** Throws `forbidden` or `events_disabled`. */
export function authorizeWebhooks(
  action: 'readWebhook' | 'writeWebhook',
  context: RequestContext,
  deps: Pick<WebhookDependencies, 'policy' | 'activity'>,
): void {
  deps.policy.authorize(context, action, {});
  requireEvents(deps);
}

/** Gets a webhook of the tenant. Throws `not_found`. */
export async function getTenantWebhook(
  webhookId: Uuid | undefined,
  { tenant }: RequestContext,
  { webhooks }: Pick<WebhookDependencies, 'webhooks'>,
): Promise<Webhook> {
  const webhook =
    webhookId === undefined ? undefined : await webhooks.get(tenant.tenantId, webhookId);
  if (!webhook) throw new Failure('not_found', 'The webhook does not exist in this tenant');
  return webhook;
}

interface WebhookUpdate {
  /** Action in the change record. */
  readonly action: ChangeAction<'webhook'>;
  readonly target: WebhookTarget;
  /** Returns the fields to change. Runs again after a concurrent change. */
  readonly change: (webhook: Webhook) => Partial<Webhook> | Promise<Partial<Webhook>>;
}

/** Changes a webhook. Throws `not_found` or `precondition_failed`. */
export const changeWebhook = (
  { action, target: { webhookId, ifMatch }, change }: WebhookUpdate,
  context: RequestContext,
  deps: WebhookDependencies,
): Promise<Webhook> =>
  changeEntity(
    {
      action,
      read: () => getTenantWebhook(webhookId, context, deps),
      ifMatch,
      change,
      write: async (entityChange) =>
        (await deps.webhooks.write(entityChange)) === 'written' ? 'written' : 'stale',
    },
    context,
    deps.now,
  );
