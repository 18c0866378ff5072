import { type Failure, unauthenticated } from '../../domain/kernel/failure.ts';
import type { Issuer } from './issuers.ts';
import { ownKeysUri } from './key-sets.ts';

/** Claims of a verified access token. */
export interface Claims {
  readonly issuer: Issuer;
  readonly subject: string;
  /** In lower case. Undefined if the token names no tenant. */
  readonly tenantId: string | undefined;
  /** Role names or IDs that may not exist. */
  readonly roles: readonly string[];
  /** Token generation of the user, in tokens of Roster. Default: 0. */
  readonly generation: number;
  /** Secret with which an app client obtained a token of Roster. */
  readonly secretId: string | undefined;
  /** Time of the sign-in (`auth_time`, RFC 9068 §2.2.1), in seconds. */
  readonly authTime: number | undefined;
  /** Expiration time, in seconds. */
  readonly exp: number;
}

const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

export const invalidToken = (message: string, cause?: unknown): Failure =>
  unauthenticated('token_invalid', message, cause);

/**
 * Parses a token before its verification. Rejects tokens that the verifier would accept:
 * non-canonical base64url and critical extensions. Throws before any key is fetched.
 */
export function parseUnverified(
  token: string,
  issuers: ReadonlyMap<unknown, Issuer>,
): { header: Record<string, unknown>; issuer: Issuer } {
  const parts = token.split('.').map((part) => ({ part, bytes: Buffer.from(part, 'base64url') }));
  const [header, payload] = parts.slice(0, 2).map(({ bytes }) => parseObject(bytes));
  const issuer = issuers.get(payload?.['iss']);
  const canonical = parts.every(({ part, bytes }) => bytes.toString('base64url') === part);
  if (!canonical || !header || !payload)
    throw invalidToken('The access token is not a well-formed JWT');
  if (!issuer) throw invalidToken('The issuer of the access token is not trusted');
  const { alg } = header;
  if ('crit' in header || typeof alg !== 'string' || !algorithms.includes(alg)) {
    throw invalidToken('The algorithm or a header of the access token is not supported');
  }
  return { header, issuer };
}

function parseObject(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Checks and converts a payload whose signature, issuer, audience and times are verified. */
export function toClaims(
  payload: Record<string, unknown>,
  { typ }: Record<string, unknown>,
  issuer: Issuer,
): Claims {
  const { exp, sub, client_id: clientId, token_use: tokenUse, auth_time: authTime } = payload;
  if (typeof exp !== 'number') throw invalidToken('The access token has no expiration time');
  if (typeof sub !== 'string' || sub === '' || sub.length > 256 || !sub.isWellFormed())
    throw invalidToken('The subject of the access token must be a string of 1 to 256 characters');
  if (issuer.clientIds && (typeof clientId !== 'string' || !issuer.clientIds.includes(clientId)))
    throw invalidToken('The access token is for another client');
  if (issuer.tokenUse !== undefined && tokenUse !== issuer.tokenUse)
    throw invalidToken('The token is not an access token');
  if (
    issuer.typ !== undefined &&
    (typeof typ !== 'string' || mediaSubtype(typ) !== mediaSubtype(issuer.typ))
  )
    throw invalidToken('The token is not an access token');

  const tenantId = payload[issuer.tenantClaim];
  if (tenantId !== undefined && (typeof tenantId !== 'string' || tenantId === ''))
    throw invalidToken('The tenant in the access token must be a string');
  const roles = payload[issuer.rolesClaim];
  const roleList = typeof roles === 'string' ? roles.split(' ') : Array.isArray(roles) ? roles : [];
  return {
    issuer,
    subject: sub,
    tenantId: tenantId?.toLowerCase(),
    roles: roleList.filter((role) => typeof role === 'string'),
    exp,
    secretId: typeof payload['secret_id'] === 'string' ? payload['secret_id'] : undefined,
    generation: issuer.jwksUri === ownKeysUri ? readGeneration(payload['token_generation']) : 0,
    authTime: typeof authTime === 'number' ? authTime : undefined,
  };
}

/** Missing in tokens of app clients and of users who never changed their password. */
function readGeneration(value: unknown): number {
  if (value === undefined) return 0;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalidToken('The access token is not valid');
  return value;
}

/** Media types compare without `application/` and case (RFC 9068 §2.1). */
const mediaSubtype = (typ: string): string => typ.toLowerCase().replace(/^application\//, '');
