import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { accountId } from './request-event.ts';

/** Lambda function that runs in this process. */
export interface LocalFunction {
  readonly name: string;
  readonly handler: (event: never, context: Context) => unknown;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** Result of a function that timed out. */
export const timedOut = Symbol('timed out');

export const functionArn = (name: string) => `arn:aws:lambda:local:${accountId}:function:${name}`;

/**
 * Invokes a function. Returns its result, or `timedOut` after its timeout or `waitMs`. Rejects with
 * the error that it throws.
 */
export async function invoke(
  { name, handler, timeoutMs, memoryMb }: LocalFunction,
  event: unknown,
  waitMs = timeoutMs,
): Promise<unknown> {
  const deadline = performance.now() + timeoutMs;
  const context = {
    awsRequestId: randomUUID(),
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: functionArn(name),
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  } as Context;

  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<typeof timedOut>((resolve) => {
    timer = setTimeout(() => resolve(timedOut), Math.min(timeoutMs, waitMs));
  });
  const returned = (async () => handler(event as never, context))();
  try {
    return await Promise.race([returned, timeUp]);
  } finally {
    clearTimeout(timer);
    returned.catch(() => {}); // The caller has already received the timeout.
  }
}
