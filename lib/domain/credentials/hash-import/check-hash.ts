import { Failure, type Issue } from '../../kernel/failure.ts';
import { convertExportedHash, type ExportedHash } from './exported-hash.ts';
import { toPhc } from './foreign-hashes.ts';
import { findExcessiveCost } from '../hash-cost.ts';
import { invalidHash } from '../hash-encoding.ts';
import { findWeakness } from './hash-strength.ts';
import { validatePasswordHash } from '../password-hash.ts';

/** A hash to store, and what speaks against it. */
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
    const source = typeof input === 'string' ? input : convertExportedHash(input);
    const { hash, message } = validatePasswordHash(source);
    if (!hash) throw invalidHash(message ?? '');
    return {
      text: toPhc(source),
      excessiveCost: findExcessiveCost(hash),
      weakness: findWeakness(hash),
    };
  } catch (error) {
    const [issue] = (error instanceof Failure && error.details.issues) || [];
    if (!issue) throw error;
    return { issue };
  }
}
