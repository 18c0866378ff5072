import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { Failure } from './failure.ts';

const longest = 1024;
const shortestWord = 4;

/** NIST SP 800-63B-4 §3.1.1.2 wants passwords normalised before they are compared or hashed. */
const normalised = (password: string): string => password.normalize('NFKC');

/**
 * Throws `password_rejected` (422, `details.reason`) for a password that is too short or long, commonly used, a
 * mere pattern, or built around `words`: what anybody knows of its owner. No rules on composition (NIST SP 800-63B-4).
 */
export async function assertAcceptable(
  password: string,
  minimumLength: number,
  words: readonly (string | undefined)[],
  field = 'password',
): Promise<void> {
  const rejected = (reason: string, message: string) => new Failure('password_rejected', message, { details: { field, reason } });
  const tooLong = () => rejected('too_long', `The password may have ${longest} characters at most`);
  // Two units a character at most: what is longer need not be normalised to be counted.
  if (password.length > longest * 2) throw tooLong();
  const text = normalised(password);
  const length = [...text].length;
  if (length < minimumLength) throw rejected('too_short', `The password needs at least ${minimumLength} characters`);
  if (length > longest) throw tooLong();

  const lower = text.toLowerCase();
  if (isPattern([...lower])) throw rejected('pattern', 'The password repeats one short piece, or counts up or down');
  const known = words.filter((word) => word !== undefined).map((word) => normalised(word).toLowerCase());
  if (known.some((word) => [...word].length >= shortestWord && lower.includes(word))) {
    throw rejected('contains_known_word', 'The password contains the e-mail, the user name or the name of the tenant');
  }
  const { commonPasswords } = await import('./common-passwords.ts');
  // `password1234567` is no better than `password`.
  const core = lower.replace(/^\P{L}+|\P{L}+$/gu, '');
  if (commonPasswords.has(lower) || (core.length * 2 >= lower.length && commonPasswords.has(core)))
    throw rejected('commonly_used', 'The password is one of those that are tried first');
}

const isPattern = (characters: readonly string[]): boolean => {
  const repeatsAfter = (period: number) =>
    characters.every((character, index) => index < period || character === characters[index - period]);
  const stepsBy = (step: number) =>
    characters.every((character, index) => index === 0 || character.codePointAt(0)! - characters[index - 1]!.codePointAt(0)! === step);
  // A piece that makes up most of the password repeats nothing.
  const periods = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter((period) => period * 3 <= characters.length * 2);
  return periods.some(repeatsAfter) || [1, -1].some(stepsBy);
};

/** What a hash costs: `memory` in KiB, `passes` over it, lanes. */
export interface HashingCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet, Argon2id. */
export const owaspCost: HashingCost = { memory: 19_456, passes: 2, parallelism: 1 };

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

/** Argon2id as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`. */
export async function hashPassword(password: string, { memory, passes, parallelism }: HashingCost = owaspCost): Promise<string> {
  const nonce = randomBytes(16);
  const tag = await promisify(argon2)('argon2id', { message: normalised(password), nonce, memory, passes, parallelism, tagLength: 32 });
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/** Whether this password makes this hash, which must be an Argon2id PHC string as `hashPassword` writes them. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt = '', tag = ''] =
    /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/.exec(hash) ?? [];
  const expected = Buffer.from(tag, 'base64');
  if (expected.length === 0 || password.length > longest * 2) return false;
  const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const message = normalised(password);
  const actual = await promisify(argon2)('argon2id', { message, nonce: Buffer.from(salt, 'base64'), ...cost, tagLength: expected.length });
  return timingSafeEqual(actual, expected);
}
