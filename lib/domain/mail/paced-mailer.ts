import type { EpochMs } from '../kernel/time.ts';
import type { Mailer } from './mail.ts';

const initialDelayMs = 500;
const maxDelayMs = 8_000;
const maxTries = 12;

interface Dependencies {
  readonly now: () => Date;
  /** Resolves at a time. */
  readonly waitUntil: (timeMs: EpochMs) => Promise<void>;
}

/**
 * Retries a mail that exceeds the sending rate of SES until its deadline. SES has not sent such a
 * mail, so none goes out twice. Delays double with jitter, so concurrent senders adapt to the rate.
 */
export const createPacedMailer = (mailer: Mailer, { now, waitUntil }: Dependencies): Mailer => ({
  async send(mail, deadline) {
    for (let tries = 1; ; tries++) {
      const outcome = await mailer.send(mail, deadline);
      if (!('throttled' in outcome) || outcome.throttled === 'quota' || tries === maxTries)
        return outcome;
      const delayMs =
        Math.min(initialDelayMs * 2 ** (tries - 1), maxDelayMs) * (0.5 + Math.random());
      const nextMs = now().getTime() + delayMs;
      if (nextMs > deadline) return outcome;
      await waitUntil(nextMs);
    }
  },
});

/** Delay after a mail exceeded the sending rate or the daily quota. It does not increase. */
export const throttleDelayMs = { rate: 30_000, quota: 10 * 60_000 } as const;
