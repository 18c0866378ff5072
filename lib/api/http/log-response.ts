import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { DeploymentContext } from '../../domain/access/request-context.ts';
import type { Principal } from '../../domain/access/principal.ts';
import { parseUserId, uuidPattern } from '../../domain/kernel/ids.ts';
import { logRequest } from '../../runtime/request-log.ts';
import type { RouteMatch } from './match-route.ts';

interface LoggedRequest {
  readonly match: RouteMatch;
  readonly startedAtMs: number;
  readonly tenantId?: string | undefined;
  readonly caller?: Pick<Principal, 'issuer' | 'subject'> | undefined;
  readonly context: DeploymentContext | undefined;
}

interface Outcome {
  readonly status: number;
  readonly code?: string;
  readonly error?: unknown;
  readonly missingPermissions?: readonly string[];
}

/** Writes the log line of a request. */
export function logResponse(
  { routeKey, pathParameters, requestContext }: APIGatewayProxyEventV2,
  { match, startedAtMs, tenantId, caller, context }: LoggedRequest,
  outcome: Outcome,
): void {
  const { operation } = match.route;
  logRequest({
    operation,
    dialect: match.dialect,
    ...outcome,
    tenant: context?.tenant?.tenantId ?? tenantId,
    caller: caller && toCallerId(caller),
    ...(operation === 'eraseUser' && context && { user: readUserId(routeKey, pathParameters) }),
    policies: context?.decisions.flatMap(({ policies }) => policies),
    requestId: requestContext.requestId,
    time: requestContext.timeEpoch,
    milliseconds: performance.now() - startedAtMs,
  });
}

/**
 * ID of the caller in the log. A hash if the subject may be an email address, a phone number or a
 * name.
 */
const toCallerId = ({ issuer, subject }: Pick<Principal, 'issuer' | 'subject'>): string =>
  /[^\w.:|-]/.test(subject) || /^\d+$/.test(subject)
    ? `sha256:${createHash('sha256')
        .update(JSON.stringify([issuer, subject]))
        .digest('hex')}`
    : subject;

/** ID of the user in the path. Undefined if the path refers to the user by email or username. */
function readUserId(
  routeKey: string,
  pathParameters: APIGatewayProxyEventV2['pathParameters'],
): string | undefined {
  const [, name] = /\/users\/\{(\w+)\}/.exec(routeKey) ?? [];
  const value = name === undefined ? undefined : pathParameters?.[name];
  if (value === undefined) return undefined;
  return parseUserId(value) ?? (uuidPattern.test(value) ? value.toLowerCase() : undefined);
}
