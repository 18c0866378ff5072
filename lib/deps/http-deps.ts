import * as z from 'zod';
import {
  eventsSchema,
  invitationDaysSchema,
  macKeysSchema,
  minimumPasswordLengthSchema,
  restoreDaysSchema,
} from './settings.ts';
import { type HashingCost, owaspArgon2id } from '../domain/credentials/hash-password.ts';
import { cradlIdPrefixes } from '../domain/kernel/ids.ts';
import { createTenantRateLimiter } from '../domain/tenants/rate-limit.ts';
import type { LookUpTxt } from '../domain/domains/dns-record.ts';
import type { LookUpAddresses } from '../domain/webhooks/public-address.ts';
import { createPolicy, type Policy } from '../domain/access/policy.ts';
import {
  createSdkConfig,
  createTables,
  decimal,
  declaredPermissionsSchema,
  type Environment,
  idPrefixSchema,
  integer,
  json,
  listKeyArns,
  ownIssuerSchema,
  parseEnvironment,
  type SigningKeyArns,
  signingKeysSchema,
  tablesSchema,
  tenantHostSuffixSchema,
} from './environment.ts';
import { issuersSchema } from '../api/auth/issuers.ts';
import { createTokenVerifier } from '../api/auth/verify-token.ts';
import { createAppClientStore } from '../store/app-clients/app-client-store.ts';
import { createActivityStore } from '../store/feed/activity-store.ts';
import { createManagedLock } from '../store/connections/managed-lock.ts';
import { createKeyring } from '../store/keyring.ts';
import { createRequestCounter } from '../store/request-counter.ts';
import {
  createSubjectAccessFinder,
  createUserGroupsFinder,
} from '../domain/access/find-subject-access.ts';
import { createTenantStore } from '../store/tenants/tenant-store.ts';
import { createUserLists } from '../store/users/user-lists.ts';
import { createUserStore } from '../store/users/user-store.ts';

const environmentSchema = tablesSchema.extend({
  ISSUERS: json(issuersSchema),
  TENANT_HOST_SUFFIX: tenantHostSuffixSchema,
  ID_PREFIX: idPrefixSchema,
  PERMISSIONS: declaredPermissionsSchema,
  /** Prefix of IDs in responses of Cradl's API. */
  CRADL_ID_PREFIX: z.enum(cradlIdPrefixes).default('cradl'),
  PASSWORD_MIN_LENGTH: minimumPasswordLengthSchema,
  INVITATION_DAYS: invitationDaysSchema,
  RESTORE_DAYS: restoreDaysSchema,
  EVENTS: eventsSchema,
  LINK_KEYS: macKeysSchema,
  SIGNING_KEYS: signingKeysSchema,
  OWN_ISSUER: ownIssuerSchema,
  /** Across all functions, averaged over 10 s. */
  TENANT_REQUESTS_PER_SECOND: integer({ min: 1, fallback: 50 }),
  /** Read and write units of DynamoDB, averaged over 10 s. */
  TENANT_UNITS_PER_SECOND: integer({ min: 1, fallback: 2000 }),
  /** Share of both limits that one principal may use. */
  PRINCIPAL_SHARE: decimal({ min: Number.MIN_VALUE, max: 1, fallback: 0.5 }),
});

/** Settings that tests override. */
export interface TestOverrides {
  readonly now?: () => Date;
  readonly hashingCost?: HashingCost;
  /** Minimum time of a rejected sign-in for each form of the password. */
  readonly minRejectionMs?: number;
  readonly policy?: Policy;
  readonly lookUpTxt?: LookUpTxt;
  readonly lookUpAddresses?: LookUpAddresses;
  readonly maxDenialMs?: number;
  /** Members per second that a large change of a group applies. */
  readonly memberRate?: number;
  /** Users that a filter of SCIM reads. */
  readonly maxScannedUsers?: number;
}

export type UserDeps = ReturnType<typeof createUserDeps>;

/** Dependencies of the authenticated HTTP function that manages users. */
export function createUserDeps(env: Environment, overrides: TestOverrides = {}) {
  const { deps, tables } = createHttpParts(env, overrides);
  return { ...deps, userLists: createUserLists(tables) };
}

/**
 * Dependencies of every authenticated HTTP function, and the tables from which a function creates
 * further stores. Throws if a variable of `env` is missing or invalid.
 */
export function createHttpParts(
  env: Environment,
  {
    now = () => new Date(),
    hashingCost = owaspArgon2id,
    policy = createPolicy(),
    maxDenialMs = 50,
  }: TestOverrides = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const nowMs = () => now().getTime();
  const tables = createTables(environment, env);
  const tenants = createTenantStore(tables, nowMs, environment.PERMISSIONS);
  const users = createUserStore(tables, nowMs, tenants);
  const appClients = createAppClientStore(tables, nowMs);
  const { SIGNING_KEYS, OWN_ISSUER } = environment;
  const deps = {
    now,
    policy,
    hashingCost,
    minimumPasswordLength: environment.PASSWORD_MIN_LENGTH,
    restoreWindowMs: environment.RESTORE_DAYS * 24 * 3600 * 1000,
    idPrefix: environment.ID_PREFIX,
    cradlIdPrefix: environment.CRADL_ID_PREFIX,
    tenantHostSuffix: environment.TENANT_HOST_SUFFIX,
    linkKeyId: environment.LINK_KEYS[0]?.id ?? '',
    invitationDays: environment.INVITATION_DAYS,
    verifyToken: createTokenVerifier(
      environment.ISSUERS,
      { ...OWN_ISSUER, keys: loadPublicKeys(SIGNING_KEYS, env) },
      nowMs,
    ),
    ownIssuer: OWN_ISSUER,
    findSubjectAccess: createSubjectAccessFinder(users, appClients, nowMs),
    findUserGroups: createUserGroupsFinder(users, nowMs),
    tenants,
    rateLimiter: createTenantRateLimiter({
      requestCounter: createRequestCounter(tables),
      tenantRequestsPerSecond: environment.TENANT_REQUESTS_PER_SECOND,
      tenantUnitsPerSecond: environment.TENANT_UNITS_PER_SECOND,
      principalShare: environment.PRINCIPAL_SHARE,
      now,
    }),
    appClients,
    users,
    keyring: createKeyring(tables),
    managedLock: createManagedLock(tables),
    maxDenialMs,
    activity: environment.EVENTS ? createActivityStore(tables) : undefined,
  };
  return { deps, tables, nowMs };
}

/** Loads the KMS client and Roster's public keys when the first token of Roster arrives. */
function loadPublicKeys(arns: SigningKeyArns, env: Environment): () => Promise<readonly object[]> {
  let load: (() => Promise<readonly object[]>) | undefined;
  return async () => {
    const { createKmsPublicKeys } = await import('../aws/kms-public-keys.ts');
    load ??= createKmsPublicKeys(listKeyArns(arns), createSdkConfig(env, 'KMS'));
    return load();
  };
}
