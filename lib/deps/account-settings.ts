/** What a deployment sets about accounts. Not in `environment.ts`, which is bundled with every function: not every one makes accounts. */
import * as z from 'zod';

export const minimumPasswordLengthSchema = z.coerce.number().int().min(8).max(64).default(15);

/** For how many days an invitation is good, where its tenant does not say. */
export const invitationDaysSchema = z.coerce.number().int().min(1).max(30).default(7);
