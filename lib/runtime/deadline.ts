import type { DurationMs, EpochMs } from '../domain/kernel/time.ts';

/** Time to resolve the unknown outcome of a write and to respond. */
const reserveMs = 1000;

/** Time at which an operation gives up, given the time until Lambda stops the function. */
export const getDeadline = (now: Date, remainingMs: DurationMs): EpochMs =>
  now.getTime() + remainingMs - reserveMs;
