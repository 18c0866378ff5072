import { randomUUID } from 'node:crypto';
import type { Context } from 'aws-lambda';
import { accountId } from './request-event.ts';

/** A Lambda function that runs in this process. */
export interface LocalFunction {
  readonly name: string;
  readonly handler: (event: never, context: Context) => unknown;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

/** In place of what a function returned: its time was up. */
export const timedOut = Symbol('timed out');

export const functionArn = (name: string) => `arn:aws:lambda:local:${accountId}:function:${name}`;

/** What a function returns for an event, or `timedOut`. Waits for as long as the function may take, or less. Rejects with what it throws. */
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
  } as Context; // done, fail and succeed are Node 0.10's, and no longer in the runtime

  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<typeof timedOut>((resolve) => {
    timer = setTimeout(() => resolve(timedOut), Math.min(timeoutMs, waitMs));
  });
  const returned = (async () => handler(event as never, context))();
  try {
    return await Promise.race([returned, timeUp]);
  } finally {
    clearTimeout(timer);
    returned.catch(() => {}); // a failure after the time-out has nobody left to tell
  }
}
