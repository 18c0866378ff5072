import * as z from 'zod';
import { kmsLinkKeys } from './aws/kms.ts';
import { createDeps, type Replacements } from './deps.ts';
import { linkKeysSchema, requestLimits } from './environment.ts';

const environmentSchema = z.object({ LINK_KEYS: linkKeysSchema });

export type LinkDeps = ReturnType<typeof createLinkDeps>;

/** The dependencies of what serves HTTP and makes links. */
export function createLinkDeps(replacements: Replacements = {}) {
  const environment = environmentSchema.parse(process.env);
  return { ...createDeps(replacements), links: kmsLinkKeys(environment.LINK_KEYS, { requestHandler: requestLimits }) };
}
