import { setTimeout as sleep } from 'node:timers/promises';
import { chargeConsumptionTo, runMetered } from '../../lib/domain/tenants/consumption.ts';

/** Limit on the capacity units per second that a command consumes. */
export interface Pacer {
  /** Measures the units of work. */
  run<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Waits until the limit allows more work, or until the signal. */
  wait(): Promise<void>;
}

export function createPacer(unitsPerSecond: number, signal: AbortSignal): Pacer {
  const startedAtMs = performance.now();
  let spentUnits = 0;
  return {
    run: (work) =>
      runMetered(() => {
        chargeConsumptionTo((units) => {
          spentUnits += units;
        });
        return work();
      }),
    wait: async () => {
      const elapsedMs = performance.now() - startedAtMs;
      const waitMs = Math.max((spentUnits / unitsPerSecond) * 1000 - elapsedMs, 0);
      await sleep(waitMs, undefined, { signal }).catch(() => {});
    },
  };
}
