import { hashSecret } from '../../domain/app-clients/create-secret.ts';
import {
  type AppClientStore,
  isActive,
  isActiveSecret,
} from '../../domain/app-clients/app-client.ts';
import { type VerifiedClient, verifySecret } from '../../domain/app-clients/verify-secret.ts';
import { invalidInput, unauthenticated } from '../../domain/kernel/failure.ts';

interface Dependencies {
  readonly appClients: AppClientStore;
  readonly now: () => Date;
}

/** The documented bound within which a key that is replaced or revoked is good no more. */
const rememberedFor = 30_000;
const rememberedKeys = 1000;

type Headers = Readonly<Record<string, string | undefined>>;

/**
 * The API key of a request: `X-API-Key`, as JITSudo has it, or `Authorization: ApiKey`, as Credible has it; either is taken in
 * every dialect. Undefined without one. Throws `invalid_input` where there is another credential besides, since it would be
 * anybody's guess whose call it is.
 */
export function apiKeyOf(headers: Headers): string | undefined {
  const { 'x-api-key': alone, authorization } = headers;
  if (alone !== undefined && authorization !== undefined) {
    throw invalidInput({ path: 'X-API-Key', message: 'cannot be combined with Authorization' });
  }
  return alone ?? /^apikey +(\S*)$/i.exec(authorization ?? '')?.[1];
}

/** Finds the app client of an API key. A valid key is not looked up again for 30 s unless `isCurrent`. */
export function apiKeys({
  appClients,
  now,
}: Dependencies): (key: string, isCurrent: boolean) => Promise<VerifiedClient> {
  const remembered = new Map<string, VerifiedClient & { readonly until: number }>();

  const recall = async (hash: string): Promise<VerifiedClient | undefined> => {
    const known = remembered.get(hash);
    if (!known || known.until <= now().getTime() || !isActiveSecret(known.secret, now()))
      return undefined;
    const { tenantId, appClientId } = known.appClient;
    const appClient = await appClients.find(tenantId, appClientId);
    return appClient && isActive(appClient, now()) ? { ...known, appClient } : undefined;
  };

  return async (key, isCurrent) => {
    const hash = hashSecret(key);
    const known = isCurrent ? undefined : await recall(hash);
    if (known) return known;
    const until = now().getTime() + rememberedFor;
    const found = await verifySecret(key, { appClients, now }, isCurrent);
    if (!found) throw unauthenticated('api_key_invalid', 'The API key is not valid');
    if (remembered.size >= rememberedKeys) remembered.clear();
    remembered.set(hash, { ...found, until });
    return found;
  };
}
