import * as z from 'zod';
import { linkKeysSchema } from './settings.ts';
import { createKmsLinkKeys } from '../aws/kms-link-keys.ts';
import { createDeliveryStore } from '../store/mail/delivery-store.ts';
import { createUserLists } from '../store/users/user-lists.ts';
import { createHttpParts, type TestOverrides } from './http-deps.ts';
import { createSdkConfig, type Environment, parseEnvironment } from './environment.ts';

const environmentSchema = z.object({ LINK_KEYS: linkKeysSchema });

export type InvitationLinkDeps = ReturnType<typeof createInvitationLinkDeps>;

/** Dependencies of the authenticated HTTP function for invitations, which signs links. */
export function createInvitationLinkDeps(env: Environment, overrides: TestOverrides = {}) {
  const environment = parseEnvironment(environmentSchema, env);
  const { deps, tables, nowMs } = createHttpParts(env, overrides);
  return {
    ...deps,
    deliveries: createDeliveryStore(tables, nowMs),
    userLists: createUserLists(tables),
    links: createKmsLinkKeys(environment.LINK_KEYS, createSdkConfig(env, 'KMS')),
  };
}
