import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKmsPublicKeys } from '../aws/kms-public-keys.ts';
import { createKmsSigningKey } from '../aws/kms-signing-key.ts';
import type { TestOverrides } from './http-deps.ts';
import { owaspArgon2id } from '../domain/credentials/hash-password.ts';
import {
  createSdkConfig,
  createTables,
  type Environment,
  idPrefixSchema,
  listKeyArns,
  ownIssuerSchema,
  parseEnvironment,
  signingKeysSchema,
  tablesSchema,
  tenantHostSuffixSchema,
} from './environment.ts';
import { createAppClientStore } from '../store/app-clients/app-client-store.ts';
import { createAttemptStore } from '../store/attempt-store.ts';
import { createKeyring } from '../store/keyring.ts';
import { createPasswordHashStore } from '../store/password-hash-store.ts';
import { createTenantStore } from '../store/tenants/tenant-store.ts';
import { createUserStore } from '../store/users/user-store.ts';

const environmentSchema = tablesSchema.extend({
  SIGNING_KEYS: signingKeysSchema,
  OWN_ISSUER: ownIssuerSchema,
  TENANT_HOST_SUFFIX: tenantHostSuffixSchema,
  ID_PREFIX: idPrefixSchema,
});

/**
 * Time of the slowest hash that can be imported. A faster rejection would reveal whether an account
 * exists.
 */
export const slowestHashMs = 1000;

export type TokenDeps = ReturnType<typeof createTokenDeps>;

/** Dependencies of the functions that issue access tokens. They need no policies. */
export function createTokenDeps(
  env: Environment,
  {
    now = () => new Date(),
    hashingCost = owaspArgon2id,
    minRejectionMs = slowestHashMs,
  }: Omit<TestOverrides, 'policy'> = {},
) {
  const { SIGNING_KEYS, OWN_ISSUER, TENANT_HOST_SUFFIX, ID_PREFIX, ...names } = parseEnvironment(
    environmentSchema,
    env,
  );
  const tables = createTables(names, env);
  const nowMs = () => now().getTime();
  const config = createSdkConfig(env, 'KMS');
  return {
    now,
    hashingCost,
    startResponseTimer: (): ((hashes: number) => Promise<void>) => {
      const startedAtMs = performance.now();
      return (hashes) =>
        sleep(Math.max(startedAtMs + hashes * minRejectionMs - performance.now(), 0));
    },
    idPrefix: ID_PREFIX,
    tenantHostSuffix: TENANT_HOST_SUFFIX,
    ownIssuer: OWN_ISSUER,
    signingKey: createKmsSigningKey(SIGNING_KEYS.current, config),
    publicKeys: createKmsPublicKeys(listKeyArns(SIGNING_KEYS), config),
    tenants: createTenantStore(tables, nowMs),
    appClients: createAppClientStore(tables, nowMs),
    users: createUserStore(tables, nowMs),
    passwordHashes: createPasswordHashStore(tables),
    attempts: createAttemptStore(tables),
    keyring: createKeyring(tables),
  };
}
