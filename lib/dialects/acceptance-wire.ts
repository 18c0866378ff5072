import * as z from 'zod';
import type { Failure } from '../domain/failure.ts';
import type { Open } from '../domain/invitations/accept-invitation.ts';
import type { Reply } from './user-wire.ts';
import type { IdPrefix } from '../domain/ids.ts';

/** What is in the link that a person was sent, behind `#token=`. It is what entitles to the call. */
export const linkToken = z
  .string()
  .max(256)
  .meta({ writeOnly: true, description: 'What stands behind `#token=` in the link. It says who calls, and entitles to nothing else.' });

/** Accepting an invitation on the wire of one dialect. */
export interface AcceptanceWire {
  readonly request: z.ZodType<{ readonly token: string; readonly password: string }>;
  readonly answer: z.ZodType;
  view(accepted: Open, idPrefix: IdPrefix): Reply;
  /** What the dialect says instead, where its page gives another answer to a failure. */
  asDocumented?(failure: Failure): Failure;
}
