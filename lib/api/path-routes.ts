import { buildOnce } from './codec.ts';
import { type DialectName, type FunctionName, type Route, routes } from './routes.ts';

/** All dialects, in the order of the document. */
export const dialectNames = [
  'native',
  'cradl',
  'jitsudo',
  'credible',
  'scim',
] as const satisfies readonly DialectName[];

/**
 * A route of the gateway: all methods of a path, so the function handles `HEAD`, `OPTIONS` and 405.
 */
export interface PathRoute {
  /** `ANY /path/{parameter}`, or `$default`. */
  readonly routeKey: string;
  readonly function: FunctionName;
  readonly rows: readonly [Route, ...Route[]];
}

const splitRoute = (route: string): readonly [method: string, path: string] => {
  const [method = '', path = route] = route.split(' ');
  return [method, path];
};

/**
 * Lists the routes by path. Paths of SCIM have a second route with a slash at the end, because some
 * clients send one. Throws if the methods of a path differ in a common field.
 */
export const listPathRoutes = buildOnce((): readonly PathRoute[] =>
  [...new Set(routes.map(({ route }) => splitRoute(route)[1]))]
    .map(buildPathRoute)
    .flatMap((route) =>
      route.rows[0].dialect === 'scim'
        ? [route, { ...route, routeKey: `${route.routeKey}/` }]
        : [route],
    ),
);

function buildPathRoute(path: string): PathRoute {
  const [first, ...rest] = listRows(path);
  if (first === undefined) throw new Error(`${path} has no method`);
  for (const row of rest) {
    const isAlike = (['function', 'access', 'dialect', 'errorFormat'] as const).every(
      (field) => row[field] === first[field],
    );
    if (!isAlike)
      throw new Error(
        `${row.route} must have the function, access, dialect and error format of ${first.route}`,
      );
  }
  return {
    routeKey: path === '$default' ? path : `ANY ${path}`,
    function: first.function,
    rows: [first, ...rest],
  };
}

const listRows = (path: string): readonly Route[] =>
  routes.filter(({ route }) => route === path || route.endsWith(` ${path}`));

/** The routes of a deployment that serves these dialects. */
export const selectRoutes = (dialects: readonly DialectName[]): readonly PathRoute[] =>
  listPathRoutes().filter(({ rows: [{ dialect }] }) => dialects.includes(dialect));

const routeCache = new Map<string, PathRoute>();

/** Finds the route of a key. Builds no other route, because a cold start needs only one. */
export function findPathRoute(routeKey: string): PathRoute | undefined {
  const path = splitRoute(routeKey)[1].replace(/\/$/, '');
  const cachedRoute = routeCache.get(path);
  if (cachedRoute || listRows(path).length === 0) return cachedRoute;
  const route = buildPathRoute(path);
  routeCache.set(path, route);
  return route;
}

/** The row that serves a method. `HEAD` is served as `GET` (RFC 9110 §9.3.2). */
export function findRow(
  { routeKey, rows: [first, ...rest] }: PathRoute,
  method: string,
): Route | undefined {
  if (routeKey === '$default') return first;
  const routeMethod = method === 'HEAD' ? 'GET' : method;
  return [first, ...rest].find(({ route }) => splitRoute(route)[0] === routeMethod);
}

/** Methods of a path, as `Allow` lists them. */
export const listMethods = ({ rows }: PathRoute): string[] =>
  rows.flatMap(({ route }) => {
    const [method] = splitRoute(route);
    return method === 'GET' ? ['GET', 'HEAD'] : [method];
  });
