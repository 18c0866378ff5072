import { JwtVerifier } from 'aws-jwt-verify';
import {
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
} from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { Failure, unauthenticated } from '../../domain/kernel/failure.ts';
import type { Issuer } from './issuers.ts';
import { inlineKeysScheme, KeysUnavailable, createKeySetFetcher, ownKeysUri } from './key-sets.ts';

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

const maxTokenLength = 8192;
const maxCachedTokens = 1000;
const cacheTtlMs = 60_000;
const keyRefreshMs = 10 * 60_000;
/** Rejects tokens that are as permanent as a password but cannot be changed. */
const maxTokenLifetimeMs = 366 * 24 * 3600 * 1000;
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Clock skew allowed for `nbf` (RFC 7519 §4.1.5). None is allowed for `exp`. */
const graceSeconds = 5;

const invalidToken = (message: string, cause?: unknown): Failure =>
  unauthenticated('token_invalid', message, cause);

/** Roster as an issuer. Its public keys are never fetched over HTTP. */
export interface OwnIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Public keys as JWKs. Rejects while they are unavailable. */
  readonly keys: () => Promise<readonly object[]>;
}

/** Creates the function that verifies bearer tokens of these issuers and of Roster. */
export function createTokenVerifier(
  externalIssuers: readonly Issuer[],
  ownIssuer: OwnIssuer,
  nowMs: () => number,
) {
  // A configured issuer cannot replace the keys of Roster's own issuer.
  const issuers = [
    ...externalIssuers.filter(({ issuer }) => issuer !== ownIssuer.issuer),
    toIssuer(ownIssuer),
  ];
  const byName = new Map(issuers.map((issuer) => [issuer.issuer, issuer]));
  const jwksCache = new SimpleJwksCache({
    fetcher: { fetch: createKeySetFetcher(ownIssuer.keys, nowMs) },
  });
  const verifier = JwtVerifier.create(
    issuers.map((issuer) => ({
      issuer: issuer.issuer,
      audience: issuer.audience ?? null,
      jwksUri: getKeySetUri(issuer),
    })),
    { jwksCache },
  );
  for (const { issuer, jwks } of issuers)
    if (jwks) verifier.cacheJwks(jwks as Parameters<typeof verifier.cacheJwks>[0], issuer);

  /** Retries with clock skew only for `nbf`, because the verifier would apply it to `exp` too. */
  const verify = (token: string): Promise<Record<string, unknown>> =>
    verifier.verify(token).catch((error: unknown) => {
      if (error instanceof JwtNotBeforeError) return verifier.verify(token, { graceSeconds });
      throw error;
    });

  const lastRefreshedAtMs = new Map(issuers.map((issuer) => [getKeySetUri(issuer), nowMs()]));
  /** Refreshes the keys of an issuer, so a withdrawn key expires before the process ends. */
  const refreshKeys = async (uri: string): Promise<void> => {
    if (
      uri.startsWith(inlineKeysScheme) ||
      nowMs() - (lastRefreshedAtMs.get(uri) ?? 0) < keyRefreshMs
    )
      return;
    lastRefreshedAtMs.set(uri, nowMs());
    // While an issuer fails, its previous keys stay valid.
    await jwksCache.getJwks(uri).catch(() => undefined);
  };

  const cache = new Map<string, { claims: Claims; until: number }>();

  /**
   * Verifies an `Authorization: Bearer` header (RFC 6750). Throws `unauthenticated`, or
   * `unavailable` if the keys of the issuer cannot be fetched.
   */
  return async (authorization: string | undefined): Promise<Claims> => {
    const [, value] = /^bearer +(\S.*)$/i.exec(authorization ?? '') ?? [];
    if (value === undefined)
      throw unauthenticated(
        'token_missing',
        'An access token is required: Authorization: Bearer <token>',
      );
    const token =
      value.length > maxTokenLength
        ? undefined
        : /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.exec(value)?.[0];
    if (token === undefined)
      throw invalidToken(`The access token must be a JWT of at most ${maxTokenLength} characters`);
    const cached = cache.get(token);
    if (cached && cached.until > nowMs()) return cached.claims;

    const { header, issuer } = parseUnverified(token, byName);
    await refreshKeys(getKeySetUri(issuer));
    let payload: Record<string, unknown>;
    try {
      payload = await verify(token);
    } catch (error) {
      if (error instanceof KeysUnavailable)
        throw new Failure('unavailable', 'The keys of the token issuer cannot be fetched', {
          cause: error,
        });
      throw toFailure(error);
    }
    const claims = toClaims(payload, header, issuer);
    const expiresAt = claims.exp * 1000;
    if (expiresAt - nowMs() > maxTokenLifetimeMs)
      throw invalidToken('The access token must expire within 366 days');
    if (cache.size >= maxCachedTokens) cache.clear();
    cache.set(token, { claims, until: Math.min(nowMs() + cacheTtlMs, expiresAt) });
    return claims;
  };
}

/**
 * Parses a token before its verification. Rejects tokens that the verifier would accept:
 * non-canonical base64url and critical extensions. Throws before any key is fetched.
 */
function parseUnverified(
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

/** Converts an error of the verifier, which verifies the signature before the claims. */
function toFailure(error: unknown): Failure {
  if (error instanceof JwtExpiredError)
    return unauthenticated('token_expired', 'The access token has expired', error);
  if (error instanceof JwtNotBeforeError)
    return unauthenticated('token_not_yet_valid', 'The access token is not valid yet', error);
  if (error instanceof JwtInvalidAudienceError)
    return invalidToken('The access token is for another audience', error);
  if (error instanceof JwtInvalidSignatureError)
    return invalidToken('The signature of the access token is not valid', error);
  return invalidToken('The access token is not valid', error);
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
function toClaims(
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
  const listed = typeof roles === 'string' ? roles.split(' ') : Array.isArray(roles) ? roles : [];
  return {
    issuer,
    subject: sub,
    tenantId: tenantId?.toLowerCase(),
    roles: listed.filter((role) => typeof role === 'string'),
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

/**
 * Trusts Roster's own tokens in all tenants. Their roles are ignored, because rights are read from
 * the directory.
 */
const toIssuer = ({ issuer, audience }: OwnIssuer): Issuer => ({
  issuer,
  audience,
  jwksUri: ownKeysUri,
  typ: 'at+jwt',
  tenantClaim: 'tenant_id',
  rolesClaim: 'roles',
  tenants: '*',
  subjectsAreUsers: true,
  system: false,
});

/**
 * URI of an issuer's keys. Defaults to the usual path, since OpenID Connect Discovery fixes none.
 */
const getKeySetUri = ({ issuer, jwksUri, jwks }: Issuer): string =>
  jwksUri ??
  (jwks ? `${inlineKeysScheme}${issuer}` : `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`);
