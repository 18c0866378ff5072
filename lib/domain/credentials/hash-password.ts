import { argon2, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { normalizePassword } from './password-policy.ts';
import { createLimiter } from '../kernel/limiter.ts';

/** What a hash costs: `memory` in KiB, `passes` over it, lanes. */
export interface HashingCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP Password Storage Cheat Sheet, Argon2id. */
export const owaspArgon2id: HashingCost = { memory: 19_456, passes: 2, parallelism: 1 };

/** Seconds of waiting, at tens of milliseconds a hash; more would only be given up by who waits. */
const maxQueuePerCore = 128;

/**
 * Every hash of a password goes through here. More at once than there are cores would be no faster, and each takes memory by the
 * megabyte.
 */
export const hashLimiter = createLimiter(
  availableParallelism(),
  maxQueuePerCore * availableParallelism(),
);

const saltBytes = 16;
const tagBytes = 32;

/** Argon2id as a PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>`. Throws `unavailable` where too many wait. */
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

/** A hash that no password makes: what is verified in place of one that there is not, so that it takes as long. */
export const createRandomHash = (cost: HashingCost): string =>
  formatPhc(cost, randomBytes(saltBytes), randomBytes(tagBytes));

const formatPhc = (
  { memory, passes, parallelism }: HashingCost,
  salt: Buffer,
  tag: Buffer,
): string =>
  `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${toUnpaddedBase64(salt)}$${toUnpaddedBase64(tag)}`;

const toUnpaddedBase64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
