import type { GatewayResponse } from './response.ts';
import { type GatewayRequest, getHeader } from './request-event.ts';

/** `CorsConfiguration` of an `AWS::ApiGatewayV2::Api`. */
export interface CorsConfiguration {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly AllowCredentials?: boolean;
  readonly MaxAge?: number;
}

/** Preflight response of API Gateway. Undefined if the request is not a preflight request. */
export function preflight(
  request: GatewayRequest,
  cors: CorsConfiguration | undefined,
): GatewayResponse | undefined {
  if (cors === undefined || request.method !== 'OPTIONS') return undefined;
  if (
    getHeader(request, 'origin') === undefined ||
    getHeader(request, 'access-control-request-method') === undefined
  )
    return undefined;
  const allowed = allowOrigin(request, cors);
  const headers: [string, string][] = [...allowed];
  if (allowed.length > 0) {
    if (cors.AllowMethods?.length)
      headers.push(['access-control-allow-methods', cors.AllowMethods.join(',')]);
    if (cors.AllowHeaders?.length)
      headers.push(['access-control-allow-headers', cors.AllowHeaders.join(',')]);
    if (cors.MaxAge !== undefined) headers.push(['access-control-max-age', String(cors.MaxAge)]);
  }
  return { status: 204, headers, body: Buffer.alloc(0) };
}

/**
 * Adds the CORS headers of the gateway and drops those of the function, like API Gateway with a
 * CORS configuration.
 */
export function withCors(
  answer: GatewayResponse,
  request: GatewayRequest,
  cors: CorsConfiguration | undefined,
): GatewayResponse {
  if (cors === undefined) return answer;
  const headers = answer.headers.filter(([name]) => !name.startsWith('access-control-'));
  const allowed = allowOrigin(request, cors);
  const exposed: [string, string][] =
    allowed.length > 0 && cors.ExposeHeaders?.length
      ? [['access-control-expose-headers', cors.ExposeHeaders.join(',')]]
      : [];
  return { ...answer, headers: [...headers, ...allowed, ...exposed] };
}

function allowOrigin(
  request: GatewayRequest,
  { AllowOrigins = [], AllowCredentials = false }: CorsConfiguration,
): [string, string][] {
  const origin = getHeader(request, 'origin');
  if (origin === undefined) return [];
  const isAny = AllowOrigins.includes('*');
  const scheme = origin.slice(0, origin.indexOf('://') + 3);
  if (!isAny && !AllowOrigins.includes(origin) && !AllowOrigins.includes(`${scheme}*`)) return [];
  const headers: [string, string][] = [['access-control-allow-origin', isAny ? '*' : origin]];
  if (AllowCredentials) headers.push(['access-control-allow-credentials', 'true']);
  return headers;
}
