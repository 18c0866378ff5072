import { hashSecret } from '../../domain/app-clients/create-secret.ts';
import { isActive, isActiveSecret } from '../../domain/app-clients/app-client.ts';
import type { AppClientStore } from '../../domain/app-clients/app-client-store.ts';
import { type VerifiedClient, verifySecret } from '../../domain/app-clients/verify-secret.ts';
import { invalidInput, unauthenticated } from '../../domain/kernel/failure.ts';

interface Dependencies {
  readonly appClients: AppClientStore;
  readonly now: () => Date;
}

/** Documented delay until a replaced or revoked key is rejected. */
const cacheTtlMs = 30_000;
const maxCachedKeys = 1000;

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * Reads the API key of a request: `X-API-Key` (JITSudo) or `Authorization: ApiKey` (Credible), in
 * every dialect. Returns undefined without one. Throws `invalid_input` for two credentials.
 */
export function readApiKey(headers: Headers): string | undefined {
  const { 'x-api-key': header, authorization } = headers;
  if (header !== undefined && authorization !== undefined) {
    throw invalidInput({ path: 'X-API-Key', message: 'cannot be combined with Authorization' });
  }
  return header ?? /^apikey +(\S*)$/i.exec(authorization ?? '')?.[1];
}

/** Creates the function that verifies API keys. It caches valid keys, unless `needsCurrent`. */
export function createApiKeyVerifier({
  appClients,
  now,
}: Dependencies): (key: string, needsCurrent: boolean) => Promise<VerifiedClient> {
  const cache = new Map<string, VerifiedClient & { readonly expiresAtMs: number }>();

  const getCached = async (hash: string): Promise<VerifiedClient | undefined> => {
    const cached = cache.get(hash);
    if (!cached || cached.expiresAtMs <= now().getTime() || !isActiveSecret(cached.secret, now()))
      return undefined;
    const { tenantId, appClientId } = cached.appClient;
    const appClient = await appClients.find(tenantId, appClientId);
    return appClient && isActive(appClient, now()) ? { ...cached, appClient } : undefined;
  };

  return async (key, needsCurrent) => {
    const hash = hashSecret(key);
    const cached = needsCurrent ? undefined : await getCached(hash);
    if (cached) return cached;
    const expiresAtMs = now().getTime() + cacheTtlMs;
    const client = await verifySecret(key, { appClients, now }, needsCurrent);
    if (!client) throw unauthenticated('api_key_invalid', 'The API key is not valid');
    if (cache.size >= maxCachedKeys) cache.clear();
    cache.set(hash, { ...client, expiresAtMs });
    return client;
  };
}
