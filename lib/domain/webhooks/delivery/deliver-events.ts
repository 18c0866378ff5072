import type { Uuid } from '../../kernel/ids.ts';
import type { EpochMs } from '../../kernel/time.ts';
import type { SinkState } from '../../sinks/sink-store.ts';
import type { Webhook } from '../webhook.ts';
import { leaseMs, type RunDependencies, runDelivery, type RunResult } from './delivery-run.ts';
import { isDown } from './progress.ts';

export interface DeliveryDependencies extends RunDependencies {
  readonly createId: () => Uuid;
}

/**
 * Result of a delivery. `inactive`: the webhook or its tenant receives nothing. `waiting`: the endpoint is down.
 * `leased`: another process delivers.
 */
export type DeliveryResult = Pick<RunResult, 'delivered' | 'failed' | 'expired'> & {
  readonly outcome: RunResult['outcome'] | 'inactive' | 'waiting' | 'leased';
};

/**
 * Delivers the events after the cursor of a webhook until all are delivered, the endpoint is down,
 * or the deadline. Safe to call repeatedly and concurrently. Throws `unavailable`. The events are
 * then still due.
 */
export async function deliverEvents(
  { tenantId, webhookId }: Pick<Webhook, 'tenantId' | 'webhookId'>,
  deadline: EpochMs,
  deps: DeliveryDependencies,
): Promise<DeliveryResult> {
  const sink = { tenantId, sinkId: webhookId };
  const [webhook, current, isTenantActive] = await Promise.all([
    deps.webhooks.get(tenantId, webhookId),
    deps.sinks.get(sink),
    deps.isTenantActive(tenantId),
  ]);
  if (!webhook) {
    if (current) await deps.sinks.remove(sink);
    return notStarted('inactive');
  }
  const nowMs = deps.now().getTime();
  const isActive = webhook.status === 'enabled' && isTenantActive;
  // A run for an inactive webhook ends its attempts.
  if (!isActive && current?.dueAt === undefined) return notStarted('inactive');
  if (isActive && isWaiting(current, nowMs)) return notStarted('waiting');
  const lease = { id: deps.createId(), untilMs: nowMs + leaseMs };
  const state = await deps.sinks.acquire(sink, lease, webhook.startAfter);
  if (!state) return notStarted('leased');
  const result = await runDelivery({ webhook, isActive, state, lease, deadline }, deps);
  if (result.outcome !== 'done') return result;
  // An event that arrived during the lease started no other delivery.
  const page = await deps.feed.readAfter(tenantId, result.cursor, 1);
  if ('events' in page && page.events.length === 0) return result;
  return add(result, await deliverEvents(webhook, deadline, deps));
}

const notStarted = (outcome: 'inactive' | 'waiting' | 'leased'): DeliveryResult => ({
  outcome,
  delivered: 0,
  failed: 0,
  expired: 0,
});

const isWaiting = (state: SinkState | undefined, nowMs: EpochMs): boolean =>
  state?.dueAt !== undefined && isDown(state) && Date.parse(state.dueAt) > nowMs;

const add = (first: DeliveryResult, { outcome, ...second }: DeliveryResult): DeliveryResult => ({
  outcome,
  delivered: first.delivered + second.delivered,
  failed: first.failed + second.failed,
  expired: first.expired + second.expired,
});
