import type { EpochMs } from '../kernel/time.ts';
import type { Mailer } from './mail.ts';

const initialDelayMs = 500;
const maxDelayMs = 8_000;
const maxTries = 12;
const slowdownFactor = 2;
const recoveryFactor = 0.9;
/** Longest interval between mails, as a multiple of the shortest. */
const maxSlowdown = 16;

interface Dependencies {
  /** Sending rate of this process. Concurrent processes share the rate of the AWS account. */
  readonly perSecond: number;
  readonly now: () => Date;
  /** Resolves at a time. */
  readonly waitUntil: (timeMs: EpochMs) => Promise<void>;
}

/**
 * Spaces mails evenly at a rate, and retries a mail that SES throttles until its deadline. SES does
 * not send throttled mails, so a retry sends no copy. Delays double with jitter. A throttled mail
 * halves the rate and a sent one raises it, so concurrent processes share the rate of the account.
 */
export function createPacedMailer(
  mailer: Pick<Mailer, 'send'>,
  { perSecond, now, waitUntil }: Dependencies,
): Mailer {
  const minIntervalMs = 1000 / perSecond;
  let intervalMs = minIntervalMs;
  let nextTurnMs: EpochMs = 0;
  let latestMs: EpochMs = 0;

  const adaptRate = (factor: number) => {
    const nextMs = Math.max(minIntervalMs, intervalMs * factor);
    intervalMs = Math.min(nextMs, maxSlowdown * minIntervalMs);
  };

  const getTurn = (nowMs: EpochMs): EpochMs => {
    // A clock that is set back must not delay mails until it has caught up.
    nextTurnMs -= Math.max(0, latestMs - nowMs);
    latestMs = nowMs;
    return Math.max(nextTurnMs, nowMs);
  };

  return {
    hasTurn: (deadline) => getTurn(now().getTime()) <= deadline,

    async waitForTurn(deadline) {
      const nowMs = now().getTime();
      const turnMs = getTurn(nowMs);
      if (turnMs > deadline) return false;
      nextTurnMs = turnMs + intervalMs;
      if (turnMs > nowMs) await waitUntil(turnMs);
      return true;
    },

    async send(mail, deadline) {
      for (let tries = 1; ; tries++) {
        const outcome = await mailer.send(mail, deadline);
        const isThrottled = 'throttled' in outcome && outcome.throttled === 'rate';
        adaptRate(isThrottled ? slowdownFactor : recoveryFactor);
        if (!isThrottled || tries === maxTries) return outcome;
        const delayMs =
          Math.min(initialDelayMs * 2 ** (tries - 1), maxDelayMs) * (0.5 + Math.random());
        const nextMs = now().getTime() + delayMs;
        if (nextMs > deadline) return outcome;
        await waitUntil(nextMs);
      }
    },
  };
}

/** Delay after a mail exceeded the sending rate or the daily quota. It does not increase. */
export const throttleDelayMs = { rate: 30_000, quota: 10 * 60_000 } as const;
