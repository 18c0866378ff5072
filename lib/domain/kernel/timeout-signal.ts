import type { DurationMs } from './time.ts';

/** Signals that end within the same interval are one signal. */
const intervalMs: DurationMs = 100;

/** Signals by the number of the interval at whose end they abort. */
const signals = new Map<number, AbortSignal>();

/**
 * Signal that aborts after a time, or up to 100 ms later. Requests share signals, because a signal
 * of its own would occupy memory until its time is over, long after the response.
 */
export function getTimeoutSignal(ms: DurationMs): AbortSignal {
  const now = performance.now();
  const interval = Math.ceil((now + ms) / intervalMs);
  const existing = signals.get(interval);
  if (existing) return existing;
  const signal = AbortSignal.timeout(Math.ceil(interval * intervalMs - now));
  signal.addEventListener('abort', () => signals.delete(interval));
  signals.set(interval, signal);
  return signal;
}
