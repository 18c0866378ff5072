import type { Context, EventBridgeEvent } from 'aws-lambda';
import { createInviteRequestDeps } from '../../lib/deps/events/invite-request-deps.ts';
import { inviteOnRequest, type requestType } from '../../lib/events/invite-requests.ts';

const deps = createInviteRequestDeps(process.env);

/** Invites users for registered systems, which send events instead of tokens. */
export const handler = (
  event: EventBridgeEvent<typeof requestType, unknown>,
  context: Context,
): Promise<void> => inviteOnRequest(event, context, deps);
