import type { DurationMs, EpochMs } from '../../kernel/time.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;

/** Delays after the first, second and further failed attempts: 10 attempts in about 76 hours. */
const delaysMs: readonly DurationMs[] = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];
/** Attempts to deliver one event. */
export const maxAttempts = delaysMs.length + 1;
const maxDelayMs: DurationMs = 24 * hourMs;
/** Spreads the attempts of endpoints that failed together. */
const jitter = 0.2;

/** Time without a success after which the owner of the tenant is notified. */
export const notifyAfterMs: DurationMs = 24 * hourMs;
/** Time without a success after which the webhook is disabled. */
export const disableAfterMs: DurationMs = 120 * hourMs;

interface DelayInput {
  /** Failed attempts, at least 1. */
  readonly attempts: number;
  /** Value of the header `Retry-After` (RFC 9110 §10.2.3). */
  readonly retryAfter?: string | undefined;
  readonly nowMs: EpochMs;
  /** Between 0 and 1. */
  readonly random: number;
}

/** Computes the time of the next attempt. `retryAfter` can delay it up to 24 hours. */
export function getNextAttemptAtMs({ attempts, retryAfter, nowMs, random }: DelayInput): EpochMs {
  const delayMs = delaysMs[attempts - 1] ?? maxDelayMs;
  const spreadMs = delayMs * (1 - jitter + 2 * jitter * random);
  return nowMs + Math.max(spreadMs, Math.min(parseRetryAfterMs(retryAfter, nowMs), maxDelayMs));
}

/** Parses seconds or a date. Zero for other values. */
function parseRetryAfterMs(value = '', nowMs: EpochMs): DurationMs {
  if (/^\d{1,10}$/.test(value)) return Number(value) * secondMs;
  const dateMs = value.endsWith('GMT') ? Date.parse(value) : NaN;
  return Number.isNaN(dateMs) ? 0 : Math.max(0, dateMs - nowMs);
}
