import * as z from 'zod';
import { kmsLinkKeys } from '../aws/kms-link-keys.ts';
import { createDeps, type Replacements } from './http-deps.ts';
import { createSdkConfig, type Environment, linkKeysSchema } from './environment.ts';

const environmentSchema = z.object({ LINK_KEYS: linkKeysSchema });

export type LinkDeps = ReturnType<typeof createLinkDeps>;

/** The dependencies of what serves HTTP and makes links. */
export function createLinkDeps(env: Environment, replacements: Replacements = {}) {
  const environment = environmentSchema.parse(env);
  return {
    ...createDeps(env, replacements),
    links: kmsLinkKeys(environment.LINK_KEYS, createSdkConfig(env, 'KMS')),
  };
}
