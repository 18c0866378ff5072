import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Failure } from '../../domain/kernel/failure.ts';
import { oauthConventions } from '../oauth/errors.ts';
import { type DialectConventions, dialects } from '../dialects.ts';
import { dialectNames, findPathRoute, findRow, listMethods } from '../path-routes.ts';
import type { DialectName, Operation, Route } from '../routes.ts';

export interface RouteMatch {
  readonly route: Route;
  readonly dialect: DialectName;
  /** Methods of the path, if it does not support the method of the request. */
  readonly allow?: readonly string[];
}

/**
 * Matches a request to a route of these operations. Throws if API Gateway sent it to the wrong
 * function.
 */
export function matchRoute(event: APIGatewayProxyEventV2, operations: object): RouteMatch {
  const path = findPathRoute(event.routeKey);
  const [first] = path?.rows ?? [];
  if (!path || !first || !(first.operation in operations))
    throw new Error('API Gateway sent a request whose route this function does not serve');
  const route = findRow(path, event.requestContext.http.method);
  if (route) return { route, dialect: resolveDialect(route, event) };
  return {
    route: { ...first, operation: 'answerUnrouted' satisfies Operation, status: 204 },
    dialect: resolveDialect(first, event),
    allow: listMethods(path),
  };
}

/** Dialect of the route. For `$default`, the dialect whose prefix the path has. */
function resolveDialect(route: Route, event: APIGatewayProxyEventV2): DialectName {
  if (route.route !== '$default') return route.dialect;
  const prefix = event.rawPath.split('/')[1] ?? '';
  return dialectNames.find((name) => name === prefix) ?? route.dialect;
}

/** Conventions of the dialects that a function serves. */
export type Dialects = Readonly<Partial<Record<DialectName, DialectConventions>>>;

export const getConventions = (
  match: RouteMatch | undefined,
  served: Dialects = dialects,
): DialectConventions =>
  match?.route.errorFormat === 'oauth'
    ? oauthConventions
    : (served[match?.dialect ?? 'native'] ?? dialects.native);

/** Last part of the paths with which clients of other systems sign out. */
const signOutPath = /\/(log-?out|sign-?out)\/?$/i;

export const pathNotFound = (path: string): Failure =>
  new Failure(
    'not_found',
    signOutPath.test(path)
      ? 'No route matches this path. POST /v1/users/me/sign-out ends the access tokens of a user.'
      : 'No route matches this path',
  );

export const methodNotAllowed = (allow: readonly string[]): Failure =>
  new Failure('method_not_allowed', `This path supports only ${allow.join(', ')}`, {
    details: { allow },
  });
