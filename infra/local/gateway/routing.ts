/** Route and its target. */
export interface RouteTarget<T> {
  /** `METHOD /path/{parameter}`, `ANY /path/{proxy+}`, or `$default`. */
  readonly routeKey: string;
  readonly target: T;
}

export interface Match<T> extends RouteTarget<T> {
  readonly pathParameters: Readonly<Record<string, string>>;
}

/**
 * Finds the route like API Gateway: literal before `{parameter}` before `{proxy+}` before
 * `$default`, method before ANY.
 */
export function createRouter<T>(
  routes: readonly RouteTarget<T>[],
): (method: string, path: string) => Match<T> | undefined {
  const compiled = routes.filter(({ routeKey }) => routeKey !== '$default').map(compile);
  compiled.sort((a, b) => compare(a.rank, b.rank));
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');

  return (method, path) => {
    for (const { route, routeMethod, start, pattern, names } of compiled) {
      if (routeMethod !== 'ANY' && routeMethod !== method) continue;
      // Cheaper than the pattern, and excludes most routes.
      if (!path.startsWith(start)) continue;
      const match = pattern.exec(path);
      if (match)
        return {
          ...route,
          pathParameters: Object.fromEntries(
            names.map((name, index) => [name, match[index + 1] ?? '']),
          ),
        };
    }
    return fallback && { ...fallback, pathParameters: {} };
  };
}

function compile<T>(route: RouteTarget<T>) {
  const [routeMethod, path] = route.routeKey.split(' ');
  if (routeMethod === undefined || !path?.startsWith('/'))
    throw new Error(`${route.routeKey} is not a route key`);
  const rank: number[] = [];
  const names: string[] = [];
  const pattern = path
    .split('/')
    .slice(1)
    .map((segment) => {
      const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? [];
      rank.push(name === undefined ? 0 : greedy ? 2 : 1);
      if (name === undefined) return `/${RegExp.escape(segment)}`;
      names.push(name);
      return greedy ? '/(.+)' : '/([^/]+)';
    })
    .join('');
  rank.push(routeMethod === 'ANY' ? 1 : 0);
  const [start = ''] = path.split('{', 1);
  return { route, routeMethod, rank, names, start, pattern: new RegExp(`^${pattern}$`, 's') };
}

/** Compares segment by segment. The method is last, so it decides between equal paths. */
function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((rank, position) => rank !== b[position]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}
