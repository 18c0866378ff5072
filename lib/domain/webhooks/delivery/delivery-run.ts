import type { FeedEvent } from '../../feed/feed-event.ts';
import type { FeedReader } from '../../feed/feed-store.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { DurationMs, EpochMs, Timestamp } from '../../kernel/time.ts';
import type { Lease, Retry, SinkState, SinkStore } from '../../sinks/sink-store.ts';
import type { SendResult, WebhookConnections, WebhookSender } from '../webhook-sender.ts';
import type { DeliveryLog, WebhookStore } from '../webhook-store.ts';
import { includesType, type Webhook } from '../webhook.ts';
import { disableFailingWebhook } from './update-status.ts';
import {
  findDueAt,
  findDueRetry,
  isDelivered,
  isDown,
  isEndpointFailure,
  isFull,
  passEvent,
  queueEvent,
  removeRetry,
  resetAttempts,
  saveDelivery,
  saveFailure,
  saveFullness,
  saveRetryDelivery,
  saveRetryFailure,
} from './progress.ts';
import { disableAfterMs, notifyAfterMs } from './schedule.ts';
import { type DeliveryStep, selectStep } from './select-step.ts';
import { type SendDependencies, sendEvent } from './send-event.ts';
import { buildWebhookNotice, type WebhookNoticeStore } from './webhook-notice.ts';

export interface RunDependencies extends SendDependencies {
  readonly webhooks: Pick<WebhookStore, 'get' | 'write'>;
  readonly sinks: SinkStore;
  readonly feed: Pick<FeedReader, 'readAfter'>;
  readonly connections: WebhookConnections;
  readonly deliveries: Pick<DeliveryLog, 'record'>;
  readonly notices: Pick<WebhookNoticeStore, 'create'>;
  /** False for a suspended or deleted tenant. Strongly consistent. Throws `unavailable`. */
  readonly isTenantActive: (tenantId: Uuid) => Promise<boolean>;
  /** Number between 0 and 1. */
  readonly random: () => number;
  /** Resolves at a time. */
  readonly waitUntil: (timeMs: EpochMs) => Promise<void>;
}

/**
 * End of a run. `done`: no event follows the cursor. `standing`: the endpoint is down or has too
 * many retries. `unfinished`: the deadline came first. `disabled`: the webhook receives nothing.
 * `lost`: the lease ended, so another process may deliver.
 */
export interface RunResult {
  readonly outcome: 'done' | 'standing' | 'unfinished' | 'disabled' | 'lost';
  readonly cursor: number;
  readonly delivered: number;
  readonly failed: number;
  /** Events that expired before their delivery, while the webhook was disabled. */
  readonly expired: number;
}

interface RunInput {
  readonly webhook: Webhook;
  /** False if the webhook is not enabled, or its tenant is suspended or deleted. */
  readonly isActive: boolean;
  readonly state: SinkState;
  readonly lease: Lease;
  readonly deadline: EpochMs;
}

export const leaseMs: DurationMs = 30_000;
/** Time of one attempt with its look-up, and of the writes around it. */
const attemptMs: DurationMs = 15_000;
/** Longest delay for which a run waits: that of the second attempt. */
const maxWaitMs: DurationMs = 6000;
/** A waiting run reads new events in this interval. */
const pollMs: DurationMs = 1000;
/** Events that one query reads. */
const pageSize = 50;
/** Deliveries after which progress is saved. After a crash, they are sent again. */
const saveInterval = 10;
/** Successes in the log per run. It has every failure, because the schedule limits them. */
const maxLoggedSuccesses = 100;

/** Delivers events while the process has the lease of the sink, and releases it. */
export async function runDelivery(input: RunInput, deps: RunDependencies): Promise<RunResult> {
  const sender = deps.connections.open();
  return deliverWithLease(input, { ...deps, sender }).finally(sender.close);
}

