import * as z from 'zod';
import { validatePasswordHash } from '../../../domain/credentials/password-hash.ts';

/** Password hash of another system. The domain checks cost and strength. */
export const passwordHash = () =>
  z
    .string()
    .check(({ value, issues }) => {
      const { message } = validatePasswordHash(value);
      if (message !== undefined) issues.push({ code: 'custom', message, input: undefined });
    })
    .meta({
      writeOnly: true,
      description:
        'Password hash from another system, instead of a password: a PHC string of `argon2id` (version 19), `scrypt`, `pbkdf2-sha256` or `pbkdf2-sha512`, or a bcrypt hash (`$2a$`, `$2b$`, `$2y$`). Parameters may have any order. Salt and tag are encoded as base64, base64url or passlib base64, with or without padding. The salt has up to 128 bytes. The tag has 16, 32 or 64 bytes; for PBKDF2 also 20, 128, 256 or 512, or the length in `l`. A tag below 32 bytes or a salt below 8 bytes requires `acceptWeakPasswordHash`. The formats of Django (`pbkdf2_sha256$…`, `scrypt$…`, `argon2$…`, `bcrypt$…`), LDAP and Spring (`{ARGON2}`, `{PBKDF2-SHA256}`, `{bcrypt}`, `{CRYPT}$2y$…`) are also accepted. Never returned. Sign-in replaces the hash, except for bcrypt with a password of 72 bytes or more.',
      examples: ['$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy'],
    });
