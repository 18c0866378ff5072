import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { invalidInput } from '../../domain/kernel/failure.ts';

interface KnownParameters {
  readonly names: readonly string[];
  /** Names of parameters `<group>.<name>`, which become one object per group. */
  readonly groups?: readonly string[];
}

/**
 * Reads the query parameters. Throws `invalid_input` for a repeated one, because API Gateway joins
 * the values with a comma.
 */
export function readQuery(
  { rawQueryString, queryStringParameters = {} }: APIGatewayProxyEventV2,
  { names, groups = [] }: KnownParameters,
): Readonly<Record<string, unknown>> {
  const parameters = new URLSearchParams(rawQueryString);
  const isMember = (name: string): boolean => groups.some((group) => name.startsWith(`${group}.`));
  const repeatedName = parameters
    .keys()
    .filter((name) => names.includes(name) || isMember(name))
    .find((name) => parameters.getAll(name).length > 1);
  if (repeatedName !== undefined)
    throw invalidInput({ path: repeatedName, message: 'must not be repeated' });
  const group = groups.find((name) => parameters.has(name));
  if (group !== undefined)
    throw invalidInput({ path: group, message: `must be written as ${group}.<name>=<value>` });
  // No JSON object of a request can have the member `__proto__`.
  const path = parameters
    .keys()
    .find((name) => isMember(name) && /^[^.]*\.(__proto__)?$/.test(name));
  if (path !== undefined) throw invalidInput({ path, message: 'must name a member' });
  const entries = Object.entries(queryStringParameters);
  return Object.fromEntries([
    ...entries.filter(([name]) => !isMember(name)),
    ...groups.flatMap((name) => collectMembers(name, entries)),
  ]);
}

/** Collects the members of a group in one object. Empty without members. */
function collectMembers(
  group: string,
  entries: readonly [string, string | undefined][],
): readonly [string, object][] {
  const members = entries
    .filter(([name]) => name.startsWith(`${group}.`))
    .map(([name, value]) => [name.slice(group.length + 1), value]);
  return members.length === 0 ? [] : [[group, Object.fromEntries(members)]];
}
