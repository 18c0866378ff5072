import { randomUUID } from 'node:crypto';
import { Failure } from '../kernel/failure.ts';

/** The key that signs access tokens now. */
export interface SigningKey {
  /** Its `kid`: the thumbprint of the public key (RFC 7638). */
  readonly keyId: string;
  /** ES256 (RFC 7518 §3.4): 64 bytes, r and s. Fails with `unavailable` when the key cannot be used. */
  sign(message: Buffer): Promise<Buffer>;
}

export interface IssuerDependencies {
  readonly now: () => Date;
  /** Fails with `unavailable` when the key cannot be had. */
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

/** Whom a token speaks for. What they may do is looked up when it is used: the roles are there for others to read. */
export interface TokenGrant {
  /** `cradl:user:<32 hex>` or `cradl:app-client:<name>`. */
  readonly subject: string;
  readonly clientId: string;
  /** Roster's own API by default. */
  readonly audience?: string | undefined;
  readonly tenantId: string;
  readonly roles: readonly string[];
  /** Of a user, when it was read that they may have one (`User.tokenGeneration`): it is good for as long as that is still theirs. */
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
  /** The moment that the token itself names, ISO 8601. */
  readonly expiresAt: string;
}

/** Seconds. */
export const tokenLifetimeSeconds = 3600;

/** An access token as in RFC 9068, for an hour. */
export async function issueAccessToken(
  { subject, clientId, audience, tenantId, roles, generation, secretId, authTime }: TokenGrant,
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

/** Audiences that Cradl's clients send to any server: its current API and its previous one. */
const cradlAudiences: readonly string[] = [
  'https://api.cradl.ai/v1',
  'https://api.lucidtech.ai/v1',
];

/**
 * The `aud` of a token for the resource server that a request names (RFC 8707). Roster's own API is also named by an address below it, such
 * as a dialect's. Throws `invalid_input` for an unknown one.
 */
export function resolveAudience(
  requested: string | undefined,
  { issuer, audience, resourceServers }: OwnIssuer,
  field: string,
): string {
  if (requested === undefined) return audience;
  if (resourceServers.includes(requested)) return requested;
  if (
    requested === audience ||
    requested === issuer ||
    requested.startsWith(`${issuer}/`) ||
    cradlAudiences.includes(requested)
  )
    return audience;
  throw new Failure(
    'invalid_input',
    `${field} must name this deployment or one of its resourceServers`,
    {
      details: {
        error: 'invalid_target',
        issues: [
          { path: field, message: 'must name this deployment or one of its resourceServers' },
        ],
      },
    },
  );
}

const encodeJson = (part: object): string =>
  Buffer.from(JSON.stringify(part)).toString('base64url');
