import { invalidInput, passwordRejected } from '../../kernel/failure.ts';
import type { ExportedHash } from './exported-hash.ts';

const field = 'passwordHash';

/**
 * Checks a hash of another system, and returns the text to store. Throws `invalid_input` for an
 * unsupported or damaged one, and `password_rejected` if it is `too_costly` or `too_weak`.
 */
export async function acceptHash(
  input: string | ExportedHash,
  { acceptsWeak }: { readonly acceptsWeak: boolean },
): Promise<string> {
  const { checkHash } = await import('./check-hash.ts');
  const result = checkHash(input);
  if ('issue' in result) throw invalidInput(result.issue);
  const { text, excessiveCost, weakness } = result;
  if (excessiveCost !== undefined) throw passwordRejected(field, 'too_costly', excessiveCost);
  if (weakness !== undefined && !acceptsWeak)
    throw passwordRejected(
      field,
      'too_weak',
      `${weakness}. With acceptWeakPasswordHash: true, the hash is accepted and replaced at the first sign-in`,
    );
  return text;
}
