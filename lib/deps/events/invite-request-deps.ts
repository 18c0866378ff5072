import * as z from 'zod';
import { invitationDaysSchema, macKeysSchema, minimumPasswordLengthSchema } from '../settings.ts';
import { createEventBridgeBus } from '../../aws/event-bridge.ts';
import type { TestOverrides } from '../http-deps.ts';
import { owaspArgon2id } from '../../domain/credentials/hash-password.ts';
import { createPolicy } from '../../domain/access/policy.ts';
import {
  createSdkConfig,
  createTables,
  declaredPermissionsSchema,
  type Environment,
  idPrefixSchema,
  json,
  ownIssuerSchema,
  parseEnvironment,
  tablesSchema,
} from '../environment.ts';
import { inviteSourcesSchema } from '../../events/invite-sources.ts';
import { createAppClientStore } from '../../store/app-clients/app-client-store.ts';
import { createManagedLock } from '../../store/connections/managed-lock.ts';
import { createKeyring } from '../../store/keyring.ts';
import { createTenantStore } from '../../store/tenants/tenant-store.ts';
import { createUserStore } from '../../store/users/user-store.ts';

const environmentSchema = tablesSchema.extend({
  EVENT_BUS: z.string().min(1),
  INVITE_SOURCES: json(inviteSourcesSchema).default([]),
  LINK_KEYS: macKeysSchema,
  OWN_ISSUER: ownIssuerSchema,
  ID_PREFIX: idPrefixSchema,
  PERMISSIONS: declaredPermissionsSchema,
  PASSWORD_MIN_LENGTH: minimumPasswordLengthSchema,
  INVITATION_DAYS: invitationDaysSchema,
});

/**
 * Dependencies of the function for invite requests. The event names the caller, so it verifies no
 * tokens.
 */
export function createInviteRequestDeps(
  env: Environment,
  {
    now = () => new Date(),
    hashingCost = owaspArgon2id,
    policy = createPolicy(),
  }: TestOverrides = {},
) {
  const environment = parseEnvironment(environmentSchema, env);
  const nowMs = () => now().getTime();
  const tables = createTables(environment, env);
  const tenants = createTenantStore(tables, nowMs, environment.PERMISSIONS);
  return {
    now,
    policy,
    hashingCost,
    minimumPasswordLength: environment.PASSWORD_MIN_LENGTH,
    idPrefix: environment.ID_PREFIX,
    inviteSources: environment.INVITE_SOURCES,
    linkKeyId: environment.LINK_KEYS[0]?.id ?? '',
    invitationDays: environment.INVITATION_DAYS,
    tenants,
    users: createUserStore(tables, nowMs, tenants),
    appClients: createAppClientStore(tables, nowMs),
    keyring: createKeyring(tables),
    managedLock: createManagedLock(tables),
    ownIssuer: environment.OWN_ISSUER,
    bus: createEventBridgeBus(environment.EVENT_BUS, createSdkConfig(env, 'EVENTBRIDGE')),
  };
}
