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

/** What a verified access token says, and the issuer that says it. */
export interface Claims {
  readonly issuer: Issuer;
  readonly subject: string;
  /** Lower case; undefined when the token names no tenant. */
  readonly tenantId: string | undefined;
  /** Role names or ids, unchecked. */
  readonly roles: readonly string[];
  /** Of a user's token of Roster's own, when it was made; 0 where it does not say. */
  readonly generation: number;
  /** Secret with which an app client obtained a token of Roster. */
  readonly secretId: string | undefined;
  /** Time of the sign-in (`auth_time`, RFC 9068 §2.2.1), in seconds. */
  readonly authTime: number | undefined;
  /** Its expiration time, in epoch seconds. */
  readonly exp: number;
}

const maxTokenLength = 8192;
const maxCachedTokens = 1000;
const cacheTtlMs = 60_000;
const keyRefreshMs = 10 * 60_000;
/** A token that is good for longer is no access token, but a password that cannot be changed. */
const maxTokenLifetimeMs = 366 * 24 * 3600 * 1000;
const algorithms = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'];

/** Seconds by which the clock of an issuer may be ahead (`nbf`, RFC 7519 §4.1.5). A token ends at its `exp`, without any leeway. */
const graceSeconds = 5;

const invalidToken = (message: string, cause?: unknown): Failure =>
  unauthenticated('token_invalid', message, cause);

/** Roster as an issuer: its own public keys come from its configuration, and never over HTTP. */
export interface OwnIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** As JWKs. Fails while they cannot be had. */
  readonly keys: () => Promise<readonly object[]>;
}

/** Verifies the bearer tokens of these issuers, and of Roster's own. `now` is in epoch milliseconds. */
export function createTokenVerifier(
  externalIssuers: readonly Issuer[],
  ownIssuer: OwnIssuer,
  nowMs: () => number,
) {
  // Its own name is Roster's, whoever else is listed by it: nobody else's keys are good for that.
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

  /** The verifier's leeway is for `exp` as well, so it is used only where `nbf` needs it. */
  const verify = (token: string): Promise<Record<string, unknown>> =>
    verifier.verify(token).catch((error: unknown) => {
      if (error instanceof JwtNotBeforeError) return verifier.verify(token, { graceSeconds });
      throw error;
    });

  const lastRefreshedAtMs = new Map(issuers.map((issuer) => [getKeySetUri(issuer), nowMs()]));
  /** An issuer's keys as they were not long ago: what it has withdrawn must not be good for as long as a container lives. */
  const refreshKeys = async (uri: string): Promise<void> => {
    if (
      uri.startsWith(inlineKeysScheme) ||
      nowMs() - (lastRefreshedAtMs.get(uri) ?? 0) < keyRefreshMs
    )
      return;
    lastRefreshedAtMs.set(uri, nowMs());
    // An issuer that is down keeps the keys it had.
    await jwksCache.getJwks(uri).catch(() => undefined);
  };

  /** Verified tokens, so that a client's next call costs no signature check. */
  const cache = new Map<string, { claims: Claims; until: number }>();

  /**
   * The claims of an `Authorization: Bearer` header (RFC 6750). Throws `unauthenticated` for whatever is no valid access
   * token of a configured issuer, `unavailable` when its keys cannot be had.
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
 * The header of a token, and the issuer that it says it is from. Refuses what the verifier would let pass (parts in more
 * than one spelling, critical extensions) and what is no token of ours, before any key is looked for.
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
  if (!issuer) throw invalidToken('The issuer of the access token is not trusted here');
  const { alg } = header;
  if ('crit' in header || typeof alg !== 'string' || !algorithms.includes(alg)) {
    throw invalidToken('The access token has an algorithm or a header that is not accepted');
  }
  return { header, issuer };
}

/** The failure for what the verifier throws. It verifies the signature before any claim. */
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

/** Reads a payload whose signature, issuer, audience and times are verified; holds it to what we ask for besides. */
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

/** `application/at+jwt` and `at+jwt` are the same (RFC 9068 §2.1), whatever the case. */
const mediaSubtype = (typ: string): string => typ.toLowerCase().replace(/^application\//, '');

/** As a trusted issuer. What its tokens say of roles is for others to read, and who may be what is in the directory. */
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

/** Where an issuer's keys are (OpenID Connect Discovery has no fixed place; this is the usual one). */
const getKeySetUri = ({ issuer, jwksUri, jwks }: Issuer): string =>
  jwksUri ??
  (jwks ? `${inlineKeysScheme}${issuer}` : `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`);
