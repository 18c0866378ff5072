import type { DueMail } from './pending-mail.ts';
import type { DeliveryStore } from '../invitations/delivery-store.ts';

/** What a sweep found: how many were owed a mail, and for how many seconds the one that waits longest still waits. */
export interface SweepResult {
  readonly owed: number;
  readonly oldestSeconds: number;
}

/** The stream is given this long to be quicker. */
const streamGraceMs = 2 * 60 * 1000;
const concurrency = 10;

/**
 * Sends what is owed and the stream has missed, until `deadline` (epoch milliseconds). `deliver` answers for one that is owed
 * still since when it has been (ISO 8601).
 */
export async function sweep(
  deliver: (owed: DueMail) => Promise<string | undefined>,
  deadline: number,
  deps: { readonly deliveries: DeliveryStore; readonly now: () => Date },
): Promise<SweepResult> {
  const start = deps.now().getTime();
  let owed = 0;
  let oldest = start;
  const inFlight = new Set<Promise<void>>();
  try {
    for await (const each of deps.deliveries.listDue(
      new Date(start - streamGraceMs).toISOString(),
    )) {
      owed++;
      if (deps.now().getTime() > deadline) {
        oldest = Math.min(oldest, Date.parse(each.dueAt));
        continue;
      }
      const work = deliver(each).then((since) => {
        if (since !== undefined) oldest = Math.min(oldest, Date.parse(since));
      });
      const done = work.finally(() => inFlight.delete(done));
      inFlight.add(done);
      if (inFlight.size >= concurrency) await Promise.race(inFlight);
    }
  } finally {
    // Also where the index cannot be read to its end: a function that has failed is stopped, and with it what it was at.
    await Promise.all(inFlight);
  }
  return { owed, oldestSeconds: Math.round((start - oldest) / 1000) };
}
