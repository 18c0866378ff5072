import { timingSafeEqual } from 'node:crypto';
import { hashSecret } from './create-secret.ts';
import {
  type AppClientWithGroups,
  findActiveSecret,
  isActive,
  isActiveSecret,
  type SecretInfo,
} from './app-client.ts';
import type { AppClientStore } from './app-client-store.ts';

interface Dependencies {
  readonly appClients: Pick<AppClientStore, 'findByClientId' | 'getSecretHashes' | 'get'>;
  readonly now: () => Date;
}

/** App client that presented an active secret. */
export interface VerifiedClient {
  readonly appClient: AppClientWithGroups;
  readonly secret: SecretInfo;
}

/** `roster_<clientId>_<256 random bits>` */
const secretPattern = /^roster_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/;

/** Parses the client ID in a secret. Undefined for malformed text. */
export const parseClientId = (secret: string): string | undefined =>
  secretPattern.exec(secret)?.[1];

/** Placeholder that makes unknown clients take the same steps as wrong secrets. */
const placeholderClient = {
  tenantId: '00000000-0000-4000-8000-000000000000',
  appClientId: 'unknown',
};

/**
 * Finds the app client with this active secret. Its data is up to 30 s old unless `needsCurrent`.
 * Undefined for any other text, without distinguishing causes.
 */
export async function verifySecret(
  secret: string,
  { appClients, now }: Dependencies,
  needsCurrent = false,
): Promise<VerifiedClient | undefined> {
  const clientId = parseClientId(secret);
  if (clientId === undefined) return undefined;
  const cached = await appClients.findByClientId(clientId);
  const { tenantId, appClientId } = cached ?? placeholderClient;
  // Before any read of the app client, which may be large: a wrong secret must not cost that much.
  const hashes = await appClients.getSecretHashes(tenantId, appClientId);
  const secretHash = hashes
    .filter(({ hash }) => isSame(hash, hashSecret(secret)))
    .find((candidate) => isActiveSecret(candidate, now()));
  if (!secretHash || !cached) return undefined;
  const appClient = needsCurrent ? await appClients.get(tenantId, appClientId) : cached;
  if (!appClient) return undefined;
  // The cache may lack a new secret or a later expiration.
  const isInactive =
    !isActive(appClient, now()) ||
    findActiveSecret(appClient, secretHash.secretId, now()) === undefined;
  const isOutdated = !needsCurrent && isInactive && appClient.revocation === undefined;
  const current = isOutdated ? await appClients.get(tenantId, appClientId) : appClient;
  const info = current && findActiveSecret(current, secretHash.secretId, now());
  return current && info && isActive(current, now())
    ? { appClient: current, secret: { ...info, expiresAt: secretHash.expiresAt ?? info.expiresAt } }
    : undefined;
}

const isSame = (actual: string, expected: string): boolean =>
  actual.length === expected.length && timingSafeEqual(Buffer.from(actual), Buffer.from(expected));
