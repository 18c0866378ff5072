import { randomUUID } from 'node:crypto';
import type { Permission } from '../access/permissions.ts';
import { Failure } from '../kernel/failure.ts';
import type { Timestamp } from '../kernel/time.ts';

/** Current signing key of access tokens. */
export interface SigningKey {
  /** `kid`: thumbprint of the public key (RFC 7638). */
  readonly keyId: string;
  /** Signs with ES256 (RFC 7518 §3.4). Throws `unavailable` if the key cannot be used. */
  sign(message: Buffer): Promise<Buffer>;
}

export interface IssuerDependencies {
  readonly now: () => Date;
  /** Throws `unavailable`. */
  readonly signingKey: () => Promise<SigningKey>;
  readonly ownIssuer: OwnIssuer;
}

/** Roster as the issuer of its own tokens. */
export interface OwnIssuer {
  readonly issuer: string;
  /** Roster's own API. No other audience is accepted here. */
  readonly audience: string;
  /** Audiences of other services that verify Roster's tokens. */
  readonly resourceServers: readonly string[];
}

/**
 * Contents of a token. Roster reads current roles from the directory; `roles` and `permissions` are
 * for other services.
 */
export interface TokenGrant {
  /** `<prefix>:user:<32 hex>` or `<prefix>:app-client:<name>`. */
  readonly subject: string;
  readonly clientId: string;
  /** Roster's own API by default. */
  readonly audience?: string | undefined;
  readonly tenantId: string;
  readonly roles: readonly string[];
  /** Permissions that the deployment declares. Absent if it declares none. */
  readonly permissions?: readonly Permission[] | undefined;
  /** `User.tokenGeneration` at sign-in. A later generation invalidates the token. */
  readonly generation?: number;
  /** Secret of the app client. */
  readonly secretId?: string;
  /** Time of the user's sign-in, in seconds. */
  readonly authTime?: number;
}

export interface AccessToken {
  readonly accessToken: string;
  /** Seconds. */
  readonly expiresIn: number;
  /** Same time as `exp`. */
  readonly expiresAt: Timestamp;
}

export const tokenLifetimeSeconds = 3600;

/** Issues an access token (RFC 9068) for one hour. */
export async function issueAccessToken(
  {
    subject,
    clientId,
    audience,
    tenantId,
    roles,
    permissions,
    generation,
    secretId,
    authTime,
  }: TokenGrant,
  { now, signingKey, ownIssuer }: IssuerDependencies,
): Promise<AccessToken> {
  const key = await signingKey();
  const issuedAtSeconds = Math.floor(now().getTime() / 1000);
  const claims = {
    iss: ownIssuer.issuer,
    aud: audience ?? ownIssuer.audience,
    sub: subject,
    client_id: clientId,
    tenant_id: tenantId,
    roles,
    permissions,
    token_generation: generation,
    secret_id: secretId,
    auth_time: authTime,
    iat: issuedAtSeconds,
    exp: issuedAtSeconds + tokenLifetimeSeconds,
    jti: randomUUID(),
  };
  const signingInput = `${encodeJson({ alg: 'ES256', kid: key.keyId, typ: 'at+jwt' })}.${encodeJson(claims)}`;
  const signature = await key.sign(Buffer.from(signingInput));
  return {
    accessToken: `${signingInput}.${signature.toString('base64url')}`,
    expiresIn: tokenLifetimeSeconds,
    expiresAt: new Date(claims.exp * 1000).toISOString(),
  };
}

/** Audiences that Cradl's clients send to any server: the current API and its predecessor. */
const cradlAudiences: readonly string[] = [
  'https://api.cradl.ai/v1',
  'https://api.lucidtech.ai/v1',
];

/**
 * Returns the `aud` claim for a requested resource (RFC 8707). URLs below the issuer, such as those
 * of dialects, mean Roster's own API. Throws `invalid_input` for an unknown resource.
 */
export function resolveAudience(
  resource: string | undefined,
  { issuer, audience, resourceServers }: OwnIssuer,
  field: string,
): string {
  if (resource === undefined) return audience;
  if (resourceServers.includes(resource)) return resource;
  if (
    resource === audience ||
    resource === issuer ||
    resource.startsWith(`${issuer}/`) ||
    cradlAudiences.includes(resource)
  )
    return audience;
  const message = 'must name this deployment or one of its resourceServers';
  throw new Failure('invalid_input', `${field} ${message}`, {
    details: { error: 'invalid_target', issues: [{ path: field, message }] },
  });
}

const encodeJson = (part: object): string =>
  Buffer.from(JSON.stringify(part)).toString('base64url');
