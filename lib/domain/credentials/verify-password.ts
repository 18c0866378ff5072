import { argon2, pbkdf2, scrypt, type ScryptOptions, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { compare } from 'bcryptjs';
import { maxPasswordLength, normalizePassword } from './password-policy.ts';
import { isAffordable } from './hash-cost.ts';
import { type PasswordHash, parsePasswordHash } from './password-hash.ts';
import { hashLimiter } from './hash-password.ts';

/** In what forms a password is tried: other systems may have hashed it as it was typed, so that one which normalising changes has two. */
export const getPasswordForms = (password: string): readonly string[] => [
  ...new Set([normalizePassword(password), password]),
];

/** True for a hash that can be verified within the allowed CPU time. A stored one may date from before a limit. */
export function isVerifiable(text: string): boolean {
  const hash = parsePasswordHash(text);
  return hash !== undefined && isAffordable(hash);
}

/** bcrypt ignores what follows. */
const maxBcryptBytes = 72;

/**
 * True if a hash that a password has matched confirms all of the password. bcrypt compares 72 bytes, so a password that fills them may have
 * another end. NUL bytes end or repeat the key of bcrypt, and pad that of HMAC in PBKDF2 and scrypt.
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
 * True if the password matches the hash, of any supported kind. Computes one hash for each form of the password, and none for a hash that
 * takes too long: the result is then false. Throws `unavailable` if too many calls wait.
 */
export async function verifyPassword(password: string, text: string): Promise<boolean> {
  const hash = parsePasswordHash(text);
  if (!hash || !isAffordable(hash) || password.length > maxPasswordLength * 2) return false;
  for (const form of getPasswordForms(password)) {
    if (await hashLimiter(() => matches(form, hash))) return true;
  }
  return false;
}

/** For the library, which adds up memory more strictly than it uses it. Bytes. */
const scryptMemory = 512 * 1024 * 1024;

async function matches(message: string, hash: PasswordHash): Promise<boolean> {
  // Its first 72 bytes, which is all that whoever made the hash has looked at.
  if (hash.kind === 'bcrypt') return compare(message, hash.text);
  const tag = await deriveTag(message, hash);
  return timingSafeEqual(tag, hash.tag.subarray(0, tag.length));
}

/** The blocks of a PBKDF2 tag do not depend on each other: the first is enough, and what an attacker computes. */
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
  return derive(message, salt, tag.length, { N, r, p, maxmem: scryptMemory });
}
