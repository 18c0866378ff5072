import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
} from 'node:crypto';
import type * as z from 'zod';
import { toPublicJwk, type PublicJwk } from '../../../lib/aws/public-jwk.ts';
import type { issuerSchema } from '../../../lib/api/auth/issuers.ts';
import { loadOrCreateSecret } from './secret-file.ts';

/** Lifetime of an access token of the local issuer. */
export const tokenLifetimeSeconds = 3600;

/** Audience of the tokens of the local issuer. */
const audience = 'roster';

/** Token issuer that signs claims for any caller. For local use and tests only. */
export interface LocalIssuer {
  /**
   * Entry for the `ISSUERS` list. The issuer covers every tenant, can name system administrators,
   * and uses user IDs as subjects.
   */
  readonly settings: z.input<typeof issuerSchema>;
  readonly jwks: { readonly keys: readonly PublicJwk[] };
  /** Signs exactly these claims. `header` overrides `alg`, `kid` and `typ`. */
  mint(claims: object, header?: object): string;
  /** Signs a complete access token that is valid for one hour. */
  mintAccessToken(subject: { sub: string; tenantId?: string; roles?: readonly string[] }): string;
}

/**
 * Creates an ES256 issuer. Its key is in `keyFile`, which is created if missing. Without a file the
 * key lives in memory.
 */
export function createIssuer({
  issuer,
  keyFile,
}: {
  issuer: string;
  keyFile?: string;
}): LocalIssuer {
  const jwk = JSON.parse(
    loadOrCreateSecret(keyFile, () => JSON.stringify(generateKey())),
  ) as JsonWebKey;
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const published = toPublicJwk(createPublicKey(key));
  const { kid } = published;
  const keys = [{ ...published }];

  const mint = (claims: object, header: object = {}) => {
    const signed = `${encode({ alg: 'ES256', kid, typ: 'at+jwt', ...header })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  };

  return {
    settings: {
      issuer,
      jwksUri: `${issuer}/jwks.json`,
      jwks: { keys },
      audience,
      typ: 'at+jwt',
      tenants: '*',
      subjectsAreUsers: true,
      system: true,
    },
    jwks: { keys },
    mint,
    mintAccessToken: ({ sub, tenantId, roles = [] }) => {
      const iat = Math.floor(Date.now() / 1000);
      const tenant = tenantId === undefined ? {} : { tenant_id: tenantId };
      return mint({
        iss: issuer,
        aud: audience,
        sub,
        ...tenant,
        roles,
        iat,
        auth_time: iat,
        exp: iat + tokenLifetimeSeconds,
      });
    },
  };
}

function generateKey(): JsonWebKey {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' });
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
