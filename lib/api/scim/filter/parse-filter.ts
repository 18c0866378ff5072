import { Failure } from '../../../domain/kernel/failure.ts';
import { type QuirkLog, reportQuirk } from '../quirks.ts';
import type { Attribute, ResourceSchema } from '../schema/attribute.ts';
import {
  type AttributePath,
  findByName,
  findPath,
  type SchemaPath,
} from '../schema/find-attribute.ts';
import { buildComparison, maxFilterBytes } from './comparison.ts';
import type { Filter } from './filter.ts';
import { createReader, type Reader } from './reader.ts';

const maxDepth = 32;
const maxTerms = 64;

/** Finds an attribute by the text of a path. */
type FindAttribute = (path: string) => AttributePath | undefined;

interface Parser {
  readonly reader: Reader;
  readonly log: QuirkLog | undefined;
  depth: number;
  terms: number;
}

/**
 * Parses a filter by recursive descent, in linear time. Throws `invalid_filter` for a filter that
 * is not valid, or is above the limits: 8,192 bytes, 64 terms, 32 levels.
 */
export function parseFilter(text: string, schema: ResourceSchema, log?: QuirkLog): Filter {
  if (Buffer.byteLength(text) > maxFilterBytes)
    throw new Failure('invalid_filter', `The filter must have at most ${maxFilterBytes} bytes`);
  const reader = createReader(text, 'invalid_filter', 'The filter');
  const filter = parseOr({ reader, log, depth: 0, terms: 0 }, findIn(schema, log));
  if (!reader.isAtEnd()) throw reader.fail('expected and, or, or the end');
  return filter;
}

const findIn =
  (schema: ResourceSchema, log: QuirkLog | undefined): FindAttribute =>
  (path) => {
    const found = findPath(path, schema, log);
    return found && 'attribute' in found ? found : undefined;
  };

/** Attribute that a PATCH operation selects. */
export interface ValuePath extends AttributePath {
  /** Filter of the values of a multi-valued attribute. */
  readonly filter?: Filter;
}

/** Parses `attribute[filter].subAttribute` of a PATCH. Throws `invalid_path`. */
export function parseValuePath(text: string, schema: ResourceSchema, log?: QuirkLog): ValuePath {
  if (Buffer.byteLength(text) > maxFilterBytes)
    throw new Failure('invalid_path', `path must have at most ${maxFilterBytes} bytes`);
  const reader = createReader(text, 'invalid_path', 'path');
  const parser = { reader, log, depth: 0, terms: 0 };
  const path = parseAttribute(parser, findIn(schema, log));
  const filter = reader.peek() === '[' ? parseBrackets(parser, path) : undefined;
  const subAttribute = filter ? parseSubAttribute(reader, path.attribute) : undefined;
  if (!reader.isAtEnd()) throw reader.fail('expected the end');
  return { ...path, ...(filter && { filter }), ...(subAttribute && { subAttribute }) };
}

