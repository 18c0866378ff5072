import { randomBytes } from 'node:crypto';
import type { CredentialLimit } from '../credential-limits/credential-limit.ts';
import type { Entity } from '../access/change-entity.ts';

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
  readonly expiresAt?: string | undefined;
  readonly revocation?: { readonly at: string; readonly by: string } | undefined;
}

/** A secret of an app client, without the secret. */
export interface SecretInfo {
  readonly secretId: string;
  readonly createdAt: string;
  /** ISO 8601; the first moment at which it is good no more. Undefined for one that stays. */
  readonly expiresAt?: string | undefined;
  /** Limit left by the caller who made the secret and has seen it. */
  readonly limit?: CredentialLimit | undefined;
}

/** What an app client may call itself: never used before, and never again. */
export const createClientId = (): string => randomBytes(16).toString('hex');

/** The app client that a tenant begins with: it is named in invitations, and has no secret to call with. */
export const buildDefaultAppClient = (
  tenantId: string,
  { createdAt, createdBy }: Pick<Entity, 'createdAt' | 'createdBy'>,
): AppClient => ({
  tenantId,
  appClientId: 'default',
  clientId: createClientId(),
  name: 'Default',
  roles: [],
  callbackUrls: [],
  logoutUrls: [],
  loginUrls: [],
  secrets: [],
  version: 1,
  createdAt,
  createdBy,
});

/** Whether it is somebody at all at this moment: neither revoked nor expired. */
export const isActive = ({ revocation, expiresAt }: AppClient, now: Date): boolean =>
  revocation === undefined && isBefore(now, expiresAt);

/** Whether a secret has not been replaced by now. */
export const isActiveSecret = ({ expiresAt }: Pick<SecretInfo, 'expiresAt'>, now: Date): boolean =>
  isBefore(now, expiresAt);

/** The secret with this ID, if it is good at this moment. */
export const findActiveSecret = (
  { secrets }: Pick<AppClient, 'secrets'>,
  secretId: string | undefined,
  now: Date,
): SecretInfo | undefined =>
  secrets.find((secret) => secret.secretId === secretId && isActiveSecret(secret, now));

/** The secrets that are good at this moment. */
export const selectActiveSecrets = (
  { secrets }: Pick<AppClient, 'secrets'>,
  now: Date,
): readonly SecretInfo[] => secrets.filter((secret) => isActiveSecret(secret, now));

const isBefore = (now: Date, end: string | undefined): boolean =>
  end === undefined || now.getTime() < Date.parse(end);
