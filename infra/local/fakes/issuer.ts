import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  sign,
} from 'node:crypto';
import type * as z from 'zod';
import { publicJwk, type PublicJwk } from '../../../lib/aws/public-jwk.ts';
import type { issuerSchema } from '../../../lib/api/auth/issuers.ts';
import { keptSecret } from './secret-file.ts';

/** How long a token of the local issuer for everyday use is good for, in seconds. */
export const tokenLifetime = 3600;

/** Whom the local issuer's tokens are meant for. */
const audience = 'roster';

/** A token issuer that trusts whoever asks: for this machine and for tests only. */
export interface LocalIssuer {
  /** This issuer as an entry of the `ISSUERS` list: bound to every tenant, allowed to name system administrators, and speaking of users by their ids. */
  readonly settings: z.input<typeof issuerSchema>;
  readonly jwks: { readonly keys: readonly PublicJwk[] };
  /** Signs exactly these claims; `header` is merged over `alg`, `kid` and `typ`. */
  mint(claims: object, header?: object): string;
  /** An access token as a well-behaved issuer makes it, valid for an hour from now. */
  mintAccessToken(subject: { sub: string; tenantId?: string; roles?: readonly string[] }): string;
}

/** An ES256 issuer with the key in `keyFile`, which is made when it is not there, or else with a key that nobody keeps. */
export function createIssuer({
  issuer,
  keyFile,
}: {
  issuer: string;
  keyFile?: string;
}): LocalIssuer {
  const jwk = JSON.parse(keptSecret(keyFile, () => JSON.stringify(generateKey()))) as JsonWebKey;
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const published = publicJwk(createPublicKey(key));
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
        exp: iat + tokenLifetime,
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
