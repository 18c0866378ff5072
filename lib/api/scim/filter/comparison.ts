import type { Failure } from '../../../domain/kernel/failure.ts';
import { type QuirkLog, reportQuirk } from '../quirks.ts';
import type { Attribute } from '../schema/attribute.ts';
import { type AttributePath, findByName } from '../schema/find-attribute.ts';
import { type Comparison, type Filter, type Operator, operators } from './filter.ts';
import { parseInstant } from './instant.ts';
import type { FilterToken } from './reader.ts';

export const maxFilterBytes = 8192;

interface ComparisonContext {
  readonly fail: (problem: string) => Failure;
  readonly log: QuirkLog | undefined;
}

/** Builds a comparison. Throws a failure if operator, value and type of the attribute disagree. */
export function buildComparison(
  path: AttributePath,
  name: string,
  token: FilterToken | undefined,
  context: ComparisonContext,
): Filter {
  const operator = name === 'ne' ? 'eq' : operators.find((each) => each === name);
  if (!operator)
    throw context.fail(`expected an operator: eq, ne, co, sw, ew, gt, ge, lt, le or pr`);
  if (!token) throw context.fail('expected a value');
  const isNegated = name === 'ne';
  if (!token.isQuoted && token.text.toLowerCase() === 'null') {
    if (operator !== 'eq') throw context.fail('null can be compared only by eq and ne');
    const present: Filter = { kind: 'present', path };
    return isNegated ? present : { kind: 'not', term: present };
  }
  const value = selectValuePath(path, context);
  const comparison: Comparison = {
    kind: 'compare',
    path: value,
    operator,
    value: convert(value.subAttribute ?? value.attribute, operator, token, context),
  };
  return isNegated ? { kind: 'not', term: comparison } : comparison;
}

/** Comparing a complex attribute compares its `value`. */
function selectValuePath(path: AttributePath, { fail }: ComparisonContext): AttributePath {
  if (path.subAttribute || path.attribute.type !== 'complex') return path;
  const subAttribute = findByName(path.attribute.subAttributes ?? [], 'value');
  if (subAttribute) return { ...path, subAttribute };
  throw fail(`${path.attribute.name} has several parts; compare one, such as name.familyName`);
}

const textOperators: readonly Operator[] = ['co', 'sw', 'ew'];

/** Operators that a type lacks. */
const isUnsupported = ({ type }: Attribute, operator: Operator): boolean => {
  if (operator === 'eq' || type === 'string' || type === 'reference') return false;
  const isText = textOperators.includes(operator);
  if (type === 'binary') return !isText;
  return type === 'boolean' || isText;
};

/** Converts a value to the type of the attribute. */
function convert(
  attribute: Attribute,
  operator: Operator,
  { text, isQuoted }: FilterToken,
  { fail, log }: ComparisonContext,
): Comparison['value'] {
  const { name, type } = attribute;
  if (isUnsupported(attribute, operator)) throw fail(`${name} cannot be compared by ${operator}`);
  if (type === 'boolean') {
    const lower = text.toLowerCase();
    if (lower !== 'true' && lower !== 'false') throw fail(`${name} must be true or false`);
    if (isQuoted) reportQuirk(log, 'text-boolean');
    return lower === 'true';
  }
  if (type === 'integer' || type === 'decimal') {
    const number = isQuoted ? Number.NaN : Number(text);
    if (!Number.isFinite(number)) throw fail(`${name} must be a number`);
    return number;
  }
  if (!isQuoted) reportQuirk(log, 'unquoted-value');
  if (type === 'dateTime' && parseInstant(text) === undefined)
    throw fail(`${name} must be a time such as "2026-01-31T12:00:00Z"`);
  return text;
}
