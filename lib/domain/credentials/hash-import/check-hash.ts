import { Failure, type Issue } from '../../kernel/failure.ts';
import { convertExportedHash, type ExportedHash } from './exported-hash.ts';
import { toPhc } from './foreign-hashes.ts';
import { findExcessiveCost } from '../hash-cost.ts';
import { damagedHash, invalidHash } from '../hash-encoding.ts';
import { findWeakness } from './hash-strength.ts';
import { parseStoredHash } from '../password-hash.ts';
import { assertSupportedHash } from './unsupported-hashes.ts';

/** A hash to store, with reasons to reject it. */
export interface CheckedHash {
  /** Contains no secret of the other system. */
  readonly text: string;
  readonly excessiveCost: string | undefined;
  readonly weakness: string | undefined;
}

/**
 * Converts and checks a hash of another system. Computes no hash. Returns data instead of throwing,
 * because functions load this module on demand, with its own copy of `Failure`.
 */
export function checkHash(input: string | ExportedHash): CheckedHash | { readonly issue: Issue } {
  try {
    const text = toStoredText(typeof input === 'string' ? input : convertExportedHash(input));
    const hash = parseStoredHash(text) ?? rejectUnknown(text);
    return {
      text,
      excessiveCost: findExcessiveCost(hash),
      weakness: findWeakness(hash),
    };
  } catch (error) {
    const [issue] = (error instanceof Failure && error.details.issues) || [];
    if (!issue) throw error;
    return { issue };
  }
}

const maxLength = 1024;

/** Converts a hash to the form that is stored. */
function toStoredText(text: string): string {
  if (text.length > maxLength) throw invalidHash(`must have at most ${maxLength} characters`);
  if (text.trim() !== text) throw invalidHash('must have no white space at its ends');
  return toPhc(text);
}

/** Throws `invalid_input` with the name of the format, if it is well known. */
function rejectUnknown(text: string): never {
  if (/^(?:argon2id|pbkdf2-sha(?:1|256|512)|2[aby])\$/.test(text))
    throw damagedHash('it must begin with $');
  assertSupportedHash(text);
  throw invalidHash(
    'must be a PHC string of argon2id, scrypt or PBKDF2, a bcrypt hash, or a documented format of another system',
  );
}
