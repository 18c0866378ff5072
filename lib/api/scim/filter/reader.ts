import { Failure } from '../../../domain/kernel/failure.ts';

/** Value in a filter: text in quotes, or a word. */
export interface FilterToken {
  readonly text: string;
  readonly isQuoted: boolean;
}

/** Position in a filter or path. Reads forward only. */
export interface Reader {
  isAtEnd(): boolean;
  /** Next character. Empty at the end. */
  peek(): string;
  advance(): void;
  skipSpaces(): void;
  /** Reads up to a space, quote or bracket. */
  readWord(): string;
  /** Skips spaces and a word in any case. Returns false if another word follows. */
  skipWord(word: string): boolean;
  /** Skips spaces and reads a value. Undefined without one. */
  readValue(): FilterToken | undefined;
  /** Builds a failure with the position, counted from 1. */
  fail(problem: string): Failure;
}

const delimiters = ' "()[]';

/** Creates a reader. `subject` begins the messages. */
export function createReader(
  text: string,
  code: 'invalid_filter' | 'invalid_path',
  subject: string,
): Reader {
  let at = 0;
  const skipSpaces = (): void => {
    while (text[at] === ' ') at += 1;
  };
  const readWord = (): string => {
    const start = at;
    while (at < text.length && !delimiters.includes(text.charAt(at))) at += 1;
    return text.slice(start, at);
  };
  const fail = (problem: string): Failure =>
    new Failure(code, `${subject} is not valid at character ${at + 1}: ${problem}`);
  const readQuoted = (): string => {
    const start = at;
    at += 1;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    if (at >= text.length) throw fail('expected a closing quote');
    at += 1;
    const value = parseQuoted(text.slice(start, at));
    if (value === undefined) throw fail('expected a JSON string before this position');
    return value;
  };
  return {
    isAtEnd: () => {
      skipSpaces();
      return at >= text.length;
    },
    peek: () => text.charAt(at),
    advance: () => {
      at += 1;
    },
    skipSpaces,
    readWord,
    skipWord: (word) => {
      skipSpaces();
      const start = at;
      if (readWord().toLowerCase() === word) return true;
      at = start;
      return false;
    },
    readValue: () => {
      skipSpaces();
      if (text[at] === '"') return { text: readQuoted(), isQuoted: true };
      const word = readWord();
      return word === '' ? undefined : { text: word, isQuoted: false };
    },
    fail,
  };
}

/** Decodes a JSON string. Undefined if it is not one, or has a lone surrogate. */
function parseQuoted(text: string): string | undefined {
  try {
    const value = JSON.parse(text) as string;
    return value.isWellFormed() ? value : undefined;
  } catch {
    return undefined;
  }
}
