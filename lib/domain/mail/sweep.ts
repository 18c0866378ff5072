import type { EpochMs } from '../kernel/time.ts';
import type { Mailer } from './mail.ts';
import type { DueMail } from './pending-mail.ts';
import type { DeliveryStore } from '../invitations/delivery-store.ts';

export interface SweepResult {
  readonly dueCount: number;
  /** Age of the oldest mail that is still due. */
  readonly oldestSeconds: number;
}

/** Time for the stream to deliver a mail first. */
const streamGraceMs = 2 * 60 * 1000;
const concurrency = 10;

/**
 * Delivers due mails that the stream missed, until the deadline. Starts no mail whose turn is later,
 * because `deliver` would prepare it and fail. `deliver` returns the time at which a mail became
 * due, if it is still due.
 */
export async function sweep(
  deliver: (mail: DueMail) => Promise<string | undefined>,
  deadline: EpochMs,
  deps: {
    readonly deliveries: DeliveryStore;
    readonly mailer: Pick<Mailer, 'hasTurn'>;
    readonly now: () => Date;
  },
): Promise<SweepResult> {
  const startMs = deps.now().getTime();
  let dueCount = 0;
  let oldestMs = startMs;
  const inFlight = new Set<Promise<void>>();
  try {
    for await (const mail of deps.deliveries.listDue(
      new Date(startMs - streamGraceMs).toISOString(),
    )) {
      dueCount++;
      if (!deps.mailer.hasTurn(deadline)) {
        oldestMs = Math.min(oldestMs, Date.parse(mail.dueAt));
        continue;
      }
      const work = deliver(mail).then((since) => {
        if (since !== undefined) oldestMs = Math.min(oldestMs, Date.parse(since));
      });
      const done = work.finally(() => inFlight.delete(done));
      inFlight.add(done);
      if (inFlight.size >= concurrency) await Promise.race(inFlight);
    }
  } finally {
    // Even if reading the index fails, because a failed function is stopped with mails in flight.
    await Promise.all(inFlight);
  }
  return { dueCount, oldestSeconds: Math.round((startMs - oldestMs) / 1000) };
}
