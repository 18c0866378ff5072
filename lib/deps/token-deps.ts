import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createKmsPublicKeys } from '../aws/kms-public-keys.ts';
import { createKmsSigningKey } from '../aws/kms-signing-key.ts';
import type { TestOverrides } from './http-deps.ts';
import { owaspArgon2id } from '../domain/credentials/hash-password.ts';
import {
  createSdkConfig,
  createTables,
  declaredPermissionsSchema,
  type Environment,
  idPrefixSchema,
  json,
  listKeyArns,
  ownIssuerSchema,
  parseEnvironment,
  signingKeysSchema,
  tablesSchema,
  tenantHostSuffixSchema,
} from './environment.ts';
import { logEvent } from '../runtime/event-log.ts';
import { eventsSchema } from './settings.ts';
import { createAppClientStore } from '../store/app-clients/app-client-store.ts';
import { createAttemptStore } from '../store/attempt-store.ts';
import { createDomainClaimStore } from '../store/domain-store.ts';
import { createKeyring } from '../store/keyring.ts';
import { createPasswordHashStore } from '../store/password-hash-store.ts';
import { createTenantStore } from '../store/tenants/tenant-store.ts';
import { createSignInLog } from '../store/feed/sign-in-log.ts';
import { createSignInTimeStore } from '../store/users/sign-in-time-store.ts';
import { createUserReader } from '../store/users/user-reader.ts';

const environmentSchema = tablesSchema.extend({
  SIGNING_KEYS: signingKeysSchema,
  OWN_ISSUER: ownIssuerSchema,
  TENANT_HOST_SUFFIX: tenantHostSuffixSchema,
  ID_PREFIX: idPrefixSchema,
  PERMISSIONS: declaredPermissionsSchema,
});

/**
 * Time of the slowest hash that can be imported. A faster rejection would reveal whether an account
 * exists.
 */
export const slowestHashMs = 1000;

const signInSchema = z.object({
  EVENTS: eventsSchema,
  ISSUERS: json(
    z.array(z.looseObject({ tenants: z.union([z.literal('*'), z.array(z.string())]) })),
  ),
});

type TokenOverrides = Omit<TestOverrides, 'policy'>;

export type TokenDeps = ReturnType<typeof createTokenDeps>;
export type SignInDeps = ReturnType<typeof createSignInDeps>;

/** Dependencies of the functions that issue access tokens. They need no policies. */
export const createTokenDeps = (env: Environment, overrides: TokenOverrides = {}) =>
  createTokenParts(env, overrides).deps;

/** Dependencies of the function that signs in users, which also finds their tenants. */
export function createSignInDeps(env: Environment, overrides: TokenOverrides = {}) {
  const { ISSUERS, EVENTS } = parseEnvironment(signInSchema, env);
  const { deps, tables } = createTokenParts(env, overrides);
  return {
    ...deps,
    issuers: ISSUERS,
    domainClaims: createDomainClaimStore(tables),
    signInTimes: createSignInTimeStore(tables),
    signInLog: EVENTS
      ? createSignInLog(tables, (error) =>
          logEvent({
            operation: 'recordSignIn',
            outcome: 'failed',
            time: deps.now().getTime(),
            metrics: {},
            error,
          }),
        )
      : undefined,
  };
}

function createTokenParts(
  env: Environment,
  {
    now = () => new Date(),
    hashingCost = owaspArgon2id,
    minRejectionMs = slowestHashMs,
  }: TokenOverrides,
) {
  const { SIGNING_KEYS, OWN_ISSUER, TENANT_HOST_SUFFIX, ID_PREFIX, PERMISSIONS, ...names } =
    parseEnvironment(environmentSchema, env);
  const tables = createTables(names, env);
  const nowMs = () => now().getTime();
  const config = createSdkConfig(env, 'KMS');
  const tenants = createTenantStore(tables, nowMs, PERMISSIONS);
  const deps = {
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
    tenants,
    appClients: createAppClientStore(tables, nowMs),
    users: createUserReader(tables, tenants),
    passwordHashes: createPasswordHashStore(tables),
    attempts: createAttemptStore(tables),
    keyring: createKeyring(tables),
  };
  return { deps, tables };
}
