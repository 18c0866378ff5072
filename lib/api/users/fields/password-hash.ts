import * as z from 'zod';

const exportedHash = () =>
  z.looseObject({
    format: z.string().meta({
      description: 'System that exported the hash: `firebase`, `keycloak` or `okta`.',
      examples: ['keycloak'],
    }),
  });

/** Password hash of another system. The domain checks and converts it. */
export const passwordHash = () =>
  z.union([z.string(), exportedHash()]).meta({
    writeOnly: true,
    description:
      'Password hash from another system, instead of a password. As text: a PHC string of `argon2id` (version 19), `scrypt`, `pbkdf2-sha1`, `pbkdf2-sha256` or `pbkdf2-sha512`, a bcrypt hash (`$2a$`, `$2b$`, `$2y$`), or a hash as ASP.NET Identity, Auth0, Django, LDAP (`{SSHA}`, `{SSHA512}`, `{ARGON2}`, `{CRYPT}$2y$…`), Spring or WordPress (`$wp$2y$…`, `$P$…`) stores it. As an object: `format` and the fields of an export of Firebase, Keycloak or Okta. Parameters may have any order. Salt and tag are encoded as base64, base64url or passlib base64, with or without padding. The salt has up to 128 bytes. The tag has 16, 32 or 64 bytes; for PBKDF2 also 20, 128, 256 or 512, or the length in `l`. A weaker hash than OWASP recommends requires `acceptWeakPasswordHash`. Never returned. Sign-in replaces the hash, except for bcrypt with a password of 72 bytes or more.',
    examples: [
      '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy',
      {
        format: 'keycloak',
        credentialData: '{"algorithm":"pbkdf2-sha512","hashIterations":210000}',
        secretData: '{"salt":"c2l4dGVlbiBieXRlcyBvaw==","value":"…"}',
      },
    ],
  });
