/** Issuers of every algorithm that sign any text, well-formed or not. */
import { generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { tenantId } from '../service.ts';

const generators = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
} as const;
export type Algorithm = keyof typeof generators;
export const algorithms = Object.keys(generators) as Algorithm[];

const digests: Readonly<Record<Algorithm, string | null>> = {
  RS256: 'sha256',
  ES256: 'sha256',
  ES384: 'sha384',
  EdDSA: null,
};

/** Encodes a part of a token. Strings are unchanged, other values become JSON. */
export const part = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const seconds = (): number => Math.floor(Date.now() / 1000);

/** Creates an issuer with its own key. */
export function createSigner({
  alg = 'ES256',
  kid = randomUUID(),
  issuer = 'https://id.example.com',
}: {
  alg?: Algorithm;
  kid?: string;
  issuer?: string;
} = {}) {
  const { publicKey, privateKey } = generators[alg]();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' };

  /** Signs exactly this text. */
  const signsText = (text: string): string => {
    const signature = sign(digests[alg], Buffer.from(text), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${text}.${signature.toString('base64url')}`;
  };
  const header = (changes: object = {}) => ({ alg, kid, typ: 'at+jwt', ...changes });
  /** Claims of an administrator of `acme`. */
  const claims = (changes: object = {}) => ({
    iss: issuer,
    aud: 'roster',
    sub: 'somebody',
    tenant_id: tenantId.acme,
    roles: ['admin'],
    iat: seconds(),
    exp: seconds() + 3600,
    ...changes,
  });

  return {
    issuer,
    jwk,
    publicKey,
    header,
    claims,
    signsText,
    /** Entry of the `ISSUERS` list with an inline key. */
    settings: {
      issuer,
      jwks: { keys: [jwk] },
      audience: 'roster',
      typ: 'at+jwt',
      tenants: '*' as const,
    },
    /** Signs an access token with overrides. Undefined removes a claim. */
    signs: (claimChanges: object = {}, headerChanges: object = {}): string =>
      signsText(`${part(header(headerChanges))}.${part(claims(claimChanges))}`),
  };
}

export type Signer = ReturnType<typeof createSigner>;
