import type { Mailer } from './mail.ts';

const firstDelayMs = 500;
const maxDelayMs = 8_000;
const maxTries = 12;

interface Dependencies {
  readonly now: () => Date;
  /** Resolves at this time (epoch milliseconds). */
  readonly waitUntil: (timeMs: number) => Promise<void>;
}

/**
 * Repeats what SES refuses because of its sending rate within seconds, as long as the deadline of the mail allows. Such a mail has not gone
 * out, so none goes out twice. Delays double with a random part, so concurrent senders settle on the rate of the account.
 */
export const createPacedMailer = (mailer: Mailer, { now, waitUntil }: Dependencies): Mailer => ({
  async send(mail, deadline) {
    for (let tries = 1; ; tries++) {
      const outcome = await mailer.send(mail, deadline);
      if (!('throttled' in outcome) || outcome.throttled === 'quota' || tries === maxTries)
        return outcome;
      const delayMs = Math.min(firstDelayMs * 2 ** (tries - 1), maxDelayMs) * (0.5 + Math.random());
      const next = now().getTime() + delayMs;
      if (next > deadline) return outcome;
      await waitUntil(next);
    }
  },
});

/** Time until a mail is tried again that SES refused for its sending rate or its daily quota. Neither is an attempt, and neither backs off. */
export const throttleDelayMs = { rate: 30_000, quota: 10 * 60_000 } as const;
