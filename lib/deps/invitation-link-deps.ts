import * as z from 'zod';
import { linkKeysSchema } from './account-settings.ts';
import { createKmsLinkKeys } from '../aws/kms-link-keys.ts';
import { createHttpDeps, type TestOverrides } from './http-deps.ts';
import { createSdkConfig, type Environment, parseEnvironment } from './environment.ts';

const environmentSchema = z.object({ LINK_KEYS: linkKeysSchema });

export type InvitationLinkDeps = ReturnType<typeof createInvitationLinkDeps>;

/** Dependencies of the authenticated HTTP function that signs links. */
export function createInvitationLinkDeps(env: Environment, overrides: TestOverrides = {}) {
  const environment = parseEnvironment(environmentSchema, env);
  return {
    ...createHttpDeps(env, overrides),
    links: createKmsLinkKeys(environment.LINK_KEYS, createSdkConfig(env, 'KMS')),
  };
}
