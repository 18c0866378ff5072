import { ArnFormat, Duration, Stack, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnIntegration,
  CfnRoute,
  type CfnStage,
  type CorsHttpMethod,
  HttpApi,
  type HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { listMethods, type PathRoute, selectRoutes } from '../../lib/api/path-routes.ts';
import type { FunctionName } from '../../lib/api/routes.ts';
import { type Config, toRemovalPolicy, toResourceName } from '../config.ts';
import type { Functions } from './functions.ts';
import { addTenantHost } from './tenant-host.ts';

/**
 * Access log: one JSON line per request. It has the route but never the path or the query, which
 * identify people.
 */
const accessLog = {
  time: '$context.requestTime',
  requestId: '$context.requestId',
  method: '$context.httpMethod',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationLatency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
};

const clientAddressDays = 30;

/** HTTP API without routes. Functions need its address before the routes need the functions. */
export const addApi = (scope: Construct, config: Config): HttpApi =>
  new HttpApi(scope, 'Api', {
    apiName: toResourceName(config),
    disableExecuteApiEndpoint: !config.defaultEndpoint,
    description: 'Roster: a multi-tenant user directory',
    createDefaultStage: false,
    ...(config.corsOrigins.length > 0 && { corsPreflight: cors(config) }),
  });

interface ApiProps {
  readonly config: Config;
  readonly api: HttpApi;
  readonly functions: Functions;
}

/** Adds a route for each path, and one integration with one permission for each function. */
export const addRoutes = (scope: Construct, { config, api, functions }: ApiProps): HttpStage => {
  const integrations = addIntegrations(scope, { config, api, functions });
  const stage = addStage(api, config);
  const routes = selectRoutes(config.dialects);
  for (const route of routes) {
    const added = new CfnRoute(scope, toConstructId(route), {
      apiId: api.apiId,
      routeKey: route.routeKey,
      target: `integrations/${integrations[route.function].ref}`,
    });
    Validations.of(added).acknowledge({
      id: 'AwsSolutions::AwsSolutions-APIG4',
      reason: getAuthorizerExemption(route),
    });
    // Stage settings can only name existing routes.
    if (isPublic(route)) stage.node.addDependency(added);
  }
  (stage.node.defaultChild as CfnStage).routeSettings = Object.fromEntries(
    routes.filter(isPublic).map((route) => [route.routeKey, getThrottle(config)]),
  );
  return stage;
};

/** IDs of resources have no punctuation, so a slash at the end becomes a word. */
const toConstructId = ({ routeKey }: PathRoute): string =>
  `Route ${routeKey.replace(/\/$/, '/slash').replaceAll('/', '.')}`;

const isPublic = ({ rows: [{ access }] }: PathRoute): boolean => access === 'public';

/**
 * Limit of a public route: a fifth of the total rate, because callers without a token must leave
 * most for others. Sign-ins and links are also limited by account and network
 * (`lib/domain/credentials/attempts.ts`).
 */
const getThrottle = ({ throttle: { rate, burst } }: Config) => ({
  ThrottlingRateLimit: Math.ceil(rate / 5),
  ThrottlingBurstLimit: Math.ceil(burst / 5),
});

const addIntegrations = (
  scope: Construct,
  { config, api, functions }: ApiProps,
): Record<FunctionName, CfnIntegration> => {
  const served = new Set(selectRoutes(config.dialects).map((route) => route.function));
  const entries = [...served].map((name) => {
    const fn = functions[name];
    fn.addPermission('FromApi', {
      principal: new ServicePrincipal('apigateway.amazonaws.com'),
      // One permission for all routes, because one per route would exceed the size limit of the
      // function policy. `$default` arrives as `<api>/<stage>/$default`, which the usual
      // `<api>/*/*/*` does not match.
      sourceArn: Stack.of(api).formatArn({
        service: 'execute-api',
        resource: api.apiId,
        resourceName: '*',
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    });
    const integration = new CfnIntegration(scope, `${fn.node.id}Integration`, {
      apiId: api.apiId,
      integrationType: 'AWS_PROXY',
      integrationUri: fn.functionArn,
      payloadFormatVersion: '2.0',
    });
    return [name, integration];
  });
  return Object.fromEntries(entries) as Record<FunctionName, CfnIntegration>;
};

const addStage = (api: HttpApi, config: Config): HttpStage => {
  const { logClientAddresses } = config;
  const logGroup = new LogGroup(api, 'AccessLogs', {
    retention: logClientAddresses ? clientAddressDays : config.logRetentionDays,
    removalPolicy: toRemovalPolicy(config),
  });
  const format = {
    ...accessLog,
    ...(logClientAddresses && { sourceIp: '$context.identity.sourceIp' }),
  };
  const domainName = config.tenantHost && addTenantHost(api, config.tenantHost);
  return api.addStage('Stage', {
    stageName: '$default',
    autoDeploy: true,
    throttle: { rateLimit: config.throttle.rate, burstLimit: config.throttle.burst },
    accessLogSettings: {
      destination: new LogGroupLogDestination(logGroup),
      format: AccessLogFormat.custom(JSON.stringify(format)),
    },
    ...(domainName && { domainMapping: { domainName } }),
  });
};

const cors = ({ corsOrigins, dialects }: Config) => ({
  allowOrigins: corsOrigins,
  allowMethods: [
    ...new Set(
      selectRoutes(dialects)
        .filter(({ routeKey }) => routeKey !== '$default')
        .flatMap((route) => listMethods(route) as CorsHttpMethod[]),
    ),
  ],
  allowHeaders: [
    'authorization',
    'content-encoding',
    'content-type',
    'idempotency-key',
    'if-match',
    'if-none-match',
    'x-api-key',
    'x-tenant-id',
  ],
  exposeHeaders: [
    'allow',
    'etag',
    'idempotency-replayed',
    'location',
    'retry-after',
    'www-authenticate',
    'x-request-id',
  ],
  maxAge: Duration.hours(1),
});

const getAuthorizerExemption = ({ rows: [route] }: PathRoute): string =>
  route.access === 'public'
    ? `Public: ${route.why}.`
    : 'The function verifies the token (lib/api/auth/verify-token.ts). It supports several issuers, limits their tenants, and answers in the dialect of the route. A gateway authorizer does none of that.';