/** Finds the target of a path, or the schema of a URN. Undefined for an unknown or invalid path. */
export function findValuePath(
  text: string,
  schema: ResourceSchema,
  log?: QuirkLog,
): ValuePath | SchemaPath | undefined {
  const found = findPath(text, schema, log);
  if (found || !findPath(text.split('[', 1)[0] ?? '', schema)) return found;
  try {
    return parseValuePath(text, schema, log);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

function parseOr(parser: Parser, find: FindAttribute): Filter {
  return parseTerms('or', parser, () => parseAnd(parser, find));
}

function parseAnd(parser: Parser, find: FindAttribute): Filter {
  return parseTerms('and', parser, () => parseTerm(parser, find));
}

function parseTerms(kind: 'and' | 'or', { reader }: Parser, parseTerm: () => Filter): Filter {
  const first = parseTerm();
  const terms = [first];
  while (reader.skipWord(kind)) terms.push(parseTerm());
  return terms.length === 1 ? first : { kind, terms };
}

function parseTerm(parser: Parser, find: FindAttribute): Filter {
  const { reader } = parser;
  reader.skipSpaces();
  if (reader.peek() === '(') return parseParentheses(parser, find);
  if (reader.skipWord('not')) {
    reader.skipSpaces();
    if (reader.peek() !== '(') throw reader.fail('expected ( after not');
    return { kind: 'not', term: parseParentheses(parser, find) };
  }
  parser.terms += 1;
  if (parser.terms > maxTerms) throw reader.fail(`must have at most ${maxTerms} terms`);
  const path = parseAttribute(parser, find);
  return reader.peek() === '[' ? parseFilteredValue(parser, path) : parseComparison(parser, path);
}

function parseParentheses(parser: Parser, find: FindAttribute): Filter {
  return parseNested(parser, ')', () => parseOr(parser, find));
}

/** Parses from an opening to the closing bracket. */
function parseNested(parser: Parser, closing: ')' | ']', parse: () => Filter): Filter {
  const { reader } = parser;
  reader.advance();
  parser.depth += 1;
  if (parser.depth > maxDepth) throw reader.fail(`must have at most ${maxDepth} levels`);
  const filter = parse();
  reader.skipSpaces();
  if (reader.peek() !== closing) throw reader.fail(`expected ${closing}`);
  reader.advance();
  parser.depth -= 1;
  return filter;
}

function parseAttribute({ reader }: Parser, find: FindAttribute): AttributePath {
  const word = reader.readWord();
  if (word === '') throw reader.fail('expected the name of an attribute');
  const path = find(word);
  if (!path) throw reader.fail(`${word.slice(0, 100)} is not a known attribute`);
  if (path.attribute.returned === 'never') throw reader.fail(`${word} cannot be compared`);
  return path;
}

/** Parses `[filter]` over the values of a complex attribute. */
function parseBrackets(parser: Parser, { attribute, subAttribute }: AttributePath): Filter {
  const { name, subAttributes } = attribute;
  if (!subAttributes || subAttribute) throw parser.reader.fail(`${name} has no values to filter`);
  const find = (path: string): AttributePath | undefined => {
    const found = findByName(subAttributes, path);
    return found && { attribute: found };
  };
  return parseNested(parser, ']', () => parseOr(parser, find));
}

/** Parses `.subAttribute` after a value path. */
function parseSubAttribute(reader: Reader, attribute: Attribute): Attribute | undefined {
  if (reader.peek() !== '.') return undefined;
  const name = reader.readWord().slice(1);
  const subAttribute = findByName(attribute.subAttributes ?? [], name);
  if (subAttribute) return subAttribute;
  throw reader.fail(`${name.slice(0, 100)} is not a sub-attribute of ${attribute.name}`);
}

/** Parses `emails[type eq "work"]`, also with `.value eq "ada@example.com"`, as Entra ID sends it. */
function parseFilteredValue(parser: Parser, path: AttributePath): Filter {
  const { reader, log } = parser;
  const filter = parseBrackets(parser, path);
  const subAttribute = parseSubAttribute(reader, path.attribute);
  if (!subAttribute) return { kind: 'value', path, filter };
  reportQuirk(log, 'filtered-sub-attribute');
  const comparison = parseComparison(parser, { attribute: subAttribute });
  const isNegated = comparison.kind === 'not';
  const terms = [filter, isNegated ? comparison.term : comparison];
  const value: Filter = { kind: 'value', path, filter: { kind: 'and', terms } };
  return isNegated ? { kind: 'not', term: value } : value;
}

function parseComparison({ reader, log }: Parser, path: AttributePath): Filter {
  if (reader.peek() !== ' ') throw reader.fail('expected a space and an operator such as eq');
  reader.skipSpaces();
  const operator = reader.readWord().toLowerCase();
  if (operator === 'pr') return { kind: 'present', path };
  const value = reader.peek() === ' ' ? reader.readValue() : undefined;
  return buildComparison(path, operator, value, { fail: reader.fail, log });
}
