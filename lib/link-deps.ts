import { kmsLinkKeys } from './aws/kms.ts';
import { createDeps, type Replacements } from './deps.ts';
import { linkKeysSchema, requestLimits } from './environment.ts';

export type LinkDeps = ReturnType<typeof createLinkDeps>;

/** The dependencies of what serves HTTP and makes links, or verifies them. */
export function createLinkDeps(replacements: Replacements = {}) {
  const keys = linkKeysSchema.parse(process.env['LINK_KEYS']);
  return { ...createDeps(replacements), links: kmsLinkKeys(keys, { requestHandler: requestLimits }) };
}
