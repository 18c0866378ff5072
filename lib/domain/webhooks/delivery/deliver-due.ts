import type { Uuid } from '../../kernel/ids.ts';
import type { DurationMs, EpochMs } from '../../kernel/time.ts';
import type { SinkKey } from '../../sinks/sink-store.ts';
import { type DeliveryDependencies, type DeliveryResult, deliverEvents } from './deliver-events.ts';
import type { WebhookStore } from '../webhook-store.ts';

interface Dependencies extends DeliveryDependencies {
  readonly webhooks: DeliveryDependencies['webhooks'] & Pick<WebhookStore, 'list'>;
  /** Called after each delivery, with its result or error. */
  readonly onDelivery: (sink: SinkKey, result: DeliveryResult | undefined, error?: unknown) => void;
}

/** Tenants whose webhooks the sweep serves at the same time. */
const concurrency = 20;

/**
 * Delivers to all webhooks of a tenant at the same time, so an endpoint waits for no other. Throws
 * the first error after all deliveries have ended.
 */
export async function deliverToTenant(
  tenantId: Uuid,
  deadline: EpochMs,
  deps: Dependencies,
): Promise<void> {
  const webhooks = await deps.webhooks.list(tenantId);
  const sinks = webhooks
    .filter(({ status }) => status === 'enabled')
    .map(({ webhookId }) => ({ tenantId, sinkId: webhookId }));
  const errors = await deliverToSinks(sinks, deadline, deps);
  if (errors.length > 0) throw errors[0];
}

/** Delivers to all sinks, and returns the errors. */
async function deliverToSinks(
  sinks: readonly SinkKey[],
  deadline: EpochMs,
  deps: Dependencies,
): Promise<readonly unknown[]> {
  const deliver = async (sink: SinkKey) => {
    const key = { tenantId: sink.tenantId, webhookId: sink.sinkId };
    try {
      deps.onDelivery(sink, await deliverEvents(key, deadline, deps));
    } catch (error) {
      deps.onDelivery(sink, undefined, error);
      throw error;
    }
  };
  const results = await Promise.allSettled(sinks.map(deliver));
  return results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
}

export interface SweepResult {
  /** Time since the sink that is due longest became due. */
  readonly oldestMs: DurationMs;
}

/**
 * Delivers to the webhooks that are due: failed events, and events that earlier runs left. Starts
 * no tenant after the deadline. An error leaves its webhook due.
 */
export async function sweepWebhooks(deadline: EpochMs, deps: Dependencies): Promise<SweepResult> {
  const now = deps.now();
  const due: (SinkKey & { readonly dueAt: string })[] = [];
  for await (const sink of deps.sinks.listDue('WEBHOOKS', now.toISOString())) due.push(sink);
  const tenants = Map.groupBy(due, ({ tenantId }) => tenantId).values();
  const serve = async () => {
    for (const sinks of tenants) {
      if (deps.now().getTime() >= deadline) return;
      await deliverToSinks(sinks, deadline, deps);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, serve));
  const [oldest] = due;
  return {
    oldestMs: oldest ? now.getTime() - Date.parse(oldest.dueAt) : 0,
  };
}
