import { randomBytes } from 'node:crypto';
import type { CredentialLimit } from '../credential-limits/credential-limit.ts';
import type { Entity } from '../kernel/entity.ts';
import type { Uuid } from '../kernel/ids.ts';
import type { Timestamp } from '../kernel/time.ts';

/** Program that calls on behalf of a tenant: an app client in Cradl, an API key in JITSudo. */
export interface AppClient extends Entity {
  readonly tenantId: string;
  /** Last part of the formatted ID `<prefix>:app-client:<appClientId>`. */
  readonly appClientId: string;
  /** OAuth client ID: 32 hex digits, unique in the deployment and never reused. */
  readonly clientId: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Slugs, without duplicates. */
  readonly roles: readonly string[];
  /** Group whose token this is, and the name of the token. */
  readonly groupToken?: { readonly groupId: Uuid; readonly name: string } | undefined;
  /** SCIM connection whose tokens are the secrets of this app client. */
  readonly connectionId?: Uuid | undefined;
  /** True for app clients above tenants. Only `npm run bootstrap` creates them. */
  readonly systemAdministrator?: boolean | undefined;
  readonly callbackUrls: readonly string[];
  readonly logoutUrls: readonly string[];
  readonly loginUrls: readonly string[];
  readonly defaultLoginUrl?: string | undefined;
  /** Oldest first. Two while one replaces the other. */
  readonly secrets: readonly SecretInfo[];
  readonly expiresAt?: Timestamp | undefined;
  readonly revocation?: { readonly at: Timestamp; readonly by: string } | undefined;
}

/** An app client with the IDs of its groups, which are not part of its item. */
export interface AppClientWithGroups extends AppClient {
  readonly groups: readonly Uuid[];
}

/** Metadata of a client secret. */
export interface SecretInfo {
  readonly secretId: string;
  readonly createdAt: Timestamp;
  readonly expiresAt?: Timestamp | undefined;
  /** Limit of the caller who created the secret and has seen it. */
  readonly limit?: CredentialLimit | undefined;
}

export const createClientId = (): string => randomBytes(16).toString('hex');

/** Builds the first app client of a tenant, which has no secret. */
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

/** True while neither revoked nor expired. */
export const isActive = ({ revocation, expiresAt }: AppClient, now: Date): boolean =>
  revocation === undefined && isBefore(now, expiresAt);

export const isActiveSecret = ({ expiresAt }: Pick<SecretInfo, 'expiresAt'>, now: Date): boolean =>
  isBefore(now, expiresAt);

export const findActiveSecret = (
  { secrets }: Pick<AppClient, 'secrets'>,
  secretId: string | undefined,
  now: Date,
): SecretInfo | undefined =>
  secrets.find((secret) => secret.secretId === secretId && isActiveSecret(secret, now));

export const selectActiveSecrets = (
  { secrets }: Pick<AppClient, 'secrets'>,
  now: Date,
): readonly SecretInfo[] => secrets.filter((secret) => isActiveSecret(secret, now));

const isBefore = (now: Date, end: string | undefined): boolean =>
  end === undefined || now.getTime() < Date.parse(end);
