import { type GatewayAnswer, gatewayAnswer, toAnswer } from './response.ts';
import { type CorsConfiguration, preflight, withCors } from './cors.ts';
import { decodePath, type GatewayRequest, toEvent } from './request-event.ts';
import { invoke, type LocalFunction, timedOut } from './invoke.ts';
import { createRouter, type Routed } from './routing.ts';

export interface GatewayOptions {
  readonly routes: readonly Routed<LocalFunction>[];
  readonly cors?: CorsConfiguration | undefined;
  /** Told when a function fails in a way that its caller does not get to see. */
  readonly onFailure?: (functionName: string, error: unknown) => void;
}

/** The answer to `HEAD`: the length of the body, and not the body (RFC 9110 §9.3.2). */
const withoutBodyForHead = ({ method }: GatewayRequest, answer: GatewayAnswer): GatewayAnswer =>
  method === 'HEAD'
    ? {
        ...answer,
        headers: [...answer.headers, ['content-length', String(answer.body.length)]],
        body: Buffer.alloc(0),
      }
    : answer;

/** The longest that an HTTP API waits for a function. */
const integrationTimeoutMs = 30_000;

/** What a function may be sent at most, in bytes of JSON. */
const eventLimit = 6 * 1024 * 1024;

/**
 * An API Gateway HTTP API in front of functions in this process: routes, events and answers as AWS makes them, its own
 * errors included.
 */
export function createGateway({
  routes,
  cors,
  onFailure = () => {},
}: GatewayOptions): (request: GatewayRequest) => Promise<GatewayAnswer> {
  const findRoute = createRouter(routes);

  const answer = async (request: GatewayRequest): Promise<GatewayAnswer> => {
    const path = decodePath(request.target.split('?', 1)[0] ?? '');
    if (path === undefined || !path.startsWith('/')) return gatewayAnswer(400, 'Bad Request');
    const match = findRoute(request.method, path);
    if (match === undefined) return gatewayAnswer(404, 'Not Found');
    const event = toEvent(request, path, match);
    if ((event.body?.length ?? 0) > eventLimit)
      return gatewayAnswer(413, 'Request Entity Too Large');

    const { target } = match;
    let result: GatewayAnswer;
    try {
      const returned = await invoke(target, event, integrationTimeoutMs);
      result =
        returned === timedOut ? gatewayAnswer(503, 'Service Unavailable') : toAnswer(returned);
    } catch (error) {
      onFailure(target.name, error);
      result = gatewayAnswer(500, 'Internal Server Error');
    }
    return {
      ...result,
      headers: [...result.headers, ['apigw-requestid', event.requestContext.requestId]],
    };
  };

  return async (request) =>
    preflight(request, cors) ??
    withoutBodyForHead(request, withCors(await answer(request), request, cors));
}
