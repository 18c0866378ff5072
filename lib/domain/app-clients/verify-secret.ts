import { timingSafeEqual } from 'node:crypto';
import { hashOfSecret } from './create-secret.ts';
import {
  type AppClient,
  type AppClientStore,
  findLiveSecret,
  isLive,
  isLiveSecret,
  type SecretInfo,
} from './app-client.ts';

interface Dependencies {
  readonly appClients: Pick<AppClientStore, 'findByClientId' | 'secretsOf' | 'get'>;
  readonly now: () => Date;
}

/** An app client that has proved to be itself, and the secret by which it did. */
export interface Proved {
  readonly appClient: AppClient;
  readonly secret: SecretInfo;
}

/** `roster_<what it calls itself>_<256 random bits>`: the first is the only part that can be looked up. */
const form = /^roster_([0-9a-f]{32})_[A-Za-z0-9_-]{43}$/;

/** Whose secret this says it is; undefined for what is none, which is found out without a look at anything. */
export const clientIdIn = (secret: string): string | undefined => form.exec(secret)?.[1];

/** In place of an app client that there is not: whose secret it is not takes the same steps as whose it is. */
const nobody = { tenantId: '00000000-0000-4000-8000-000000000000', appClientId: 'nobody' };

/**
 * Finds the app client with this active secret. Its data are up to 30 s old unless `isCurrent`. Undefined for any other text, without
 * distinguishing causes.
 */
export async function proved(
  secret: string,
  { appClients, now }: Dependencies,
  isCurrent = false,
): Promise<Proved | undefined> {
  const clientId = clientIdIn(secret);
  if (clientId === undefined) return undefined;
  const known = await appClients.findByClientId(clientId);
  const { tenantId, appClientId } = known ?? nobody;
  // First, because a wrong secret must not cost a strong read of an app client, which may be large.
  const hashes = await appClients.secretsOf(tenantId, appClientId);
  const found = hashes
    .filter((each) => isSame(each.hash, hashOfSecret(secret)))
    .find((each) => isLiveSecret(each, now()));
  if (!found || !known) return undefined;
  const appClient = isCurrent ? await appClients.get(tenantId, appClientId) : known;
  if (!appClient) return undefined;
  // A secret may have been created, and the expiration of the app client postponed, a moment ago.
  const isRefused =
    !isLive(appClient, now()) || findLiveSecret(appClient, found.secretId, now()) === undefined;
  const isOutdated = !isCurrent && isRefused && appClient.revoked === undefined;
  const current = isOutdated ? await appClients.get(tenantId, appClientId) : appClient;
  const info = current && findLiveSecret(current, found.secretId, now());
  return current && info && isLive(current, now())
    ? { appClient: current, secret: { ...info, expires: found.expires ?? info.expires } }
    : undefined;
}

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
