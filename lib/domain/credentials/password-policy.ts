import { passwordRejected } from '../kernel/failure.ts';

/** In characters. What is longer is no password. */
export const maxPasswordLength = 1024;
const minWordLength = 4;

/** NIST SP 800-63B-4 §3.1.1.2 wants passwords normalised before they are compared or hashed. */
export const normalizePassword = (password: string): string => password.normalize('NFKC');

/** Why a password is not acceptable. */
export type PasswordReason =
  | 'too_short'
  | 'too_long'
  | 'pattern'
  | 'contains_known_word'
  | 'commonly_used'
  | 'is_hash';

/** Hashes as other systems store them. As a password, such a text comes from an import in the wrong field, and its owner could never sign in. */
const hashForms = [
  /^(?:\{[\w-]{2,20}\})?\$(?:2[abxy]|argon2(?:id|i|d)|scrypt|pbkdf2(?:-\w+)?|[156y]|apr1|[PHS]|wp)\$\S{20,}$/i,
  /^\{(?:s?sha(?:256|384|512)?|s?md5|crypt|pbkdf2[\w-]*)\}\S{16,}$/i,
  /^(?:pbkdf2_sha(?:1|256)|bcrypt(?:_sha256)?|argon2|scrypt)\$\S{20,}$/i,
];

/**
 * Throws `password_rejected` (422, `details.reason`) for a password that is too short or long, commonly used, a simple
 * pattern, a hash, or built around `words`, which are public facts about its owner. No rules on composition (NIST SP 800-63B-4).
 * It needs nothing of Node: the page on which an invited person chooses a password judges by the same code.
 */
export async function assertPasswordAllowed(
  password: string,
  minimumLength: number,
  words: readonly (string | undefined)[],
  field = 'password',
): Promise<void> {
  const rejected = (reason: PasswordReason, message: string) =>
    passwordRejected(field, reason, message);
  const tooLong = () => rejected('too_long', `must have at most ${maxPasswordLength} characters`);
  // Two units a character at most: what is longer need not be normalised to be counted.
  if (password.length > maxPasswordLength * 2) throw tooLong();
  const text = normalizePassword(password);
  const length = [...text].length;
  if (length < minimumLength)
    throw rejected('too_short', `must have at least ${minimumLength} characters`);
  if (length > maxPasswordLength) throw tooLong();

  if (hashForms.some((form) => form.test(text)))
    throw rejected(
      'is_hash',
      'must not be a password hash; send hashes as passwordHash of POST /v1/users',
    );

  const lower = text.toLowerCase();
  if (isPattern([...lower]))
    throw rejected('pattern', 'must not repeat a short sequence or count up or down');
  const knownWords = words
    .filter((word) => word !== undefined)
    .map((word) => normalizePassword(word).toLowerCase());
  if (knownWords.some((word) => [...word].length >= minWordLength && lower.includes(word))) {
    throw rejected(
      'contains_known_word',
      'must not contain the email, the username or the name of the tenant',
    );
  }
  const { commonPasswords } = await import('./common-passwords.ts');
  // `password1234567` is no better than `password`.
  const core = lower.replace(/^\P{L}+|\P{L}+$/gu, '');
  if (commonPasswords.has(lower) || (core.length * 2 >= lower.length && commonPasswords.has(core)))
    throw rejected('commonly_used', 'must not be a commonly used password');
}

const isPattern = (characters: readonly string[]): boolean => {
  const repeatsAfter = (period: number) =>
    characters.every(
      (character, index) => index < period || character === characters[index - period],
    );
  const stepsBy = (step: number) =>
    characters.every(
      (character, index) =>
        index === 0 || character.codePointAt(0)! - characters[index - 1]!.codePointAt(0)! === step,
    );
  // A piece that makes up most of the password repeats nothing.
  const periods = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter(
    (period) => period * 3 <= characters.length * 2,
  );
  return periods.some(repeatsAfter) || [1, -1].some(stepsBy);
};
