import { isObject } from '../fakes/json.ts';

/** True if an event matches the pattern. */
export type Matcher = (event: unknown) => boolean;

/** True if the value at one path matches. Undefined means that the path does not exist. */
type Condition = (value: unknown) => boolean;

/**
 * Compiles an event pattern of an EventBridge rule or an event source mapping filter: values,
 * `exists`, `prefix`, `anything-but`, `$or`, and nested objects. Throws on other operators.
 */
export function compilePattern(pattern: unknown): Matcher {
  if (!isObject(pattern)) throw new Error(`${JSON.stringify(pattern)} is not an event pattern`);
  const matchers = Object.entries(pattern).map(([key, expected]): Matcher => {
    if (key === '$or') return matchAny((expected as unknown[]).map(compilePattern));
    if (Array.isArray(expected)) {
      const isWanted = matchAny(expected.map(compileCondition));
      return (event) => isObject(event) && toLeaves(event[key]).some(isWanted);
    }
    const inner = compilePattern(expected);
    // One object of a list must match. A pattern with `exists: false` matches a missing object.
    return (event) =>
      isObject(event) && [event[key]].flat().some((value) => inner(isObject(value) ? value : {}));
  });
  return (event) => matchers.every((matches) => matches(event));
}

function compileCondition(expected: unknown): Condition {
  if (!isObject(expected)) return (value) => value === expected;
  const [[kind, operand] = []] = Object.entries(expected);
  if (kind === 'exists') return (value) => (value !== undefined) === operand;
  if (kind === 'prefix' && typeof operand === 'string')
    return (value) => typeof value === 'string' && value.startsWith(operand);
  if (kind === 'anything-but') {
    const isExcluded = matchAny([operand].flat().map(compileCondition));
    return (value) => value !== undefined && !isExcluded(value);
  }
  throw new Error(`event patterns with ${JSON.stringify(expected)} are not supported locally`);
}

/**
 * Values to compare: a scalar, or the scalars of a list. Objects and empty lists count as missing.
 */
function toLeaves(value: unknown): unknown[] {
  const values = [value].flat().filter((single) => single !== undefined && !isObject(single));
  return values.length > 0 ? values : [undefined];
}

function matchAny(conditions: readonly Condition[]): Condition {
  return (value) => conditions.some((holds) => holds(value));
}
