import * as z from 'zod';
import { kmsLinkKeys } from './aws/kms.ts';
import { createDeps, type Replacements } from './deps.ts';
import { json, linkKeysSchema, requestLimits } from './environment.ts';
import { inviteSourcesSchema } from './events/invite-sources.ts';

const environmentSchema = z.object({ LINK_KEYS: linkKeysSchema, INVITE_SOURCES: json(inviteSourcesSchema).default([]) });

export type LinkDeps = ReturnType<typeof createLinkDeps>;

/** The dependencies of what serves HTTP and makes links, or verifies them. */
export function createLinkDeps(replacements: Replacements = {}) {
  const environment = environmentSchema.parse(process.env);
  return {
    ...createDeps(replacements),
    inviteSources: environment.INVITE_SOURCES,
    links: kmsLinkKeys(environment.LINK_KEYS, { requestHandler: requestLimits }),
  };
}
