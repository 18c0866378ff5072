import { type GatewayResponse, gatewayError, toGatewayResponse } from './response.ts';
import { type CorsConfiguration, preflight, withCors } from './cors.ts';
import { decodePath, type GatewayRequest, toGatewayEvent } from './request-event.ts';
import { invoke, type LocalFunction, timedOut } from './invoke.ts';
import { createRouter, type RouteTarget } from './routing.ts';

export interface GatewayOptions {
  readonly routes: readonly RouteTarget<LocalFunction>[];
  readonly cors?: CorsConfiguration | undefined;
  /** Reports a failure that the caller cannot see. */
  readonly onFailure?: (functionName: string, error: unknown) => void;
}

/** Response to `HEAD`: the length of the body without the body (RFC 9110 §9.3.2). */
const dropBodyForHead = ({ method }: GatewayRequest, answer: GatewayResponse): GatewayResponse =>
  method === 'HEAD'
    ? {
        ...answer,
        headers: [...answer.headers, ['content-length', String(Buffer.byteLength(answer.body))]],
        body: Buffer.alloc(0),
      }
    : answer;

/** Longest integration timeout of an HTTP API. */
const integrationTimeoutMs = 30_000;

/** Largest event of a function, in bytes of JSON. */
const maxEventBytes = 6 * 1024 * 1024;

/**
 * Creates an API Gateway HTTP API in front of functions in this process. Routes, events, responses
 * and error responses match those of AWS.
 */
export function createGateway({
  routes,
  cors,
  onFailure = () => {},
}: GatewayOptions): (request: GatewayRequest) => Promise<GatewayResponse> {
  const findRoute = createRouter(routes);

  const answer = async (request: GatewayRequest): Promise<GatewayResponse> => {
    const path = decodePath(request.target.split('?', 1)[0] ?? '');
    if (path === undefined || !path.startsWith('/')) return gatewayError(400, 'Bad Request');
    const match = findRoute(request.method, path);
    if (match === undefined) return gatewayError(404, 'Not Found');
    const event = toGatewayEvent(request, path, match);
    if ((event.body?.length ?? 0) > maxEventBytes)
      return gatewayError(413, 'Request Entity Too Large');

    const { target } = match;
    let result: GatewayResponse;
    try {
      const returned = await invoke(target, event, integrationTimeoutMs);
      result =
        returned === timedOut
          ? gatewayError(503, 'Service Unavailable')
          : toGatewayResponse(returned);
    } catch (error) {
      onFailure(target.name, error);
      result = gatewayError(500, 'Internal Server Error');
    }
    return {
      ...result,
      headers: [...result.headers, ['apigw-requestid', event.requestContext.requestId]],
    };
  };

  return async (request) =>
    preflight(request, cors) ??
    dropBodyForHead(request, withCors(await answer(request), request, cors));
}
