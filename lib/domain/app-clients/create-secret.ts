import { createHash, randomBytes } from 'node:crypto';

/** A secret that is shown once, and what is kept of it. */
export interface NewSecret {
  readonly secret: string;
  /** SHA-256 of the whole text, in hex. */
  readonly hash: string;
}

/** A new secret of the app client that calls itself so: `roster_<clientId>_<256 random bits in base64url>`. */
export function createSecret(clientId: string): NewSecret {
  const secret = `roster_${clientId}_${randomBytes(32).toString('base64url')}`;
  return { secret, hash: hashSecret(secret) };
}

/** What is kept of a secret. */
export const hashSecret = (secret: string): string =>
  createHash('sha256').update(secret).digest('hex');
