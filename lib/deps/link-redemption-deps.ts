import { macKeysSchema, minimumPasswordLengthSchema } from './settings.ts';
import { createKmsMacKeys } from '../aws/kms-mac-keys.ts';
import type { TestOverrides } from './http-deps.ts';
import { owaspArgon2id } from '../domain/credentials/hash-password.ts';
import {
  createSdkConfig,
  createTables,
  declaredPermissionsSchema,
  type Environment,
  idPrefixSchema,
  json,
  parseEnvironment,
  tablesSchema,
  tenantHostSuffixSchema,
} from './environment.ts';
import { inviteSourcesSchema } from '../events/invite-sources.ts';
import { createAppClientStore } from '../store/app-clients/app-client-store.ts';
import { createAttemptStore } from '../store/attempt-store.ts';
import { createManagedLock } from '../store/connections/managed-lock.ts';
import { createKeyring } from '../store/keyring.ts';
import { createPasswordResetStore } from '../store/mail/password-reset-store.ts';
import { createTenantStore } from '../store/tenants/tenant-store.ts';
import { createUserStore } from '../store/users/user-store.ts';

const environmentSchema = tablesSchema.extend({
  LINK_KEYS: macKeysSchema,
  INVITE_SOURCES: json(inviteSourcesSchema).default([]),
  TENANT_HOST_SUFFIX: tenantHostSuffixSchema,
  ID_PREFIX: idPrefixSchema,
  PERMISSIONS: declaredPermissionsSchema,
  PASSWORD_MIN_LENGTH: minimumPasswordLengthSchema,
});

export type LinkRedemptionDeps = ReturnType<typeof createLinkRedemptionDeps>;

/**
 * Dependencies of the function that redeems links. A link contains its permissions, so there are no
 * tokens and policies.
 */
export function createLinkRedemptionDeps(
  env: Environment,
  { now = () => new Date(), hashingCost = owaspArgon2id }: Omit<TestOverrides, 'policy'> = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const nowMs = () => now().getTime();
  const tables = createTables(environment, env);
  const tenants = createTenantStore(tables, nowMs, environment.PERMISSIONS);
  return {
    now,
    hashingCost,
    minimumPasswordLength: environment.PASSWORD_MIN_LENGTH,
    idPrefix: environment.ID_PREFIX,
    tenantHostSuffix: environment.TENANT_HOST_SUFFIX,
    inviteSources: environment.INVITE_SOURCES,
    linkKeyId: environment.LINK_KEYS[0]?.id ?? '',
    links: createKmsMacKeys(environment.LINK_KEYS, createSdkConfig(env, 'KMS')),
    tenants,
    users: createUserStore(tables, nowMs, tenants),
    appClients: createAppClientStore(tables, nowMs),
    resets: createPasswordResetStore(tables),
    attempts: createAttemptStore(tables),
    keyring: createKeyring(tables),
    managedLock: createManagedLock(tables),
  };
}
