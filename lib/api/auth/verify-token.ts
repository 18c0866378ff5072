import { JwtVerifier } from 'aws-jwt-verify/jwt-verifier';
import {
  JwtExpiredError,
  JwtInvalidAudienceError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
} from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { Failure, unauthenticated } from '../../domain/kernel/failure.ts';
import type { Issuer } from './issuers.ts';
import { createKeySetFetcher, inlineKeysScheme, KeysUnavailable, ownKeysUri } from './key-sets.ts';
import { type Claims, invalidToken, parseUnverified, toClaims } from './token-claims.ts';

const maxTokenLength = 8192;
const maxCachedTokens = 1000;
const cacheTtlMs = 60_000;
const keyRefreshMs = 10 * 60_000;
/** Rejects tokens that are as permanent as a password but cannot be changed. */
const maxTokenLifetimeMs = 366 * 24 * 3600 * 1000;

/** Clock skew allowed for `nbf` (RFC 7519 §4.1.5). None is allowed for `exp`. */
const graceSeconds = 5;

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

  const cache = new Map<string, { claims: Claims; expiresAtMs: number }>();

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
    if (cached && cached.expiresAtMs > nowMs()) return cached.claims;

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
    const tokenExpiresAtMs = claims.exp * 1000;
    if (tokenExpiresAtMs - nowMs() > maxTokenLifetimeMs)
      throw invalidToken('The access token must expire within 366 days');
    if (cache.size >= maxCachedTokens) cache.clear();
    cache.set(token, { claims, expiresAtMs: Math.min(nowMs() + cacheTtlMs, tokenExpiresAtMs) });
    return claims;
  };
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

/**
 * Trusts Roster's own tokens in all tenants. Their roles are ignored, because the directory has the
 * current ones.
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
