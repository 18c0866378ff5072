import type { PasswordHash } from '../password-hash.ts';

// OWASP Password Storage Cheat Sheet. The rows of a table are equally strong alternatives.

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
const pbkdf2 = { sha1: 1_300_000, sha256: 600_000, sha512: 210_000 } as const;
const bcryptLogRounds = 10;

const meetsMinimum = (
  table: readonly (readonly [number, number])[],
  first: number,
  second: number,
): boolean => table.some(([minFirst, minSecond]) => first >= minFirst && second >= minSecond);

/** NIST SP 800-132 requires 16, but Argon2 and older libraries use 8. */
const minSaltBytes = 8;
const minTagBytes = 32;

/** Describes the weakness of a hash that is easy to crack. */
export function findWeakness(hash: PasswordHash): string | undefined {
  if (hash.kind === 'bcrypt')
    return hash.logRounds >= bcryptLogRounds ? undefined : `has a cost below ${bcryptLogRounds}`;
  if (hash.kind === 'phpass' || hash.kind === 'salted-sha')
    return `is of ${hash.kind === 'phpass' ? 'MD5' : 'SHA'}, which is fast to guess`;
  if (hash.salt.length < minSaltBytes) return `has a salt of less than ${minSaltBytes} bytes`;
  if (hash.tag.length < minTagBytes)
    return `has a tag of less than ${minTagBytes} bytes, or is cut off`;
  return meetsOwaspMinimum(hash) ? undefined : 'is weaker than OWASP recommends';
}

function meetsOwaspMinimum(
  hash: Exclude<PasswordHash, { kind: 'bcrypt' | 'phpass' | 'salted-sha' }>,
): boolean {
  if (hash.kind === 'argon2id') return meetsMinimum(argon2id, hash.memory, hash.passes);
  if (hash.kind === 'scrypt' || hash.kind === 'scrypt-firebase')
    return hash.blocks >= scryptBlocks && meetsMinimum(scrypt, hash.rounds, hash.parallelism);
  return hash.rounds >= pbkdf2[hash.digest];
}
