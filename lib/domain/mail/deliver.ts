import { Failure } from '../kernel/failure.ts';
import type { DurationMs, EpochMs } from '../kernel/time.ts';
import type { Mailer, MailOutcome } from './mail.ts';
import type { DeliveryOutcome, MailJob } from './mail-job.ts';
import { throttleDelayMs } from './paced-mailer.ts';
import type { MailState } from './pending-mail.ts';

/** Result of one run of a mail job. `not now` if another run leases the mail or it is not due. */
export type DeliveryResult = DeliveryOutcome['result'] | 'not now';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
/**
 * Time after the deadline to save an outcome. It covers the slowest response of SES, because a sent
 * mail without a saved outcome is sent again.
 */
export const saveReserveMs = 14 * secondMs;
/** Longer than a function can run. */
const leaseMs = 2 * minuteMs;
/** An attempt with an unknown outcome may have sent the mail, so at most 2 copies go out. */
const maxUnknownAttempts = 2;
const initialBackoffMs = 5 * minuteMs;
const maxBackoffMs = 6 * 60 * minuteMs;

/**
 * Sends a due mail: leases it, sends it and saves the outcome. Safe to call repeatedly and
 * concurrently. Sends nothing after the deadline, and saves an outcome within `saveReserveMs` after
 * it. Throws `unavailable` if the mail was not sent or its outcome not saved. It is then still due.
 */
export async function deliver<State extends MailState>(
  job: MailJob<State>,
  deadline: EpochMs,
  deps: { readonly now: () => Date; readonly mailer: Mailer },
): Promise<DeliveryResult> {
  const { state } = job;
  const now = deps.now();
  const save = async (next: State, outcome: DeliveryOutcome): Promise<DeliveryResult> =>
    (await job.save(next, outcome, deadline + saveReserveMs)) ? outcome.result : 'not now';

  if (state.notBefore !== undefined && now.getTime() < Date.parse(state.notBefore))
    return 'not now';
  const end = job.findEnd(now);
  if (end) return save(state, end);
  if (state.attempts >= maxUnknownAttempts)
    return save(state, { result: 'failed', reason: 'unknown' });
  const preparation = await job.prepare(now);
  if (preparation === 'not now') return preparation;
  if ('result' in preparation) return save(state, preparation);
  const hasTurn = await deps.mailer.waitForTurn(deadline);
  if (!hasTurn || deps.now().getTime() > deadline)
    throw new Failure('unavailable', 'No time is left to send an email');

  // After the turn, because a mail without one is not sent, and before the lease, because an
  // unavailable limit must not cost an attempt.
  const limit = state.isCounted ? undefined : await job.consumeLimit?.(deps.now());
  if (limit) {
    const dueAt = new Date(limit.availableAt);
    return save(state, { result: 'deferred', reason: 'limit', dueAt });
  }
  const attempt: State = {
    ...state,
    ...preparation.fields,
    attempts: state.attempts + 1,
    notBefore: new Date(deps.now().getTime() + leaseMs).toISOString(),
  };
  const leasedState = await job.lease(attempt, deadline);
  if (!leasedState) return 'not now';
  const outcome = await deps.mailer.send(preparation.mail, deadline);
  return save(...toNextState(outcome, leasedState, deps.now()));
}

/** Returns the state after an attempt, and its outcome. */
function toNextState<State extends MailState>(
  outcome: MailOutcome,
  state: State,
  now: Date,
): [State, DeliveryOutcome] {
  const addDelay = (delayMs: DurationMs) => new Date(now.getTime() + delayMs);
  if ('messageId' in outcome) {
    const { messageId } = outcome;
    return [
      { ...state, rejections: 0, isCounted: undefined },
      { result: 'sent', messageId },
    ];
  }
  if ('unknown' in outcome) {
    const uncountedState = { ...state, isCounted: undefined };
    const reason = outcome.unknown;
    return state.attempts >= maxUnknownAttempts
      ? [uncountedState, { result: 'failed', reason }]
      : [uncountedState, { result: 'unknown', reason, dueAt: addDelay(minuteMs) }];
  }
  const { reason } = outcome;
  if ('rejected' in outcome && outcome.rejected === 'permanent')
    return [state, { result: 'failed', reason }];
  // A rejected mail was not sent, so it does not count as an attempt.
  const unsentState = { ...state, attempts: state.attempts - 1, isCounted: true };
  if ('throttled' in outcome) {
    const result = outcome.throttled === 'rate' ? 'throttled' : 'rejected';
    return [unsentState, { result, reason, dueAt: addDelay(throttleDelayMs[outcome.throttled]) }];
  }
  const backoffMs = Math.min(initialBackoffMs * 2 ** state.rejections, maxBackoffMs);
  return [
    { ...unsentState, rejections: state.rejections + 1 },
    { result: 'rejected', reason, dueAt: addDelay(backoffMs) },
  ];
}
