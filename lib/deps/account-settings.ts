/**
 * Account settings of a deployment. Separate from `environment.ts`, which every bundle contains.
 */
import { integer } from './environment.ts';

export const minimumPasswordLengthSchema = integer({ min: 8, max: 64, fallback: 15 });

/** Default for tenants without this setting. */
export const invitationDaysSchema = integer({ min: 1, max: 30, fallback: 7 });
