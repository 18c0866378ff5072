import { argon2, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { normalizePassword } from './password-policy.ts';
import { createLimiter } from '../kernel/limiter.ts';

/** Parameters of Argon2id. */
export interface HashingCost {
  /** KiB. */
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** Minimum of the OWASP Password Storage Cheat Sheet. */
export const owaspArgon2id: HashingCost = { memory: 19_456, passes: 2, parallelism: 1 };

/** A few seconds of waiting at tens of milliseconds per hash. */
const maxQueuePerCore = 128;

/**
 * Runs one hash per core. More would not be faster, and each takes megabytes of memory.
 */
export const hashLimiter = createLimiter(
  availableParallelism(),
  maxQueuePerCore * availableParallelism(),
);

const saltBytes = 16;
const tagBytes = 32;

/**
 * Hashes a password with Argon2id, as the PHC string `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`.
 * Throws `unavailable` if too many calls wait.
 */
export async function hashPassword(
  password: string,
  cost: HashingCost = owaspArgon2id,
): Promise<string> {
  const nonce = randomBytes(saltBytes);
  const tag = await hashLimiter(() =>
    promisify(argon2)('argon2id', {
      message: normalizePassword(password),
      nonce,
      ...cost,
      tagLength: tagBytes,
    }),
  );
  return formatPhc(cost, nonce, tag);
}

/** Creates a hash that no password matches. Verifying it takes as long as a real one. */
export const createRandomHash = (cost: HashingCost): string =>
  formatPhc(cost, randomBytes(saltBytes), randomBytes(tagBytes));

const formatPhc = (
  { memory, passes, parallelism }: HashingCost,
  salt: Buffer,
  tag: Buffer,
): string =>
  `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${toUnpaddedBase64(salt)}$${toUnpaddedBase64(tag)}`;

const toUnpaddedBase64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
