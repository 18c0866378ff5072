import { Failure } from '../failure.ts';
import { type PasswordHash, parsePasswordHash } from './password-hash.ts';

// OWASP Password Storage Cheat Sheet. Each row of a table is as good as the others: what reaches all of one is strong enough.

/** KiB of memory and passes. */
const argon2id = [
  [47_104, 1],
  [19_456, 2],
  [12_288, 3],
  [9_216, 4],
  [7_168, 5],
] as const;
/** N and parallelism, with blocks of at least 8. */
const scrypt = [
  [2 ** 17, 1],
  [2 ** 16, 2],
  [2 ** 15, 3],
  [2 ** 14, 5],
  [2 ** 13, 10],
] as const;
const scryptBlocks = 8;
const pbkdf2 = { sha256: 600_000, sha512: 210_000 } as const;
const bcryptLogRounds = 10;

const reaches = (table: readonly (readonly [number, number])[], first: number, second: number): boolean =>
  table.some(([least, leastOther]) => first >= least && second >= leastOther);

function isStrong(hash: PasswordHash): boolean {
  if (hash.kind === 'argon2id') return reaches(argon2id, hash.memory, hash.passes);
  if (hash.kind === 'scrypt') return hash.blocks >= scryptBlocks && reaches(scrypt, hash.rounds, hash.parallelism);
  if (hash.kind === 'pbkdf2') return hash.rounds >= pbkdf2[hash.digest];
  return hash.logRounds >= bcryptLogRounds;
}

/** Throws `password_rejected` (422, reason `too_weak`) for a hash by which whoever gets hold of it soon has the password. */
export function assertStrong(text: string, field: string): void {
  const hash = parsePasswordHash(text);
  if (hash && isStrong(hash)) return;
  throw new Failure(
    'password_rejected',
    'This hash is weaker than OWASP asks for. With acceptWeakPasswordHash: true it is taken, and replaced when the user first signs in',
    { details: { field, reason: 'too_weak' } },
  );
}
