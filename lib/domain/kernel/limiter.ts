import { Failure } from './failure.ts';

/** Runs a limited number of tasks at a time. Further tasks wait in order. */
export type Limiter = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Creates a limiter that throws `unavailable` above `maxQueueLength` waiting tasks. */
export function createLimiter(concurrency: number, maxQueueLength: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= concurrency) {
      if (waiting.length >= maxQueueLength)
        throw new Failure('unavailable', 'Too many requests are waiting. Try again.');
      // A finishing task passes its slot on, so no new task can take it first.
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
