import { createHash, type KeyObject } from 'node:crypto';

/** The public part of a P-256 key, as it stands in a key set (RFC 7517). */
export interface PublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  /** The thumbprint of the key (RFC 7638), so that a key has the same name wherever it is named. */
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

/** Throws when it is a key of another kind. */
export function toPublicJwk(key: KeyObject): PublicJwk {
  const { kty, crv, x, y } = key.export({ format: 'jwk' });
  if (kty !== 'EC' || crv !== 'P-256' || x === undefined || y === undefined)
    throw new Error('access tokens are signed by a key on P-256');
  // RFC 7638 §3: the members that make the key, in the order of their names and without white space.
  const thumbprint = createHash('sha256')
    .update(JSON.stringify({ crv, kty, x, y }))
    .digest('base64url');
  return { kty, crv, x, y, kid: thumbprint, alg: 'ES256', use: 'sig' };
}
