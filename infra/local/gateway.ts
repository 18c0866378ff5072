import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { type GatewayAnswer, gatewayAnswer, toAnswer } from './answer.ts';
import { type CorsConfiguration, preflight, withCors } from './cors.ts';
import { accountId, decodePath, type GatewayRequest, toEvent } from './event.ts';
import { createRouter, type Routed } from './routing.ts';

/** A Lambda function that runs in this process. */
export interface LocalFunction {
  readonly name: string;
  readonly handler: (event: APIGatewayProxyEventV2, context: Context) => unknown;
  readonly timeoutMs: number;
  readonly memoryMb: number;
}

export interface GatewayOptions {
  readonly routes: readonly Routed<LocalFunction>[];
  readonly cors?: CorsConfiguration | undefined;
  /** Told when a function fails in a way that its caller does not get to see. */
  readonly onFailure?: (functionName: string, error: unknown) => void;
}

/** The longest that an HTTP API waits for a function. */
const integrationTimeoutMs = 30_000;

/** What a function may be sent at most, in bytes of JSON. */
const eventLimit = 6 * 1024 * 1024;

/**
 * An API Gateway HTTP API in front of functions in this process: routes, events and answers as AWS makes them, its own
 * errors included.
 */
export function createGateway({ routes, cors, onFailure = () => {} }: GatewayOptions): (request: GatewayRequest) => Promise<GatewayAnswer> {
  const findRoute = createRouter(routes);

  const answer = async (request: GatewayRequest): Promise<GatewayAnswer> => {
    const path = decodePath(request.target.split('?', 1)[0] ?? '');
    if (path === undefined || !path.startsWith('/')) return gatewayAnswer(400, 'Bad Request');
    const match = findRoute(request.method, path);
    if (match === undefined) return gatewayAnswer(404, 'Not Found');
    const event = toEvent(request, path, match);
    if ((event.body?.length ?? 0) > eventLimit) return gatewayAnswer(413, 'Request Entity Too Large');

    const { target } = match;
    let result: GatewayAnswer;
    try {
      result = await invoke(target, event);
    } catch (error) {
      onFailure(target.name, error);
      result = gatewayAnswer(500, 'Internal Server Error');
    }
    return { ...result, headers: [...result.headers, ['apigw-requestid', event.requestContext.requestId]] };
  };

  return async (request) => preflight(request, cors) ?? withCors(await answer(request), request, cors);
}

async function invoke({ name, handler, timeoutMs, memoryMb }: LocalFunction, event: APIGatewayProxyEventV2): Promise<GatewayAnswer> {
  const deadline = performance.now() + timeoutMs;
  const awsRequestId = randomUUID();
  const context = {
    awsRequestId,
    functionName: name,
    functionVersion: '$LATEST',
    invokedFunctionArn: `arn:aws:lambda:local:${accountId}:function:${name}`,
    memoryLimitInMB: String(memoryMb),
    logGroupName: `/aws/lambda/${name}`,
    logStreamName: 'local',
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, Math.round(deadline - performance.now())),
  } as Context; // done, fail and succeed are Node 0.10's, and no longer in the runtime

  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<GatewayAnswer>((resolve) => {
    timer = setTimeout(() => resolve(gatewayAnswer(503, 'Service Unavailable')), Math.min(timeoutMs, integrationTimeoutMs));
  });
  const returned = (async () => toAnswer(await handler(event, context)))();
  try {
    return await Promise.race([returned, timedOut]);
  } finally {
    clearTimeout(timer);
    returned.catch(() => {}); // a failure after the time-out has nobody left to tell
  }
}
