import * as z from 'zod';
import { macKeysSchema } from './settings.ts';
import { createKmsMacKeys } from '../aws/kms-mac-keys.ts';
import { createDeliveryStore } from '../store/mail/delivery-store.ts';
import { createUserLists } from '../store/users/user-lists.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';
import { createSdkConfig, type Environment, parseEnvironment } from './environment.ts';

const environmentSchema = z.object({ LINK_KEYS: macKeysSchema });

export type InvitationLinkDeps = ReturnType<typeof createInvitationLinkDeps>;

/** Dependencies of the authenticated HTTP function for invitations, which signs links. */
export function createInvitationLinkDeps(env: Environment, overrides: TestOverrides = {}) {
  const environment = parseEnvironment(environmentSchema, env);
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    deliveries: createDeliveryStore(tables, nowMs),
    userLists: createUserLists(tables),
    links: createKmsMacKeys(environment.LINK_KEYS, createSdkConfig(env, 'KMS')),
  };
}
