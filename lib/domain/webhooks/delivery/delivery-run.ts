import type { FeedEvent } from '../../feed/feed-event.ts';
import type { FeedReader } from '../../feed/feed-store.ts';
import type { Uuid } from '../../kernel/ids.ts';
import type { DurationMs, EpochMs, Timestamp } from '../../kernel/time.ts';
import type { Lease, Retry, SinkState, SinkStore } from '../../sinks/sink-store.ts';
import type { SendResult, WebhookConnections, WebhookSender } from '../webhook-sender.ts';
import type { DeliveryLog, WebhookStore } from '../webhook-store.ts';
import { type DeliveryAttempt, includesType, type Webhook } from '../webhook.ts';
import { type Attempt, toLogEntry } from './attempt.ts';
import { saveGroup, selectGroup } from './event-group.ts';
import { disableFailingWebhook } from './update-status.ts';
import {
  findDueAt,
  findDueRetry,
  isDelivered,
  isDown,
  isEndpointFailure,
  isFull,
  isGone,
  passEvent,
  queueEvent,
  removeRetry,
  resetAttempts,
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
/** Requests that run at the same time, and those that a crash repeats at most. */
const maxRequests = 10;
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
  const unlogged: DeliveryAttempt[] = [];
  /** Requests of the next group. Doubles while the endpoint accepts all. */
  let groupSize = 1;
  /** True until the webhook that was read before the run is outdated. */
  let isCurrent = true;
  let delivered = 0;
  let failed = 0;
  let expired = 0;
  let outcome = (isActive ? undefined : 'disabled') as RunResult['outcome'] | undefined;

  const nowMs = (): EpochMs => deps.now().getTime();
  const now = (): Timestamp => deps.now().toISOString();

  const saveLog = (): Promise<void> => deps.deliveries.record(webhook, unlogged.splice(0));

  /** Saves progress and the log, and renews the lease. */
  const save = async (): Promise<void> => {
    lease = { ...lease, untilMs: nowMs() + leaseMs };
    unsaved = 0;
    const [isSaved] = await Promise.all([deps.sinks.save(state, lease), saveLog()]);
    if (!isSaved) outcome = 'lost';
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

  const isLeaseShort = () => lease.untilMs - nowMs() < attemptMs;

  /** Prepares requests. False if the lease is lost, or the webhook or its tenant is not active. */
  const prepare = async (requests: number): Promise<boolean> => {
    const [current, isTenantActive] = await Promise.all([
      isCurrent ? webhook : deps.webhooks.get(tenantId, webhookId),
      isCurrent || deps.isTenantActive(tenantId),
      isLeaseShort() || unsaved + requests > maxRequests ? save() : undefined,
    ]);
    isCurrent = false;
    if (outcome) return false;
    if (current?.status === 'enabled' && isTenantActive) webhook = current;
    else outcome = 'disabled';
    return outcome === undefined;
  };

  const attempt = async (event: FeedEvent): Promise<Attempt> => {
    const at = now();
    return { event, at, result: await sendEvent(webhook, event, deps) };
  };

  /** Sends events in order until one fails or the time ends. */
  const sendLane = async (lane: readonly FeedEvent[], attempts: Attempt[]): Promise<void> => {
    for (const event of lane) {
      const latest = await attempt(event);
      attempts.push(latest);
      if (!isDelivered(latest.result) || isLeaseShort() || nowMs() >= deadline) return;
    }
  };

  const findNextAttempt = ({ event: { sequence } }: Attempt): Timestamp | undefined =>
    sequence > state.cursor
      ? state.dueAt
      : state.retries.find((retry) => retry.sequence === sequence)?.dueAt;

  /** Counts requests, which had this number for their events, and adds them to the log. */
  const record = (attempts: readonly Attempt[], number: number): void => {
    const failures = attempts.filter(({ result }) => !isDelivered(result));
    const successes = attempts.filter(({ result }) => isDelivered(result));
    const logged = successes.slice(0, Math.max(0, maxLoggedSuccesses - delivered));
    delivered += successes.length;
    failed += failures.length;
    unsaved += attempts.length;
    groupSize = failures.length > 0 ? 1 : Math.min(2 * groupSize, maxRequests);
    const toEntry = (each: Attempt) => toLogEntry(each, { number, nextAt: findNextAttempt(each) });
    unlogged.push(...[...logged, ...failures].map(toEntry));
  };

  /** Disables a webhook that failed for too long. Notifies the owner a day after the first failure. */
  const disableIfFailed = async (result: SendResult): Promise<void> => {
    const { failingSince = now() } = state;
    const failingMs = nowMs() - Date.parse(failingSince);
    if (!isGone(result) && failingMs < notifyAfterMs) return;
    const isDisabled = isGone(result) || failingMs >= disableAfterMs;
    const kind = isDisabled ? 'disabled' : 'failing';
    const notice = buildWebhookNotice(webhook, { kind, failingSince, now: now() });
    if (!isDisabled) return deps.notices.create(notice);
    await disableFailingWebhook(
      webhook,
      { reason: isGone(result) ? 'gone' : 'failures', notice },
      deps,
    );
    outcome = 'disabled';
  };

  const select = (max: number) => selectGroup(state, page, { ...webhook, maxRequests: max });

  const send = async (): Promise<void> => {
    const planned = select(groupSize).lanes.flat().length;
    if (!(await prepare(planned))) return;
    // The types of the webhook can be others now.
    const group = select(planned);
    const attempts: Attempt[] = [];
    const lanes = await Promise.allSettled(group.lanes.map((lane) => sendLane(lane, attempts)));
    const error = lanes.find((lane) => lane.status === 'rejected');
    if (error) throw error.reason;
    const number = state.attempts + 1;
    const { types, order } = webhook;
    const outcomes = { attempts, types, order, nowMs: nowMs(), random: deps.random() };
    state = saveGroup(state, group, outcomes);
    record(attempts, number);
    const failures = attempts.map(({ result }) => result).filter((result) => !isDelivered(result));
    const failure = failures.find(isGone) ?? failures[0];
    if (!failure) return;
    await disableIfFailed(failure);
    // The event may be the cause, so an older one shows if the endpoint works.
    const isRefused = failures.some(isEndpointFailure);
    const retry = isDown(state) && !isRefused && findDueRetry(state, now());
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
    if (!(await prepare(1)) || !includesType(webhook, event)) return;
    const latest = await attempt(event);
    const { result } = latest;
    const change = { result, nowMs: nowMs(), random: deps.random() };
    state = isDelivered(result)
      ? saveRetryDelivery(state, retry)
      : saveRetryFailure(state, retry, change);
    record([latest], retry.attempts + 1);
    if (!isDelivered(result)) await disableIfFailed(result);
  };

  /** Waits for an attempt that is due soon, in steps in which new events are read. */
  const wait = async (until: Timestamp | undefined, end: 'done' | 'standing'): Promise<void> => {
    const untilMs = until === undefined ? Infinity : Date.parse(until);
    if (untilMs - nowMs() > maxWaitMs || untilMs >= deadline) {
      outcome = end;
      return;
    }
    await (isLeaseShort() ? save() : saveLog());
    await deps.waitUntil(Math.min(untilMs, nowMs() + pollMs));
    hasMore = true;
    isCurrent = false;
  };

  const take = async (step: DeliveryStep): Promise<void> => {
    if (step.type === 'send') return send();
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
  if (outcome === 'lost') await saveLog();
  else {
    if (outcome === 'disabled') state = resetAttempts(state, now());
    const dueAt = outcome === 'unfinished' && !isDown(state) ? now() : findDueAt(state);
    const end = { ...state, dueAt: outcome === 'disabled' ? undefined : dueAt };
    const [isReleased] = await Promise.all([deps.sinks.release(end, lease.id), saveLog()]);
    if (!isReleased) outcome = 'lost';
  }
  return { outcome, cursor: state.cursor, delivered, failed, expired };
}
