import type { Context, EventBridgeEvent } from 'aws-lambda';
import {
  createInviteRequestDeps,
  type InviteRequestDeps,
} from '../lib/deps/invite-request-deps.ts';
import { inviteOnRequest, type requestType } from '../lib/events/invite-requests.ts';

/** What invites users that other systems ask for by events. */
export const inviteRequests =
  (deps: InviteRequestDeps) =>
  (event: EventBridgeEvent<typeof requestType, unknown>, context: Context): Promise<void> =>
    inviteOnRequest(event, context, deps);

export const handler = inviteRequests(createInviteRequestDeps(process.env));
