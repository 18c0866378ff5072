import {
  argon2,
  createCipheriv,
  createHmac,
  hash as digest,
  pbkdf2,
  scrypt,
  type ScryptOptions,
  timingSafeEqual,
} from 'node:crypto';
import { promisify } from 'node:util';
import { compare } from 'bcryptjs';
import { maxPasswordLength, normalizePassword } from './password-policy.ts';
import { isAffordable } from './hash-cost.ts';
import {
  type BcryptPrehash,
  type PasswordHash,
  parsePasswordHash,
  phpassDigits,
} from './password-hash.ts';
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
  const hash = parsePasswordHash(text);
  if (!hash) return false;
  if (hash.kind === 'bcrypt' && !hash.prehash)
    return (
      !password.includes('\u0000') &&
      getPasswordForms(password).every((form) => Buffer.byteLength(form) < maxBcryptBytes)
    );
  const keysHmac =
    hash.kind === 'scrypt' || hash.kind === 'scrypt-firebase' || hash.kind === 'pbkdf2';
  return !keysHmac || !password.includes('\u0000');
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
  if (hash.kind === 'bcrypt')
    return compare(hash.prehash ? prehashes[hash.prehash](message) : message, hash.text);
  if (hash.kind === 'phpass') {
    const tag = encodePhpass(hashPhpass(message, hash));
    return timingSafeEqual(Buffer.from(tag), Buffer.from(hash.tag));
  }
  const tag = await deriveTag(message, hash);
  return timingSafeEqual(tag, hash.tag.subarray(0, tag.length));
}

const prehashes: Readonly<Record<BcryptPrehash, (password: string) => string>> = {
  wordpress: (password) => createHmac('sha384', 'wp-sha384').update(password).digest('base64'),
  django: (password) => digest('sha256', password),
};

/** Computes the MD5 of phpass: of salt and password, then of the last MD5 and the password. */
function hashPhpass(
  message: string,
  { logRounds, salt }: PasswordHash & { readonly kind: 'phpass' },
): Buffer {
  const password = Buffer.from(message);
  const input = Buffer.concat([Buffer.alloc(16), password]);
  digest('md5', Buffer.concat([Buffer.from(salt), password]), 'buffer').copy(input);
  for (let round = 0; round < 2 ** logRounds; round++) digest('md5', input, 'buffer').copy(input);
  return input.subarray(0, 16);
}

/** Encodes bytes in the base64 of phpass, least significant digit first. */
function encodePhpass(bytes: Buffer): string {
  let text = '';
  for (let start = 0; start < bytes.length; start += 3) {
    const group = bytes.subarray(start, start + 3);
    const value = group.readUIntLE(0, group.length);
    for (let digit = 0; digit <= group.length; digit++)
      text += phpassDigits[(value >> (6 * digit)) & 63];
  }
  return text;
}

/** The blocks of a PBKDF2 tag are independent. Attackers compute only the first, so it suffices. */
const digestBytes = { sha1: 20, sha256: 32, sha512: 64 } as const;

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt);

async function deriveTag(
  message: string,
  hash: Exclude<PasswordHash, { kind: 'bcrypt' | 'phpass' }>,
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
  if (hash.kind === 'scrypt') return deriveScrypt(message, hash, tag.length);
  if (hash.kind === 'scrypt-firebase') {
    const key = await deriveScrypt(message, hash, 32);
    return createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(tag.length));
  }
  const parts = [Buffer.from(message), salt];
  return digest(
    hash.digest,
    Buffer.concat(hash.isSaltFirst ? parts.toReversed() : parts),
    'buffer',
  );
}

const deriveScrypt = (
  message: string,
  {
    salt,
    rounds: N,
    blocks: r,
    parallelism: p,
  }: PasswordHash & { readonly kind: 'scrypt' | 'scrypt-firebase' },
  length: number,
): Promise<Buffer> => derive(message, salt, length, { N, r, p, maxmem: maxScryptBytes });
