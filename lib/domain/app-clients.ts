import type { Entity } from './entity.ts';

/** A program that calls in a tenant's name: an app client of Cradl, an API key of JITSudo. Its id on the wire is `cradl:app-client:<name>`. */
export interface AppClient extends Entity {
  /** Lower-case UUID. */
  readonly tenantId: string;
  /** The name within `cradl:app-client:<name>`. */
  readonly appClientId: string;
  /** What it calls itself at the token endpoint: 32 hex digits, unique in the deployment and never reused. */
  readonly clientId: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Slugs; each once. What they allow now is what it may do now. */
  readonly roles: readonly string[];
  /** Whether it stands above tenants, which only `npm run bootstrap` can make of one. */
  readonly systemAdministrator?: boolean | undefined;
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  readonly loginUrls: readonly string[];
  readonly defaultLoginUrl?: string | undefined;
  /** Its secrets without what is secret, oldest first: more than one while one replaces another. */
  readonly secrets: readonly SecretInfo[];
  /** ISO 8601; the first moment at which it is nobody any more. */
  readonly expires?: string | undefined;
  readonly revoked?: { readonly time: string; readonly by: string } | undefined;
}

/** A secret of an app client, without the secret. */
export interface SecretInfo {
  readonly secretId: string;
  readonly createdTime: string;
  /** ISO 8601; the first moment at which it is good no more. Undefined for one that stays. */
  readonly expires?: string | undefined;
}

/** What is kept of a secret, in the secrets table and nowhere else. */
export interface SecretHash extends Pick<SecretInfo, 'secretId' | 'expires'> {
  /** SHA-256 in hex. A secret has 256 random bits, so that nothing slower is needed. */
  readonly hash: string;
}
