import { isObject } from '../fakes/json.ts';

/** Whether an event is of the kind that a pattern describes. */
export type Matcher = (event: unknown) => boolean;

/** Whether what an event has in one place is what is wanted there. Undefined stands for nothing. */
type Condition = (value: unknown) => boolean;

/**
 * An event pattern, as rules of EventBridge and filters of event source mappings have them: values, `exists`, `prefix`,
 * `anything-but`, `$or`, and objects of these. Throws on what else there is.
 */
export function compilePattern(pattern: unknown): Matcher {
  if (!isObject(pattern)) throw new Error(`${JSON.stringify(pattern)} is no event pattern`);
  const matchers = Object.entries(pattern).map(([key, wanted]): Matcher => {
    if (key === '$or') return anyOf((wanted as unknown[]).map(compilePattern));
    if (Array.isArray(wanted)) {
      const isWanted = anyOf(wanted.map(compileCondition));
      return (event) => isObject(event) && leaves(event[key]).some(isWanted);
    }
    const inner = compilePattern(wanted);
    // Of a list of objects one must match; of nothing, a pattern of what must not exist can.
    return (event) =>
      isObject(event) && [event[key]].flat().some((value) => inner(isObject(value) ? value : {}));
  });
  return (event) => matchers.every((matches) => matches(event));
}

function compileCondition(wanted: unknown): Condition {
  if (!isObject(wanted)) return (value) => value === wanted;
  const [[kind, operand] = []] = Object.entries(wanted);
  if (kind === 'exists') return (value) => (value !== undefined) === operand;
  if (kind === 'prefix' && typeof operand === 'string')
    return (value) => typeof value === 'string' && value.startsWith(operand);
  if (kind === 'anything-but') {
    const isExcluded = anyOf([operand].flat().map(compileCondition));
    return (value) => value !== undefined && !isExcluded(value);
  }
  throw new Error(
    `an event pattern with ${JSON.stringify(wanted)} has no counterpart on this machine`,
  );
}

/** What conditions look at: a value, or each of a list. Neither an object nor an empty list is one, so that both are as good as nothing. */
function leaves(value: unknown): unknown[] {
  const found = [value].flat().filter((single) => single !== undefined && !isObject(single));
  return found.length > 0 ? found : [undefined];
}

function anyOf(conditions: readonly Condition[]): Condition {
  return (value) => conditions.some((holds) => holds(value));
}
