import type { GatewayAnswer } from './response.ts';
import { type GatewayRequest, headerOf } from './request-event.ts';

/** The `CorsConfiguration` of an `AWS::ApiGatewayV2::Api`. */
export interface CorsConfiguration {
  readonly AllowOrigins?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowHeaders?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly AllowCredentials?: boolean;
  readonly MaxAge?: number;
}

/** What API Gateway answers by itself to a browser that asks whether it may. Undefined where the request asks no such thing. */
export function preflight(
  request: GatewayRequest,
  cors: CorsConfiguration | undefined,
): GatewayAnswer | undefined {
  if (cors === undefined || request.method !== 'OPTIONS') return undefined;
  if (
    headerOf(request, 'origin') === undefined ||
    headerOf(request, 'access-control-request-method') === undefined
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

/** With a configuration, CORS is the gateway's alone: a function's own headers about it are dropped. */
export function withCors(
  answer: GatewayAnswer,
  request: GatewayRequest,
  cors: CorsConfiguration | undefined,
): GatewayAnswer {
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
  const origin = headerOf(request, 'origin');
  if (origin === undefined) return [];
  const isAny = AllowOrigins.includes('*');
  const scheme = origin.slice(0, origin.indexOf('://') + 3);
  if (!isAny && !AllowOrigins.includes(origin) && !AllowOrigins.includes(`${scheme}*`)) return [];
  const headers: [string, string][] = [['access-control-allow-origin', isAny ? '*' : origin]];
  if (AllowCredentials) headers.push(['access-control-allow-credentials', 'true']);
  return headers;
}
