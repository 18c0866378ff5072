import type { EntityChange } from '../kernel/entity.ts';
import type { AppClient, AppClientWithGroups, SecretInfo } from './app-client.ts';

/** Hash of a client secret, stored only in the secrets table. */
export interface SecretHash extends Pick<SecretInfo, 'secretId' | 'expiresAt'> {
  /** SHA-256 in hex. A secret has 256 random bits, so it needs no slow hash. */
  readonly hash: string;
}

/** App clients and the hashes of their secrets. Strongly consistent unless stated otherwise. */
export interface AppClientStore {
  /** Up to 30 s old. */
  find(tenantId: string, appClientId: string): Promise<AppClientWithGroups | undefined>;
  /** Up to 30 s old. */
  findByClientId(clientId: string): Promise<AppClientWithGroups | undefined>;
  getSecretHashes(tenantId: string, appClientId: string): Promise<readonly SecretHash[]>;
  get(tenantId: string, appClientId: string): Promise<AppClientWithGroups | undefined>;
  /** Gets the existing app clients of IDs, without their groups. */
  getAll(
    tenantId: string,
    appClientIds: readonly string[],
  ): Promise<ReadonlyMap<string, AppClient>>;
  /** Lists app clients after an ID, in the order of IDs. A page before the last can be short. */
  list(
    tenantId: string,
    page: { readonly after: string | undefined; readonly limit: number },
  ): Promise<{ readonly appClients: readonly AppClient[]; readonly hasMore: boolean }>;
  /** Writes a change and its effect on secrets; `hash` is the hash of the secret that it adds. */
  write(change: EntityChange<AppClient>, hash?: string): Promise<'written' | 'stale'>;
  /** Records the current time as the last use, at most once a minute. Never fails. */
  recordUse(tenantId: string, appClientId: string): Promise<void>;
  /** Returns the times of last use by ID, exact to a minute. Omits unused app clients. */
  getLastUsedTimes(
    tenantId: string,
    appClientIds: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
}
