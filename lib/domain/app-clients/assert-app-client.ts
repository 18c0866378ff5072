import { Failure } from '../kernel/failure.ts';
import type { AppClientStore } from './app-client-store.ts';
import { isActive } from './app-client.ts';

interface Dependencies {
  readonly appClients: Pick<AppClientStore, 'find' | 'get'>;
  readonly now: () => Date;
}

/** Throws `invalid_app_client` unless the tenant has an active app client with this ID. */
export async function assertAppClient(
  appClientId: string,
  tenantId: string,
  { appClients, now }: Dependencies,
): Promise<void> {
  const cached = await appClients.find(tenantId, appClientId);
  if (cached && isActive(cached, now())) return;
  // The expiration may have moved after the read into the cache. Missing app clients are not
  // cached.
  const current = cached && (await appClients.get(tenantId, appClientId));
  if (current && isActive(current, now())) return;
  throw new Failure(
    'invalid_app_client',
    'appClientId must be an active app client of this tenant',
    { details: { field: 'appClientId' } },
  );
}
