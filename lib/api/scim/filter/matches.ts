import { canonicalizeUserName, fold } from '../../../domain/kernel/canonical.ts';
import { isJsonObject } from '../../../domain/kernel/json-merge-patch.ts';
import { readAttribute, readMember } from '../resource-attributes.ts';
import type { Attribute, ScimResource } from '../schema/attribute.ts';
import type { AttributePath } from '../schema/find-attribute.ts';
import type { Comparison, Filter, Operator } from './filter.ts';
import { parseInstant } from './instant.ts';

type Test = (resource: ScimResource) => boolean;

const tests = new WeakMap<Filter, Test>();

/** True if a resource, or a value of a complex attribute, fulfills a filter. */
export function matches(filter: Filter, resource: ScimResource): boolean {
  const test = tests.get(filter) ?? buildTest(filter);
  tests.set(filter, test);
  return test(resource);
}

function buildTest(filter: Filter): Test {
  switch (filter.kind) {
    case 'and': {
      const terms = filter.terms.map(buildTest);
      return (resource) => terms.every((test) => test(resource));
    }
    case 'or': {
      const terms = filter.terms.map(buildTest);
      return (resource) => terms.some((test) => test(resource));
    }
    case 'not': {
      const term = buildTest(filter.term);
      return (resource) => !term(resource);
    }
    case 'value': {
      const test = buildTest(filter.filter);
      return (resource) =>
        readValues(resource, filter.path).some((value) => isJsonObject(value) && test(value));
    }
    case 'present':
      return (resource) => readValues(resource, filter.path).some(isPresent);
    default: {
      const test = buildValueTest(filter);
      return (resource) => readValues(resource, filter.path).some(test);
    }
  }
}

/** Values of an attribute or sub-attribute. */
function readValues(resource: ScimResource, path: AttributePath): readonly unknown[] {
  const { subAttribute } = path;
  const value = readAttribute(resource, path);
  const values = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const selected = subAttribute
    ? values.map((each) => readMember(each, subAttribute.name))
    : values;
  return selected.filter((each) => each !== undefined && each !== null);
}

/** True for a value other than an empty text, list or object (RFC 7644 §3.4.2.2). */
function isPresent(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return false;
  return typeof value !== 'object' || Object.values(value).some(isPresent);
}

function buildValueTest({ path, operator, value }: Comparison): (value: unknown) => boolean {
  const attribute = path.subAttribute ?? path.attribute;
  const normalize = selectNormalizer(attribute, operator);
  const expected = normalize(value);
  const compare = comparisons[operator];
  if (expected === undefined) return () => false;
  return (each) => {
    const actual = normalize(each);
    return actual !== undefined && compare(actual, expected);
  };
}

/** True for values that `eq` considers equal, or that are both absent. */
export function isSameValue(attribute: Attribute, a: unknown, b: unknown): boolean {
  const normalize = selectNormalizer(attribute, 'eq');
  return normalize(a) === normalize(b);
}

type Comparable = string | number | boolean;

/** Selects the form in which values of an attribute are compared. */
function selectNormalizer(
  { type, caseExact, isAddress }: Attribute,
  operator: Operator,
): (value: unknown) => Comparable | undefined {
  const forText = (convert: (text: string) => string | undefined) => (value: unknown) =>
    typeof value === 'string' ? convert(value) : undefined;
  if (type === 'boolean' || type === 'integer' || type === 'decimal')
    return (value) => value as Comparable;
  if (type === 'dateTime') return forText(parseInstant);
  if (isAddress && operator === 'eq') return forText(canonicalizeUserName);
  return forText(caseExact ? (text) => text : fold);
}

type Compare = (actual: Comparable, expected: Comparable) => boolean;

const comparisons: Readonly<Record<Operator, Compare>> = {
  eq: (actual, expected) => actual === expected,
  co: (actual, expected) => String(actual).includes(String(expected)),
  sw: (actual, expected) => String(actual).startsWith(String(expected)),
  ew: (actual, expected) => String(actual).endsWith(String(expected)),
  gt: (actual, expected) => actual > expected,
  ge: (actual, expected) => actual >= expected,
  lt: (actual, expected) => actual < expected,
  le: (actual, expected) => actual <= expected,
};
