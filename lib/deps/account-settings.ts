/**
 * Account settings of a deployment. Separate from `environment.ts`, which every bundle contains.
 */
import * as z from 'zod';

export const minimumPasswordLengthSchema = z.coerce.number().int().min(8).max(64).default(15);

/** Default for tenants without this setting. */
export const invitationDaysSchema = z.coerce.number().int().min(1).max(30).default(7);
