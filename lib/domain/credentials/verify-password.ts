import { argon2, pbkdf2, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { compare } from 'bcryptjs';
import { maxPasswordLength, normalizePassword } from './password-policy.ts';
import { isAffordable } from './hash-cost.ts';
import { type PasswordHash, parsePasswordHash } from './password-hash.ts';
import { hashLimiter } from './hash-password.ts';

/** Returns the forms to verify: normalized, and as typed for hashes of other systems. */
export const getPasswordForms = (password: string): readonly string[] => [
  ...new Set([normalizePassword(password), password]),
];

/** True for a hash within the allowed cost. A stored hash can be older than a limit. */
export function isVerifiable(text: string): boolean {
  const hash = parsePasswordHash(text);
  return hash !== undefined && isAffordable(hash);
}

/** bcrypt ignores further bytes. */
const maxBcryptBytes = 72;

/**
 * True if a matched hash covers the whole password. bcrypt compares 72 bytes, so the rest may
 * differ. NUL bytes end or repeat the key of bcrypt, and pad the HMAC key of PBKDF2 and scrypt.
 */
export function coversWholePassword(password: string, text: string): boolean {
  const kind = parsePasswordHash(text)?.kind;
  if (kind === 'argon2id') return true;
  const hasNul = password.includes('\u0000');
  return (
    !hasNul &&
    (kind !== 'bcrypt' ||
      getPasswordForms(password).every((form) => Buffer.byteLength(form) < maxBcryptBytes))
  );
}

/**
 * True if the password matches the hash, of any supported kind. Computes one hash per form of the
 * password. False, without computing, for a hash that takes too long. Throws `unavailable` if too
 * many calls wait.
 */
export async function verifyPassword(password: string, text: string): Promise<boolean> {
  const hash = parsePasswordHash(text);
  if (!hash || !isAffordable(hash) || password.length > maxPasswordLength * 2) return false;
  for (const form of getPasswordForms(password)) {
    if (await hashLimiter(() => matches(form, hash))) return true;
  }
  return false;
}

/** More than scrypt uses, because Node.js overestimates its memory. */
const maxScryptBytes = 512 * 1024 * 1024;

async function matches(message: string, hash: PasswordHash): Promise<boolean> {
  if (hash.kind === 'bcrypt') return compare(message, hash.text);
  const tag = await deriveTag(message, hash);
  return timingSafeEqual(tag, hash.tag.subarray(0, tag.length));
}

/** The blocks of a PBKDF2 tag are independent. Attackers compute only the first, so it suffices. */
const digestBytes = { sha256: 32, sha512: 64 } as const;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

function deriveTag(
  message: string,
  hash: Exclude<PasswordHash, { kind: 'bcrypt' }>,
): Promise<Buffer> {
  const { salt, tag } = hash;
  if (hash.kind === 'argon2id') {
    const { memory, passes, parallelism } = hash;
    return promisify(argon2)('argon2id', {
      message,
      nonce: salt,
      memory,
      passes,
      parallelism,
      tagLength: tag.length,
    });
  }
  if (hash.kind === 'pbkdf2')
    return promisify(pbkdf2)(
      message,
      salt,
      hash.rounds,
      Math.min(tag.length, digestBytes[hash.digest]),
      hash.digest,
    );
  const { rounds: N, blocks: r, parallelism: p } = hash;
  return derive(message, salt, tag.length, { N, r, p, maxmem: maxScryptBytes });
}
