/** What can become of a mail on its way into SES, and of its answer on the way back: faults for `aFaultyWayTo` of a stand-in. */
import type { Fault } from './fault-proxy.ts';

/** What SES answers in place of taking the mail, as the SDK hears it. */
const answers =
  (status: number, error: string, message = 'injected'): Fault =>
  ({ answer }) =>
    answer({
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': error },
      body: Buffer.from(JSON.stringify({ message })),
    });

/** More than the account may send in a second. */
export const isThrottled = answers(
  429,
  'TooManyRequestsException',
  'Maximum sending rate exceeded.',
);

/** What SES takes for a virus, or a recipient who is not verified while the account is in the sandbox. */
export const isRejected = answers(400, 'MessageRejected', 'Email address is not verified.');

/** An address or a tag that SES does not take. */
export const isMalformed = answers(400, 'BadRequestException');

/** The account may no longer send at all. */
export const isSuspended = answers(400, 'AccountSuspendedException');

/** SES has a bad day. */
export const fails = answers(500, 'InternalServiceErrorException');

export const exceedsDailyQuota = answers(
  429,
  'TooManyRequestsException',
  'Daily message quota exceeded.',
);

/** A sending rate: so many mails in each second of the clock, and no more. */
export function acceptsPerSecond(rate: number, now: () => Date) {
  const accepted = new Map<number, number>();
  return ({ operation }: { readonly operation: string }): Fault | undefined => {
    if (!operation.includes('emails')) return undefined;
    const second = Math.floor(now().getTime() / 1000);
    const count = (accepted.get(second) ?? 0) + 1;
    accepted.set(second, count);
    return count > rate ? isThrottled : undefined;
  };
}
