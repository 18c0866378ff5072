import * as z from 'zod';
import { eventBridge } from './aws/event-bus.ts';
import { createDeps, type Replacements } from './deps.ts';
import { json, requestLimits } from './environment.ts';
import { inviteSourcesSchema } from './events/invite-sources.ts';

const environmentSchema = z.object({ EVENT_BUS: z.string().min(1), INVITE_SOURCES: json(inviteSourcesSchema).default([]) });

export type EventDeps = ReturnType<typeof createEventDeps>;

/** The dependencies of what is asked for by events, and answers by events. */
export function createEventDeps(replacements: Replacements = {}) {
  const environment = environmentSchema.parse(process.env);
  return {
    ...createDeps(replacements),
    inviteSources: environment.INVITE_SOURCES,
    bus: eventBridge(environment.EVENT_BUS, { requestHandler: requestLimits }),
  };
}
