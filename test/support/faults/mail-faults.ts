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
export const throttleMail = answers(
  429,
  'TooManyRequestsException',
  'Maximum sending rate exceeded.',
);

/** Rejects the mail as a virus, or its recipient as unverified in the sandbox. */
export const rejectMail = answers(400, 'MessageRejected', 'Email address is not verified.');

/** Rejects an address or a tag. */
export const returnMalformed = answers(400, 'BadRequestException');

/** Suspends sending for the account. */
export const suspendSending = answers(400, 'AccountSuspendedException');

/** Internal error of SES. */
export const failMail = answers(500, 'InternalServiceErrorException');

export const exceedDailyQuota = answers(
  429,
  'TooManyRequestsException',
  'Daily message quota exceeded.',
);

/** Accepts a number of mails per second of the test clock. */
export function limitMailRate(rate: number, now: () => Date) {
  const accepted = new Map<number, number>();
  return ({ operation }: { readonly operation: string }): Fault | undefined => {
    if (!operation.includes('emails')) return undefined;
    const second = Math.floor(now().getTime() / 1000);
    const count = (accepted.get(second) ?? 0) + 1;
    accepted.set(second, count);
    return count > rate ? throttleMail : undefined;
  };
}
