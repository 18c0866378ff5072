import { createHash } from 'node:crypto';
import { type ChangeRecord, toCanonicalJson } from '../kernel/change-record.ts';

/**
 * Computes the SHA-256 (hexadecimal) of the values in a change record. The event feed proves by it
 * that they did not change. Without the salt, which an erasure removes, it reveals nothing.
 */
export function digestValues(
  salt: string,
  { before, omitted, after }: Partial<Pick<ChangeRecord, 'before' | 'omitted' | 'after'>>,
): string {
  const values = toCanonicalJson({ before, omitted, after });
  return createHash('sha256').update(salt).update('\n').update(values).digest('hex');
}
