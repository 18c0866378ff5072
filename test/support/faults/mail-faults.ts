/** Faults of SES for `createFaultProxy`: rejected mails and lost responses. */
import type { Fault } from './fault-proxy.ts';

/** Error response of SES in the format of the SDK. */
const answers =
  (status: number, error: string, message = 'injected'): Fault =>
  ({ answer }) =>
    answer({
      status,
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': error },
      body: Buffer.from(JSON.stringify({ message })),
    });

/** Exceeds the sending rate of the account. */
export const isThrottled = answers(
  429,
  'TooManyRequestsException',
  'Maximum sending rate exceeded.',
);

/** Rejects the mail as a virus, or its recipient as unverified in the sandbox. */
export const isRejected = answers(400, 'MessageRejected', 'Email address is not verified.');

/** Rejects an address or a tag. */
export const isMalformed = answers(400, 'BadRequestException');

/** Suspends sending for the account. */
export const isSuspended = answers(400, 'AccountSuspendedException');

/** Internal error of SES. */
export const fails = answers(500, 'InternalServiceErrorException');

export const exceedsDailyQuota = answers(
  429,
  'TooManyRequestsException',
  'Daily message quota exceeded.',
);

/** Accepts a number of mails per second of the test clock. */
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
