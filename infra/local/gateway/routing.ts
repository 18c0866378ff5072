/** A route with what stands behind it. */
export interface Routed<T> {
  /** `METHOD /path/{parameter}`, `ANY /path/{proxy+}`, or `$default`. */
  readonly routeKey: string;
  readonly target: T;
}

export interface Match<T> extends Routed<T> {
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the route that API Gateway would: literal before `{parameter}` before `{proxy+}` before `$default`, method before ANY. */
export function createRouter<T>(
  routes: readonly Routed<T>[],
): (method: string, path: string) => Match<T> | undefined {
  const compiled = routes.filter(({ routeKey }) => routeKey !== '$default').map(compile);
  compiled.sort((a, b) => compare(a.rank, b.rank));
  const fallback = routes.find(({ routeKey }) => routeKey === '$default');

  return (method, path) => {
    for (const { route, routeMethod, pattern } of compiled) {
      if (routeMethod !== 'ANY' && routeMethod !== method) continue;
      const found = pattern.exec(path);
      if (found)
        return {
          ...route,
          pathParameters: Object.fromEntries(Object.entries(found.groups ?? {}).map(unmask)),
        };
    }
    return fallback && { ...fallback, pathParameters: {} };
  };
}

function compile<T>(route: Routed<T>) {
  const [routeMethod, path] = route.routeKey.split(' ');
  if (routeMethod === undefined || !path?.startsWith('/'))
    throw new Error(`${route.routeKey} is no route key`);
  const rank: number[] = [];
  const pattern = path
    .split('/')
    .slice(1)
    .map((segment) => {
      const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? [];
      rank.push(name === undefined ? 0 : greedy ? 2 : 1);
      if (name === undefined) return `/${RegExp.escape(segment)}`;
      return greedy ? `/(?<${mask(name)}>.+)` : `/(?<${mask(name)}>[^/]+)`;
    })
    .join('');
  rank.push(routeMethod === 'ANY' ? 1 : 0);
  return { route, routeMethod, rank, pattern: new RegExp(`^${pattern}$`, 's') };
}

/** Position by position; the method, which stands last, decides between equal paths. */
function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((rank, position) => rank !== b[position]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

// A parameter may have a name that no capture group may have.
const mask = (name: string) => `p${Buffer.from(name).toString('hex')}`;
const unmask = ([group, value]: [string, string]): [string, string] => [
  Buffer.from(group.slice(1), 'hex').toString(),
  value,
];
