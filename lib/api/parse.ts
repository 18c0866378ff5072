import * as z from 'zod';
import type { Issue } from '../domain/kernel/failure.ts';
import {
  describeUnknown,
  formatPath,
  invalidWireInput,
  memberName,
  type Noun,
} from './unknown-names.ts';

/**
 * Parses a body or query. Throws `invalid_input` with one issue for each fault. Issues have the
 * path that the client sent, and never the value.
 */
export function parse<Output>(
  schema: z.ZodType<Output>,
  input: unknown,
  noun: Noun = 'field',
): Output {
  const result = schema.safeParse(input, { error: (issue) => describeIssue(issue, noun) });
  if (result.success) return result.data;
  throw invalidWireInput(result.error.issues.flatMap((issue) => toIssues(issue)));
}

type RawIssue = z.core.$ZodRawIssue;

/**
 * Message of an issue whose schema has none. The message for unknown names has one line per name.
 */
function describeIssue(issue: RawIssue, noun: Noun): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined
        ? 'is required'
        : `must be ${typeNames[issue.expected] ?? 'left out'}`;
    case 'invalid_value':
      return issue.input === undefined ? 'is required' : describeValues(issue.values);
    case 'too_big':
      return describeSize(issue.origin, issue.exact ? 'exactly' : 'at most', issue.maximum);
    case 'too_small':
      return describeSize(issue.origin, issue.exact ? 'exactly' : 'at least', issue.minimum);
    case 'invalid_format':
      return formats[issue.format] ?? 'must have the documented format';
    case 'not_multiple_of':
      return `must be a multiple of ${issue.divisor}`;
    case 'unrecognized_keys':
      return describeUnknown(issue.keys, knownNames(issue.inst, noun), noun).join('\n');
    case 'invalid_union':
      return describeUnion(issue);
    default:
      return 'must have the documented format';
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'a boolean',
  null: 'null',
  array: 'an array',
  tuple: 'an array',
  object: 'an object',
  record: 'an object',
};

const formats: Readonly<Record<string, string>> = {
  datetime: 'must be a time such as 2026-01-31T12:00:00Z',
  email: 'must be an email address',
  guid: 'must be a UUID',
  uuid: 'must be a UUID',
  url: 'must be a URL',
};

const describeValues = (values: readonly z.core.util.Primitive[]): string => {
  const [last, ...others] = values.map(String).toReversed();
  return others.length === 0
    ? `must be ${last}`
    : `must be ${others.toReversed().join(', ')} or ${last}`;
};

/** Lists the values of the discriminator, if the union has one. */
function describeUnion({
  input,
  discriminator,
  options,
}: RawIssue & { readonly code: 'invalid_union' }): string {
  const isObject = typeof input === 'object' && input !== null;
  const value =
    isObject && discriminator !== undefined
      ? (input as Readonly<Record<string, unknown>>)[discriminator]
      : input;
  if (value === undefined) return 'is required';
  return Array.isArray(options)
    ? describeValues(options as readonly z.core.util.Primitive[])
    : 'must have the documented format';
}

const unitNames: Readonly<Record<string, string>> = {
  string: 'character',
  array: 'item',
  record: 'field',
  object: 'field',
};

function describeSize(origin: string, bound: string, size: number | bigint): string {
  const unit = unitNames[origin];
  if (unit === undefined) return `must be ${bound} ${size}`;
  return `must have ${bound} ${size} ${unit}${size === 1 ? '' : 's'}`;
}

/** Fields of the schema that raised the issue. */
const knownNames = (schema: unknown, noun: Noun): readonly string[] =>
  schema instanceof z.ZodObject
    ? Object.entries(schema.shape).map(([name, field]) =>
        noun === 'parameter' && isParameterGroup(field) ? `${name}${memberName}` : name,
      )
    : [];

/** True for the schema of parameters `<group>.<name>`: an optional record, in a query. */
export const isParameterGroup = (schema: unknown): boolean =>
  (schema as Partial<z.ZodOptional<z.ZodType>>).def?.innerType?.def.type === 'record';

/**
 * Converts a zod issue to one issue per fault. For a union, the issues of the closest alternative.
 */
function toIssues(issue: z.core.$ZodIssue, parents: readonly PropertyKey[] = []): Issue[] {
  const path = [...parents, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    return issue.message
      .split('\n')
      .map((message, index) => ({ path: formatPath([...path, issue.keys[index] ?? '']), message }));
  }
  const closest = issue.code === 'invalid_union' ? findClosest(issue.errors) : undefined;
  if (closest) return closest.flatMap((nested) => toIssues(nested, path));
  if (
    issue.code === 'invalid_union' &&
    issue.errors.length > 0 &&
    issue.message !== 'is required'
  ) {
    return [
      {
        path: formatPath(path),
        message: joinAlternatives(issue.errors.flatMap((alternative) => alternative.slice(0, 1))),
      },
    ];
  }
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => ({
      path: formatPath(path),
      message: `cannot have this name, which ${message}`,
    }));
  }
  return [{ path: formatPath(path), message: issue.message }];
}

/** Joins messages, as in `must be a string or an array`. */
const joinAlternatives = (issues: readonly z.core.$ZodIssue[]): string =>
  [...new Set(issues.map(({ message }) => message))]
    .map((message, index) => (index === 0 ? message : message.replace(/^must be /, '')))
    .join(' or ');

/** Finds the alternative with the type of the value and the fewest issues. */
const findClosest = (
  alternatives: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | undefined =>
  alternatives
    .filter((issues) =>
      issues.every(
        ({ code, path }) =>
          path.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value'),
      ),
    )
    .toSorted((a, b) => a.length - b.length)[0];
