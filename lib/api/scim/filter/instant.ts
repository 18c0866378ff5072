const maxTimeLength = 64;
/** Makes milliseconds of four-digit years positive. */
const offsetMs = 1e14;

/**
 * Converts a time (RFC 3339) with any number of fractional digits to a text that sorts by instant.
 * Undefined for another text. A time without an offset is in UTC.
 */
export function parseInstant(text: string): string | undefined {
  const upper = text.toUpperCase();
  if (text.length > maxTimeLength || !isDigits(upper.slice(0, 4)) || upper[4] !== '-')
    return undefined;
  const dot = upper.indexOf('.');
  const [whole, fraction] = dot < 0 ? [upper, ''] : splitFraction(upper, dot);
  if (dot >= 0 && fraction === '') return undefined;
  const clock = whole.slice(10);
  const hasOffset = ['Z', '+', '-'].some((mark) => clock.includes(mark));
  const ms = Date.parse(clock === '' || hasOffset ? whole : `${whole}Z`);
  if (Number.isNaN(ms)) return undefined;
  return `${String(ms + offsetMs).padStart(16, '0')}.${trimZeros(fraction)}`;
}

/** Splits a time into the time without a fraction of a second, and the digits of the fraction. */
function splitFraction(text: string, dot: number): readonly [whole: string, fraction: string] {
  let end = dot + 1;
  while (isDigits(text.charAt(end))) end += 1;
  return [text.slice(0, dot) + text.slice(end), text.slice(dot + 1, end)];
}

const isDigits = (text: string): boolean =>
  text !== '' && [...text].every((character) => character >= '0' && character <= '9');

function trimZeros(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === '0') end -= 1;
  return digits.slice(0, end);
}