async function deliverWithLease(
  {
    webhook: initialWebhook,
    isActive,
    state: initialState,
    lease: initialLease,
    deadline,
  }: RunInput,
  deps: RunDependencies & { readonly sender: WebhookSender },
): Promise<RunResult> {
  const { tenantId, webhookId } = initialWebhook;
  let webhook = initialWebhook;
  let state = initialState;
  let lease = initialLease;
  let page: readonly FeedEvent[] = [];
  /** False after the end of the feed was read. After the release, it is read once more. */
  let hasMore = true;
  let unsaved = 0;
  let delivered = 0;
  let failed = 0;
  let expired = 0;
  let outcome = (isActive ? undefined : 'disabled') as RunResult['outcome'] | undefined;

  const nowMs = (): EpochMs => deps.now().getTime();
  const now = (): Timestamp => deps.now().toISOString();

  /** Saves progress and renews the lease, unless the tenant was suspended during the run. */
  const save = async (): Promise<void> => {
    lease = { ...lease, untilMs: nowMs() + leaseMs };
    unsaved = 0;
    if (!(await deps.sinks.save(state, lease))) outcome = 'lost';
    else if (!(await deps.isTenantActive(tenantId))) outcome = 'disabled';
  };

  const findNext = async (): Promise<FeedEvent | undefined> => {
    page = page.filter(({ sequence }) => sequence > state.cursor);
    if (page.length > 0 || !hasMore) return page[0];
    const result = await deps.feed.readAfter(tenantId, state.cursor, pageSize);
    if ('expired' in result) {
      const cursor = result.expired.oldest - 1;
      expired += cursor - state.cursor;
      state = { ...state, cursor };
      return findNext();
    }
    page = result.events;
    hasMore = result.hasMore;
    return page[0];
  };

  /** Sends an event, unless the lease or the webhook changed. */
  const attempt = async (event: FeedEvent): Promise<SendResult | undefined> => {
    if (lease.untilMs - nowMs() < attemptMs || unsaved >= saveInterval) await save();
    if (outcome) return undefined;
    const current = await deps.webhooks.get(tenantId, webhookId);
    if (current?.status !== 'enabled') {
      outcome = 'disabled';
      return undefined;
    }
    webhook = current;
    return includesType(webhook, event) ? sendEvent(webhook, event, deps) : undefined;
  };

  const record = async (
    { id: eventId, sequence, type }: FeedEvent,
    { attempts, at, result }: { attempts: number; at: Timestamp; result: SendResult },
  ): Promise<void> => {
    const isSuccess = isDelivered(result);
    if (isSuccess) delivered++;
    else failed++;
    unsaved++;
    if (isSuccess && delivered > maxLoggedSuccesses) return;
    const waiting = state.retries.find((retry) => retry.sequence === sequence);
    const nextAt = sequence > state.cursor ? state.dueAt : waiting?.dueAt;
    const { durationMs } = result;
    await deps.deliveries.record(webhook, {
      eventId,
      sequence,
      type,
      at,
      durationMs,
      attempt: attempts,
      ...('status' in result ? { status: result.status } : { error: result.error }),
      ...(isSuccess ? { outcome: 'delivered' } : { outcome: 'failed', nextAt }),
    });
  };

  /** Disables a webhook that failed for too long. Notifies the owner a day after the first failure. */
  const disableIfFailed = async (result: SendResult): Promise<void> => {
    const isGone = 'status' in result && result.status === 410;
    const { failingSince = now() } = state;
    const failingMs = nowMs() - Date.parse(failingSince);
    if (!isGone && failingMs < notifyAfterMs) return;
    const isDisabled = isGone || failingMs >= disableAfterMs;
    const kind = isDisabled ? 'disabled' : 'failing';
    const notice = buildWebhookNotice(webhook, { kind, failingSince, now: now() });
    if (!isDisabled) return deps.notices.create(notice);
    await disableFailingWebhook(webhook, { reason: isGone ? 'gone' : 'failures', notice }, deps);
    outcome = 'disabled';
  };

  const send = async (event: FeedEvent): Promise<void> => {
    const at = now();
    const attempts = state.attempts + 1;
    const result = await attempt(event);
    if (!result) return;
    const change = { result, nowMs: nowMs(), random: deps.random(), order: webhook.order };
    state = isDelivered(result) ? saveDelivery(state, event) : saveFailure(state, event, change);
    await record(event, { attempts, at, result });
    if (isDelivered(result)) return;
    await disableIfFailed(result);
    // The event may be the cause, so an older one shows if the endpoint works.
    const retry = isDown(state) && !isEndpointFailure(result) && findDueRetry(state, now());
    if (retry && !outcome) await resend(retry);
  };

  const resend = async (retry: Retry): Promise<void> => {
    const read = await deps.feed.readAfter(tenantId, retry.sequence - 1, 1);
    const [event] = 'events' in read ? read.events : [];
    if (!event || !includesType(webhook, event)) {
      expired += event ? 0 : 1;
      state = removeRetry(state, retry);
      return;
    }
    const at = now();
    const result = await attempt(event);
    if (!result) return;
    const change = { result, nowMs: nowMs(), random: deps.random() };
    state = isDelivered(result)
      ? saveRetryDelivery(state, retry)
      : saveRetryFailure(state, retry, change);
    await record(event, { attempts: retry.attempts + 1, at, result });
    if (!isDelivered(result)) await disableIfFailed(result);
  };

  /** Waits for an attempt that is due soon, in steps in which new events are read. */
  const wait = async (until: Timestamp | undefined, end: 'done' | 'standing'): Promise<void> => {
    const untilMs = until === undefined ? Infinity : Date.parse(until);
    if (untilMs - nowMs() > maxWaitMs || untilMs >= deadline) {
      outcome = end;
      return;
    }
    if (lease.untilMs - nowMs() < attemptMs) await save();
    await deps.waitUntil(Math.min(untilMs, nowMs() + pollMs));
    hasMore = true;
  };

  const take = async (step: DeliveryStep): Promise<void> => {
    if (step.type === 'send') return send(step.event);
    if (step.type === 'resend') return resend(step.retry);
    if (step.type === 'wait') return wait(step.until, 'done');
    if (step.type === 'stand') {
      if (isFull(state)) state = saveFullness(state, now());
      return wait(step.until, 'standing');
    }
    if (step.type === 'pass') state = passEvent(state, step.event);
    else if (step.type === 'queue') state = queueEvent(state, step.event, now());
    else state = { ...state, attempts: 0, dueAt: undefined };
    return undefined;
  };

  while (!outcome) {
    if (nowMs() >= deadline) outcome = 'unfinished';
    else await take(selectStep(state, await findNext(), { ...webhook, now: now() }));
  }
  if (outcome !== 'lost') {
    if (outcome === 'disabled') state = resetAttempts(state, now());
    const dueAt = outcome === 'unfinished' && !isDown(state) ? now() : findDueAt(state);
    const end = { ...state, dueAt: outcome === 'disabled' ? undefined : dueAt };
    if (!(await deps.sinks.release(end, lease.id))) outcome = 'lost';
  }
  return { outcome, cursor: state.cursor, delivered, failed, expired };
}
