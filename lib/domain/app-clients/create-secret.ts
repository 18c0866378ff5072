import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { toHex } from '../kernel/ids.ts';

export interface NewSecret {
  /** Returned to the caller once and never stored. */
  readonly secret: string;
  readonly hash: string;
}

/** Creates a secret: `roster_<clientId>_<256 random bits in base64url>`. */
export function createSecret(clientId: string): NewSecret {
  const secret = `roster_${clientId}_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashSecret(secret) };
}

/** Hashes the whole text of a secret with SHA-256, in hex. */
export const hashSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex');

export const createSecretId = (): string => toHex(randomUUID());
