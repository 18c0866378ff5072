import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { Failure } from '../domain/failure.ts';

const mostBytes = 1024 * 1024;

const malformed = (message: string, cause?: unknown): Failure => new Failure('malformed_json', message, { cause });

/**
 * The text of a JSON request body, before any parser sees it. Throws `malformed_json` where there is none or it is not
 * UTF-8, `unsupported_media_type` where it is not called JSON, and `payload_too_large` above 1 MiB.
 */
export function jsonText({ body, headers, isBase64Encoded }: APIGatewayProxyEventV2): string {
  if (!body) throw malformed('The request needs a JSON body');
  const mediaType = headers['content-type']?.split(';')[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') throw new Failure('unsupported_media_type', 'The Content-Type must be application/json');
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding !== 'identity') throw new Failure('unsupported_media_type', 'The request body must not be compressed');

  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  if (bytes.length > mostBytes) throw new Failure('payload_too_large', `The request body may have ${mostBytes} bytes at most`);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw malformed('The request body is not UTF-8', error);
  }
}

/** Strings (with a colon behind them they are names) and numbers: all that tells one JSON text from another of its shape. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"(\s*:)?|-?\d[\d.eE+-]*/g;

/**
 * Holds a parsed JSON text to what I-JSON (RFC 7493) asks besides, since whatever breaks it would be lost without a word:
 * no name twice in one object, no lone surrogates, no number that a double cannot hold. Throws `malformed_json`.
 */
export function assertInteroperable(text: string, parsed: unknown): void {
  let names = 0;
  for (const { 0: token, 1: colon, index } of text.matchAll(tokens)) {
    if (colon !== undefined) names++;
    else if (token[0] !== '"' && !isExact(token)) {
      throw malformed(`The number at position ${index} has more digits than can be kept; send it as a string`);
    }
  }
  const pending = [parsed];
  const check = (string: string) => {
    if (!string.isWellFormed()) throw malformed('A string holds half of a surrogate pair');
  };
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value === 'string') check(value);
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, member] of Object.entries(value)) {
      if (!Array.isArray(value)) {
        names--;
        check(name);
      }
      pending.push(member);
    }
  }
  if (names !== 0) throw malformed('A name stands twice in one object');
}

/** Whether a number is still the same after a double has held it. */
const isExact = (number: string): boolean => {
  const kept = String(Number(number));
  return number === kept || decimal(number) === decimal(kept);
};

/** One spelling for each decimal number: its digits without zeros around them, and the exponent of the last. */
function decimal(number: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(number) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, '');
  let end = digits.length;
  // Not a pattern such as /0+$/, whose time grows with the square of the length.
  while (digits[end - 1] === '0') end--;
  if (end === 0) return whole === '' ? number : '0';
  return `${sign}${digits.slice(0, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}
