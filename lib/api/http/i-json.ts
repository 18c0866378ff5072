import { Failure } from '../../domain/kernel/failure.ts';

/** Open object or array with the current position. */
interface Container {
  readonly isArray: boolean;
  /** Earlier names. */
  names?: Set<string>;
  /** Name of the current field. */
  name?: string;
  /** Index of the current item. */
  index: number;
}

/**
 * Throws `malformed_json` for text that is not I-JSON (RFC 7493): repeated names, lone surrogates,
 * numbers that a double cannot represent, or names that reach a prototype. The failure has line,
 * column and path of the first fault. Works in one pass without recursion, because bodies can be
 * deeply nested.
 */
export function assertIJson(text: string): void {
  const open: Container[] = [];
  let at = skipSpace(text, 0);
  for (;;) {
    // A value starts here.
    const container = openContainer(text[at]);
    if (container) {
      open.push(container);
      at = skipSpace(text, at + 1);
      if (text[at] === getCloser(container)) {
        open.pop();
        at++;
      } else {
        if (!container.isArray) at = readName({ text, at, open, alternative: '}' });
        continue;
      }
    } else at = readScalar(text, at, open);

    // A value has ended. Containers may end too, up to the next comma.
    for (;;) {
      at = skipSpace(text, at);
      const parent = open.at(-1);
      if (!parent) {
        if (at < text.length) throw unexpected(text, at, 'the end of the body');
        return;
      }
      if (text[at] === getCloser(parent)) {
        open.pop();
        at++;
      } else {
        at = readComma(text, at, open);
        break;
      }
    }
  }
}

const openContainer = (character: string | undefined): Container | undefined =>
  character === '{' || character === '[' ? { isArray: character === '[', index: 0 } : undefined;

const getCloser = ({ isArray }: Container): string => (isArray ? ']' : '}');

/** Reads a comma up to the next value. */
function readComma(text: string, at: number, open: readonly Container[]): number {
  const parent = open.at(-1) as Container;
  const closer = getCloser(parent);
  if (text[at] !== ',') throw unexpected(text, at, `, or ${closer}`);
  const next = skipSpace(text, at + 1);
  if (text[next] === closer)
    throw syntaxFault(text, at, `the comma before ${closer} must be removed`);
  parent.index++;
  return parent.isArray ? next : readName({ text, at: next, open });
}

interface Position {
  readonly text: string;
  readonly at: number;
  readonly open: readonly Container[];
}

interface NamePosition extends Position {
  /** Another character that is valid here. */
  readonly alternative?: string;
}

/** Reads a name and its colon up to the value. */
function readName({ text, at, open, alternative }: NamePosition): number {
  if (text[at] !== '"')
    throw unexpected(text, at, `a name in double quotes${alternative ? ` or ${alternative}` : ''}`);
  const end = findStringEnd(text, at);
  const parent = open.at(-1) as Container;
  const name = decodeString(text, at, end);
  if (parent.name !== undefined) (parent.names ??= new Set()).add(parent.name);
  parent.name = name;
  if (!name.isWellFormed())
    throw valueFault({ text, at, open }, 'must not have a lone surrogate in its name');
  if (parent.names?.has(name))
    throw valueFault({ text, at, open }, 'must not be repeated in the same object');
  const isPrototype =
    name === '__proto__' || (name === 'prototype' && open.at(-2)?.name === 'constructor');
  if (isPrototype)
    throw valueFault({ text, at, open }, 'must have another name, because this one is reserved');
  const colon = skipSpace(text, end);
  if (text[colon] !== ':') throw unexpected(text, colon, 'a colon');
  return skipSpace(text, colon + 1);
}

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const literal = /true|false|null/y;

/** Reads a string, a number or a literal up to its end. */
function readScalar(text: string, at: number, open: readonly Container[]): number {
  if (text[at] === '"') {
    const end = findStringEnd(text, at);
    if (!decodeString(text, at, end).isWellFormed())
      throw valueFault({ text, at, open }, 'must not have a lone surrogate');
    return end;
  }
  const [token] = matchAt(literal, text, at) ?? matchAt(number, text, at) ?? [];
  if (token === undefined) throw unexpected(text, at, 'a value');
  if (/\d/.test(token) && !isExact(token)) {
    throw valueFault(
      { text, at, open },
      'must have no more digits than a 64-bit floating-point number can hold; send it as a string',
    );
  }
  return at + token.length;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

const escapes = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

/** End of the string that starts here, after its closing quote. */
function findStringEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length) {
    const character = text.charCodeAt(at);
    if (character === 0x22) return at + 1;
    if (character < 0x20)
      throw syntaxFault(text, at, 'control characters in a string must be escaped, such as \\n');
    if (character === 0x5c) {
      const [escape] = matchAt(escapes, text, at) ?? [];
      if (escape === undefined)
        throw syntaxFault(text, at, 'a backslash must begin one of the escape sequences of JSON');
      at += escape.length;
    } else at++;
  }
  throw syntaxFault(text, start, 'the string has no closing double quote');
}

function decodeString(text: string, start: number, end: number): string {
  const quoted = text.slice(start, end);
  return quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}

/** Skips the four white space characters of JSON. */
function skipSpace(text: string, start: number): number {
  let at = start;
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at++;
  return at;
}

/** True if a double holds exactly this number. */
function isExact(token: string): boolean {
  const canonical = String(Number(token));
  return token === canonical || toDecimal(token) === toDecimal(canonical);
}

/** Canonical form of a decimal number: significant digits and exponent. */
function toDecimal(token: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(token) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  // A pattern such as /0+$/ would take quadratic time.
  while (digits[end - 1] === '0') end--;
  if (end === 0) return whole === '' ? token : '0';
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

const unexpected = (text: string, at: number, expected: string): Failure =>
  syntaxFault(text, at, `expected ${expected}, found ${formatCharacter(text, at)}`);

function formatCharacter(text: string, at: number): string {
  const character = text.codePointAt(at);
  if (character === undefined) return 'the end of the body';
  const symbol = String.fromCodePoint(character);
  if (/[\p{C}\p{Z}]/u.test(symbol))
    return `U+${character.toString(16).toUpperCase().padStart(4, '0')}`;
  return symbol === "'" ? 'a single quote' : `'${symbol}'`;
}

function syntaxFault(text: string, at: number, fault: string): Failure {
  const position = findPosition(text, at);
  const { line, column } = position;
  return new Failure(
    'malformed_json',
    `The request body is not valid JSON at line ${line}, column ${column}: ${fault}`,
    {
      details: position,
    },
  );
}

function valueFault({ text, at, open }: Position, fault: string): Failure {
  const position = findPosition(text, at);
  const path = open
    .map(({ isArray, name = '', index }) => (isArray ? String(index) : name))
    .join('.')
    .slice(0, 100)
    .toWellFormed();
  const place = `line ${position.line}, column ${position.column}`;
  return new Failure('malformed_json', `${path || 'The request body'} ${fault} (${place})`, {
    details: { path, ...position },
  });
}

/** Line and column, from 1. Columns count characters. */
function findPosition(
  text: string,
  at: number,
): { readonly line: number; readonly column: number } {
  const lines = text.slice(0, at).split(/\r\n|\r|\n/);
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
}
