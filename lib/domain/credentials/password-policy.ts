import { passwordRejected } from '../kernel/failure.ts';

export const maxPasswordLength = 1024;
const minWordLength = 4;

/** Normalizes a password before it is compared or hashed (NIST SP 800-63B-4 §3.1.1.2). */
export const normalizePassword = (password: string): string => password.normalize('NFKC');

export type PasswordReason =
  | 'too_short'
  | 'too_long'
  | 'pattern'
  | 'contains_known_word'
  | 'commonly_used'
  | 'is_hash';

/** Hash formats of other systems. An import may send a hash as the password by mistake. */
const hashPatterns = [
  /^(?:\{[\w-]{2,20}\})?\$(?:2[abxy]|argon2(?:id|i|d)|scrypt|pbkdf2(?:-\w+)?|[156y]|apr1|[PHS]|wp|f(?:iresc|bsc)rypt)\$\S{20,}$/i,
  /^\{(?:s?sha(?:256|384|512)?|s?md5|crypt|pbkdf2[\w-]*)\}\S{16,}$/i,
  /^(?:pbkdf2_sha(?:1|256)|bcrypt(?:_sha256)?|argon2|scrypt)\$\S{20,}$/i,
];

/** Returns the minimum length in a tenant: its own, or that of the deployment if it is higher. */
export const getMinimumLength = (
  { passwordMinLength = 0 }: { readonly passwordMinLength?: number | undefined },
  deploymentMinimum: number,
): number => Math.max(passwordMinLength, deploymentMinimum);

export interface PasswordRules {
  readonly minimumLength: number;
  readonly personalWords: readonly (string | undefined)[];
  /** Field name in error details. */
  readonly field?: string;
}

/**
 * Throws `password_rejected` (422, `details.reason`) for a password that is too short or long,
 * commonly used, a simple pattern, a hash, or contains a personal word. NIST SP 800-63B-4 advises
 * against composition rules. Uses nothing from Node.js, because the password page runs it, too.
 */
export async function assertPasswordAllowed(
  password: string,
  { minimumLength, personalWords, field = 'password' }: PasswordRules,
): Promise<void> {
  const rejection = (reason: PasswordReason, message: string) =>
    passwordRejected(field, reason, message);
  const tooLong = () => rejection('too_long', `must have at most ${maxPasswordLength} characters`);
  // A character has two UTF-16 units at most.
  if (password.length > maxPasswordLength * 2) throw tooLong();
  const text = normalizePassword(password);
  const length = [...text].length;
  if (length < minimumLength)
    throw rejection('too_short', `must have at least ${minimumLength} characters`);
  if (length > maxPasswordLength) throw tooLong();

  if (hashPatterns.some((pattern) => pattern.test(text)))
    throw rejection(
      'is_hash',
      'must not be a password hash; send hashes as passwordHash of POST /v1/users',
    );

  const lower = text.toLowerCase();
  if (isPattern([...lower]))
    throw rejection('pattern', 'must not repeat a short sequence or count up or down');
  const knownWords = personalWords
    .filter((word) => word !== undefined)
    .map((word) => normalizePassword(word).toLowerCase());
  if (knownWords.some((word) => [...word].length >= minWordLength && lower.includes(word))) {
    throw rejection(
      'contains_known_word',
      'must not contain the email, the username or the name of the tenant',
    );
  }
  const { commonPasswords } = await import('./common-passwords.ts');
  // `password1234567` is as weak as `password`.
  const core = lower.replace(/^\P{L}+|\P{L}+$/gu, '');
  if (commonPasswords.has(lower) || (core.length * 2 >= lower.length && commonPasswords.has(core)))
    throw rejection('commonly_used', 'must not be a commonly used password');
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
  // Longer periods would not repeat often enough.
  const periods = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].filter(
    (period) => period * 3 <= characters.length * 2,
  );
  return periods.some(repeatsAfter) || [1, -1].some(stepsBy);
};
