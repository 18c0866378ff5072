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
export function invoke(
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

  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const timer = setTimeout(() => resolve(timedOut), Math.min(timeoutMs, waitMs));
  // After the timeout, a result or an error has no effect.
  Promise.try(handler, event as never, context).then(resolve, reject);
  return promise.finally(() => clearTimeout(timer));
}
