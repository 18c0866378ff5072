import { invalidInput } from '../kernel/failure.ts';

export const invalidHash = (message: string) => invalidInput({ path: 'passwordHash', message });

export const damagedHash = (reason: string) => invalidHash(`is cut off or damaged: ${reason}`);

/** Standard base64, base64url, and the variant of passlib, which has `.` instead of `+`. */
const alphabets = [/^[A-Za-z0-9+/]+$/, /^[A-Za-z0-9_-]+$/, /^[A-Za-z0-9./]+$/];

/** Decodes canonical base64, with complete padding or none. Throws `invalid_input`. */
export function decodeBase64(text: string, name: string): Buffer {
  const digits = text.replace(/={1,2}$/, '');
  if (!alphabets.some((alphabet) => alphabet.test(digits)))
    throw damagedHash(`its ${name} must be base64`);
  const bytes = Buffer.from(digits.replaceAll('.', '+'), 'base64');
  const canonical = bytes.toString('base64');
  const standard = text.replaceAll('.', '+').replaceAll('-', '+').replaceAll('_', '/');
  if (standard === canonical || standard === canonical.replace(/=+$/, '')) return bytes;
  throw damagedHash(`its ${name} is not complete base64`);
}

const bcryptDigits = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Clears the lowest bits of a character. Some libraries set them, and all ignore them. */
const clearBits = (digit: string, bits: number): string =>
  bcryptDigits[(bcryptDigits.indexOf(digit) >> bits) << bits] ?? digit;

/** Parses a bcrypt hash. The result has no stray padding bits, as the library requires. */
export function parseBcrypt(text: string): { readonly logRounds: number; readonly text: string } {
  const [, head = '', rounds = '', salt = '', tag = ''] =
    /^(\$2[aby]\$(\d\d)\$)([./A-Za-z0-9]{22})([./A-Za-z0-9]{31})$/.exec(text) ?? [];
  if (tag === '')
    throw damagedHash('a bcrypt hash is $2b$, two digits, $ and 53 characters of ./A-Za-z0-9');
  const logRounds = Number(rounds);
  if (logRounds < 4 || logRounds > 31) throw invalidHash('must have a bcrypt cost from 04 to 31');
  const canonical =
    salt.slice(0, -1) +
    clearBits(salt.at(-1) ?? '', 4) +
    tag.slice(0, -1) +
    clearBits(tag.at(-1) ?? '', 2);
  return { logRounds, text: head + canonical };
}
