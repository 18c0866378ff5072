import { Failure } from './failure.ts';

/** Lets only so many pieces of work run at a time; others wait their turn. */
export type Limiter = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** `width` at a time, and at most `longestQueue` that wait: who comes after them is refused with `unavailable`. */
export function createLimiter(concurrency: number, maxQueueLength: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= concurrency) {
      if (waiting.length >= maxQueueLength)
        throw new Failure('unavailable', 'Too much is waiting to be computed right now');
      // Whoever leaves hands over the place, so that nobody slips in between.
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else running++;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
